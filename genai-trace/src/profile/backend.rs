//! What the rows of several backends do that a table has no words for.

use serde_json::Value as Json;

use super::message;
use super::table::Words;
use crate::record::SpanRecord;

/// The elements of the list under `key`; none where it is no list.
pub(super) fn list(span: &SpanRecord, key: &str) -> Vec<Json> {
    let said = span.attributes.get(key);
    said.and_then(message::list).unwrap_or_default()
}

/// Takes the attributes of `words` into an object, in JSON under `to`.
pub(super) fn json(span: &mut SpanRecord, words: Words, to: &str) {
    if span.attributes.get(to).is_some() {
        return;
    }
    let mut object = serde_json::Map::new();
    for (from, key) in words {
        if let Some(value) = span.attributes.get(from)
            && let Ok(value) = serde_json::to_value(value)
        {
            object.insert((*key).to_owned(), value);
            span.attributes.remove(from);
        }
    }
    if !object.is_empty() {
        span.attributes
            .add(to, Json::Object(object).to_string().into());
    }
}
