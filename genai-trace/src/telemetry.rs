//! The guard of installed telemetry: flush, shutdown, metrics.

mod flush_after;
mod flush_on_drop;
mod installed;
mod metrics_page;
#[cfg(feature = "serve")]
mod serve;

use std::future::Future;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use self::flush_on_drop::FlushOnDrop;
use self::installed::Installed;
pub use self::metrics_page::MetricsPage;
#[cfg(feature = "serve")]
pub use self::serve::MetricsServer;
#[cfg(feature = "serve")]
pub(crate) use self::serve::{HOST, MetricsPlace, PORT};
use crate::config::{Builder, InitError};
use crate::metrics::{self, ExporterTotals, Measures, Registry, Shard, Snapshot, Views};
use crate::reader::of_trace::of_trace;
use crate::recorder::Recorder;
use crate::recorder::recovered::Recovered;
use crate::recorder::report::Report;
use crate::recorder::span_in_flight::SpanInFlight;
use crate::span::ids::TraceId;
use crate::summary::summarize;

/// So long a summary waits for what has ended to be written.
const SUMMARY_FLUSH: Duration = Duration::from_secs(2);

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
///
/// A guard that is never dropped, because it stands in a `static`, was leaked, or
/// [`std::process::exit`] was called, loses nothing on Unix either: the exit of the process waits
/// for as long. Where the process dies of a signal the feature `signals` helps (`Builder::signals`).
///
/// In a child of C's `fork` the guard does nothing, and what it is asked for is empty: the spans are
/// the parent's to write. The child may [`init`] telemetry of its own, for the same file.
#[derive(Debug)]
#[must_use = "telemetry ends when the guard is dropped, which is at once unless it is kept"]
pub struct Telemetry {
    installed: Installed,
    exposition: Exposition,
    flush_timeout: Duration,
    recovered: Recovered,
    /// Where spans are read back from.
    traces_file: Option<PathBuf>,
    /// What serves the metrics because the environment says so.
    #[cfg(feature = "serve")]
    server: std::sync::Mutex<Option<MetricsServer>>,
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
        recovered: Recovered,
        traces_file: Option<PathBuf>,
    ) -> Self {
        Self {
            installed: Installed::new(Some(recorder)),
            exposition,
            flush_timeout,
            recovered,
            traces_file,
            #[cfg(feature = "serve")]
            server: Default::default(),
        }
    }

    pub(crate) fn disabled(exposition: Exposition) -> Self {
        Self {
            installed: Installed::new(None),
            exposition,
            flush_timeout: Duration::ZERO,
            recovered: Recovered::default(),
            traces_file: None,
            #[cfg(feature = "serve")]
            server: Default::default(),
        }
    }

    /// Hands every span that has ended to every exporter, within `deadline`; needs no async runtime
    /// and never blocks longer. It may be called from anywhere: inside async code, in a panic hook, in
    /// a `drop` while the thread unwinds or ends. In an exporter it does not wait.
    ///
    /// With `panic = "abort"` a panic hook is the last that runs:
    ///
    /// ```
    /// use std::sync::OnceLock;
    /// use std::time::Duration;
    ///
    /// use genai_trace::Telemetry;
    ///
    /// static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    ///
    /// # let telemetry = Telemetry::builder().memory(&genai_trace::MemoryExporter::new()).install()?;
    /// # /*
    /// let telemetry = genai_trace::init()?;
    /// # */
    /// TELEMETRY.get_or_init(|| telemetry);
    /// let before = std::panic::take_hook();
    /// std::panic::set_hook(Box::new(move |info| {
    ///     before(info);
    ///     if let Some(telemetry) = TELEMETRY.get() {
    ///         let _ = telemetry.flush(Duration::from_secs(5));
    ///     }
    /// }));
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    ///
    /// The span that panics is still open then, and so are those around it: what has ended is written.
    pub fn flush(&self, deadline: Duration) -> Report {
        self.installed.flush(deadline)
    }

    /// The same without blocking the thread: for async code on a runtime whose threads have other work.
    /// The time runs from the first poll. It needs no runtime: a thread of its own does the waiting.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # async fn handle(telemetry: &genai_trace::Telemetry) {
    /// let report = telemetry.flush_async(Duration::from_secs(2)).await;
    /// if report.has_losses() {
    ///     eprintln!("{report}");
    /// }
    /// # }
    /// ```
    pub fn flush_async(&self, deadline: Duration) -> impl Future<Output = Report> + Send + use<> {
        flush_after::flush(self.installed.clone(), deadline)
    }

    /// Flushes when what this returns is dropped, within `deadline`: at the end of a request in a
    /// process that is frozen between requests, as functions in the cloud are. Early returns, `?` and
    /// panics flush as well.
    ///
    /// Make it before the request's span, so that it is dropped after it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use genai_trace::{MemoryExporter, Telemetry, span};
    ///
    /// let memory = MemoryExporter::new();
    /// let telemetry = Telemetry::builder().memory(&memory).install()?;
    /// for event in ["first", "second"] {
    ///     let _flush = telemetry.flush_on_drop(Duration::from_secs(2));
    ///     span("request").run(|| { /* work on the event */ });
    /// }
    /// assert_eq!(memory.spans().len(), 2);
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn flush_on_drop(&self, deadline: Duration) -> FlushOnDrop {
        FlushOnDrop::new(self.installed.clone(), deadline)
    }

    /// Runs `future`, then flushes within `deadline`, and gives what `future` gave and the report: for
    /// async handlers of requests in a process that is frozen between requests.
    ///
    /// The thread is not blocked. Only where `future` comes to no end, because it panicked or the request
    /// timed out, the drop of what this returns does the flush, and blocks for it within `deadline`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # async fn handle(event: &str) -> usize { event.len() }
    /// # async fn serve(telemetry: &genai_trace::Telemetry, event: &str) {
    /// let (answer, report) = telemetry
    ///     .flush_after(Duration::from_secs(2), handle(event))
    ///     .await;
    /// # }
    /// ```
    pub fn flush_after<F: Future>(
        &self,
        deadline: Duration,
        future: F,
    ) -> impl Future<Output = (F::Output, Report)> + use<F> {
        flush_after::FlushAfter::new(self.installed.clone(), deadline, future)
    }

    /// Ends recording, and hands over every span that has ended, within `deadline`. Spans that are
    /// still open are not recorded. Calling it again gives the account again.
    pub fn shutdown(&self, deadline: Duration) -> Report {
        let report = self.installed.shutdown(deadline);
        // Last, so that what it takes is none of the deadline.
        #[cfg(feature = "serve")]
        self.end_serving();
        report
    }

    /// What is open now, longest first: every span that has begun and not ended, on whatever thread, in
    /// whatever future.
    ///
    /// What was said of them so far is among their attributes where telemetry is
    /// [`crash_safe`](Builder::crash_safe); else what stands in the source, and a name that was said at
    /// run time. At most 64 MiB of open spans are tracked, some 250,000. Spans that a sampler has left
    /// out are not among them. From outside, [`open_spans_in`](crate::open_spans_in) shows those of
    /// processes that are crash-safe.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Telemetry, span};
    ///
    /// let telemetry = Telemetry::builder().exporter(MemoryExporter::new()).install()?;
    /// span("nightly").run(|| {
    ///     let open = telemetry.open_spans();
    ///     assert_eq!(open.len(), 1);
    ///     println!("{} has run for {:?}", open[0].name, open[0].running_for);
    /// });
    /// assert!(telemetry.open_spans().is_empty());
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn open_spans(&self) -> Vec<SpanInFlight> {
        let recorder = self.installed.recorder();
        recorder.map(Recorder::open_spans).unwrap_or_default()
    }

    /// Says what the run of a trace did so far, in at most about `max_tokens` tokens, as [`summarize`] does: for an agent
    /// that looks back at its own work, or explains it when it is through.
    ///
    /// What has ended is read from the traces file, after a [flush](Telemetry::flush) of 2 s at most, from its end
    /// backwards until 5 s before the run began, so that a large file takes no longer; what is open is known. Of a trace
    /// with nothing open the whole file may be read. Spans that wait for the end of their trace
    /// ([`tail_sampling`](Builder::tail_sampling)) are not in the file yet.
    ///
    /// ```
    /// use genai_trace::{Telemetry, current, genai_agent, genai_tool};
    ///
    /// #[genai_tool("trace_summary", description = "What you have done so far, and what it cost.")]
    /// fn trace_summary(telemetry: &Telemetry) -> std::io::Result<String> {
    ///     match current().trace_id() {
    ///         Some(trace_id) => telemetry.summary(trace_id, 500),
    ///         None => Ok("nothing is traced".to_owned()),
    ///     }
    /// }
    ///
    /// #[genai_agent("coder")]
    /// fn run(telemetry: &Telemetry) -> std::io::Result<String> {
    ///     trace_summary(telemetry)
    /// }
    ///
    /// # let folder = std::env::temp_dir().join(format!("genai-trace-doc-summary-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let file = folder.join("traces.jsonl");
    /// let telemetry = Telemetry::builder().jsonl(&file).install()?;
    /// let summary = run(&telemetry)?;
    /// assert!(summary.starts_with("agent coder: running for "), "{summary}");
    /// # drop(telemetry);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No traces file is written, or it cannot be read. Lines that a [profile](crate::Profile) has given another shape
    /// than that of a [`SpanRecord`](crate::SpanRecord) are not found.
    pub fn summary(&self, trace_id: TraceId, max_tokens: usize) -> io::Result<String> {
        let path = self.traces_file.as_ref().ok_or_else(|| {
            io::Error::new(
                ErrorKind::Unsupported,
                "no traces file is written to be read back",
            )
        })?;
        // First, so that what ends meanwhile is in the file.
        let mut open = self.open_spans();
        open.retain(|span| span.trace_id == trace_id);
        let _ = self.flush(SUMMARY_FLUSH);
        let since = open.iter().map(|span| span.start_unix_nano).min();
        let ended = of_trace(path, trace_id, since)?;
        // What has ended since is in the file as well.
        open.retain(|open| ended.iter().all(|span| span.span_id != open.span_id));
        Ok(summarize(&ended, &open, max_tokens))
    }

    /// What an earlier process had left in a crash, and this one has put into the traces file when it
    /// was installed.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// The `Content-Type` under which a web server hands out [`metrics_text`](Telemetry::metrics_text).
    pub const METRICS_CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// The metrics so far, in the Prometheus text format 0.0.4; also after shutdown. It is made when
    /// asked for: no thread works on it in between.
    pub fn metrics_text(&self) -> String {
        match self.installed.is_inherited() {
            true => String::new(),
            false => self.exposition.text(self.installed.recorder()),
        }
    }

    /// The page on which a web server hands out the metrics, in the form that the request asks for.
    ///
    /// It may be cloned, kept by a handler, and outlive this guard: then it stays as it was at the end.
    pub fn metrics_page(&self) -> MetricsPage {
        MetricsPage::new(self.installed.clone(), self.exposition.clone())
    }

    /// The metrics so far, as a table for people.
    pub fn metrics_table(&self) -> String {
        match self.installed.is_inherited() {
            true => String::new(),
            false => self.exposition.table(self.installed.recorder()),
        }
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
            .installed
            .recorder()
            .is_some_and(|recorder| !recorder.is_stopping());
        let report = self.shutdown(self.flush_timeout);
        if is_news && report.has_losses() {
            report.tell();
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

    fn open_text(&self, recorder: Option<&Recorder>) -> String {
        self.with_snapshot(recorder, metrics::text::render_open)
    }

    pub(crate) fn table(&self, recorder: Option<&Recorder>) -> String {
        self.with_snapshot(recorder, metrics::console::render)
    }

    /// What there is to show, by the names of the text.
    #[cfg(feature = "otlp")]
    pub(crate) fn families(&self, recorder: &Recorder) -> Vec<metrics::MetricFamily> {
        self.with_snapshot(Some(recorder), metrics::collect)
    }

    fn with_snapshot<T>(
        &self,
        recorder: Option<&Recorder>,
        render: impl FnOnce(&Snapshot<'_>) -> T,
    ) -> T {
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
            events: &recorder
                .map(Recorder::reports_of_events)
                .unwrap_or_default(),
            data_points: &recorder
                .map(Recorder::reports_of_points)
                .unwrap_or_default(),
            content: recorder
                .map(|recorder| recorder.content().counts())
                .unwrap_or_default(),
            drain_busy_ns: recorder.map_or(0, Recorder::busy_nanos),
            exemplars: recorder.map(Recorder::exemplars),
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
