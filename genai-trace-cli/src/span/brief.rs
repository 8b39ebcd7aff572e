//! A span as far as lists and sums need it, read in one pass over its line and borrowed from it.

mod line;
mod skipped;

use std::borrow::Cow;

use genai_trace::{SpanInFlight, SpanRecord, Status};
use serde::Deserializer;

use self::line::Line;
use super::facts::Facts;
use super::halves::has_half_character;
use super::kind::Kind;

/// What a process calls itself.
const SERVICE: &str = "service.name";

/// A span as far as lists and sums need it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Brief<'a> {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    /// 0 is none.
    pub(crate) parent: u64,
    pub(crate) name: Cow<'a, str>,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) has_failed: bool,
    /// What an error says of itself.
    pub(crate) message: Cow<'a, str>,
    /// `service.name` of the process.
    pub(crate) service: Option<Cow<'a, str>>,
    pub(crate) facts: Facts<'a>,
}

impl<'a> Brief<'a> {
    /// What a line in the shape of a record says. None where it is none, and where something in it is so odd that it takes
    /// [`records`](super::records) to know what it says: so there is one rule for all that is odd.
    pub(crate) fn read(line: &'a [u8]) -> Option<Self> {
        if has_half_character(line) {
            return None;
        }
        // What is skipped is looked at as well.
        let text = std::str::from_utf8(line).ok()?;
        let mut json = serde_json::Deserializer::from_str(text);
        let brief = json.deserialize_map(Line).ok()?;
        json.end().ok()?;
        Some(brief)
    }

    /// Whose record it is, and of when.
    pub(crate) fn who(record: &'a SpanRecord) -> Self {
        Brief {
            trace_id: u128::from_be_bytes(record.trace_id.to_bytes()),
            span_id: u64::from_be_bytes(record.span_id.to_bytes()),
            parent: record
                .parent_span_id
                .map_or(0, |id| u64::from_be_bytes(id.to_bytes())),
            name: Cow::Borrowed(&record.name),
            start: record.start_unix_nano,
            end: record.end_unix_nano,
            ..Brief::default()
        }
    }

    /// What a record says.
    pub(crate) fn of(record: &'a SpanRecord) -> Self {
        Brief {
            has_failed: record.status == Status::Error,
            message: Cow::Borrowed(&record.status_message),
            service: record.resource.str(SERVICE).map(Cow::Borrowed),
            facts: Facts::of(&record.attributes),
            ..Brief::who(record)
        }
    }

    /// What is known so far of a span that is open, as if it had ended when it began.
    pub(crate) fn of_open(span: &'a SpanInFlight) -> Self {
        Brief {
            trace_id: u128::from_be_bytes(span.trace_id.to_bytes()),
            span_id: u64::from_be_bytes(span.span_id.to_bytes()),
            parent: span
                .parent_span_id
                .map_or(0, |id| u64::from_be_bytes(id.to_bytes())),
            name: Cow::Borrowed(&span.name),
            start: span.start_unix_nano,
            end: span.start_unix_nano,
            facts: Facts::of(&span.attributes),
            ..Brief::default()
        }
    }

    /// Whether its record says that it has ended: one that says when it began alone has 0 for the end.
    pub(crate) const fn has_ended(&self) -> bool {
        self.end != 0
    }

    pub(crate) const fn nanoseconds(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    pub(crate) fn kind(&self) -> Kind {
        let has_decision = self.facts.decision.is_some();
        Kind::of(self.facts.operation.as_deref(), &self.name, has_decision)
    }

    /// The name of what it stands for: of the tool, the agent, the model; else its own.
    pub(crate) fn subject(&self) -> &str {
        let facts = &self.facts;
        let said = match self.kind() {
            Kind::Tool => facts.tool.as_deref(),
            Kind::Agent => facts.agent.as_deref(),
            Kind::Model | Kind::Embeddings => facts.any_model(),
            _ => None,
        };
        said.unwrap_or_else(|| {
            let (front, rest) = self.name.split_once(' ').unwrap_or(("", &self.name));
            let is_operation = facts.operation.as_deref() == Some(front) || front == "gate";
            if is_operation { rest } else { &self.name }
        })
    }
}

#[cfg(test)]
mod tests;
