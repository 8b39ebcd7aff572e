//! An exporter of spans to a file, for OpenTelemetry's batch processor.
//!
//! It is compiled for each release of OpenTelemetry that a contender uses: `api` and `sdk` are those
//! of the module that it belongs to.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::api::trace::SpanId;
use super::sdk::error::{OTelSdkError, OTelSdkResult};
use super::sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanExporter as Exporter,
};
use crate::contenders::line::{Head, Lines};
use crate::work::{LAP, SPANS};

/// Spans as lines of JSON.
#[derive(Debug)]
pub struct SpanLines(Mutex<Lines>);

/// The processor that hands batches to a file, with room for the spans of a lap.
///
/// A batch is as large as the chunk that is written at once; the delay is OpenTelemetry's own.
pub fn batches_to(file: File) -> BatchSpanProcessor {
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(LAP * SPANS)
        .with_max_export_batch_size(512)
        .build();
    BatchSpanProcessor::builder(SpanLines(Mutex::new(Lines::new(file))))
        .with_batch_config(config)
        .build()
}

impl Exporter for SpanLines {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = batch.iter().try_for_each(|span| {
            let parent = span.parent_span_id;
            let head = Head {
                trace_id: span.span_context.trace_id().to_bytes(),
                span_id: span.span_context.span_id().to_bytes(),
                parent_id: (parent != SpanId::INVALID).then(|| parent.to_bytes()),
                name: &span.name,
                start_unix_nano: nanos(span.start_time),
                end_unix_nano: nanos(span.end_time),
            };
            let attributes = span
                .attributes
                .iter()
                .map(|attribute| (attribute.key.as_str(), attribute.value.as_str()));
            lines.push(&head, attributes)
        });
        written
            .and_then(|()| lines.write())
            .map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
