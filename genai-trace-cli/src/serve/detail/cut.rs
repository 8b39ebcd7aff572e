//! What is too long to be shown whole.

use std::sync::Arc;

use genai_trace::{Attributes, SpanRecord, Value};
use serde::Serialize;

use super::place::Place;

/// Longer values are cut; they can be asked for alone.
pub(in crate::serve) const LONGEST_VALUE: usize = 64 << 10;

/// A value that was cut, and how long it is.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Cut {
    of: Place,
    key: String,
    bytes: usize,
}

/// Cuts long values, and says which.
pub(super) fn cut(record: &mut SpanRecord) -> Vec<Cut> {
    let mut all = Vec::new();
    shorten(&mut record.name, Place::Record, "name", &mut all);
    let message = &mut record.status_message;
    shorten(message, Place::Record, "status_message", &mut all);
    record.attributes = shortened(&record.attributes, Place::Attributes, &mut all);
    for (number, event) in record.events.iter_mut().enumerate() {
        event.attributes = shortened(&event.attributes, Place::Event(number), &mut all);
    }
    for (number, link) in record.links.iter_mut().enumerate() {
        link.attributes = shortened(&link.attributes, Place::Link(number), &mut all);
    }
    if record
        .resource
        .iter()
        .any(|(_, value)| size(value) > LONGEST_VALUE)
    {
        record.resource = Arc::new(shortened(&record.resource, Place::Resource, &mut all));
    }
    if let Some(scope) = &mut record.scope {
        shorten(&mut scope.name, Place::Scope, "name", &mut all);
        if let Some(version) = &mut scope.version {
            shorten(version, Place::Scope, "version", &mut all);
        }
    }
    all
}

fn shorten(text: &mut String, of: Place, key: &str, all: &mut Vec<Cut>) {
    if text.len() > LONGEST_VALUE {
        all.push(Cut {
            of,
            key: key.to_owned(),
            bytes: text.len(),
        });
        text.truncate(text.floor_char_boundary(LONGEST_VALUE));
    }
}

fn shortened(attributes: &Attributes, of: Place, all: &mut Vec<Cut>) -> Attributes {
    let short = attributes.iter().map(|(key, value)| {
        let bytes = size(value);
        if bytes <= LONGEST_VALUE {
            return (key.to_owned(), value.clone());
        }
        all.push(Cut {
            of,
            key: key.to_owned(),
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
