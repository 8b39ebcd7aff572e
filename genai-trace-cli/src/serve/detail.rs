//! One span with all that it says.

use std::io;
use std::slice;

use genai_trace::{Attributes, SpanRecord, Value};
use serde::Serialize;

use super::conversation::{Conversation, of_span};
use super::store::Store;
use super::trace::{scores_of, tree};
use crate::scores::Kept;
use crate::span::{Brief, Kind};

/// Longer values are cut; they can be asked for alone.
pub(super) const LONGEST_VALUE: usize = 64 << 10;

/// One span with all that it says.
#[derive(Debug, Serialize)]
pub(super) struct Detail {
    record: SpanRecord,
    cut: Vec<Cut>,
    conversation: Option<Conversation>,
    scores: Vec<Kept>,
}

/// A value that was cut, and how long it is.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Cut {
    key: String,
    bytes: usize,
}

/// One span with all that it says; none where there is none.
pub(super) fn detail(store: &Store, trace: u128, span: &str) -> io::Result<Option<Detail>> {
    let (tree, _) = tree(store, trace)?;
    let Some(record) = tree
        .spans
        .iter()
        .find(|record| record.span_id.to_string() == span)
    else {
        return Ok(None);
    };
    Ok(Some(Detail::of(
        record,
        &tree.spans,
        &store.scores.of(trace),
    )))
}

impl Detail {
    /// What there is of one span of a trace, with the scores that are kept beside that.
    pub(super) fn of(record: &SpanRecord, trace: &[SpanRecord], scores: &[Kept]) -> Self {
        let own = scores.iter();
        let id = u64::from_be_bytes(record.span_id.to_bytes());
        let own = own.filter(|score| score.span() == Some(id));
        // A call of a tool is told by its span alone; looking through all the others for each would take long.
        let told_by = match Brief::of(record).kind() {
            Kind::Tool => slice::from_ref(record),
            _ => trace,
        };
        let mut shown = record.clone();
        Self {
            cut: cut(&mut shown),
            record: shown,
            conversation: of_span(record, told_by),
            scores: own.cloned().chain(scores_of(record)).collect(),
        }
    }
}

/// The whole value of an attribute of a span, of its process, or of an event of it: `events.0.exception.stacktrace`.
pub(super) fn attribute(
    store: &Store,
    trace: u128,
    span: &str,
    key: &str,
) -> io::Result<Option<String>> {
    let (tree, _) = tree(store, trace)?;
    let record = tree
        .spans
        .iter()
        .find(|record| record.span_id.to_string() == span);
    Ok(record
        .and_then(|record| value(record, key))
        .map(|value| match value {
            Value::String(text) => text.clone(),
            other => serde_json::to_string(other).unwrap_or_default(),
        }))
}

fn value<'a>(record: &'a SpanRecord, key: &str) -> Option<&'a Value> {
    let own = record
        .attributes
        .get(key)
        .or_else(|| record.resource.get(key));
    own.or_else(|| {
        let (number, key) = key.strip_prefix("events.")?.split_once('.')?;
        let event = record.events.get(number.parse::<usize>().ok()?)?;
        event.attributes.get(key)
    })
}

/// Cuts long values, and says which.
fn cut(record: &mut SpanRecord) -> Vec<Cut> {
    let mut all = Vec::new();
    record.attributes = shortened(&record.attributes, "", &mut all);
    for (number, event) in record.events.iter_mut().enumerate() {
        let front = format!("events.{number}.");
        event.attributes = shortened(&event.attributes, &front, &mut all);
    }
    all
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
pub(super) fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST_VALUE))
        .unwrap_or(text)
}
