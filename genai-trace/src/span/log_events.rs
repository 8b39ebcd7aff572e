//! Events of a span that are events of their own where somebody takes them.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::frame::Frame;
use super::ids::{SpanId, TraceId};
use crate::record::LogRecord;
use crate::recorder::{self, Recorder};

/// Takes events of one span that are events of their own.
pub(super) struct Taker {
    recorder: Arc<Recorder>,
    trace_id: TraceId,
    span_id: SpanId,
    offset: i64,
}

impl Taker {
    /// Whoever takes the events of the span in `frame`; nobody where a test captures it.
    pub(super) fn of(frame: &Frame) -> Option<Self> {
        if frame.capture().is_some() {
            return None;
        }
        let recorder = recorder::current()?;
        let is_its = recorder.generation().get() == frame.generation;
        (is_its && recorder.has_log_exporter()).then_some(Self {
            recorder,
            trace_id: frame.trace_id,
            span_id: frame.span_id,
            offset: frame.offset,
        })
    }

    /// Gives an event away that happened at `time` on the process's line.
    pub(super) fn emit(
        self,
        time: u64,
        event_name: &str,
        severity_number: u8,
        attributes: Map<String, Json>,
    ) {
        self.recorder.emit(LogRecord {
            event_name: event_name.to_owned(),
            time_unix_nano: time.saturating_add_signed(self.offset),
            severity_number: Some(severity_number),
            trace_id: Some(self.trace_id),
            span_id: Some(self.span_id),
            attributes,
            resource: Arc::default(),
        });
    }
}
