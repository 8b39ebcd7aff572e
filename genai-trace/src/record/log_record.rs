//! An event of its own: a log record with a name, beside the spans.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Attributes;
use crate::span::ids::{SpanId, TraceId};

/// An event of the GenAI conventions: one line of `traces.events.jsonl`, or of `traces.scores.jsonl`.
///
/// Unlike a span's attributes those of an event hold structure: messages are lists of objects.
///
/// ```
/// let line = r#"{"event_name":"gen_ai.evaluation.result","time_unix_nano":1790000000000000000,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":null,"attributes":{"gen_ai.evaluation.name":"relevance","gen_ai.evaluation.score.value":0.87},"resource":{}}"#;
/// let event: genai_trace::LogRecord = serde_json::from_str(line)?;
/// assert_eq!(event.event_name, "gen_ai.evaluation.result");
/// assert_eq!(serde_json::to_string(&event)?, line);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogRecord {
    /// What happened.
    pub event_name: String,
    /// When: nanoseconds since 1970-01-01 UTC.
    pub time_unix_nano: u64,
    /// How much it matters, by OpenTelemetry's numbers, where the conventions say so: 5 for DEBUG, 13 for WARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_number: Option<u8>,
    /// The trace that it belongs to.
    pub trace_id: Option<TraceId>,
    /// The span that it belongs to.
    pub span_id: Option<SpanId>,
    /// What is known of it.
    pub attributes: Map<String, Json>,
    /// What is known of the process.
    #[serde(default)]
    pub resource: Arc<Attributes>,
}
