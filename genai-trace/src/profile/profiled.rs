//! An exporter to which spans go as a profile spells them.

use std::time::Instant;

use super::Profile;
use crate::export::{ExportError, SpanBatch, SpanExporter};

/// An exporter to which spans go as a profile spells them.
pub(crate) struct Profiled {
    pub(crate) profile: Profile,
    pub(crate) exporter: Box<dyn SpanExporter>,
}

impl SpanExporter for Profiled {
    fn name(&self) -> &str {
        self.exporter.name()
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        let mut spans = batch.records().to_vec();
        for span in &mut spans {
            self.profile.apply(span);
        }
        let spelt = batch.spelt(spans, self.profile);
        self.exporter.export(&spelt)
    }

    fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        self.exporter.flush(until)
    }

    fn shutdown(&mut self, until: Instant) -> Result<(), ExportError> {
        self.exporter.shutdown(until)
    }
}
