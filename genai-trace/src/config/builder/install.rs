//! From what was said to telemetry that is installed.

use std::io::{self, Write};
use std::path::PathBuf;

use super::super::env::BUFFER_BYTES;
use super::super::error::InitError;
#[cfg(feature = "otlp")]
use super::otlp;
#[cfg(feature = "sqlite")]
use super::sqlite;
use super::{Builder, DEFAULT_FILE, Exporter, LogsTo, Profiles, content};
use crate::content::scrub_attribute;
use crate::ending;
use crate::export::SpanExporter;
use crate::export::jsonl::JsonlExporter;
use crate::export::jsonl::events::{JsonlLogExporter, beside};
use crate::export::log::LogExporter;
use crate::export::named::Named;
#[cfg(feature = "otlp")]
use crate::export::otlp::OtlpHistogramAggregation;
#[cfg(feature = "otlp")]
use crate::metrics::exponential;
use crate::metrics::{Exemplars, Registry};
use crate::prices::{Costs, Prices};
use crate::process::{Pipeline, ProcessSettings};
use crate::propagate::baggage::Allowed;
use crate::record::{Attributes, Value};
use crate::recorder::periodic::Periodic;
use crate::recorder::recover::recover;
use crate::recorder::recovered::Recovered;
use crate::recorder::survival::CrashSafe;
use crate::recorder::tally::say;
use crate::recorder::{InstallError, Recorder, Settings};
use crate::score;
use crate::telemetry::{Exposition, Telemetry};

impl Builder {
    /// Installs the telemetry: from now on annotated functions record. With the feature `off`
    /// nothing does, no file is made, and this does not fail.
    ///
    /// # Errors
    /// There is telemetry already, a file cannot be opened, a setting means nothing, or the system
    /// gives no thread, or no port where the environment has the metrics served; one that another process has
    /// is only said on standard error.
    pub fn install(self) -> Result<Telemetry, InitError> {
        #[cfg(feature = "otlp")]
        let wants_a_service_name = otlp::wants_a_service_name(&self);
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
        let content = self.content.checked(self.limits)?;
        let costs = costs(self.prices, self.cost_on_spans)?;
        if let Some(key) = self.baggage.bad_key() {
            return Err(InitError::Setting {
                name: "baggage",
                value: format!("{key:?}"),
                expected: Allowed::EXPECTED.to_owned(),
            });
        }
        let exporters: Vec<_> = self
            .exporters
            .unwrap_or_else(|| {
                vec![Exporter::Jsonl(
                    self.default_file.clone(),
                    JsonlExporter::options(),
                )]
            })
            .into_iter()
            .chain(self.also)
            .collect();
        let has_log_exporter = !self.logs.is_empty();
        #[cfg(feature = "otlp")]
        let place = otlp::Place::of(&exporters, &self.default_file);
        #[cfg(feature = "sqlite")]
        let stores_without_events = sqlite::stores_without_events(&exporters, &self.logs);
        let mut logs = Vec::new();
        for to in self.logs {
            #[cfg(feature = "otlp")]
            let to = place.told_logs(to);
            logs.push(open_logs(to, &exporters)?);
        }
        logs.extend(scores_file(&exporters));
        let traces_file = traces_file(&exporters).cloned();
        #[cfg(feature = "sqlite")]
        logs.extend(stores_without_events.into_iter().map(sqlite::scores));
        let content = content::beside_traces(content, &exporters)?;
        let crash_safe = match self.crash_safe {
            true => Some(crash_safe(&exporters, &self.process, &self.profiles)?),
            false => None,
        };
        // Before anything is written of this process, so that what was there first stands first.
        let recovered = recovered(&exporters);
        #[cfg(feature = "otlp")]
        let exporters = place.placed(exporters);
        let exporters = exporters
            .into_iter()
            .map(open)
            .collect::<Result<Vec<_>, _>>()?;
        let exporters = self.profiles.applied(exporters)?;
        let names: Vec<_> = exporters
            .iter()
            .map(|exporter| exporter.name().to_owned())
            .collect();
        let prices = costs.as_ref().map(|costs| &costs.prices);
        let pipeline = Pipeline::new(self.process, &names, prices)?;
        let console = self.metrics_to_console.map(|every| {
            let exposition = exposition.clone();
            let print = move |recorder: &Recorder, _, _| {
                // A closed standard output is no reason to stop counting.
                let _ = io::stdout().write_all(exposition.table(Some(recorder)).as_bytes());
            };
            Periodic {
                every,
                at_flush: false,
                tally: None,
                work: Box::new(print),
            }
        });
        #[cfg_attr(
            not(feature = "otlp"),
            expect(unused_mut, reason = "it is all there is")
        )]
        let mut periodic: Vec<_> = console.into_iter().collect();
        let exemplars = Exemplars::new(self.exemplars);
        #[cfg(feature = "otlp")]
        let mut keeps_exponential = false;
        #[cfg(feature = "otlp")]
        for options in self.metrics_otlp {
            exemplars.want();
            let (metrics, aggregation) = otlp::periodic(place.told(options), exposition.clone())?;
            keeps_exponential |= aggregation == OtlpHistogramAggregation::Base2ExponentialBucket;
            periodic.push(metrics);
        }
        #[cfg(feature = "serve")]
        let listening = match self.metrics_served {
            Some(place) => place.listen_unless_taken()?,
            None => None,
        };
        ending::follow_process().map_err(InitError::Thread)?;
        let settings = Settings {
            exporters,
            logs,
            has_log_exporter,
            periodic,
            buffer_bytes: self.buffer_bytes,
            crash_safe,
            sampler,
            neighbour: self.neighbour,
            pipeline,
            resource: described(self.resource),
            limits: self.limits,
            stacktraces: self.stacktraces,
            exemplars,
            content,
            token_estimator: self.token_estimator,
            costs,
            baggage: self.baggage,
            #[cfg(feature = "tracing")]
            shows_spans: self.tracing_spans,
            #[cfg(not(feature = "tracing"))]
            shows_spans: false,
        };
        let folder = settings.crash_safe.as_ref().map(CrashSafe::folder);
        // Before anything is counted; telemetry that is there already does not lose its own.
        #[cfg(feature = "otlp")]
        if keeps_exponential {
            exponential::keep(true);
        }
        let recorder = Recorder::install(settings).map_err(|error| match error {
            InstallError::AlreadyInstalled => InitError::AlreadyInstalled,
            InstallError::BlackBox(source) => InitError::BlackBox {
                path: folder.unwrap_or_default(),
                source,
            },
            InstallError::Thread(source) => InitError::Thread(source),
        })?;
        #[cfg(feature = "otlp")]
        exponential::keep(keeps_exponential);
        ending::exit::set_flush_timeout(self.flush_timeout);
        #[cfg(feature = "otlp")]
        if wants_a_service_name {
            say(otlp::SERVICE_NAME_IS_WANTED);
        }
        #[cfg(feature = "signals")]
        if self.signals
            && let Err(error) = ending::signals::follow()
        {
            let _ = recorder.shutdown(self.flush_timeout);
            return Err(InitError::Signals(error));
        }
        let telemetry = Telemetry::new(
            recorder,
            exposition,
            self.flush_timeout,
            recovered,
            traces_file,
        );
        #[cfg(feature = "serve")]
        if let Some(listening) = listening {
            telemetry.serve_until_shutdown(listening)?;
        }
        Ok(telemetry)
    }
}

/// The first traces file among the exporters.
pub(super) fn traces_file(exporters: &[Exporter]) -> Option<&PathBuf> {
    exporters.iter().find_map(|exporter| match exporter {
        Exporter::Jsonl(path, _) => Some(path),
        _ => None,
    })
}

fn open_logs(to: LogsTo, exporters: &[Exporter]) -> Result<Box<dyn LogExporter>, InitError> {
    let path = match to {
        LogsTo::Ready(exporter) => return Ok(exporter),
        #[cfg(feature = "otlp")]
        LogsTo::Otlp(options) => return otlp::open_logs(*options),
        #[cfg(feature = "sqlite")]
        LogsTo::Sqlite(path) => return sqlite::open_logs(path),
        LogsTo::Jsonl(path) => path,
        LogsTo::Beside => {
            let traces = traces_file(exporters).cloned();
            beside(&traces.unwrap_or_else(|| DEFAULT_FILE.into()), "events")
        }
    };
    match JsonlLogExporter::open(&path) {
        Ok(exporter) => Ok(Box::new(exporter)),
        Err(source) => Err(InitError::File { path, source }),
    }
}

/// Takes scores that come when their span has been written: they go beside it.
fn scores_file(exporters: &[Exporter]) -> Option<Box<dyn LogExporter>> {
    let path = beside(traces_file(exporters)?, "scores");
    Some(Box::new(JsonlLogExporter::of_some(
        path,
        "scores",
        score::is_late,
    )))
}

/// What is to be known of costs.
fn costs(prices: Option<Prices>, on_spans: bool) -> Result<Option<Costs>, InitError> {
    let prices = match on_spans {
        true => Some(prices.or_else(Prices::of_build).ok_or(InitError::Setting {
            name: "cost_on_spans",
            value: true.to_string(),
            expected: "prices beside it, or the feature `prices`".to_owned(),
        })?),
        false => prices,
    };
    Ok(prices.map(|prices| Costs { prices, on_spans }))
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
fn crash_safe(
    exporters: &[Exporter],
    process: &ProcessSettings,
    profiles: &Profiles,
) -> Result<CrashSafe, InitError> {
    let profile = profiles.of("jsonl");
    if !profile.shape().begins_with_ids() {
        return Err(InitError::Setting {
            name: "crash_safe",
            value: true.to_string(),
            expected: format!(
                "lines that begin with their ids: a recovery finds no span in those of {profile}"
            ),
        });
    }
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
        _ => None,
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
        #[cfg(feature = "otlp")]
        Exporter::Otlp(options) => otlp::open(*options),
        #[cfg(feature = "sqlite")]
        Exporter::Sqlite(path) => sqlite::open(path),
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

/// What is known of the process, without credentials, with the service's name as the specification wants it.
fn described(said: Attributes) -> Attributes {
    let mut resource = Attributes::default();
    if said.get("service.name").is_none() {
        let program = std::env::current_exe().ok().and_then(|path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        });
        let name = program.map_or("unknown_service".to_owned(), |program| {
            format!("unknown_service:{program}")
        });
        resource.insert("service.name", name);
    }
    for (key, value) in said.iter() {
        let scrubbed = |text: &str| scrub_attribute(key, text).into_owned();
        resource.insert(
            key,
            match value {
                Value::String(text) => scrubbed(text).into(),
                Value::StringArray(texts) => {
                    Value::StringArray(texts.iter().map(|text| scrubbed(text)).collect())
                }
                other => other.clone(),
            },
        );
    }
    resource
}
