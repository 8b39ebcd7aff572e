//! What is too long to be shown whole.

use std::sync::Arc;

use genai_trace::{Attributes, SpanRecord, Value};
use serde::Serialize;

/// Longer values are cut; they can be asked for alone.
pub(in crate::serve) const LONGEST_VALUE: usize = 64 << 10;

/// A value that was cut, and how long it is.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Cut {
    /// As one asks for it alone.
    key: String,
    bytes: usize,
}

/// Cuts long values, and says which.
pub(super) fn cut(record: &mut SpanRecord) -> Vec<Cut> {
    let mut all = Vec::new();
    shorten(&mut record.name, "name", &mut all);
    shorten(&mut record.status_message, "status_message", &mut all);
    record.attributes = shortened(&record.attributes, "", &mut all);
    for (number, event) in record.events.iter_mut().enumerate() {
        let front = format!("events.{number}.");
        event.attributes = shortened(&event.attributes, &front, &mut all);
    }
    for (number, link) in record.links.iter_mut().enumerate() {
        let front = format!("links.{number}.");
        link.attributes = shortened(&link.attributes, &front, &mut all);
    }
    if record
        .resource
        .iter()
        .any(|(_, value)| size(value) > LONGEST_VALUE)
    {
        record.resource = Arc::new(shortened(&record.resource, "resource.", &mut all));
    }
    if let Some(scope) = &mut record.scope {
        shorten(&mut scope.name, "scope.name", &mut all);
        if let Some(version) = &mut scope.version {
            shorten(version, "scope.version", &mut all);
        }
    }
    all
}

fn shorten(text: &mut String, key: &str, all: &mut Vec<Cut>) {
    if text.len() > LONGEST_VALUE {
        all.push(Cut {
            key: key.to_owned(),
            bytes: text.len(),
        });
        text.truncate(text.floor_char_boundary(LONGEST_VALUE));
    }
}

fn shortened(attributes: &Attributes, front: &str, all: &mut Vec<Cut>) -> Attributes {
    let short = attributes.iter().map(|(key, value)| {
        let bytes = size(value);
        if bytes <= LONGEST_VALUE {
            return (key.to_owned(), value.clone());
        }
        all.push(Cut {
            key: format!("{front}{key}"),
            bytes,
        });
        let text = match value {
            Value::String(text) => beginning(text).to_owned(),
            other => beginning(&serde_json::to_string(other).unwrap_or_default()).to_owned(),
        };
        (key.to_owned(), Value::String(text))
    });
    short.collect()
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::StringArray(texts) => texts.iter().map(String::len).sum(),
        Value::BoolArray(all) => all.len(),
        Value::IntArray(all) => 8 * all.len(),
        Value::FloatArray(all) => 8 * all.len(),
        _ => 0,
    }
}

/// As much of a text as is shown.
pub(in crate::serve) fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST_VALUE))
        .unwrap_or(text)
}
