//! Keeps finished spans in memory, for tests and for programs that show their own traces.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{ExportError, SpanBatch, SpanExporter};
use crate::record::SpanRecord;

/// Spans kept unless [`with_capacity`](MemoryExporter::with_capacity) says otherwise.
const DEFAULT_CAPACITY: usize = 65_536;

/// Keeps finished spans in memory: the newest 65,536, or as many as asked for.
///
/// A clone shows the same spans. Spans arrive within 50 ms of their end, or at once on
/// [`flush`](crate::Telemetry::flush).
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry, span};
/// use std::time::Duration;
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder().exporter(memory.clone()).install()?;
/// span("agent.turn").run(|| {});
/// let _ = telemetry.flush(Duration::from_secs(5));
/// assert_eq!(memory.spans()[0].name, "agent.turn");
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryExporter {
    spans: Arc<Mutex<VecDeque<SpanRecord>>>,
    capacity: usize,
}

impl MemoryExporter {
    /// Room for the newest 65,536 spans.
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// Room for the newest `spans` spans.
    pub fn with_capacity(spans: usize) -> Self {
        Self {
            spans: Arc::default(),
            capacity: spans,
        }
    }

    /// The spans, oldest first by arrival.
    pub fn spans(&self) -> Vec<SpanRecord> {
        self.lock().iter().cloned().collect()
    }

    /// Forgets the spans.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<SpanRecord>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryExporter {
    fn default() -> Self {
        Self::new()
    }
}

impl SpanExporter for MemoryExporter {
    fn name(&self) -> &str {
        "memory"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        let mut spans = self.lock();
        spans.extend(batch.records().iter().cloned());
        let surplus = spans.len().saturating_sub(self.capacity);
        spans.drain(..surplus);
        Ok(())
    }
}
