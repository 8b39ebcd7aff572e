//! One span with all that it says.

mod cut;
mod place;

use std::io;
use std::slice;

use genai_trace::{Attributes, Event, SpanRecord, Value};
use serde::Serialize;

use self::cut::{Cut, cut};
pub(super) use self::cut::{LONGEST_VALUE, beginning};
pub(super) use self::place::Place;
use super::conversation::{Called, Conversation, of_span};
use super::store::Store;
use super::trace::{scores_of, tree};
use crate::scores::Kept;

/// One span with all that it says.
#[derive(Debug, Serialize)]
pub(super) struct Detail {
    record: SpanRecord,
    /// Events that lie beside the spans: their numbers go on behind those of the record.
    events: Vec<Event>,
    /// Attributes of which the record has only references.
    stored: Attributes,
    cut: Vec<Cut>,
    conversation: Option<Conversation>,
    scores: Vec<Kept>,
}

/// One span with all that it says; none where there is none.
pub(super) fn detail(store: &Store, trace: u128, span: &str) -> io::Result<Option<Detail>> {
    let (tree, _) = tree(store, trace)?;
    let Some(place) = place(&tree.spans, span) else {
        return Ok(None);
    };
    let Some(record) = tree.spans.get(place).cloned() else {
        return Ok(None);
    };
    let filled = filled(store, &record)?;
    let scores = store.scores.of(trace);
    let first = Detail::of(&record, &filled, &Called::of(&tree.spans), &scores);
    // What is kept elsewhere of the tools that it called, and of no others.
    let called = first.conversation.as_ref().map(Conversation::spans);
    let called = called.unwrap_or_default();
    let spans = tree.spans.into_iter();
    let (mut tools, mut all): (Vec<_>, Vec<_>) =
        spans.partition(|span| called.contains(&span.span_id.to_string()));
    let before = said_of(&tools);
    store.fill(&mut tools)?;
    if said_of(&tools) == before {
        return Ok(Some(first));
    }
    all.append(&mut tools);
    Ok(Some(Detail::of(
        &record,
        &filled,
        &Called::of(&all),
        &scores,
    )))
}

/// How much spans say.
fn said_of(spans: &[SpanRecord]) -> usize {
    let sizes = spans
        .iter()
        .map(|span| span.attributes.len() + span.events.len());
    sizes.sum()
}

fn place(spans: &[SpanRecord], id: &str) -> Option<usize> {
    let mut spans = spans.iter();
    spans.position(|record| record.span_id.to_string() == id)
}

/// A span with what is kept of it elsewhere.
fn filled(store: &Store, record: &SpanRecord) -> io::Result<SpanRecord> {
    let mut filled = record.clone();
    store.fill(slice::from_mut(&mut filled))?;
    Ok(filled)
}

impl Detail {
    /// What there is of one span of a trace, `filled` with what is kept elsewhere, the tools that were `called` in the
    /// trace, and the scores that are kept beside.
    pub(super) fn of(
        record: &SpanRecord,
        filled: &SpanRecord,
        called: &Called<'_>,
        scores: &[Kept],
    ) -> Self {
        let own = scores.iter();
        let id = u64::from_be_bytes(record.span_id.to_bytes());
        let own = own.filter(|score| score.span() == Some(id));
        let mut shown = filled.clone();
        let cut = cut(&mut shown);
        let events = shown.events.split_off(record.events.len());
        let (own_attributes, stored) = apart(&shown.attributes, record);
        shown.attributes = own_attributes;
        Self {
            cut,
            record: shown,
            events,
            stored,
            conversation: of_span(filled, called),
            scores: own.cloned().chain(scores_of(record)).collect(),
        }
    }
}

/// What stands on the record itself, and what was laid in.
fn apart(attributes: &Attributes, record: &SpanRecord) -> (Attributes, Attributes) {
    let (mut own, mut stored) = (Attributes::default(), Attributes::default());
    for (key, value) in attributes.iter() {
        match record.attributes.get(key) {
            Some(_) => own.insert(key, value.clone()),
            None => stored.insert(key, value.clone()),
        }
    }
    (own, stored)
}

/// The whole of a value of a span.
pub(super) fn whole(
    store: &Store,
    trace: u128,
    span: &str,
    of: Place,
    key: &str,
) -> io::Result<Option<String>> {
    let (tree, _) = tree(store, trace)?;
    let record = place(&tree.spans, span).and_then(|place| tree.spans.get(place));
    let record = record.map(|record| filled(store, record)).transpose()?;
    let found = record.as_ref().and_then(|record| of.value(record, key));
    Ok(found.map(|value| match &*value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }))
}
