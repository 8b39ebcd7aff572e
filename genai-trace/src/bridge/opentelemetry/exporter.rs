//! An exporter of the SDK, as one of ours.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as TheirSpanExporter};

use super::drive::{Driver, ExportFuture};
use super::span_data::{resource, span_data};
use crate::export::{ExportError, SpanBatch, SpanExporter};
use crate::record::Attributes;
use crate::span::outcome::panic_message;

/// How long an export may take, unless said: as OTEL_BSP_EXPORT_TIMEOUT has it.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);
/// Most spans of an export, unless said: as OTEL_BSP_MAX_EXPORT_BATCH_SIZE has it.
const DEFAULT_BATCH: usize = 512;
/// Spans that have come wait no longer for others.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Gives spans to an exporter of `opentelemetry_sdk`, whichever that is: as
/// [`exporter`](crate::Builder::exporter), under the name `opentelemetry`, or under one of your own
/// ([`exporter_as`](crate::Builder::exporter_as)).
///
/// All that a record says arrives: attributes with their types, events, links, `tracestate`, scope, resource, and what
/// the limits cut off. (Of a parent it does not say whether that was in another process: `parent_span_is_remote` is
/// never set.) Spans are gathered until there are 512 of them, none come for 50 ms, or one has waited for a second.
///
/// Its futures are polled by the exporter's own thread, where no runtime is: for exporters that need none, as that of
/// `opentelemetry-otlp` with its blocking client. One that needs tokio is run by a runtime of yours
/// ([`run_by`](SdkExporter::run_by)). An export that fails, panics, or is not done in time is counted and not tried
/// again. What it does itself is not traced by OpenTelemetry.
///
/// ```
/// use genai_trace::bridge::opentelemetry::SdkExporter;
/// use genai_trace::{Telemetry, genai_tool};
/// use opentelemetry_sdk::error::OTelSdkResult;
/// use opentelemetry_sdk::trace::{SpanData, SpanExporter};
///
/// #[derive(Debug)]
/// struct Names(std::sync::mpsc::Sender<String>);
///
/// impl SpanExporter for Names {
///     async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
///         batch.into_iter().for_each(|span| self.0.send(span.name.into_owned()).unwrap());
///         Ok(())
///     }
/// }
///
/// #[genai_tool("search")]
/// fn search() {}
///
/// let (sender, names) = std::sync::mpsc::channel();
/// let telemetry = Telemetry::builder().exporter(SdkExporter::new(Names(sender))).install()?;
/// search();
/// drop(telemetry);
/// assert_eq!(names.recv()?, "execute_tool search");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SdkExporter<E> {
    exporter: E,
    driver: Driver,
    timeout: Duration,
    batch: usize,
    /// What the exporter knows of the process.
    resource: Option<Arc<Attributes>>,
    gathered: Vec<SpanData>,
    /// When the first of them has come.
    since: Option<Instant>,
}

impl<E: TheirSpanExporter + 'static> SdkExporter<E> {
    /// Gives spans to `exporter`.
    pub const fn new(exporter: E) -> Self {
        Self {
            exporter,
            driver: Driver::Thread,
            timeout: DEFAULT_TIMEOUT,
            batch: DEFAULT_BATCH,
            resource: None,
            gathered: Vec::new(),
            since: None,
        }
    }

    /// Runs each export by `run`, on the exporter's own thread: for exporters that need a runtime. The future is ready
    /// when the export is done, or has taken too long.
    ///
    /// With a runtime of its own nothing that the program does is in its way, its end included:
    ///
    /// ```
    /// # use genai_trace::bridge::opentelemetry::SdkExporter;
    /// # use opentelemetry_sdk::{error::OTelSdkResult, trace::{SpanData, SpanExporter}};
    /// # #[derive(Debug)]
    /// # struct OfTokio;
    /// # impl SpanExporter for OfTokio {
    /// #     async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult { Ok(()) }
    /// # }
    /// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let exporter = SdkExporter::new(OfTokio).run_by(move |export| runtime.block_on(export));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// An exporter that was made in a runtime, and has left a task there, needs that one, which must have a thread to
    /// spare and outlive the telemetry: `move |export| handle.block_on(export)`.
    #[must_use]
    pub fn run_by(mut self, run: impl FnMut(ExportFuture<'_>) + Send + 'static) -> Self {
        self.driver = Driver::User(Box::new(run));
        self
    }

    /// How long an export may take: 30 s unless said. A flush and a shutdown wait no longer
    /// than they were told.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Most spans that are given to the exporter at once, 1 at least: 512 unless said.
    #[must_use]
    pub const fn max_batch(mut self, spans: usize) -> Self {
        self.batch = match spans {
            0 => 1,
            spans => spans,
        };
        self
    }

    /// Tells the exporter of the process, where it does not know.
    fn tell(&mut self, said: &Arc<Attributes>) {
        let is_known = |known: &Arc<Attributes>| Arc::ptr_eq(known, said);
        if !self.resource.as_ref().is_some_and(is_known) {
            self.exporter.set_resource(&resource(said));
            self.resource = Some(Arc::clone(said));
        }
    }

    /// Gives the exporter what was gathered, so long as there are `least` spans of it.
    fn send(&mut self, least: usize, until: Option<Instant>) -> Result<(), ExportError> {
        let (mut failed, mut error) = (0, None);
        if self.gathered.len() >= least.max(1) {
            // What is left over has come just now.
            self.since = Some(Instant::now());
        }
        while self.gathered.len() >= least.max(1) {
            let rest = self.gathered.split_off(self.batch.min(self.gathered.len()));
            let batch = std::mem::replace(&mut self.gathered, rest);
            let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            if let Err(cause) = self.send_batch(batch, until) {
                failed += spans;
                error = Some(cause);
            }
        }
        if self.gathered.is_empty() {
            self.since = None;
        }
        error.map_or(Ok(()), |cause| Err(ExportError::of_some(failed, cause)))
    }

    fn send_batch(&mut self, batch: Vec<SpanData>, until: Option<Instant>) -> Result<(), String> {
        let now = Instant::now();
        let in_time = now + self.timeout.min(FOR_EVER);
        let by = until.map_or(in_time, |until| until.min(in_time));
        let Self {
            exporter, driver, ..
        } = self;
        // Here, where it is known how many spans go with it.
        let done = catch_unwind(AssertUnwindSafe(|| {
            let _unseen = Context::enter_telemetry_suppressed_scope();
            driver.run(exporter.export(batch), by)
        }));
        match done {
            Ok(Some(result)) => result.map_err(|error| error.to_string()),
            Ok(None) => Err("the export was not done in time".to_owned()),
            Err(payload) => Err(format!(
                "the exporter panicked: {}",
                panic_message(payload.as_ref())
            )),
        }
    }
}

impl<E: TheirSpanExporter + 'static> SpanExporter for SdkExporter<E> {
    fn name(&self) -> &str {
        "opentelemetry"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        if batch.is_empty() {
            return self.send(1, None);
        }
        self.tell(batch.resource());
        let url = batch.schema_url();
        let records = batch.records().iter();
        self.gathered
            .extend(records.map(|span| span_data(span, url)));
        let since = *self.since.get_or_insert_with(Instant::now);
        match since.elapsed() < LONGEST_WAIT {
            true => self.send(self.batch, None),
            false => self.send(1, None),
        }
    }

    fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        let sent = self.send(1, Some(until));
        let _unseen = Context::enter_telemetry_suppressed_scope();
        let flushed = self.exporter.force_flush().map_err(no_span);
        sent.and(flushed)
    }

    fn shutdown(&mut self, until: Instant) -> Result<(), ExportError> {
        let left = until.saturating_duration_since(Instant::now());
        let _unseen = Context::enter_telemetry_suppressed_scope();
        self.exporter.shutdown_with_timeout(left).map_err(no_span)
    }
}

/// A fault of the exporter that is none of any span that is known.
fn no_span(error: OTelSdkError) -> ExportError {
    ExportError::of_some(0, error)
}
