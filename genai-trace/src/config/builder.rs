//! Telemetry in code.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::env::{BUFFER_BYTES, Environment, TracesTo};
use super::error::InitError;
use crate::ending;
use crate::export::SpanExporter;
use crate::export::console::ConsoleExporter;
use crate::export::jsonl::{JsonlExporter, JsonlOptions};
use crate::export::memory::MemoryExporter;
use crate::export::named::Named;
use crate::metrics::{Registry, Views};
use crate::process::route::Route;
use crate::process::sampler::Sampler;
use crate::process::tail::TailSampling;
use crate::process::{Pipeline, ProcessSettings};
use crate::record::{Attributes, Value};
use crate::recorder::periodic::Periodic;
use crate::recorder::recover::recover;
use crate::recorder::recovered::Recovered;
use crate::recorder::survival::CrashSafe;
use crate::recorder::tally::say;
use crate::recorder::{InstallError, Recorder, Settings};
use crate::span::limits::SpanLimits;
use crate::telemetry::{Exposition, Telemetry};

/// The file for the traces unless said.
const DEFAULT_FILE: &str = "traces.jsonl";
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
    default_file: PathBuf,
    resource: Attributes,
    views: Vec<Views>,
    sampler: Sampler,
    process: ProcessSettings,
    buffer_bytes: usize,
    limits: SpanLimits,
    flush_timeout: Duration,
    metrics_to_console: Option<Duration>,
    crash_safe: bool,
    #[cfg(feature = "signals")]
    signals: bool,
}

/// An exporter, or a file that one is still to open.
enum Exporter {
    Jsonl(PathBuf, JsonlOptions),
    Ready(Box<dyn SpanExporter>),
    Named(String, Box<dyn SpanExporter>),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            disabled: false,
            exporters: None,
            also: Vec::new(),
            default_file: PathBuf::from(DEFAULT_FILE),
            resource: Attributes::default(),
            views: vec![Views::Default],
            sampler: Sampler::default(),
            process: ProcessSettings::default(),
            buffer_bytes: DEFAULT_BUFFER_BYTES,
            limits: SpanLimits::default(),
            flush_timeout: DEFAULT_FLUSH_TIMEOUT,
            metrics_to_console: None,
            crash_safe: false,
            #[cfg(feature = "signals")]
            signals: false,
        }
    }
}

impl Builder {
    /// Starts with what the environment says; what follows in code adds to it or replaces it.
    ///
    /// Read are `OTEL_SDK_DISABLED`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
    /// `OTEL_TRACES_EXPORTER` (`jsonl`, `console`, `none`; default `jsonl`), `OTEL_METRICS_EXPORTER`
    /// (`none`, `prometheus`, `console`; default `none`; with `prometheus` the program calls
    /// [`metrics_text`](Telemetry::metrics_text)), `OTEL_METRIC_EXPORT_INTERVAL` (milliseconds,
    /// default 60,000), `OTEL_TRACES_SAMPLER` (`always_on`, `always_off`, `traceidratio`, and each
    /// after `parentbased_`; default `parentbased_always_on`), `OTEL_TRACES_SAMPLER_ARG` (a ratio from
    /// 0 to 1, default 1), `GENAI_TRACE_FILE` (default `traces.jsonl`), `GENAI_TRACE_VIEWS` (default
    /// `default`), `GENAI_TRACE_BUFFER_BYTES` (a thread's buffer, 4,096 to 2^30, default 1,048,576),
    /// `GENAI_TRACE_CRASH_SAFE` ([`crash_safe`](Builder::crash_safe), default `false`) and
    /// `GENAI_TRACE_FLUSH_TIMEOUT_MS` (default 5,000).
    ///
    /// [`SpanLimits`] are read as well, each from 0 to 2,147,483,647: `OTEL_SPAN_EVENT_COUNT_LIMIT` and
    /// `OTEL_SPAN_LINK_COUNT_LIMIT` (default 128), `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`,
    /// `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT` and `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT` (each default
    /// `OTEL_ATTRIBUTE_COUNT_LIMIT`, that 128), `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT` (default
    /// `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, that none).
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
        if let Some(traces) = environment.traces {
            let file = &builder.default_file;
            let exporter = |to| match to {
                TracesTo::Jsonl => Exporter::Jsonl(file.clone(), JsonlExporter::options()),
                TracesTo::Console => Exporter::Ready(Box::new(ConsoleExporter::stdout())),
            };
            builder.exporters = Some(traces.into_iter().map(exporter).collect());
        }
        builder.views = environment.views.unwrap_or(builder.views);
        builder.sampler = environment.sampler.unwrap_or(builder.sampler);
        builder.buffer_bytes = environment.buffer_bytes.unwrap_or(builder.buffer_bytes);
        builder.flush_timeout = environment.flush_timeout.unwrap_or(builder.flush_timeout);
        builder.crash_safe = environment.crash_safe;
        builder.metrics_to_console = environment.metrics_to_console.then(|| {
            environment
                .metrics_interval
                .unwrap_or(DEFAULT_METRICS_INTERVAL)
        });
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

    /// Prints the metrics as a table on standard output every so often, and at shutdown.
    pub fn metrics_to_console(mut self, every: Duration) -> Self {
        self.metrics_to_console = Some(every);
        self
    }

    /// Installs the telemetry: from now on annotated functions record. With the feature `off`
    /// nothing does, no file is made, and this does not fail.
    ///
    /// # Errors
    /// There is telemetry already, a file cannot be opened, a setting means nothing, or the system
    /// gives no thread.
    pub fn install(self) -> Result<Telemetry, InitError> {
        let registry = Registry::default();
        let exposition = Exposition::new(self.views, registry);
        if self.disabled || cfg!(feature = "off") {
            return Ok(Telemetry::disabled(exposition));
        }
        let valid_buffer =
            u64::try_from(self.buffer_bytes).is_ok_and(|n| BUFFER_BYTES.contains(&n));
        if !valid_buffer {
            return Err(InitError::Setting {
                name: "buffer_bytes",
                value: self.buffer_bytes.to_string(),
                expected: format!("{} to {}", BUFFER_BYTES.start(), BUFFER_BYTES.end()),
            });
        }
        let sampler = self.sampler.checked()?;
        let exporters: Vec<_> = self
            .exporters
            .unwrap_or_else(|| vec![Exporter::Jsonl(self.default_file, JsonlExporter::options())])
            .into_iter()
            .chain(self.also)
            .collect();
        let crash_safe = match self.crash_safe {
            true => Some(crash_safe(&exporters, &self.process)?),
            false => None,
        };
        // Before anything is written of this process, so that what was there first stands first.
        let recovered = recovered(&exporters);
        let exporters = exporters
            .into_iter()
            .map(open)
            .collect::<Result<Vec<_>, _>>()?;
        let names: Vec<_> = exporters
            .iter()
            .map(|exporter| exporter.name().to_owned())
            .collect();
        let pipeline = Pipeline::new(self.process, &names)?;
        let periodic = self.metrics_to_console.map(|every| {
            let exposition = exposition.clone();
            let print = move |recorder: &Recorder| {
                // A closed standard output is no reason to stop counting.
                let _ = io::stdout().write_all(exposition.table(Some(recorder)).as_bytes());
            };
            Periodic {
                every,
                work: Box::new(print),
            }
        });
        ending::follow_process().map_err(InitError::Thread)?;
        let settings = Settings {
            exporters,
            periodic,
            buffer_bytes: self.buffer_bytes,
            crash_safe,
            sampler,
            pipeline,
            resource: described(self.resource),
            limits: self.limits,
        };
        let folder = settings.crash_safe.as_ref().map(CrashSafe::folder);
        let recorder = Recorder::install(settings).map_err(|error| match error {
            InstallError::AlreadyInstalled => InitError::AlreadyInstalled,
            InstallError::BlackBox(source) => InitError::BlackBox {
                path: folder.unwrap_or_default(),
                source,
            },
            InstallError::Thread(source) => InitError::Thread(source),
        })?;
        ending::exit::set_flush_timeout(self.flush_timeout);
        #[cfg(feature = "signals")]
        if self.signals
            && let Err(error) = ending::signals::follow()
        {
            let _ = recorder.shutdown(self.flush_timeout);
            return Err(InitError::Signals(error));
        }
        Ok(Telemetry::new(
            recorder,
            exposition,
            self.flush_timeout,
            recovered,
        ))
    }
}

/// What crashed processes had left for the files. What cannot be recovered now is not lost: it is said,
/// and left for the next start.
fn recovered(exporters: &[Exporter]) -> Recovered {
    let mut sum = Recovered::default();
    for exporter in exporters {
        let Exporter::Jsonl(path, _) = exporter else {
            continue;
        };
        match recover(path) {
            Ok(recovered) => sum.add(recovered),
            Err(error) => say(&format!("genai-trace: {error}\n")),
        }
    }
    for (path, reason) in &sum.bad {
        say(&format!("genai-trace: {path:?} is bad: {reason}\n"));
    }
    sum
}

/// Spans that survive a crash do so for the first traces file.
fn crash_safe(exporters: &[Exporter], process: &ProcessSettings) -> Result<CrashSafe, InitError> {
    if !process.routes.is_empty() {
        return Err(InitError::Setting {
            name: "crash_safe",
            value: true.to_string(),
            expected: "no route: a recovery knows of none, and would put every trace into one file"
                .to_owned(),
        });
    }
    let mut files = exporters.iter().enumerate();
    let first = files.find_map(|(index, exporter)| match exporter {
        Exporter::Jsonl(path, _) => Some((index, path.clone())),
        Exporter::Ready(_) | Exporter::Named(..) => None,
    });
    first
        .map(|(exporter, file)| CrashSafe { file, exporter })
        .ok_or_else(|| InitError::Setting {
            name: "crash_safe",
            value: true.to_string(),
            expected: "an exporter to a file, to which spans are recovered".to_owned(),
        })
}

fn open(exporter: Exporter) -> Result<Box<dyn SpanExporter>, InitError> {
    match exporter {
        Exporter::Ready(exporter) => Ok(exporter),
        Exporter::Named(name, _) if name.is_empty() => Err(InitError::Setting {
            name: "exporter_as",
            value: "\"\"".to_owned(),
            expected: "a name".to_owned(),
        }),
        Exporter::Named(name, exporter) => Ok(Box::new(Named { name, exporter })),
        Exporter::Jsonl(path, options) => {
            options.check().map_err(|bad| InitError::Setting {
                name: bad.name,
                value: bad.value,
                expected: bad.expected.to_owned(),
            })?;
            match options.open(&path) {
                Ok(exporter) => Ok(Box::new(exporter)),
                Err(source) => Err(InitError::File { path, source }),
            }
        }
    }
}

/// What is known of the process, with the service's name as the specification wants it.
fn described(said: Attributes) -> Attributes {
    let mut resource = Attributes::default();
    if said.get("service.name").is_none() {
        let program = std::env::current_exe().ok().and_then(|path| {
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned())
        });
        let name = program.map_or("unknown_service".to_owned(), |program| {
            format!("unknown_service:{program}")
        });
        resource.insert("service.name", name);
    }
    for (key, value) in said.iter() {
        resource.insert(key, value.clone());
    }
    resource
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
