//! Which file is the largest, and what it defines. If that is no source file, the largest source
//! file is looked at as well.

use super::{count, some_of};
use crate::model::conversation::{Conversation, Failure};
use crate::model::definitions;
use crate::model::plan::Wanted;
use crate::model::reading::{Lines, Reading, glance, lines, read};
use crate::model::results::{Listed, listing};

/// How many files are tried before one is found to be text.
const MAX_TRIES: usize = 4;
/// The most definitions that are named.
const MAX_NAMED: usize = 12;

/// The largest file that is text, with those larger ones that are not.
struct Largest<'l> {
    not_text: Vec<(&'l Listed, Failure)>,
    text: Option<(&'l Listed, Reading)>,
}

pub(crate) fn plan(conversation: &Conversation<'_>) -> Vec<Wanted> {
    let Some(listing) = listing(conversation) else {
        return Vec::new();
    };
    let mut calls = Vec::new();
    let of_all = find(conversation, listing.files.iter());
    let of_source = find(conversation, sources(&listing.files));
    for (file, reading) in of_all.text.iter().chain(&of_source.text) {
        if let Reading::Needs(missing) = reading {
            calls.extend(missing.iter().cloned());
        } else if let Lines::Needs(call) = lines(conversation, &file.path) {
            calls.push(call);
        }
    }
    // Its lines are part of the answer, so their counting need not wait for the reading.
    if let Some((file, _)) = of_all.text
        && let Lines::Needs(call) = lines(conversation, &file.path)
    {
        calls.push(call);
    }
    calls
}

pub(crate) fn report(conversation: &Conversation<'_>) -> String {
    let Some(listing) = listing(conversation) else {
        return String::new();
    };
    let Some(first) = listing.files.first() else {
        return "There is no file, so none is the largest.".into();
    };
    let of_all = find(conversation, listing.files.iter());
    let mut lines: Vec<String> = of_all
        .not_text
        .iter()
        .map(|(file, failure)| {
            format!(
                "{} ({}) cannot be read: {}.",
                file.path,
                count(file.bytes, "byte"),
                failure.kind
            )
        })
        .collect();
    let shown = of_all.text.as_ref().map(|(file, _)| file.path.as_str());
    if shown != Some(&first.path) {
        let size = count(first.bytes, "byte");
        lines.insert(0, format!("The largest file is {} ({size}).", first.path));
    }
    if let Some((file, reading)) = &of_all.text {
        let rank = if shown == Some(&first.path) {
            "file"
        } else {
            "text file"
        };
        lines.push(describe(conversation, rank, file, reading));
    }
    if let Some((file, reading)) = find(conversation, sources(&listing.files)).text
        && shown != Some(&file.path)
    {
        lines.push(describe(conversation, "source file", file, &reading));
    }
    lines.join("\n")
}

fn sources(files: &[Listed]) -> impl Iterator<Item = &Listed> {
    files
        .iter()
        .filter(|file| definitions::is_source(&file.path))
}

/// Goes down the files until one can be read, or has yet to be.
fn find<'l>(
    conversation: &Conversation<'_>,
    files: impl Iterator<Item = &'l Listed>,
) -> Largest<'l> {
    let mut not_text = Vec::new();
    for file in files.take(MAX_TRIES) {
        // There is no use in the text of a file whose definitions are not known.
        let reading = if definitions::are_known(&file.path) {
            read(conversation, &file.path)
        } else {
            glance(conversation, &file.path)
        };
        match reading {
            Reading::Failed(failure) => not_text.push((file, failure)),
            reading => {
                return Largest {
                    not_text,
                    text: Some((file, reading)),
                };
            }
        }
    }
    Largest {
        not_text,
        text: None,
    }
}

fn describe(
    conversation: &Conversation<'_>,
    rank: &str,
    file: &Listed,
    reading: &Reading,
) -> String {
    let mut size = count(file.bytes, "byte");
    if let Lines::Known(lines) = lines(conversation, &file.path) {
        size.push_str(&format!(", {}", count(lines as u64, "line")));
    }
    let mut text = format!("The largest {rank} is {} ({size}).", file.path);
    let Reading::Text {
        text: content,
        complete,
    } = reading
    else {
        text.push_str(" It could not be read.");
        return text;
    };
    let extent = if *complete {
        ""
    } else {
        " in the part that was read"
    };
    text.push_str(&match definitions::of(&file.path, content) {
        None => " What such a file defines is not known here.".to_owned(),
        Some(found) if found.is_empty() => format!(" It defines nothing{extent}."),
        Some(found) => {
            let number = count(found.len() as u64, "item");
            format!(
                " It defines {number}{extent}: {}.",
                some_of(&found, MAX_NAMED)
            )
        }
    });
    text
}
