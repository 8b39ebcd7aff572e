//! The data model: what a finished span is, and how it reads and writes as one line of JSON.

mod attributes;
mod log_record;
mod value;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::attributes::Attributes;
pub use self::log_record::LogRecord;
pub use self::value::Value;
pub(crate) use self::value::non_finite;
use crate::span::ids::{SpanId, TraceId};
use crate::span::names;
use crate::span::outcome::Outcome;

/// A finished span: one line of `traces.jsonl`.
///
/// Its fields stand in the order of the line. [`serde_json`] writes it as that line and reads it
/// back without loss; unknown keys are passed over.
///
/// ```
/// # let line = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"execute_tool read_file","kind":"INTERNAL","start_unix_nano":1790000000000000000,"end_unix_nano":1790000000012345678,"status":"UNSET","status_message":"","attributes":{"gen_ai.tool.name":"read_file"},"events":[],"links":[],"resource":{"service.name":"coder"}}"#;
/// let span: genai_trace::SpanRecord = serde_json::from_str(line)?;
/// assert_eq!(span.duration().as_millis(), 12);
/// assert_eq!(span.attributes.str("gen_ai.tool.name"), Some("read_file"));
/// assert_eq!(serde_json::to_string(&span)?, line);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpanRecord {
    /// The trace that the span belongs to.
    pub trace_id: TraceId,
    /// The span's own id.
    pub span_id: SpanId,
    /// The span that caused this one; none for a root.
    pub parent_span_id: Option<SpanId>,
    /// The operation and its subject, as in `execute_tool read_file`.
    pub name: String,
    /// The part that the span plays in a call.
    pub kind: SpanKind,
    /// When it began: nanoseconds since 1970-01-01 UTC.
    pub start_unix_nano: u64,
    /// When it ended: nanoseconds since 1970-01-01 UTC, never before its beginning.
    pub end_unix_nano: u64,
    /// ERROR for errors and panics, UNSET otherwise.
    pub status: Status,
    /// What the error says of itself; empty when the status is UNSET.
    pub status_message: String,
    /// What is known of the operation.
    pub attributes: Attributes,
    /// What happened in between, in the order in which it was recorded.
    pub events: Vec<Event>,
    /// Other spans that belong to this one without being its parent.
    pub links: Vec<Link>,
    /// What is known of the process.
    pub resource: Arc<Attributes>,
    /// The W3C `tracestate` that came with the trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_state: Option<String>,
    /// The W3C trace flags, where they differ from those of a sampled span (1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<u8>,
    /// The library that recorded the span, where it was not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// What the limits cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Dropped>,
}

impl SpanRecord {
    /// How long the span took.
    pub fn duration(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(self.end_unix_nano.saturating_sub(self.start_unix_nano))
    }

    /// How the span ended: what `genai_trace.outcome` says, else what the status does.
    pub fn outcome(&self) -> Outcome {
        let said = self.attributes.str(names::OUTCOME);
        let known = said.and_then(|said| {
            Outcome::ALL
                .into_iter()
                .find(|outcome| outcome.as_str() == said)
        });
        known.unwrap_or(match self.status {
            Status::Error => Outcome::Error,
            _ => Outcome::Ok,
        })
    }
}

/// The part that a span plays in a call, as OpenTelemetry names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SpanKind {
    /// Work inside the process.
    #[default]
    Internal,
    /// The asking side of a call that leaves the process.
    Client,
    /// The answering side of such a call.
    Server,
    /// The sender of a message.
    Producer,
    /// The receiver of a message.
    Consumer,
}

impl SpanKind {
    /// The word for the kind in a line.
    pub const fn as_str(self) -> &'static str {
        match self {
            SpanKind::Internal => "INTERNAL",
            SpanKind::Client => "CLIENT",
            SpanKind::Server => "SERVER",
            SpanKind::Producer => "PRODUCER",
            SpanKind::Consumer => "CONSUMER",
        }
    }
}

/// Whether a span failed. `OK` is for applications to set, so it is read and never written
/// ([recording errors](https://opentelemetry.io/docs/specs/semconv/general/recording-errors/)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// No error was seen.
    #[default]
    Unset,
    /// The application vouches for success.
    Ok,
    /// The operation failed.
    Error,
}

impl Status {
    /// The word for the status in a line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Unset => "UNSET",
            Status::Ok => "OK",
            Status::Error => "ERROR",
        }
    }
}

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What happened; `exception` for an error.
    pub name: String,
    /// When: nanoseconds since 1970-01-01 UTC.
    pub time_unix_nano: u64,
    /// What is known of it.
    pub attributes: Attributes,
}

/// Another span that belongs to this one without being its parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The trace of the other span.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// The `tracestate` of the other span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_state: Option<String>,
    /// What is known of the relation.
    #[serde(default)]
    pub attributes: Attributes,
}

/// The library that recorded a span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The library's name.
    pub name: String,
    /// The library's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// How much of a span the limits cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Attributes that were not kept, those of events included.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attributes: u32,
    /// Events that were not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub events: u32,
    /// Links that were not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub links: u32,
    /// Values that were kept in part.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub truncated: u32,
}

impl Dropped {
    /// Whether nothing was cut off.
    pub fn is_empty(&self) -> bool {
        *self == Dropped::default()
    }
}

// serde asks for a function of a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
