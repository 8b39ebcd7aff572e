//! JSON values one after another: one a line, or a single one that may stand on several lines.

use serde_json::Value as Json;

use super::{LONGEST, Wire};
use crate::provider::json::{Limits, from_slice};

/// JSON objects one after another.
///
/// An object is given away as soon as it is closed, so that nothing waits for a line's end that may
/// never come.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The begin of an object whose end has not come yet.
    begun: Vec<u8>,
    place: Place,
    /// How many brackets are open.
    depth: usize,
    /// Whether an object has been on a line of its own: then no object goes beyond its line.
    by_line: bool,
    /// Whether the object has gone beyond its line.
    broken: bool,
    /// Whether the object is too long and skipped.
    skip: bool,
    limits: Limits,
}

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before an object.
    #[default]
    Outside,
    /// In text that is no object, until the line ends.
    Elsewhere,
    /// In an object.
    Inside,
    /// In an object, after a line's end.
    Fresh,
    /// In a string of an object.
    Text,
    /// In a string, after a backslash.
    Escaped,
}

impl Wire for Lines {
    fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) {
        // Where the object, or what came of it now, begins.
        let mut from = 0;
        for (at, byte) in bytes.iter().enumerate() {
            match (self.place, byte) {
                (Place::Text, b'\\') => self.place = Place::Escaped,
                (Place::Text, b'"') => self.place = Place::Inside,
                (Place::Text | Place::Escaped, b'\n') => self.drop_object(),
                (Place::Text, _) => {}
                (Place::Escaped, _) => self.place = Place::Text,
                (Place::Outside, b'{') => {
                    from = at;
                    self.place = Place::Inside;
                    self.depth = 1;
                }
                (Place::Outside, b' ' | b'\t' | b'\r' | b'\n' | b',') => {}
                (Place::Outside, _) => self.place = Place::Elsewhere,
                (Place::Elsewhere, b'\n') => self.place = Place::Outside,
                (Place::Elsewhere, _) => {}
                // An object at the begin of a line is the next one: the one before was cut off.
                (Place::Fresh, b'{') => {
                    self.drop_object();
                    from = at;
                    self.place = Place::Inside;
                    self.depth = 1;
                }
                (Place::Inside | Place::Fresh, b'\n') if self.by_line => self.drop_object(),
                (Place::Inside | Place::Fresh, b'\n') => {
                    self.broken = true;
                    self.place = Place::Fresh;
                }
                (Place::Inside | Place::Fresh, b'"') => self.place = Place::Text,
                (Place::Inside | Place::Fresh, b'{' | b'[') => {
                    self.place = Place::Inside;
                    self.depth += 1;
                }
                (Place::Inside | Place::Fresh, b'}' | b']') => {
                    self.place = Place::Inside;
                    self.depth -= 1;
                    if self.depth == 0 {
                        let rest = bytes.get(from..=at).unwrap_or_default();
                        self.give(rest, each);
                    }
                }
                (Place::Fresh, _) => self.place = Place::Inside,
                (Place::Inside, _) => {}
            }
        }
        if !matches!(self.place, Place::Outside | Place::Elsewhere) {
            self.keep(bytes.get(from..).unwrap_or_default());
        }
    }

    /// An object that was not closed is none.
    fn end(&mut self, _: &mut dyn FnMut(Option<&str>, &Json)) {
        self.drop_object();
    }
}

impl Lines {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    fn give(&mut self, rest: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) {
        self.by_line |= !self.broken;
        let body = if self.begun.is_empty() && !self.skip && rest.len() <= LONGEST {
            from_slice(rest, &self.limits)
        } else {
            self.keep(rest);
            match self.skip {
                true => None,
                false => from_slice(&self.begun, &self.limits),
            }
        };
        self.drop_object();
        if let Some(body) = body {
            each(None, &body);
        }
    }

    /// Keeps the begin of an object until its end comes.
    fn keep(&mut self, bytes: &[u8]) {
        if self.skip {
            return;
        }
        if self.begun.len() + bytes.len() > LONGEST {
            self.skip = true;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }

    fn drop_object(&mut self) {
        self.begun.clear();
        self.place = Place::Outside;
        self.depth = 0;
        self.broken = false;
        self.skip = false;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Lines;
    use crate::provider::stream::{LONGEST, Wire};

    /// The objects in `body`, which comes in pieces of `size`.
    fn objects(body: &[u8], size: usize) -> Vec<Value> {
        let mut wire = Lines::default();
        let mut all = Vec::new();
        for piece in body.chunks(size) {
            wire.feed(piece, &mut |_, body| all.push(body.clone()));
        }
        all
    }

    fn in_any_pieces(body: &str, expected: &[Value]) {
        for size in 1..=body.len() {
            assert_eq!(objects(body.as_bytes(), size), expected, "pieces of {size}");
        }
    }

    #[test]
    fn each_line_is_an_object_and_the_last_needs_no_end() {
        in_any_pieces(
            "{\"a\": \"ä}{\\\"\"}\n\n{\"a\": [{}]}\r\n{\"b\": 2}",
            &[json!({"a": "ä}{\""}), json!({"a": [{}]}), json!({"b": 2})],
        );
    }

    #[test]
    fn a_single_object_may_stand_on_several_lines() {
        in_any_pieces(
            "{\n  \"a\": {\n    \"b\": []\n  }\n}\n",
            &[json!({"a": {"b": []}})],
        );
    }

    #[test]
    fn a_line_that_is_cut_off_costs_no_other() {
        in_any_pieces(
            "{\"a\": 1}\n{\"b\": [\n{\"c\": 3}\n",
            &[json!({"a": 1}), json!({"c": 3})],
        );
        in_any_pieces("{\"b\": [\n{\"c\": 3}\n", &[json!({"c": 3})]);
        in_any_pieces("{\"b\": \"x\n{\"c\": 3}\n", &[json!({"c": 3})]);
        in_any_pieces("{\"b\" 1}\nnothing {\n{\"c\": 3}\n", &[json!({"c": 3})]);
    }

    #[test]
    fn brackets_that_do_not_fit_are_no_object() {
        in_any_pieces("{\"b\": ]\n}}]\n{\"c\": 3}", &[json!({"c": 3})]);
    }

    #[test]
    fn an_object_that_is_too_long_is_skipped_and_reading_goes_on() {
        let mut body = b"{\"a\": \"".to_vec();
        body.resize(LONGEST + 1, b'a');
        body.extend_from_slice(b"\"}\n{\"b\": 1}\n");
        assert_eq!(objects(&body, 1 << 20), [json!({"b": 1})]);
        assert_eq!(objects(&body, usize::MAX), [json!({"b": 1})]);
    }

    #[test]
    fn an_object_may_be_nested_however_deep() {
        let deep = format!(
            "{{\"a\": {}{}, \"b\": 1}}\n{{\"b\": 2}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        let objects = objects(deep.as_bytes(), 999);
        let said: Vec<_> = objects.iter().map(|object| &object["b"]).collect();
        assert_eq!(said, [&json!(1), &json!(2)]);
    }
}
