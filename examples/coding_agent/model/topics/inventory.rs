//! Which files there are, and which crates: a crate is where a TOML file has the line `[package]`.

use super::{count, some_of};
use crate::model::conversation::{Conversation, Exchange};
use crate::model::plan::Wanted;
use crate::model::results::{Found, InFile, Listing, Part, listing};

/// The table that makes a manifest one of a crate.
const PACKAGE: &str = "[package]";
/// The most manifests that are read.
const MAX_MANIFESTS: usize = 48;
/// The lines that are read of a long manifest, from its table on.
const MANIFEST_LINES: usize = 20;
/// How many of the largest files are named.
const MAX_LARGEST: usize = 5;

pub(crate) fn plan(conversation: &Conversation<'_>) -> Vec<Wanted> {
    let search = Wanted::search_in(PACKAGE, ".toml");
    let Some(found) = conversation.find(&search) else {
        return vec![search];
    };
    manifests(found)
        .iter()
        .flat_map(|manifest| reading(conversation, manifest))
        .collect()
}

pub(crate) fn report(conversation: &Conversation<'_>) -> String {
    let Some(listing) = listing(conversation) else {
        return "The files could not be listed.".into();
    };
    let mut text = format!(
        "There {} {} of {} in all{}: {}.{}",
        if listing.total_files == 1 {
            "is"
        } else {
            "are"
        },
        count(listing.total_files, "file"),
        count(listing.total_bytes, "byte"),
        left_out(&listing),
        extensions(&listing),
        largest(&listing),
    );
    text.push('\n');
    text.push_str(&crates(conversation));
    text
}

/// The manifests that a search has found, as far as they are read.
fn manifests(search: &Exchange) -> Vec<InFile> {
    let found: Option<Found> = search.result();
    let mut manifests = found.map(|found| found.by_file).unwrap_or_default();
    manifests.truncate(MAX_MANIFESTS);
    manifests
}

/// The calls that read a manifest: the whole of it, then, where that is too much, its table.
fn reading(conversation: &Conversation<'_>, manifest: &InFile) -> Vec<Wanted> {
    let whole = Wanted::file(&manifest.path);
    let refused = conversation
        .find(&whole)
        .and_then(|exchange| exchange.failure());
    let mut calls = vec![whole];
    if refused.is_some_and(|failure| failure.kind == "too_large") {
        calls.push(Wanted::part(
            &manifest.path,
            manifest.first_line,
            MANIFEST_LINES,
        ));
    }
    calls
}

/// The crates by name, and whether there may be more.
fn crates(conversation: &Conversation<'_>) -> String {
    let Some(search) = conversation.find(&Wanted::search_in(PACKAGE, ".toml")) else {
        return "Crates could not be searched.".into();
    };
    let mut crates: Vec<String> = manifests(search)
        .iter()
        .filter_map(|manifest| {
            let part: Part = reading(conversation, manifest)
                .iter()
                .find_map(|call| conversation.find(call)?.result())?;
            Some(format!("{} ({})", package_name(&part.text)?, manifest.path))
        })
        .collect();
    crates.sort();
    let number = count(crates.len() as u64, "crate");
    let found = search.result().map_or(0, |found: Found| found.files);
    match crates.len() {
        0 => "No crate was found.".into(),
        _ if found > MAX_MANIFESTS as u64 => format!(
            "At least {number}, of {found} manifests that may be one's: {}.",
            crates.join(", ")
        ),
        _ => format!("{number}: {}.", crates.join(", ")),
    }
}

/// The name that stands in the table, which ends where the next one begins.
fn package_name(manifest: &str) -> Option<&str> {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != PACKAGE)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == "name")
        .and_then(|(_, value)| value.split('"').nth(1))
}

fn extensions(listing: &Listing) -> String {
    let mut extensions: Vec<(&String, u64)> = listing
        .by_extension
        .iter()
        .map(|(extension, files)| (extension, *files))
        .collect();
    extensions.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let extensions: Vec<String> = extensions
        .into_iter()
        .map(|(extension, files)| match extension.as_str() {
            "" => format!("{files} without extension"),
            extension => format!("{files} .{extension}"),
        })
        .collect();
    if extensions.is_empty() {
        "none".to_owned()
    } else {
        some_of(&extensions, 10)
    }
}

/// What the listing does not count.
fn left_out(listing: &Listing) -> String {
    match listing.folders_left_out.join(", ") {
        folders if folders.is_empty() => folders,
        folders => format!(" (folders named {folders} left out)"),
    }
}

fn largest(listing: &Listing) -> String {
    let files: Vec<String> = listing
        .files
        .iter()
        .take(MAX_LARGEST)
        .map(|file| format!("{} ({})", file.path, file.bytes))
        .collect();
    if files.is_empty() {
        return String::new();
    }
    format!(" The largest, in bytes: {}.", files.join(", "))
}
