//! An exporter under a name of the user's choice.

use std::time::Instant;

use super::{ExportError, SpanBatch, SpanExporter};

/// An exporter under a name of the user's choice.
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) exporter: Box<dyn SpanExporter>,
}

impl SpanExporter for Named {
    fn name(&self) -> &str {
        &self.name
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        self.exporter.export(batch)
    }

    fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        self.exporter.flush(until)
    }

    fn shutdown(&mut self, until: Instant) -> Result<(), ExportError> {
        self.exporter.shutdown(until)
    }
}
