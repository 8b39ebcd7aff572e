//! What comes in pieces, in bounded memory.

use std::mem::size_of;

use serde_json::Value as Json;

use super::facts::CalledTool;

/// What a stream may still be remembered of: as many bytes in all, whatever they are.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(16 << 20)
    }
}

impl Room {
    /// Takes room for one more `T`; false where there is none.
    pub(super) fn one<T>(&mut self) -> bool {
        self.bytes(size_of::<T>())
    }

    /// Keeps the first text that is said and has room.
    pub(super) fn keep(&mut self, kept: &mut Option<String>, said: Option<&str>) {
        if let (None, Some(said)) = (&kept, said)
            && self.bytes(said.len())
        {
            *kept = Some(said.to_owned());
        }
    }

    /// Takes room for `value`; false where there is none.
    pub(super) fn value(&mut self, value: &Json) -> bool {
        self.bytes(weight(value))
    }

    /// Keeps one more tool that a model calls, so far as there is room.
    pub(super) fn tool(
        &mut self,
        tools: &mut Vec<CalledTool>,
        id: Option<&str>,
        name: Option<&str>,
    ) {
        if self.one::<CalledTool>() {
            let mut tool = CalledTool::default();
            self.keep(&mut tool.id, id);
            self.keep(&mut tool.name, name);
            tools.push(tool);
        }
    }

    fn bytes(&mut self, bytes: usize) -> bool {
        match self.0.checked_sub(bytes) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

/// About how many bytes `value` takes.
fn weight(value: &Json) -> usize {
    let inner: usize = match value {
        Json::String(text) => text.len(),
        Json::Array(values) => values.iter().map(weight).sum(),
        Json::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, value)| key.len() + size_of::<String>() + weight(value))
                .sum()
        }
        _ => 0,
    };
    size_of::<Json>() + inner
}

/// Text that comes in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered(String);

impl Gathered {
    /// Takes in the next piece, so far as there is room.
    pub(super) fn push(&mut self, piece: &str, room: &mut Room) {
        let end = piece.floor_char_boundary(room.0);
        room.0 -= end;
        self.0.push_str(piece.get(..end).unwrap_or_default());
    }

    /// Takes in what there is.
    pub(super) fn extend<'a>(
        &mut self,
        pieces: impl IntoIterator<Item = &'a str>,
        room: &mut Room,
    ) {
        for piece in pieces {
            self.push(piece, room);
        }
    }

    /// The text so far, where there is any.
    pub(super) fn get(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Gathered, Room};

    #[test]
    fn more_than_there_is_room_for_is_left_out_between_characters() {
        let (mut text, mut room) = (Gathered::default(), Room(3));
        for piece in ["aa", "ä", "b", "c"] {
            text.push(piece, &mut room);
        }
        assert_eq!(text.get(), Some("aab"));
    }

    #[test]
    fn the_first_that_is_said_is_kept() {
        let (mut kept, mut room) = (None, Room(3));
        for said in [None, Some("long"), Some("abc"), Some("d")] {
            room.keep(&mut kept, said);
        }
        assert_eq!(kept.as_deref(), Some("abc"));
    }
}
