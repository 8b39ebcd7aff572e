//! Where a text stands: how often, in which files, and one place with the lines around it.

use super::{count, some_of};
use crate::model::conversation::Conversation;
use crate::model::plan::Wanted;
use crate::model::results::{Found, InFile, Part};

/// The lines that are read around a place, with the place in the middle.
const AROUND: usize = 5;
/// The most files that are named.
const MAX_FILES: usize = 10;

pub(crate) fn plan(terms: &[String], conversation: &Conversation<'_>) -> Vec<Wanted> {
    terms
        .iter()
        .flat_map(|term| {
            let mut calls = vec![Wanted::search(term)];
            let found = found(term, conversation);
            calls.extend(
                found
                    .iter()
                    .filter_map(|found| found.by_file.first())
                    .map(around),
            );
            calls
        })
        .collect()
}

pub(crate) fn report(terms: &[String], conversation: &Conversation<'_>) -> String {
    let mut lines: Vec<String> = terms
        .iter()
        .map(|term| match found(term, conversation) {
            Some(found) => describe(term, &found, conversation),
            None => format!("`{term}` could not be searched."),
        })
        .collect();
    let rule = terms
        .iter()
        .find_map(|term| found(term, conversation))
        .map(|found| found.rule);
    if let Some(rule) = rule.filter(|rule| !rule.is_empty()) {
        lines.push(format!("Counted: {rule}."));
    }
    lines.join("\n")
}

fn found(term: &str, conversation: &Conversation<'_>) -> Option<Found> {
    conversation.find(&Wanted::search(term))?.result()
}

/// The lines around the first place of a file.
fn around(place: &InFile) -> Wanted {
    let from = place.first_line.saturating_sub(AROUND / 2).max(1);
    Wanted::part(&place.path, from, AROUND)
}

fn describe(term: &str, found: &Found, conversation: &Conversation<'_>) -> String {
    if found.occurrences == 0 {
        return format!("`{term}`: 0 occurrences.");
    }
    let mut text = format!(
        "`{term}`: {} on {} in {}: ",
        count(found.occurrences, "occurrence"),
        count(found.lines, "line"),
        count(found.files, "file"),
    );
    let files: Vec<String> = found
        .by_file
        .iter()
        .map(|file| format!("{} ({})", file.path, file.occurrences))
        .collect();
    text.push_str(&some_of(&files, MAX_FILES));
    text.push('.');
    if let Some(place) = found.by_file.first()
        && let Some(shown) = shown(place, conversation)
    {
        let InFile {
            path, first_line, ..
        } = place;
        text.push_str(&format!(" In {path}, line {first_line}: `{shown}`."));
    }
    text
}

/// The line itself, out of the lines that were read around it.
fn shown(place: &InFile, conversation: &Conversation<'_>) -> Option<String> {
    let part: Part = conversation.find(&around(place))?.result()?;
    let line = part
        .text
        .lines()
        .nth(place.first_line.min(AROUND / 2 + 1) - 1)?;
    Some(line.trim().chars().take(100).collect())
}
