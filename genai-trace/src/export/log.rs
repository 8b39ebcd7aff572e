//! Where events go that are no part of a span.

use std::time::Instant;

use super::ExportError;
use crate::record::LogRecord;

/// Takes [events](LogRecord) that are no part of a span: contents of calls, exceptions, evaluations.
///
/// It runs on a thread of its own, as a [`SpanExporter`](crate::SpanExporter) does, and nobody waits for it.
/// Events wait for it in a queue of at most 1,024; those that find no room are dropped and counted in
/// `genai_trace_events_dropped_total`.
///
/// ```
/// use genai_trace::{ExportError, LogExporter, LogRecord, MemoryExporter, Score, Telemetry};
///
/// struct Names(std::sync::mpsc::Sender<String>);
///
/// impl LogExporter for Names {
///     fn name(&self) -> &str {
///         "names"
///     }
///
///     fn export(&mut self, events: &[LogRecord]) -> Result<(), ExportError> {
///         for event in events {
///             self.0.send(event.event_name.clone()).map_err(ExportError::new)?;
///         }
///         Ok(())
///     }
/// }
///
/// let (sender, names) = std::sync::mpsc::channel();
/// let telemetry = Telemetry::builder()
///     .memory(&MemoryExporter::new())
///     .log_exporter(Names(sender))
///     .install()?;
/// let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// Score::new("relevance", 0.87).trace(trace).record();
/// drop(telemetry);
/// assert_eq!(names.recv()?, "gen_ai.evaluation.result");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait LogExporter: Send + 'static {
    /// The exporter's name in metrics and messages.
    fn name(&self) -> &str;

    /// Takes events, in the order in which they happened.
    ///
    /// # Errors
    /// What could not be written, and why; it is counted and not tried again.
    fn export(&mut self, events: &[LogRecord]) -> Result<(), ExportError>;

    /// Passes on what it still holds; called by every flush and at the end, which wait for it until then.
    ///
    /// # Errors
    /// As [`export`](LogExporter::export).
    fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        let _ = until;
        Ok(())
    }

    /// Ends its work; called once, after the last events and the last flush, where there were any events.
    /// Whoever shuts down waits for it until then.
    ///
    /// # Errors
    /// As [`export`](LogExporter::export).
    fn shutdown(&mut self, until: Instant) -> Result<(), ExportError> {
        let _ = until;
        Ok(())
    }
}
