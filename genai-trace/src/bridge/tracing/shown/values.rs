//! What a span of ours says in the fields of one of `tracing`.

use ::tracing_core::Metadata;
use ::tracing_core::field::{Field, Value as FieldValue, ValueSet, display};

use super::Facts;
use crate::record::Value;
use crate::span::names;

/// So many fields a span has in all versions of `tracing`.
const MOST_FIELDS: usize = 32;
/// Longest text of a field, in bytes; ours has all of it.
const MOST_BYTES: usize = 1024;

/// The fields of a span whose name is no longer that of its metadata.
pub(super) const GENERAL: [&str; 4] = [NAME, TRACE_ID, SPAN_ID, names::ERROR_TYPE];
/// The field for a name that metadata do not have.
const NAME: &str = "otel.name";
const TRACE_ID: &str = "trace_id";
const SPAN_ID: &str = "span_id";

/// What a span of ours says in the fields of one of `tracing`.
pub(super) struct Values {
    name: String,
    fields: Vec<(String, Option<Box<dyn FieldValue>>)>,
}

impl Values {
    pub(super) fn of(facts: &Facts) -> Self {
        let mut fields: Vec<(String, Option<Box<dyn FieldValue>>)> = Vec::new();
        // As they are: a text has quotes in a line.
        if let (Some(trace_id), Some(span_id)) = (facts.span.trace_id(), facts.span.span_id()) {
            fields.push((TRACE_ID.to_owned(), Some(Box::new(display(trace_id)))));
            fields.push((SPAN_ID.to_owned(), Some(Box::new(display(span_id)))));
        }
        for (key, value) in &facts.attributes {
            if fields.iter().all(|(known, _)| known != key) {
                fields.push((key.clone(), Some(said(value))));
            }
        }
        fields.truncate(MOST_FIELDS - 1);
        if fields.iter().all(|(key, _)| key != names::ERROR_TYPE) {
            // What is said of it comes when the span ends.
            fields.push((names::ERROR_TYPE.to_owned(), None));
        }
        Self {
            name: facts.name.clone(),
            fields,
        }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(key, _)| key.as_str())
    }

    /// Hands over what is said in the fields that `metadata` have.
    pub(super) fn with<T>(
        &self,
        metadata: &'static Metadata<'static>,
        work: impl FnOnce(&ValueSet<'_>) -> T,
    ) -> Option<T> {
        let fields: Vec<Field> = metadata.fields().iter().collect();
        // Older versions take arrays of some lengths only: what is left over says nothing.
        let mut values = [(fields.first()?, None); MOST_FIELDS];
        for (place, field) in values.iter_mut().zip(&fields) {
            *place = (field, self.said_in(field.name()));
        }
        Some(work(&metadata.fields().value_set(&values)))
    }

    fn said_in(&self, key: &str) -> Option<&dyn FieldValue> {
        if key == NAME && self.fields.iter().all(|(known, _)| known != NAME) {
            return Some(&self.name);
        }
        let (_, said) = self.fields.iter().find(|(known, _)| known == key)?;
        said.as_deref()
    }
}

fn said(value: &Value) -> Box<dyn FieldValue> {
    match value {
        Value::String(text) => Box::new(shortened(text)),
        Value::Bool(truth) => Box::new(*truth),
        Value::Int(number) => Box::new(*number),
        Value::Float(number) => Box::new(*number),
        array => Box::new(display(shortened(&array.to_string()))),
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= MOST_BYTES {
        return text.to_owned();
    }
    let (kept, _) = text.split_at(text.floor_char_boundary(MOST_BYTES));
    format!("{kept}…")
}
