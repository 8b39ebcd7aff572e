//! What a line of JSON looks like.

mod indented;
mod object;

use serde_json::Value as Json;

pub(super) use self::object::Object;
use super::message::flat;
use super::{seed_000, seed_002, seed_003};
use crate::record::{Attributes, SpanKind, SpanRecord};

/// What a span's line of JSON looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As the record is.
    #[default]
    Record,
    Seed000,
    Seed002,
    Seed003,
}

impl Shape {
    /// Whether a line begins as a recovery after a crash reads it.
    pub(crate) const fn begins_with_ids(self) -> bool {
        matches!(self, Self::Record | Self::Seed000)
    }

    /// Writes `span` in this shape, without the end of the line.
    pub(crate) fn write(self, span: &SpanRecord, out: &mut Vec<u8>) -> serde_json::Result<()> {
        match self {
            Self::Record => serde_json::to_writer(out, span)?,
            Self::Seed000 => {
                let attributes = with_rest(span, seed_000::WITHOUT)?;
                seed_000::write(span, &attributes, Object::begin(out));
            }
            Self::Seed002 => {
                let attributes = with_rest(span, seed_002::WITHOUT)?;
                seed_002::write(span, &attributes, Object::begin(out));
            }
            Self::Seed003 => {
                let attributes = with_rest(span, &[])?;
                seed_003::write(span, &attributes, Object::begin(out));
            }
        }
        Ok(())
    }

    /// Whether the console prints spans in this shape, in place of a tree.
    pub(crate) const fn is_printed(self) -> bool {
        matches!(self, Self::Seed002 | Self::Seed003)
    }

    /// The spans of a trace, as the console prints them in this shape; none where it draws a tree.
    pub(crate) fn print(self, spans: &[&SpanRecord]) -> Option<Vec<u8>> {
        let mut lines = Vec::new();
        match self {
            Self::Record | Self::Seed000 => return None,
            Self::Seed002 => seed_002::print(spans, &mut lines),
            Self::Seed003 => {
                for span in spans {
                    self.write(span, &mut lines).ok()?;
                    lines.push(b'\n');
                }
            }
        }
        Some(indented::indented(&lines))
    }
}

/// The attributes of `span`, and those keys of its record that a shape does not have, behind
/// `genai_trace.record.`: so that a line says all that is known of its span.
fn with_rest(span: &SpanRecord, without: &[&str]) -> serde_json::Result<Attributes> {
    let mut span = span.clone();
    let mut attributes = std::mem::take(&mut span.attributes);
    let record: Json = serde_json::from_str(&serde_json::to_string(&span)?)?;
    // No shape has the last.
    for key in without.iter().chain(&["flags", "scope", "dropped"]) {
        if let Some(said) = record.get(key).filter(|said| says_something(said)) {
            let key = format!("genai_trace.record.{key}");
            attributes.add(&key, flat(said.clone()));
        }
    }
    Ok(attributes)
}

/// Whether a value is another than that of most records.
fn says_something(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty() && text != SpanKind::Internal.as_str(),
        Json::Array(all) => !all.is_empty(),
        Json::Object(all) => !all.is_empty(),
        Json::Bool(_) | Json::Number(_) => true,
    }
}
