//! Server-sent events, as the HTML standard has them.

use serde_json::Value as Json;

use super::{LONGEST, Wire};
use crate::provider::json::{Limits, from_slice};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Server-sent events whose data is JSON.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The begin of a line whose end has not come yet.
    line: Vec<u8>,
    /// The data of an event whose end has not come yet.
    data: Vec<u8>,
    /// The event's name; empty where it has none.
    name: String,
    /// Whether the line, or the event, is too long and skipped.
    skip_line: bool,
    skip_event: bool,
    /// Whether a line has ended with a carriage return, which a line feed may belong to.
    returned: bool,
    /// Whether there has been a line.
    begun: bool,
    /// Whether there has been the word that ends a stream of OpenAI's form.
    done: bool,
    limits: Limits,
}

impl Wire for Events {
    fn feed(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) {
        if self.returned && !bytes.is_empty() {
            self.returned = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, rest) = bytes.split_at(end);
            bytes = match rest {
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => rest,
            };
            self.returned = rest == b"\r";
            if self.line.is_empty() && !self.skip_line {
                self.line(line, each);
            } else {
                self.keep(line);
                let whole = std::mem::take(&mut self.line);
                if !std::mem::take(&mut self.skip_line) {
                    self.line(&whole, each);
                }
                // The next line finds the room that this one has had.
                self.line = whole;
                self.line.clear();
            }
        }
        self.keep(bytes);
    }

    fn end(&mut self, each: &mut dyn FnMut(Option<&str>, &Json)) {
        // The standard drops an event without an empty line after it; some providers leave that out.
        let last = std::mem::take(&mut self.line);
        if !std::mem::take(&mut self.skip_line) && !last.is_empty() {
            self.line(&last, each);
        }
        self.dispatch(each);
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

impl Events {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Keeps the begin of a line until its end comes.
    fn keep(&mut self, bytes: &[u8]) {
        if self.skip_line {
            return;
        }
        if self.line.len() + bytes.len() > LONGEST {
            self.skip_line = true;
            self.skip_event = true;
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn line(&mut self, mut line: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) {
        if !self.begun {
            self.begun = true;
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch(each);
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => line.split_at(colon),
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => {
                if self.data.len() + value.len() > LONGEST {
                    self.skip_event = true;
                    self.data = Vec::new();
                }
                if !self.skip_event {
                    if !self.data.is_empty() {
                        self.data.push(b'\n');
                    }
                    self.data.extend_from_slice(value);
                }
            }
            b"event" => {
                self.name.clear();
                self.name
                    .push_str(std::str::from_utf8(value).unwrap_or_default());
            }
            // A comment, or a field that says nothing to us.
            _ => {}
        }
    }

    /// Gives the event away, unless it is `[DONE]` or no JSON.
    fn dispatch(&mut self, each: &mut dyn FnMut(Option<&str>, &Json)) {
        if !std::mem::take(&mut self.skip_event)
            && let Some(first) = self.data.first()
        {
            if *first == b'[' && self.data == b"[DONE]" {
                self.done = true;
            } else if let Some(body) = from_slice(&self.data, &self.limits) {
                let name = (!self.name.is_empty()).then_some(self.name.as_str());
                each(name, &body);
            }
        }
        self.data.clear();
        self.name.clear();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Events;
    use crate::provider::stream::{LONGEST, Wire};

    /// The events in `body`, which comes in pieces of `size`.
    fn events(body: &[u8], size: usize) -> Vec<(Option<String>, Value)> {
        let mut wire = Events::default();
        let mut all = Vec::new();
        let mut each = |name: Option<&str>, body: &Value| {
            all.push((name.map(str::to_owned), body.clone()));
        };
        for piece in body.chunks(size) {
            wire.feed(piece, &mut each);
        }
        wire.end(&mut each);
        all
    }

    /// In pieces of every size alike.
    fn in_any_pieces(body: &str, expected: &[(Option<&str>, Value)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, body)| (name.map(str::to_owned), body.clone()))
            .collect();
        for size in 1..=body.len() {
            assert_eq!(events(body.as_bytes(), size), expected, "pieces of {size}");
        }
    }

    #[test]
    fn lines_end_in_any_of_the_three_ways() {
        for end in ["\n", "\r", "\r\n"] {
            let body = [
                "event: a",
                "data: {\"n\": 1}",
                "",
                "data:{\"n\": 2}",
                "",
                "",
            ]
            .join(end);
            in_any_pieces(
                &body,
                &[(Some("a"), json!({"n": 1})), (None, json!({"n": 2}))],
            );
        }
    }

    #[test]
    fn data_may_stand_on_several_lines() {
        in_any_pieces(
            "data: {\"a\":\ndata: \"ä€\"}\n\n",
            &[(None, json!({"a": "ä€"}))],
        );
    }

    #[test]
    fn comments_other_fields_and_the_word_done_say_nothing() {
        in_any_pieces(
            "\u{feff}: hello\n\nid: 7\nretry: 10\nnonsense\ndata: 1\n\ndata: [DONE]\n\n",
            &[(None, json!(1))],
        );
    }

    #[test]
    fn an_event_that_is_no_json_is_passed_over() {
        in_any_pieces(
            "data: {\"a\n\ndata: nothing\n\ndata: 2\n\n",
            &[(None, json!(2))],
        );
        assert_eq!(
            events(b"data: \"\xff\"\n\ndata: 2\n\n", 3),
            [(None, json!(2))]
        );
    }

    #[test]
    fn the_last_event_needs_no_empty_line() {
        in_any_pieces("event: x\ndata: 3", &[(Some("x"), json!(3))]);
    }

    #[test]
    fn a_name_is_that_of_one_event_only() {
        in_any_pieces(
            "event: a\n\ndata: 1\n\nevent: b\ndata: 2\n\n",
            &[(None, json!(1)), (Some("b"), json!(2))],
        );
    }

    #[test]
    fn an_event_that_is_too_long_is_skipped_and_reading_goes_on() {
        let mut long = b"data: \"".to_vec();
        long.resize(LONGEST + 10, b'a');
        long.extend_from_slice(b"\"\n\ndata: 4\n\n");
        assert_eq!(events(&long, 1 << 20), [(None, json!(4))]);
        let lines = "data: a\n".repeat(LONGEST / 2 + 2);
        let body = format!("{lines}\ndata: 5\n\n");
        assert_eq!(events(body.as_bytes(), 1 << 20), [(None, json!(5))]);
    }
}
