//! Telemetry in code.

mod baggage;
mod content;
mod exemplars;
mod install;
#[cfg(feature = "opentelemetry")]
mod opentelemetry;
#[cfg(feature = "otlp")]
mod otlp;
mod profiles;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use self::content::ContentSettings;
use self::profiles::Profiles;
use super::env::{Environment, EventsTo, TracesTo};
use super::error::InitError;
use crate::content::TokenEstimator;
use crate::export::SpanExporter;
use crate::export::console::ConsoleExporter;
use crate::export::jsonl::{JsonlExporter, JsonlOptions};
use crate::export::log::LogExporter;
use crate::export::memory::MemoryExporter;
#[cfg(feature = "otlp")]
use crate::export::otlp::OtlpOptions;
use crate::metrics::Views;
use crate::prices::Prices;
use crate::process::ProcessSettings;
use crate::process::route::Route;
use crate::process::sampler::Sampler;
use crate::process::tail::TailSampling;
use crate::propagate::baggage::Allowed;
use crate::record::{Attributes, Value};
use crate::span::context::Neighbour;
use crate::span::limits::SpanLimits;
#[cfg(feature = "serve")]
use crate::telemetry::MetricsPlace;

/// The file for the traces unless said.
const DEFAULT_FILE: &str = "traces.jsonl";
/// The store for them unless said.
#[cfg(feature = "sqlite")]
const DEFAULT_STORE: &str = "traces.db";
/// A thread's buffer unless said: some 8,000 spans that wait for the drain thread.
const DEFAULT_BUFFER_BYTES: usize = 1024 * 1024;
/// How long the guard's drop waits unless said.
const DEFAULT_FLUSH_TIMEOUT: Duration = Duration::from_secs(5);
/// How often metrics are printed unless said, as the OpenTelemetry specification has it.
const DEFAULT_METRICS_INTERVAL: Duration = Duration::from_secs(60);

/// Says where spans go, what is known of the process, and how metrics are called.
///
/// Without an exporter spans go to `traces.jsonl`. To swap one exporter for another, change its line:
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry};
///
/// let telemetry = Telemetry::builder()
///     .service_name("coder")
///     .exporter(MemoryExporter::new()) // or .jsonl("traces.jsonl"), or .console()
///     .install()?;
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[must_use = "nothing is installed before `install`"]
pub struct Builder {
    disabled: bool,
    /// None until something is said of exporters.
    exporters: Option<Vec<Exporter>>,
    also: Vec<Exporter>,
    logs: Vec<LogsTo>,
    default_file: PathBuf,
    resource: Attributes,
    views: Vec<Views>,
    sampler: Sampler,
    process: ProcessSettings,
    buffer_bytes: usize,
    limits: SpanLimits,
    flush_timeout: Duration,
    metrics_to_console: Option<Duration>,
    #[cfg(feature = "serve")]
    metrics_served: Option<MetricsPlace>,
    #[cfg(feature = "otlp")]
    metrics_otlp: Vec<OtlpOptions>,
    crash_safe: bool,
    stacktraces: bool,
    exemplars: bool,
    content: ContentSettings,
    profiles: Profiles,
    token_estimator: Option<TokenEstimator>,
    prices: Option<Prices>,
    cost_on_spans: bool,
    baggage: Allowed,
    neighbour: Option<Neighbour>,
    #[cfg(feature = "signals")]
    signals: bool,
    #[cfg(feature = "tracing")]
    tracing_spans: bool,
}

/// An exporter, or a file that one is still to open.
enum Exporter {
    Jsonl(PathBuf, JsonlOptions),
    #[cfg(feature = "otlp")]
    Otlp(Box<OtlpOptions>),
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    Ready(Box<dyn SpanExporter>),
    Named(String, Box<dyn SpanExporter>),
}

/// Where events go that are no part of a span.
enum LogsTo {
    Jsonl(PathBuf),
    /// Beside the traces file.
    Beside,
    #[cfg(feature = "otlp")]
    Otlp(Box<OtlpOptions>),
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    Ready(Box<dyn LogExporter>),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            disabled: false,
            exporters: None,
            also: Vec::new(),
            logs: Vec::new(),
            default_file: PathBuf::from(DEFAULT_FILE),
            resource: Attributes::default(),
            views: vec![Views::Default],
            sampler: Sampler::default(),
            process: ProcessSettings::default(),
            buffer_bytes: DEFAULT_BUFFER_BYTES,
            limits: SpanLimits::default(),
            flush_timeout: DEFAULT_FLUSH_TIMEOUT,
            metrics_to_console: None,
            #[cfg(feature = "serve")]
            metrics_served: None,
            #[cfg(feature = "otlp")]
            metrics_otlp: Vec::new(),
            crash_safe: false,
            stacktraces: false,
            exemplars: true,
            content: ContentSettings::default(),
            profiles: Profiles::default(),
            token_estimator: None,
            prices: None,
            cost_on_spans: false,
            baggage: Allowed::default(),
            neighbour: None,
            #[cfg(feature = "signals")]
            signals: false,
            #[cfg(feature = "tracing")]
            tracing_spans: false,
        }
    }
}

impl Builder {
    /// Starts with what the environment says; what follows in code adds to it or replaces it.
    ///
    /// Read are `OTEL_SDK_DISABLED`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
    /// `OTEL_TRACES_EXPORTER` (`jsonl`, `console`, `none`, and `otlp` and `sqlite` with the features of these names;
    /// default `jsonl`), `OTEL_LOGS_EXPORTER` (where [events](Builder::events) go: `jsonl`, `none`, and `otlp` and
    /// `sqlite` with these features; default `none`), `OTEL_METRICS_EXPORTER`
    /// (`none`, `console`, `prometheus` with the feature `serve`, and `otlp` with that feature; default `none`;
    /// with `prometheus` they are served until the shutdown, where `OTEL_EXPORTER_PROMETHEUS_HOST`, default
    /// 127.0.0.1, and `OTEL_EXPORTER_PROMETHEUS_PORT`, default 9464, say), `OTEL_METRIC_EXPORT_INTERVAL` (milliseconds,
    /// default 60,000), `OTEL_METRICS_EXEMPLAR_FILTER` ([`exemplars`](Builder::exemplars)), `OTEL_TRACES_SAMPLER` (`always_on`, `always_off`, `traceidratio`, and each
    /// after `parentbased_`; default `parentbased_always_on`), `OTEL_TRACES_SAMPLER_ARG` (a ratio from
    /// 0 to 1, default 1), `GENAI_TRACE_FILE` (default `traces.jsonl`), `GENAI_TRACE_SQLITE` (the store of the exporter
    /// `sqlite`, default `traces.db`), `GENAI_TRACE_VIEWS` (default
    /// `default`), `GENAI_TRACE_BUFFER_BYTES` (a thread's buffer, 4,096 to 2^30, default 1,048,576),
    /// `GENAI_TRACE_CRASH_SAFE` ([`crash_safe`](Builder::crash_safe), default `false`),
    /// `GENAI_TRACE_FLUSH_TIMEOUT_MS` (default 5,000), `GENAI_TRACE_PRICES` (the path of a
    /// [table](crate::prices), or `builtin` for the data of the feature `prices`),
    /// `GENAI_TRACE_COST_ON_SPANS` ([`cost_on_spans`](Builder::cost_on_spans), default `false`),
    /// `GENAI_TRACE_STACKTRACES` ([`stacktraces`](Builder::stacktraces), default `false`),
    /// `GENAI_TRACE_BAGGAGE` (a list of keys: [`baggage`](Builder::baggage)),
    /// `GENAI_TRACE_BAGGAGE_ON_SPANS` ([`baggage_on_spans`](Builder::baggage_on_spans), default `false`) and
    /// `GENAI_TRACE_PROFILE` (a list as `jsonl=gen_ai_1_36`: [`profile`](Builder::profile)).
    ///
    /// [`SpanLimits`] are read as well, each from 0 to 2,147,483,647: `OTEL_SPAN_EVENT_COUNT_LIMIT` and
    /// `OTEL_SPAN_LINK_COUNT_LIMIT` (default 128), `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`,
    /// `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT` and `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT` (each default
    /// `OTEL_ATTRIBUTE_COUNT_LIMIT`, that 128), `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT` (default
    /// `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, that none).
    ///
    /// What is kept of content is said by `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`
    /// (`NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`, in any case; default `NO_CONTENT`),
    /// `OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT` (default `true` where events have content) and
    /// `GENAI_TRACE_REDACTION` (`standard`, with the feature `redact`, where it is the default, or `none`).
    ///
    /// With the feature `off` nothing is read.
    ///
    /// # Errors
    /// A value that means nothing, or asks for what this version does not have.
    pub fn from_env() -> Result<Self, InitError> {
        if cfg!(feature = "off") {
            return Ok(Self::default());
        }
        let environment = Environment::read()?;
        let mut builder = Self {
            disabled: environment.disabled,
            resource: environment.resource,
            limits: environment.limits,
            ..Self::default()
        };
        if let Some(file) = environment.file {
            builder.default_file = file;
        }
        #[cfg(feature = "sqlite")]
        let store = environment.store.unwrap_or(DEFAULT_STORE.into());
        if let Some(traces) = environment.traces {
            let file = &builder.default_file;
            let exporter = |to| match to {
                TracesTo::Jsonl => Exporter::Jsonl(file.clone(), JsonlExporter::options()),
                #[cfg(feature = "otlp")]
                TracesTo::Otlp => Exporter::Otlp(Box::default()),
                #[cfg(feature = "sqlite")]
                TracesTo::Sqlite => Exporter::Sqlite(store.clone()),
                TracesTo::Console => Exporter::Ready(Box::new(ConsoleExporter::stdout())),
            };
            builder.exporters = Some(traces.into_iter().map(exporter).collect());
        }
        for to in environment.events {
            builder.logs.push(match to {
                EventsTo::Jsonl => LogsTo::Beside,
                #[cfg(feature = "otlp")]
                EventsTo::Otlp => LogsTo::Otlp(Box::default()),
                #[cfg(feature = "sqlite")]
                EventsTo::Sqlite => LogsTo::Sqlite(store.clone()),
            });
        }
        builder.views = environment.views.unwrap_or(builder.views);
        builder.sampler = environment.sampler.unwrap_or(builder.sampler);
        builder.buffer_bytes = environment.buffer_bytes.unwrap_or(builder.buffer_bytes);
        builder.flush_timeout = environment.flush_timeout.unwrap_or(builder.flush_timeout);
        builder.crash_safe = environment.crash_safe;
        builder.stacktraces = environment.stacktraces;
        builder.exemplars = environment.exemplars;
        builder.content = ContentSettings::of(environment.content);
        builder.profiles = Profiles::new(environment.profiles);
        builder.prices = environment.prices;
        builder.cost_on_spans = environment.cost_on_spans;
        builder.baggage = environment.baggage;
        builder.metrics_to_console = environment.metrics_to_console.then(|| {
            environment
                .metrics_interval
                .unwrap_or(DEFAULT_METRICS_INTERVAL)
        });
        #[cfg(feature = "serve")]
        {
            builder.metrics_served = environment.metrics_served;
        }
        #[cfg(feature = "otlp")]
        if environment.metrics_to_otlp {
            builder = builder.metrics_otlp();
        }
        Ok(builder)
    }

    /// Names the service: `service.name`, `unknown_service:` and the program's name unless said.
    pub fn service_name(self, name: impl Into<String>) -> Self {
        self.resource("service.name", name.into())
    }

    /// Names the service where the environment does not.
    pub fn default_service_name(self, name: impl Into<String>) -> Self {
        match self.resource.get("service.name") {
            Some(_) => self,
            None => self.service_name(name),
        }
    }

    /// Says something of the process, on every span: `service.version`, `deployment.environment.name` ...
    pub fn resource(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.resource.insert(key, value);
        self
    }

    /// Appends spans to the file at `path`.
    pub fn jsonl(self, path: impl Into<PathBuf>) -> Self {
        self.jsonl_with(path, JsonlExporter::options())
    }

    /// Appends spans to the file at `path`, which is rotated and synced as `options` say.
    ///
    /// ```no_run
    /// use genai_trace::{JsonlExporter, Telemetry};
    ///
    /// let options = JsonlExporter::options().rotate_at_bytes(64 * 1024 * 1024).keep(10);
    /// let telemetry = Telemetry::builder().jsonl_with("traces.jsonl", options).install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn jsonl_with(mut self, path: impl Into<PathBuf>, options: JsonlOptions) -> Self {
        self.add(Exporter::Jsonl(path.into(), options));
        self
    }

    /// Draws traces as trees on standard output.
    pub fn console(self) -> Self {
        self.exporter(ConsoleExporter::stdout())
    }

    /// Keeps spans in `memory`, where the program can look at them.
    pub fn memory(self, memory: &MemoryExporter) -> Self {
        self.exporter(memory.clone())
    }

    /// Gives spans to an exporter, in the place of the default, and beside those that were said before.
    pub fn exporter(mut self, exporter: impl SpanExporter) -> Self {
        self.add(Exporter::Ready(Box::new(exporter)));
        self
    }

    /// Gives spans to an exporter, as [`exporter`](Builder::exporter) does, under a name that a
    /// [`route`](Builder::route) can use. Reports and metrics use it too.
    pub fn exporter_as(mut self, name: impl Into<String>, exporter: impl SpanExporter) -> Self {
        self.add(Exporter::Named(name.into(), Box::new(exporter)));
        self
    }

    /// Gives spans to an exporter beside all others, the default included: for a program that shows
    /// its own traces and leaves it to the environment where they go.
    pub fn also(mut self, exporter: impl SpanExporter) -> Self {
        self.also.push(Exporter::Ready(Box::new(exporter)));
        self
    }

    fn add(&mut self, exporter: Exporter) {
        self.exporters.get_or_insert_default().push(exporter);
    }

    /// Keeps events that are no part of a span (contents of calls, exceptions of calls that leave the process,
    /// evaluations) in the file at `path`, one a line, in the form of [`LogRecord`](crate::LogRecord).
    pub fn events(mut self, path: impl Into<PathBuf>) -> Self {
        self.logs.push(LogsTo::Jsonl(path.into()));
        self
    }

    /// Gives events that are no part of a span to an exporter.
    pub fn log_exporter(mut self, exporter: impl LogExporter) -> Self {
        self.logs.push(LogsTo::Ready(Box::new(exporter)));
        self
    }

    /// Says how many tokens a text is about, by which spans of tools say how much their arguments (`args`) and
    /// results (`ret`) weigh in a prompt: `genai_trace.arguments.estimated_tokens` and
    /// `genai_trace.result.estimated_tokens`. Nothing is estimated unless said.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Telemetry, genai_tool};
    ///
    /// #[genai_tool("word_count", args, ret)]
    /// fn word_count(text: &str) -> usize {
    ///     text.split_whitespace().count()
    /// }
    ///
    /// let memory = MemoryExporter::new();
    /// let telemetry = Telemetry::builder()
    ///     .memory(&memory)
    ///     .token_estimator(|text| text.len().div_ceil(4) as u64)
    ///     .install()?;
    /// word_count("one two");
    /// drop(telemetry);
    /// let tokens = memory.spans()[0].attributes.get("genai_trace.arguments.estimated_tokens").cloned();
    /// assert_eq!(tokens, Some(5_i64.into())); // {"text":"one two"}
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn token_estimator(
        mut self,
        estimate: impl Fn(&str) -> u64 + Send + Sync + 'static,
    ) -> Self {
        self.token_estimator = Some(TokenEstimator::new(estimate));
        self
    }

    /// Says under which names metrics come out: [`Views::Default`] unless said.
    pub fn views(mut self, views: impl IntoIterator<Item = Views>) -> Self {
        self.views = views.into_iter().collect();
        self
    }

    /// Says which traces are recorded, decided when they begin: all of them unless said, but those
    /// whose remote parent was sampled out.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = sampler;
        self
    }

    /// Says which traces are kept, decided when they have ended: all that the sampler has left unless
    /// said.
    pub fn tail_sampling(mut self, rules: TailSampling) -> Self {
        self.process.tail = Some(rules);
        self
    }

    /// Leads traces with an attribute to the exporters that the route names, and only to them. May be
    /// called several times: the first route that fits counts.
    pub fn route(mut self, route: Route) -> Self {
        self.process.routes.push(route);
        self
    }

    /// Sets how many spans of a trace are recorded, 1 or more; all unless said.
    ///
    /// Beyond that only errors, agents, roots and the parents of what was recorded still are. The
    /// others become one span `spans omitted` when the trace has ended, below the parent that most of
    /// them had, from the first start to the last end: `genai_trace.omitted.spans` says how many they
    /// were, and `genai_trace.omitted.names` and `.counts` what most of them were called. Metrics
    /// count all of them.
    ///
    /// ```
    /// use std::time::Duration;
    /// use genai_trace::{MemoryExporter, Telemetry, span};
    ///
    /// let memory = MemoryExporter::new();
    /// let telemetry = Telemetry::builder().memory(&memory).max_spans(100).install()?;
    /// span("turn").run(|| (0..1000).for_each(|_| span("step").run(|| {})));
    /// let report = telemetry.shutdown(Duration::from_secs(5));
    /// // 100 steps, the turn, and the one that stands for 900 others
    /// assert_eq!((memory.spans().len(), report.sampled_out), (102, 900));
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn max_spans(mut self, spans: u64) -> Self {
        self.process.max_spans = Some(spans);
        self
    }

    /// Sets the size of a thread's buffer in bytes, from 4,096 to 2^30; 1,048,576 unless said. A span
    /// takes about 100 bytes. What finds no room within 50 ms is dropped and counted.
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes;
        self
    }

    /// Sets how many attributes, events and links a span has at most, and how long a value may be; the
    /// defaults of [`SpanLimits`] unless said. It takes the place of what the environment says.
    pub fn limits(mut self, limits: SpanLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how long the guard's drop, the exit of the process and a signal (feature `signals`) wait for
    /// what is still to be written; 5 s unless said.
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.flush_timeout = timeout;
        self
    }

    /// Has spans survive a crash: `kill -9`, an abort, the kernel's killer of processes that use too
    /// much memory. Off unless said.
    ///
    /// The buffers then lie in a file that is mapped into memory, in the folder beside the traces file
    /// that is called like it with `.d` behind. Every span that has ended is safe when its call has
    /// returned, and every span that is open with what was said of it so far; the caller waits for no
    /// disk. The next start, or [`recover`](crate::recover), puts them into the file: those that were
    /// open with the outcome [`Crashed`](crate::Outcome::Crashed). After a clean end nothing is left
    /// in the folder. The file grows with the number of threads, 2 buffers for each, up to 256 MiB.
    ///
    /// A power cut is something else: what the system has not written to the disk by then is lost,
    /// in the black box as in the file.
    ///
    /// Where there are several files, spans are recovered to the first. It does not go together with
    /// [`route`](Builder::route), of which a recovery would know nothing. Of spans that wait for
    /// [`tail_sampling`](Builder::tail_sampling) all are recovered. A process that is copied by a bare
    /// system call, past C's `fork`, must not use what its parent has installed.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("genai-trace-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// let telemetry = genai_trace::Telemetry::builder()
    ///     .jsonl(folder.join("traces.jsonl"))
    ///     .crash_safe(true)
    ///     .install()?;
    /// # drop(telemetry);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn crash_safe(mut self, yes: bool) -> Self {
        self.crash_safe = yes;
        self
    }

    /// Lets exceptions say where they happened, as `exception.stacktrace`: the stack of the thread when the span
    /// ended, from the function that failed to the one that called it first, or for a future from whoever polled
    /// it. At most 16 KiB; not unless said. It costs the caller some 60 µs for each error, and
    /// a tenth of a second for the first: names and places are looked up in the program's own symbols.
    ///
    /// Where an error was made, deeper down, only the error can say.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Telemetry, genai_tool};
    ///
    /// #[genai_tool]
    /// fn read_file(path: &str) -> std::io::Result<String> {
    ///     std::fs::read_to_string(path)
    /// }
    ///
    /// let memory = MemoryExporter::new();
    /// let telemetry = Telemetry::builder().memory(&memory).stacktraces(true).install()?;
    /// assert!(read_file("/no/such/file").is_err());
    /// drop(telemetry);
    /// let stack = memory.spans()[0].events[0].attributes.str("exception.stacktrace").map(str::to_owned);
    /// assert!(stack.is_some_and(|stack| stack.contains("read_file")));
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn stacktraces(mut self, yes: bool) -> Self {
        self.stacktraces = yes;
        self
    }

    /// Lets SIGINT and SIGTERM hand over what has ended, within the
    /// [flush timeout](Builder::flush_timeout), before they do what they do without it; not unless
    /// said. Feature `signals`; does nothing on systems other than Unix.
    ///
    /// - A signal that would end the process shuts the telemetry down and then ends it, with the same
    ///   exit status. A second one meanwhile ends it at once.
    /// - Where the program handles the signal itself (`tokio::signal`, `ctrlc`, `sigaction`), before
    ///   this or after it, its handler runs as ever, and only a flush is done beside it: how the
    ///   program ends, and what it records until then, is its own affair.
    /// - A signal that is ignored, as SIGINT is under `nohup` and for jobs in the background of a script,
    ///   stays ignored, and so does one that is nothing to the first process of a container.
    ///
    /// The work is done on a thread of its own, never in the handler. A program that blocks these
    /// signals to take them with `sigwait` or a `signalfd` has no use for it.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Telemetry};
    ///
    /// let telemetry = Telemetry::builder()
    ///     .exporter(MemoryExporter::new()) // or `from_env()?` instead of both
    ///     .signals()
    ///     .install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    #[cfg(feature = "signals")]
    pub fn signals(mut self) -> Self {
        self.signals = true;
        self
    }

    /// Shows each span to `tracing` as well, so that every subscriber sees it: a log line inside a tool has the
    /// tool's span, with its `trace_id` and `span_id`, and `tracing::Span::current()` is it. Not unless said.
    /// Feature `tracing`.
    ///
    /// Such a span has the name of ours, the target `genai_trace` (by which filters know it: an `EnvFilter` that
    /// says something else needs `genai_trace=info` beside it), the level INFO, and as its fields `trace_id`,
    /// `span_id` and what was said when it began, texts up to 1 KiB; `error.type` comes at its end. It is entered
    /// wherever ours is current, and closed when ours has ended and no handle of it is left. A
    /// [layer](crate::bridge::tracing::layer) of this library does not record it again. What spans cost grows by
    /// what the subscriber takes for them; one that panics is not let out.
    ///
    /// Spans of a test's [capture](crate::testing), attempts, and calls that are part of another span are not shown.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Telemetry, genai_tool};
    ///
    /// #[genai_tool("search")]
    /// fn search() {
    ///     // INFO execute_tool search{trace_id=4bf9.. span_id=00f0.. ..}: found 3
    ///     tracing::info!("found 3");
    ///     assert_eq!(tracing::Span::current().metadata().map(|it| it.name()), Some("execute_tool search"));
    /// }
    ///
    /// let subscriber = tracing_subscriber::fmt().finish();
    /// let telemetry = Telemetry::builder().exporter(MemoryExporter::new()).tracing_spans(true).install()?;
    /// tracing::subscriber::with_default(subscriber, search);
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    #[cfg(feature = "tracing")]
    pub fn tracing_spans(mut self, yes: bool) -> Self {
        self.tracing_spans = yes;
        self
    }

    /// Says what model calls cost: from now on metrics add it up, in `genai_trace_cost_usd_total` and
    /// `agent_tokens_cost_total`, and count in `genai_trace_unpriced_calls_total` of which calls nobody
    /// knows it.
    ///
    /// ```no_run
    /// use genai_trace::{Telemetry, prices::Prices};
    ///
    /// let telemetry = Telemetry::builder()
    ///     .prices(Prices::from_file("prices.json")?)
    ///     .cost_on_spans(true)
    ///     .install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn prices(mut self, prices: Prices) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Has spans of model calls say what they cost, where that is known: `llm.cost.usd`, to six digits,
    /// and `genai_trace.cost.status`, which is `priced`, `free` or `unknown`. Not unless said: a cost
    /// that is computed from the trace later goes by the prices of then.
    ///
    /// It needs [`prices`](Builder::prices), or the feature `prices`.
    pub fn cost_on_spans(mut self, yes: bool) -> Self {
        self.cost_on_spans = yes;
        self
    }

    /// Prints the metrics as a table on standard output every so often, and at shutdown.
    pub fn metrics_to_console(mut self, every: Duration) -> Self {
        self.metrics_to_console = Some(every);
        self
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("disabled", &self.disabled)
            .field("resource", &self.resource)
            .field("views", &self.views)
            .field("buffer_bytes", &self.buffer_bytes)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
