//! Gemini's JSON array: an object after the other, each of which is a part.

use serde_json::Value as Json;

use super::{LONGEST, Wire};
use crate::provider::json::{Limits, from_slice};

/// A JSON array whose objects are given as they are closed.
#[derive(Debug, Default)]
pub(super) struct JsonArray {
    /// The begin of an object whose end has not come yet.
    begun: Vec<u8>,
    place: Place,
    /// How many brackets are open in the object.
    depth: usize,
    /// Whether the object is too long, and so is left out.
    skip: bool,
    limits: Limits,
}

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Between objects.
    #[default]
    Outside,
    Inside,
    /// In a string of an object.
    Text,
    /// In a string, after a backslash.
    Escaped,
}

impl Wire for JsonArray {
    fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) {
        // Where the object, or what came of it now, begins.
        let mut from = 0;
        for (at, byte) in bytes.iter().enumerate() {
            match (self.place, byte) {
                (Place::Outside, b'{') => {
                    from = at;
                    self.place = Place::Inside;
                    self.depth = 1;
                }
                (Place::Outside, _) => {}
                (Place::Inside, b'"') => self.place = Place::Text,
                (Place::Inside, b'{' | b'[') => self.depth += 1,
                (Place::Inside, b'}' | b']') => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.give(bytes.get(from..=at).unwrap_or_default(), each);
                    }
                }
                (Place::Inside, _) => {}
                (Place::Text, b'\\') => self.place = Place::Escaped,
                (Place::Text, b'"') => self.place = Place::Inside,
                (Place::Text, _) => {}
                (Place::Escaped, _) => self.place = Place::Text,
            }
        }
        if self.place != Place::Outside {
            self.keep(bytes.get(from..).unwrap_or_default());
        }
    }

    /// An object that was not closed is none.
    fn end(&mut self, _: &mut dyn FnMut(Option<&str>, &Json)) {
        *self = Self::new(self.limits);
    }
}

impl JsonArray {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Gives the object that `rest` ends.
    fn give(&mut self, rest: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) {
        let object = match self.begun.is_empty() && !self.skip && rest.len() <= LONGEST {
            true => from_slice(rest, &self.limits),
            false => {
                self.keep(rest);
                let whole = (!self.skip).then_some(self.begun.as_slice());
                whole.and_then(|whole| from_slice(whole, &self.limits))
            }
        };
        *self = Self::new(self.limits);
        if let Some(object) = object {
            each(None, &object);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.skip |= self.begun.len() + bytes.len() > LONGEST;
        match self.skip {
            true => self.begun = Vec::new(),
            false => self.begun.extend_from_slice(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{JsonArray, LONGEST, Wire};

    const TEXT: &str =
        "[{\"a\": \"]}, \\\"{\\\\\", \"b\": [{}, {\"c\": 1}]}\r\n,\n{\"é\": 2} , {}]";

    fn read(pieces: &[&[u8]]) -> Vec<Json> {
        let mut wire = JsonArray::default();
        let mut given = Vec::new();
        let mut each = |event: Option<&str>, body: &Json| {
            assert_eq!(event, None);
            given.push(body.clone());
        };
        for piece in pieces {
            wire.feed(piece, &mut each);
        }
        wire.end(&mut each);
        given
    }

    #[test]
    fn objects_are_given_wherever_the_bytes_are_cut() {
        let whole: Json = serde_json::from_str(TEXT).expect("a list");
        let objects = whole.as_array().expect("a list");
        assert_eq!(&read(&[TEXT.as_bytes()]), objects);
        for at in 0..TEXT.len() {
            let (before, behind) = TEXT.as_bytes().split_at(at);
            assert_eq!(&read(&[before, behind]), objects, "cut at {at}");
        }
        let single: Vec<_> = TEXT.as_bytes().chunks(1).collect();
        assert_eq!(&read(&single), objects);
    }

    #[test]
    fn what_is_no_json_is_left_out_and_reading_goes_on() {
        assert_eq!(
            read(&[b"[{\"a\": x}, {\"b\": 1}, {\"c\":"]),
            [json!({"b": 1})]
        );
    }

    #[test]
    fn an_object_that_is_too_long_is_left_out_without_being_kept() {
        let mut wire = JsonArray::default();
        let mut given = Vec::new();
        let mut each = |_: Option<&str>, body: &Json| given.push(body.clone());
        wire.feed(b"[{\"a\": \"", &mut each);
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..=LONGEST >> 20 {
            wire.feed(&piece, &mut each);
            assert!(wire.begun.capacity() <= 2 * LONGEST);
        }
        assert!(wire.begun.is_empty());
        wire.feed(b"\"}, {\"b\": 1}]", &mut each);
        assert_eq!(given, [json!({"b": 1})]);
    }
}
