//! How much of a value is kept, however large it is.

use std::cell::Cell;

use serde_json::Value as Json;

/// How much of a value is kept. What goes beyond is left out; it is no error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How deep lists and objects may lie in each other; below is null.
    pub(super) depth: usize,
    /// The most bytes of a text.
    pub(super) text: usize,
    /// The most members of a list that has only numbers, as an embedding is.
    pub(super) numbers: usize,
    /// The most values in all.
    pub(super) values: usize,
}

/// More than any form nests, and less than serde_json follows by itself.
const DEPTH: usize = 64;

/// What members of outer objects have beyond all other values, so that what says most is there
/// whatever came before it.
const RESERVE: usize = 4096;

impl Limits {
    /// Enough for facts, and where `content` asks for it for what was said.
    pub(crate) const fn of(content: bool) -> Self {
        match content {
            true => Self {
                depth: DEPTH,
                text: 16 << 20,
                numbers: usize::MAX,
                values: 1 << 20,
            },
            false => Self {
                depth: DEPTH,
                text: 4096,
                numbers: 16,
                values: 1 << 16,
            },
        }
    }

    /// `text` up to its limit, in whole characters.
    pub(super) fn cut<'a>(&self, text: &'a str) -> &'a str {
        let end = text.floor_char_boundary(self.text);
        text.get(..end).unwrap_or_default()
    }
}

impl Default for Limits {
    /// Enough for what was said.
    fn default() -> Self {
        Self::of(true)
    }
}

/// Where in a value a part of it lies, and what is left for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) limits: &'a Limits,
    /// How many values there are already.
    pub(super) count: &'a Cell<usize>,
    pub(super) depth: usize,
}

impl Place<'_> {
    /// Whether a list or an object may be here.
    pub(super) const fn is_open(&self) -> bool {
        self.depth < self.limits.depth
    }

    /// Takes room for a value of a list that is here.
    pub(super) fn room(&self) -> bool {
        self.take(self.limits.values)
    }

    /// Takes room for a member of an object that is here.
    pub(super) fn room_for_member(&self) -> bool {
        let reserve = if self.depth < 4 { RESERVE } else { 0 };
        self.take(self.limits.values.saturating_add(reserve))
    }

    fn take(&self, most: usize) -> bool {
        let count = self.count.get();
        let room = count < most;
        if room {
            self.count.set(count + 1);
        }
        room
    }

    /// The place of what lies within.
    pub(super) const fn within(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }

    /// Whether a list of `values` has as many numbers as it may, and nothing else.
    pub(super) fn is_full(&self, values: &[Json]) -> bool {
        // The last is looked at first: it tells most lists from those of numbers.
        values.len() >= self.limits.numbers
            && values.last().is_some_and(Json::is_number)
            && values.iter().all(Json::is_number)
    }
}
