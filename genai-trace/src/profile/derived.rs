//! What profiles say beside what was recorded.

use genai_trace_semconv::names as conventions;

use super::message;
use crate::record::{SpanRecord, Value};
use crate::span::names;

/// How many elements the list under `from` has.
pub(super) fn count(span: &mut SpanRecord, from: &str, to: &str) {
    if let Some(list) = span.attributes.get(from).and_then(message::list) {
        let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
        span.attributes.add(to, Value::Int(count));
    }
}

/// What an agent was asked: the text of the last message that went in.
pub(super) fn asked(span: &mut SpanRecord, to: &str) {
    let said = span.attributes.get(conventions::GEN_AI_INPUT_MESSAGES);
    let last = said.and_then(message::list).and_then(|mut all| all.pop());
    if let Some(serde_json::Value::String(text)) =
        last.and_then(|last| message::content(message::parts(&last)))
    {
        span.attributes.add(to, Value::String(text));
    }
}

/// What an error says of itself, else what it is.
pub(super) fn message(span: &mut SpanRecord, to: &str) {
    let said = match span.status_message.as_str() {
        "" => span.attributes.get(names::ERROR_TYPE).cloned(),
        message => Some(Value::from(message)),
    };
    if let Some(said) = said {
        span.attributes.add(to, said);
    }
}
