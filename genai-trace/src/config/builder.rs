//! Telemetry in code.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::env::{BUFFER_BYTES, Environment, TracesTo};
use super::error::InitError;
use crate::export::SpanExporter;
use crate::export::console::ConsoleExporter;
use crate::export::jsonl::{JsonlExporter, JsonlOptions};
use crate::export::memory::MemoryExporter;
use crate::metrics::{Registry, Views};
use crate::record::{Attributes, Value};
use crate::recorder::periodic::Periodic;
use crate::recorder::{Recorder, Settings};
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
    buffer_bytes: usize,
    flush_timeout: Duration,
    metrics_to_console: Option<Duration>,
}

/// An exporter, or a file that one is still to open.
enum Exporter {
    Jsonl(PathBuf, JsonlOptions),
    Ready(Box<dyn SpanExporter>),
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
            buffer_bytes: DEFAULT_BUFFER_BYTES,
            flush_timeout: DEFAULT_FLUSH_TIMEOUT,
            metrics_to_console: None,
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
    /// default 60,000), `GENAI_TRACE_FILE` (default `traces.jsonl`), `GENAI_TRACE_VIEWS` (default
    /// `default`), `GENAI_TRACE_BUFFER_BYTES` (a thread's buffer, 4,096 to 2^30, default 1,048,576)
    /// and `GENAI_TRACE_FLUSH_TIMEOUT_MS` (default 5,000).
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
        builder.buffer_bytes = environment.buffer_bytes.unwrap_or(builder.buffer_bytes);
        builder.flush_timeout = environment.flush_timeout.unwrap_or(builder.flush_timeout);
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

    /// Sets the size of a thread's buffer in bytes, from 4,096 to 2^30; 1,048,576 unless said. A span
    /// takes about 100 bytes. What finds no room within 50 ms is dropped and counted.
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes;
        self
    }

    /// Sets how long the guard's drop waits for what is still to be written; 5 s unless said.
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.flush_timeout = timeout;
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
        let exporters = self
            .exporters
            .unwrap_or_else(|| vec![Exporter::Jsonl(self.default_file, JsonlExporter::options())])
            .into_iter()
            .chain(self.also)
            .map(open)
            .collect::<Result<Vec<_>, _>>()?;
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
        let settings = Settings {
            exporters,
            periodic,
            buffer_bytes: self.buffer_bytes,
            resource: described(self.resource),
        };
        let recorder = Recorder::install(settings)
            .map_err(|_| InitError::AlreadyInstalled)?
            .map_err(InitError::Thread)?;
        Ok(Telemetry::new(recorder, exposition, self.flush_timeout))
    }
}

fn open(exporter: Exporter) -> Result<Box<dyn SpanExporter>, InitError> {
    match exporter {
        Exporter::Ready(exporter) => Ok(exporter),
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
            .finish_non_exhaustive()
    }
}
