//! A streamed response: from bytes or parts to facts.

mod aws_event_stream;
mod base64;
mod checksum;
mod json_array;
mod lines;
mod output;
mod sse;

use std::borrow::Cow;
use std::fmt::Debug;

use serde_json::Value as Json;

use self::output::holds_output;
use super::facts::ChatFacts;
use super::form::{self, Merge};
use super::json::Limits;
use super::origin::{KeptOrigin, Origin};
use super::reading;

/// A line, an event or a value that is longer is skipped, and reading goes on.
const LONGEST: usize = 16 << 20;

/// Reads a streamed response, part by part, by the provider's own merge rule.
///
/// [`bytes`](Self::bytes) takes the body as it comes, in pieces of any size, and finds out what it is:
/// server-sent events, a JSON value a line, Gemini's JSON array, AWS's event stream, or a single JSON
/// value. [`part`](Self::part) takes what a client has parsed already.
///
/// ```
/// use genai_trace::provider::{Origin, StreamReader};
///
/// let mut stream = StreamReader::new(&Origin::default());
/// stream.bytes(b"data: {\"id\": \"c-1\", \"choices\": [{\"index\": 0, \"delta\": {\"content\"");
/// stream.bytes(b": \"Hi\"}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n");
/// stream.end();
/// let facts = stream.facts().unwrap();
/// assert_eq!(facts.id.as_deref(), Some("c-1"));
/// assert_eq!(facts.finish_reasons[0].raw, "stop");
/// ```
#[derive(Debug, Default)]
pub struct StreamReader {
    wire: Option<Box<dyn Wire>>,
    parts: Parts,
}

impl StreamReader {
    /// A reader that has read nothing yet.
    pub fn new(origin: &Origin<'_>) -> Self {
        Self {
            wire: None,
            parts: Parts {
                origin: KeptOrigin::new(origin),
                ..Parts::default()
            },
        }
    }

    /// Takes in the next bytes of the body, wherever they are cut.
    pub fn bytes(&mut self, mut bytes: &[u8]) {
        if self.wire.is_none() {
            // Whitespace stands before nothing that it could change.
            bytes = bytes.trim_ascii_start();
            let Some(first) = bytes.first() else {
                return;
            };
            self.wire = Some(wire(*first, Limits::of(self.parts.origin.get().content)));
        }
        if let Some(wire) = &mut self.wire {
            wire.feed(bytes, &mut |event, body| self.parts.take(event, body));
        }
    }

    /// Takes in that no more bytes come: an event that lacks its end is read as well.
    pub fn end(&mut self) {
        if let Some(wire) = &mut self.wire {
            wire.end(&mut |event, body| self.parts.take(event, body));
        }
    }

    /// Takes in a part of the stream that is JSON already; `event` is the name that the wire gives it,
    /// where it gives one.
    pub fn part(&mut self, event: Option<&str>, body: &Json) {
        self.parts.take(event, body);
    }

    /// Whether something came that the model has generated: a text, a thought, a piece of a call of a tool.
    pub fn has_output(&self) -> bool {
        self.parts.has_output
    }

    /// Whether the bytes have said that nothing comes any more. A client may leave then, whatever is still
    /// on the line.
    pub(crate) fn is_done(&self) -> bool {
        self.wire.as_ref().is_some_and(|wire| wire.is_done())
    }

    /// What was said so far, as if the stream ended here; none where nothing was recognised.
    pub fn facts(&self) -> Option<ChatFacts> {
        let merged = self.parts.merge.as_deref().map(|merge| ChatFacts {
            provider: self.parts.provider.clone(),
            ..merge.facts()
        });
        merged
            .or_else(|| self.parts.whole.clone())
            // A failure without a body that anything could be read of is one still.
            .or_else(|| reading::response(&Json::Null, &self.parts.origin.get()))
    }
}

/// What the parts of a stream come to.
#[derive(Debug, Default)]
struct Parts {
    origin: KeptOrigin,
    merge: Option<Box<dyn Merge>>,
    provider: Option<Cow<'static, str>>,
    /// What a body says that is no stream, where there has been no part of one.
    whole: Option<ChatFacts>,
    has_output: bool,
}

impl Parts {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        // What answers a call that failed is an error body, and has the status with it.
        if self.merge.is_none() && self.origin.get().failure().is_none() {
            let origin = self.origin.get();
            let form = form::find(&origin, |form| form.is_chunk(event, body, &origin));
            self.provider = form.and_then(|form| origin.unsaid_provider(|| form.answers(body)));
            self.merge = form.map(|form| form.merge(origin.content));
        }
        self.has_output = self.has_output || holds_output(body);
        match &mut self.merge {
            Some(merge) => merge.take(event, body),
            None if self.whole.is_none() => {
                self.whole = reading::response(body, &self.origin.get());
            }
            None => {}
        }
    }
}

/// A way in which parts are put into bytes.
pub(super) trait Wire: Debug + Send + Sync {
    /// Takes in the next bytes and gives each part that is complete, with the name that the wire gives
    /// it, to `each`.
    fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<&str>, &Json));

    /// Takes in that no more bytes come.
    fn end(&mut self, each: &mut dyn FnMut(Option<&str>, &Json));

    /// Whether it was said that nothing comes any more.
    fn is_done(&self) -> bool {
        false
    }
}

/// The way of a body that begins with `first`, which is no whitespace.
fn wire(first: u8, limits: Limits) -> Box<dyn Wire> {
    match first {
        b'{' => Box::new(lines::Lines::new(limits)),
        b'[' => Box::new(json_array::JsonArray::new(limits)),
        // The length of a frame, which is shorter than 16 MiB.
        0 => Box::new(aws_event_stream::AwsEventStream::new(limits)),
        _ => Box::new(sse::Events::new(limits)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::StreamReader;
    use crate::provider::{ChatFacts, Origin};

    fn read(body: &str, size: usize, origin: &Origin<'_>) -> Option<ChatFacts> {
        let mut stream = StreamReader::new(origin);
        for piece in body.as_bytes().chunks(size) {
            stream.bytes(piece);
        }
        stream.end();
        stream.facts()
    }

    #[test]
    fn a_body_that_is_no_stream_is_read_as_a_whole() {
        let body = json!({
            "id": "c-1", "object": "chat.completion",
            "choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        });
        for body in [body.to_string(), format!("\n{body:#}")] {
            for size in [1, 7, body.len()] {
                let facts = read(&body, size, &Origin::default()).unwrap();
                assert_eq!(facts.id.as_deref(), Some("c-1"));
                assert_eq!(facts.finish_reasons[0].raw, "stop");
            }
        }
    }

    #[test]
    fn what_was_seen_is_said_at_any_time() {
        let mut stream = StreamReader::new(&Origin::default());
        assert_eq!(stream.facts(), None);
        stream.bytes(
            b"data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{}}]}\n\ndata: {\"id",
        );
        let facts = stream.facts().unwrap();
        assert_eq!(facts.id.as_deref(), Some("c-1"));
        assert_eq!(facts.finish_reasons[0].raw, "error");
    }

    #[test]
    fn a_failure_is_one_whatever_its_body_is() {
        let origin = Origin::default().status(502);
        for body in ["<html>Bad gateway</html>", "", "{\"a\": 1}", "\u{0}\u{0}"] {
            let facts = read(body, 3, &origin).unwrap();
            assert_eq!(
                facts.error.unwrap().error_type.as_deref(),
                Some("502"),
                "{body}"
            );
        }
    }

    #[test]
    fn an_error_body_where_a_stream_was_to_come_has_the_status() {
        let body = "{\"error\": {\"message\": \"no\", \"type\": null, \"code\": null}}";
        let facts = read(body, 5, &Origin::default().status(400)).unwrap();
        let error = facts.error.unwrap();
        assert_eq!(error.error_type.as_deref(), Some("400"));
        assert_eq!(error.message.as_deref(), Some("no"));
    }

    #[test]
    fn bytes_that_are_nothing_say_nothing() {
        for body in [
            "",
            " \n ",
            "nothing",
            "[1, 2]",
            "{\"a\": 1}\n{\"b\": 2}\n",
            "}{",
        ] {
            assert_eq!(read(body, 2, &Origin::default()), None, "{body}");
        }
    }
}
