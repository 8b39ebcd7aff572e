//! A span that stands in a line, in whatever shape.

use genai_trace::SpanRecord;

use crate::span::{Brief, PassedOver, records};

/// A span that stands in a line.
// Mostly it is a line, and a box for each takes time.
#[allow(clippy::large_enum_variant)]
pub(super) enum Found<'a> {
    /// The line is that of its record.
    Line(Brief<'a>, &'a [u8]),
    /// In the shape of others.
    Record(SpanRecord),
}

impl<'a> Found<'a> {
    /// The spans of a line.
    pub(super) fn read(line: &'a [u8], all: &mut Vec<Self>) -> PassedOver {
        if let Some(span) = Brief::read(line) {
            all.push(Found::Line(span, line));
            return PassedOver::Nothing;
        }
        let Some(found) = records(line) else {
            return PassedOver::Line;
        };
        let spans = found.spans.into_iter();
        all.extend(spans.map(Found::Record));
        found.left_out.into()
    }

    pub(super) fn start(&self) -> u64 {
        match self {
            Found::Line(span, _) => span.start,
            Found::Record(record) => record.start_unix_nano,
        }
    }
}
