//! Where finished spans go: one file an exporter.

pub(crate) mod batch;
pub(crate) mod console;
pub(crate) mod forest;
pub(crate) mod jsonl;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod named;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
pub(crate) mod tree;
pub(crate) mod utc;
pub(crate) mod view;

use std::fmt;
use std::time::Instant;

pub use self::batch::SpanBatch;

/// Takes finished spans out of the process, or to a file, or to a screen.
///
/// It runs on a thread of its own: it may take its time, fail or panic, and neither a caller nor
/// another exporter notices; all that comes of it is a count in the [`Report`](crate::Report) and in
/// `genai_trace_export_errors_total`. Spans wait for it in a queue of at most 8 MiB; where that is
/// full, errors and roots are kept, and others are dropped and counted, the oldest first.
///
/// ```
/// use genai_trace::{ExportError, SpanBatch, SpanExporter, Telemetry, span};
///
/// struct Names(std::sync::mpsc::Sender<String>);
///
/// impl SpanExporter for Names {
///     fn name(&self) -> &str {
///         "names"
///     }
///
///     fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
///         for span in batch.records() {
///             self.0.send(span.name.clone()).map_err(ExportError::new)?;
///         }
///         Ok(())
///     }
/// }
///
/// let (sender, names) = std::sync::mpsc::channel();
/// let telemetry = Telemetry::builder().exporter(Names(sender)).install()?;
/// span("hello").run(|| {});
/// drop(telemetry);
/// assert_eq!(names.recv()?, "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait SpanExporter: Send + 'static {
    /// The exporter's name in reports and metrics.
    fn name(&self) -> &str;

    /// Takes a batch of finished spans. An empty batch says that no more have come for 50 ms: the
    /// time to pass on what was being gathered.
    ///
    /// # Errors
    /// What could not be written, and why; it is counted and not tried again.
    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError>;

    /// Passes on what it still holds; called by every flush, which waits for it until then.
    ///
    /// # Errors
    /// As [`export`](SpanExporter::export).
    fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        let _ = until;
        Ok(())
    }

    /// Ends its work; called once, after the last batch and the last flush. Whoever shuts down waits for
    /// it until then.
    ///
    /// # Errors
    /// As [`export`](SpanExporter::export).
    fn shutdown(&mut self, until: Instant) -> Result<(), ExportError> {
        let _ = until;
        Ok(())
    }
}

/// Why spans could not be written, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportError {
    message: String,
    failed: Option<u64>,
}

impl ExportError {
    /// The whole batch failed, because of `cause`.
    pub fn new(cause: impl fmt::Display) -> Self {
        Self {
            message: cause.to_string(),
            failed: None,
        }
    }

    /// `failed` spans failed, because of `cause`: spans of the batch, or earlier ones that were still
    /// being gathered. The others were written.
    pub fn of_some(failed: u64, cause: impl fmt::Display) -> Self {
        Self {
            message: cause.to_string(),
            failed: Some(failed),
        }
    }

    /// How many spans failed, of a batch of `spans`.
    pub(crate) fn failed_of(&self, spans: u64) -> u64 {
        self.failed.unwrap_or(spans)
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ExportError {}
