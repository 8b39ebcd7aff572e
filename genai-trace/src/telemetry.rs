//! The guard of installed telemetry: flush, shutdown, metrics.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Builder, InitError};
use crate::metrics::{self, ExporterTotals, Measures, Registry, Shard, Snapshot, Views};
use crate::recorder::Recorder;
use crate::recorder::report::Report;

/// Installs telemetry as the environment says: spans to `./traces.jsonl` unless it says otherwise.
///
/// See [`Builder::from_env`] for the variables.
///
/// # Errors
/// There is telemetry already, the file cannot be opened, or a variable has a value that means nothing.
pub fn init() -> Result<Telemetry, InitError> {
    Builder::from_env()?.install()
}

/// Installed telemetry. Keep it until the end of the program: dropping it writes what is left,
/// waiting 5 s at most, or as long as
/// [`flush_timeout`](Builder::flush_timeout) and `GENAI_TRACE_FLUSH_TIMEOUT_MS` say.
#[derive(Debug)]
#[must_use = "telemetry ends when the guard is dropped, which is at once unless it is kept"]
pub struct Telemetry {
    /// None where the environment has disabled telemetry.
    recorder: Option<Arc<Recorder>>,
    exposition: Exposition,
    flush_timeout: Duration,
}

impl Telemetry {
    /// Telemetry in code, whatever the environment says; [`Builder::from_env`] asks it first.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(
        recorder: Arc<Recorder>,
        exposition: Exposition,
        flush_timeout: Duration,
    ) -> Self {
        Self {
            recorder: Some(recorder),
            exposition,
            flush_timeout,
        }
    }

    pub(crate) fn disabled(exposition: Exposition) -> Self {
        Self {
            recorder: None,
            exposition,
            flush_timeout: Duration::ZERO,
        }
    }

    /// Hands every span that has ended to every exporter, within `deadline`; needs no async runtime
    /// and never blocks longer.
    pub fn flush(&self, deadline: Duration) -> Report {
        let complete = Report {
            complete: true,
            ..Report::default()
        };
        self.recorder
            .as_ref()
            .map_or(complete, |recorder| recorder.flush(deadline))
    }

    /// Ends recording, and hands over every span that has ended, within `deadline`. Spans that are
    /// still open are not recorded. Calling it again gives the account again.
    pub fn shutdown(&self, deadline: Duration) -> Report {
        let complete = Report {
            complete: true,
            ..Report::default()
        };
        self.recorder
            .as_ref()
            .map_or(complete, |recorder| recorder.shutdown(deadline))
    }

    /// The `Content-Type` under which a web server hands out [`metrics_text`](Telemetry::metrics_text).
    pub const METRICS_CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// The metrics so far, in the Prometheus text format 0.0.4; also after shutdown. It is made when
    /// asked for: no thread works on it in between.
    pub fn metrics_text(&self) -> String {
        self.exposition.text(self.recorder.as_deref())
    }

    /// The metrics so far, as a table for people.
    pub fn metrics_table(&self) -> String {
        self.exposition.table(self.recorder.as_deref())
    }

    /// Counters, gauges and histograms of your own, which come out with the others.
    pub fn registry(&self) -> &Registry {
        &self.exposition.registry
    }
}

impl Drop for Telemetry {
    /// Shuts down, and says on standard error what was lost, unless [`shutdown`](Telemetry::shutdown)
    /// has said so before.
    fn drop(&mut self) {
        let is_news = self
            .recorder
            .as_ref()
            .is_some_and(|recorder| !recorder.is_stopping());
        let report = self.shutdown(self.flush_timeout);
        if is_news && report.has_losses() {
            use std::io::Write;
            // `eprintln` would panic where standard error is closed.
            let _ = writeln!(std::io::stderr(), "genai-trace: {report}");
        }
    }
}

/// How metrics come out.
#[derive(Clone, Debug)]
pub(crate) struct Exposition {
    views: Vec<Views>,
    registry: Registry,
}

impl Exposition {
    pub(crate) fn new(views: Vec<Views>, registry: Registry) -> Self {
        Self { views, registry }
    }

    fn text(&self, recorder: Option<&Recorder>) -> String {
        self.with_snapshot(recorder, metrics::text::render)
    }

    pub(crate) fn table(&self, recorder: Option<&Recorder>) -> String {
        self.with_snapshot(recorder, metrics::console::render)
    }

    fn with_snapshot(
        &self,
        recorder: Option<&Recorder>,
        render: impl FnOnce(&Snapshot<'_>) -> String,
    ) -> String {
        let shard = recorder.map_or_else(Shard::default, Recorder::merged);
        let tallies = recorder.map(Recorder::tallies).unwrap_or_default();
        let exporters: Vec<_> = tallies
            .iter()
            .map(|tally| ExporterTotals {
                name: &tally.name,
                written: tally.written,
                failed: tally.failed,
                queue_full: tally.queue_full,
                left_at_shutdown: tally.left_at_shutdown,
                errors: tally.errors,
            })
            .collect();
        render(&Snapshot {
            shard: &shard,
            views: &self.views,
            registry: &self.registry,
            exporters: &exporters,
            drain_busy_ns: recorder.map_or(0, Recorder::busy_nanos),
        })
    }
}

/// Counts a model call, an agent's run and its tools without spans: for a framework that only
/// tells what it has used.
///
/// The same cells are fed as by spans; nothing happens where nothing is installed.
pub fn record_measures(measures: Measures<'_>) {
    crate::span::stack::record_measures(&measures);
}
