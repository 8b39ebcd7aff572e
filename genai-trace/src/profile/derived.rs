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

/// What an agent was asked: the first characters of the last message that went in. The message has them all.
pub(super) fn asked(span: &mut SpanRecord, most: usize, to: &str) {
    let said = span.attributes.get(conventions::GEN_AI_INPUT_MESSAGES);
    let last = said.and_then(message::list).and_then(|mut all| all.pop());
    if let Some(serde_json::Value::String(text)) =
        last.and_then(|last| message::content(message::parts(&last)))
    {
        let text = text.chars().take(most).collect();
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

/// The conventions want an object for what a tool gave back, so that a text stands in one, under `result`: who knows
/// a text is given the text.
pub(super) fn plain_result(span: &mut SpanRecord) {
    let Some(value) = span
        .attributes
        .get_mut(conventions::GEN_AI_TOOL_CALL_RESULT)
    else {
        return;
    };
    let said = value.as_str().map(serde_json::from_str);
    if let Some(Ok(serde_json::Value::Object(mut object))) = said
        && object.len() == 1
        && let Some(serde_json::Value::String(text)) = object.remove("result")
    {
        *value = Value::String(text);
    }
}
