//! What went into a tool's call, and what came out of it.

use std::borrow::Cow;

use genai_trace::{SpanRecord, Value};
use serde_json::Value as Json;

use super::spelling::{ARGUMENTS, RESULTS};
use super::value;

/// The arguments of a tool's call, as they were written.
pub(crate) fn arguments(span: &SpanRecord) -> Option<Cow<'_, str>> {
    written(span, ARGUMENTS)
}

/// What a tool returned, as it was written.
pub(crate) fn result(span: &SpanRecord) -> Option<Cow<'_, str>> {
    written(span, RESULTS)
}

/// The arguments of a tool's call, with the structure that they have.
pub(crate) fn structured_arguments(span: &SpanRecord) -> Option<Json> {
    value(&span.attributes, ARGUMENTS)
}

/// What a tool returned, with the structure that it has.
pub(crate) fn structured_result(span: &SpanRecord) -> Option<Json> {
    value(&span.attributes, RESULTS)
}

fn written<'a>(span: &'a SpanRecord, keys: &[&str]) -> Option<Cow<'a, str>> {
    let value = keys.iter().find_map(|key| span.attributes.get(key))?;
    Some(match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    })
}
