//! A guard for one request of many.

use std::time::Duration;

use super::installed::Installed;
use crate::recorder::report::Report;

/// Flushes when it is dropped; made by [`Telemetry::flush_on_drop`](crate::Telemetry::flush_on_drop).
///
/// Where the deadline passes before everything was written, a drop says so on standard error.
#[derive(Debug)]
#[must_use = "it flushes when it is dropped, which is at once unless it is kept"]
pub struct FlushOnDrop {
    /// None once it has flushed.
    installed: Option<Installed>,
    deadline: Duration,
}

impl FlushOnDrop {
    pub(super) fn new(installed: Installed, deadline: Duration) -> Self {
        Self {
            installed: Some(installed),
            deadline,
        }
    }

    /// Flushes now, and says what became of the spans.
    pub fn flush(mut self) -> Report {
        self.flush_once().unwrap_or_default()
    }

    fn flush_once(&mut self) -> Option<Report> {
        let installed = self.installed.take()?;
        Some(installed.flush(self.deadline))
    }
}

impl Drop for FlushOnDrop {
    fn drop(&mut self) {
        if let Some(report) = self.flush_once()
            && !report.complete
        {
            report.tell();
        }
    }
}
