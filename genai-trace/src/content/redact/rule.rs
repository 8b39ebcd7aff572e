//! A rule for texts: what it finds, and what stands in its place.

use std::ops::Range;

use regex::Regex;

use crate::content::mark;
use crate::content::scrub::scrub_content;

/// A rule for texts.
pub(super) struct Rule {
    word: String,
    mark: String,
    finder: Finder,
}

/// How something is found.
enum Finder {
    /// By a user's pattern.
    Pattern(Regex),
    /// By a pattern, in texts that may have it, where `check` agrees.
    Shape {
        regex: Regex,
        may_be_in: fn(&str) -> bool,
        check: Check,
    },
    /// By what looks for it from a place on.
    Search(Search),
    /// By names of headers and in URLs.
    Scrub,
}

/// Whether what stands there is what it looks like.
pub(super) type Check = fn(&str, &Range<usize>) -> bool;
/// The first of it from a place on.
pub(super) type Search = fn(&str, usize) -> Option<Range<usize>>;

impl Rule {
    fn new(word: &str, finder: Finder) -> Self {
        Self {
            word: word.to_owned(),
            mark: mark::of(word),
            finder,
        }
    }

    pub(super) fn pattern(word: &str, regex: Regex) -> Self {
        Self::new(word, Finder::Pattern(regex))
    }

    pub(super) fn shape(
        word: &str,
        regex: Regex,
        may_be_in: fn(&str) -> bool,
        check: Check,
    ) -> Self {
        let finder = Finder::Shape {
            regex,
            may_be_in,
            check,
        };
        Self::new(word, finder)
    }

    pub(super) fn search(word: &str, search: Search) -> Self {
        Self::new(word, Finder::Search(search))
    }

    pub(super) fn scrub(word: &str) -> Self {
        Self::new(word, Finder::Scrub)
    }

    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// Puts the mark in the place of all that is found in `text`; none where nothing is.
    pub(super) fn apply(&self, text: &str) -> Option<String> {
        match &self.finder {
            Finder::Scrub => {
                let scrubbed = scrub_content(text, &self.mark);
                (scrubbed != text).then(|| scrubbed.into_owned())
            }
            Finder::Shape { may_be_in, .. } if !may_be_in(text) => None,
            _ => self.replaced(text),
        }
    }

    /// Marks are left alone: what lies between them is looked at, each part for itself.
    fn replaced(&self, text: &str) -> Option<String> {
        let mut result = String::new();
        let mut done = 0;
        let mut start = 0;
        loop {
            let next_mark = mark::next(text, start);
            let end = next_mark.map_or(text.len(), |(at, _)| at);
            let part = text.get(start..end).unwrap_or_default();
            let mut at = 0;
            while let Some(found) = self.find(part, at) {
                let range = start + found.start..start + found.end;
                result.push_str(text.get(done..range.start).unwrap_or_default());
                result.push_str(&self.mark);
                done = range.end;
                at = found.end;
            }
            match next_mark {
                Some((at, len)) => start = at + len,
                None => break,
            }
        }
        if done == 0 {
            return None;
        }
        result.push_str(text.get(done..).unwrap_or_default());
        Some(result)
    }

    /// The first that is found from `at` on, never an empty one.
    fn find(&self, text: &str, mut at: usize) -> Option<Range<usize>> {
        loop {
            let found = match &self.finder {
                Finder::Pattern(regex) | Finder::Shape { regex, .. } => {
                    regex.find_at(text, at)?.range()
                }
                Finder::Search(search) => search(text, at)?,
                Finder::Scrub => return None,
            };
            let is_it = match &self.finder {
                Finder::Shape { check, .. } => check(text, &found),
                _ => true,
            };
            if is_it && !found.is_empty() {
                return Some(found);
            }
            at = match found.is_empty() {
                true => text.ceil_char_boundary(found.end + 1),
                false => found.end,
            };
            if at > text.len() || (found.is_empty() && found.end == text.len()) {
                return None;
            }
        }
    }
}

/// The byte before a place; 0 at the beginning.
pub(super) fn before(text: &str, at: usize) -> u8 {
    let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
    before.copied().unwrap_or(0)
}

/// The byte so many behind a place; 0 at the end.
pub(super) fn behind(text: &str, at: usize, offset: usize) -> u8 {
    text.as_bytes().get(at + offset).copied().unwrap_or(0)
}
