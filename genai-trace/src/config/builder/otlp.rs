//! Spans to a collector or a backend.

use std::path::{Path, PathBuf};

use super::super::env::{MetricSettings, otlp_metric_settings, otlp_settings};
use super::install::traces_file;
use super::{Builder, Exporter, InitError, LogsTo};
use crate::export::SpanExporter;
use crate::export::log::LogExporter;
use crate::export::named::Named;
use crate::export::otlp::{
    OtlpExporter, OtlpHistogramAggregation, OtlpLogExporter, OtlpMetrics, OtlpOptions, Signal,
};
use crate::recorder::Recorder;
use crate::recorder::periodic::{Periodic, Round};
use crate::telemetry::Exposition;

impl Builder {
    /// Sends spans by OTLP over HTTP or gRPC to a collector or a backend, under the exporter's name `otlp`. Feature `otlp`.
    ///
    /// Where and how the environment says, each with `TRACES_` behind `OTLP_` or without it:
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` (a base url, `/v1/traces` is put behind it; the variable of traces is taken as
    /// it is; default `http://localhost:4318`), `_PROTOCOL` (`http/protobuf`, `http/json`, and with the feature
    /// `otlp-grpc` `grpc`, for which a url has no path and is `http://localhost:4317` by default), `_HEADERS` (a list of
    /// name=value, percent-encoded), `_TIMEOUT` (of a request, in milliseconds, default 10,000), `_COMPRESSION`
    /// (`gzip`, `none`), `_CERTIFICATE`, `_CLIENT_CERTIFICATE`, `_CLIENT_KEY` (PEM files) and `_INSECURE` (whether
    /// a host for gRPC that stands without a scheme is spoken to without TLS); `OTEL_BSP_SCHEDULE_DELAY` (how long spans are gathered, default 5,000), `_MAX_EXPORT_BATCH_SIZE`
    /// (spans in a request, default 512), `_MAX_QUEUE_SIZE` (spans in memory, default 2,048) and `_EXPORT_TIMEOUT`
    /// (how long a flush waits, default 30,000, and never longer than its caller does); `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`
    /// (the proxy for a url of that scheme, with `http://` or `https://`), `NO_PROXY` (hosts that are
    /// reached without it). A value that
    /// means nothing is an error of [`install`](Builder::install).
    ///
    /// No caller waits for the backend, and no runtime is needed. While the backend is down, or answers 429, 502,
    /// 503 or 504, requests wait in a folder beside the traces file and are tried again in order, after pauses that
    /// grow and that the backend may ask for; what is left at the end the next start sends. A crash takes what waits
    /// in memory: what is being gathered, and what is about to be sent. A request that is too large is split. What a
    /// backend refuses is counted as failed, and said on standard error.
    ///
    /// ```no_run
    /// use genai_trace::{Telemetry, span};
    ///
    /// let telemetry = Telemetry::builder().service_name("coder").otlp().install()?;
    /// span("hello").run(|| {});
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn otlp(self) -> Self {
        self.otlp_with(OtlpOptions::default())
    }

    /// Sends spans by OTLP, as [`otlp`](Builder::otlp) does, where and how the options say.
    pub fn otlp_with(mut self, options: OtlpOptions) -> Self {
        self.add(Exporter::Otlp(Box::new(options)));
        self
    }

    /// Sends spans by OTLP, as [`otlp_with`](Builder::otlp_with) does, under a name of its own, so that each of
    /// several backends has the [`profile`](Builder::profile) that it reads best and a
    /// [`route`](Builder::route) of its own. Reports and metrics use the name too. Feature `otlp`.
    ///
    /// ```
    /// use genai_trace::{OtlpOptions, Profile, Telemetry};
    ///
    /// let collector = OtlpOptions::default().endpoint("http://localhost:4318/v1/traces");
    /// let mlflow = OtlpOptions::default()
    ///     .endpoint("http://localhost:5000/v1/traces")
    ///     .header("x-mlflow-experiment-id", "0");
    /// let telemetry = Telemetry::builder()
    ///     .service_name("coder")
    ///     .otlp_as("collector", collector)
    ///     .otlp_as("mlflow", mlflow)
    ///     .profile("mlflow", Profile::GenAi1_41) // `Profile::Mlflow` with the feature `profiles`
    ///     .install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn otlp_as(self, name: impl Into<String>, options: OtlpOptions) -> Self {
        self.otlp_with(OtlpOptions {
            name: Some(name.into()),
            ..options
        })
    }

    /// Sends events that are no part of a span (contents of calls, exceptions of calls that leave the process,
    /// evaluations) as log records by OTLP, where and how the environment says: as
    /// [`otlp`](Builder::otlp) does, with `LOGS` for `TRACES`, `/v1/logs` for `/v1/traces`, and `OTEL_BLRP_*` for
    /// `OTEL_BSP_*` (`_SCHEDULE_DELAY` is 1,000 unless said). Feature `otlp`.
    ///
    /// ```no_run
    /// use genai_trace::Telemetry;
    ///
    /// let telemetry = Telemetry::builder().otlp().events_otlp().install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn events_otlp(self) -> Self {
        self.events_otlp_with(OtlpOptions::default())
    }

    /// Sends events by OTLP, as [`events_otlp`](Builder::events_otlp) does, where and how the options say.
    pub fn events_otlp_with(mut self, options: OtlpOptions) -> Self {
        self.logs.push(LogsTo::Otlp(Box::new(options)));
        self
    }

    /// Sends the metrics of [`metrics_text`](crate::Telemetry::metrics_text), the [registry](crate::Registry)'s
    /// included, by OTLP every so often, at each flush and at the end, where and how the environment says: as
    /// [`otlp`](Builder::otlp) does, with `METRICS` for `TRACES` and `/v1/metrics` for `/v1/traces`;
    /// `OTEL_METRIC_EXPORT_INTERVAL` (default 60,000), `OTEL_METRIC_EXPORT_TIMEOUT` (how long a flush waits,
    /// default 30,000) and `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` (`cumulative`, `delta`,
    /// `lowmemory`; default `cumulative`), `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`
    /// (`explicit_bucket_histogram`, the default, or `base2_exponential_bucket_histogram`). Feature `otlp`.
    ///
    /// The metrics of the conventions have the conventions' names and units (`gen_ai.execute_tool.duration` in
    /// `s`), and their labels too (`gen_ai.tool.name`). All others are called as in the text. Counters are
    /// monotonic sums, histograms have the bounds of their view unless exponential ones are asked for, and what has changed from one collection to the
    /// next adds up to what the text shows. Nothing is lost while the backend is down: requests wait as those of
    /// spans do.
    ///
    /// ```no_run
    /// use genai_trace::Telemetry;
    ///
    /// let telemetry = Telemetry::builder().otlp().metrics_otlp().install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn metrics_otlp(self) -> Self {
        self.metrics_otlp_with(OtlpOptions::default())
    }

    /// Sends metrics by OTLP, as [`metrics_otlp`](Builder::metrics_otlp) does, where and how the options say.
    pub fn metrics_otlp_with(mut self, options: OtlpOptions) -> Self {
        self.metrics_otlp.push(options);
        self
    }
}

/// What is said where backends will not know the service.
pub(super) const SERVICE_NAME_IS_WANTED: &str = "\
genai-trace: service.name is not set, so that backends show unknown_service: \
set OTEL_SERVICE_NAME, or call Builder::service_name
";

/// Whether something goes to a backend, and nobody named the service.
pub(super) fn wants_a_service_name(builder: &Builder) -> bool {
    let leaves = |exporter: &Exporter| matches!(exporter, Exporter::Otlp(_));
    let mut exporters = builder.exporters.iter().flatten().chain(&builder.also);
    let mut logs = builder.logs.iter();
    let is_sent = exporters.any(leaves)
        || logs.any(|to| matches!(to, LogsTo::Otlp(_)))
        || !builder.metrics_otlp.is_empty();
    is_sent && builder.resource.get("service.name").is_none()
}

/// What an exporter by OTLP is told of the others: beside which file that may wait which cannot be sent. It is the
/// first traces file, else the default one.
pub(super) struct Place {
    file: PathBuf,
}

impl Place {
    pub(super) fn of(exporters: &[Exporter], default_file: &Path) -> Self {
        let file = traces_file(exporters).map_or(default_file, PathBuf::as_path);
        Self {
            file: file.to_owned(),
        }
    }

    fn tell(&self, options: &mut OtlpOptions) {
        options.beside.clone_from(&self.file);
    }

    pub(super) fn told(&self, mut options: OtlpOptions) -> OtlpOptions {
        self.tell(&mut options);
        options
    }

    pub(super) fn placed(&self, mut exporters: Vec<Exporter>) -> Vec<Exporter> {
        for exporter in &mut exporters {
            if let Exporter::Otlp(options) = exporter {
                self.tell(options);
            }
        }
        exporters
    }

    pub(super) fn told_logs(&self, mut to: LogsTo) -> LogsTo {
        if let LogsTo::Otlp(options) = &mut to {
            self.tell(options);
        }
        to
    }
}

pub(super) fn open(mut options: OtlpOptions) -> Result<Box<dyn SpanExporter>, InitError> {
    let name = options.name.take();
    let exporter = OtlpExporter::new(otlp_settings(Signal::Traces, options)?);
    match name {
        None => Ok(Box::new(exporter)),
        Some(name) if name.is_empty() => Err(InitError::Setting {
            name: "otlp_as",
            value: "\"\"".to_owned(),
            expected: "a name".to_owned(),
        }),
        Some(name) => Ok(Box::new(Named {
            name,
            exporter: Box::new(exporter),
        })),
    }
}

/// Metrics that are collected and sent every so often, at each flush, and at the end, and by which buckets.
pub(super) fn periodic(
    options: OtlpOptions,
    exposition: Exposition,
) -> Result<(Periodic, OtlpHistogramAggregation), InitError> {
    let MetricSettings {
        settings,
        every,
        temporality,
        aggregation,
    } = otlp_metric_settings(options)?;
    let mut metrics = OtlpMetrics::new(settings, temporality, aggregation);
    let tally = Some(metrics.tally());
    let work = move |recorder: &Recorder, round, until| {
        metrics.export(|| exposition.families(recorder), recorder.resource());
        match round {
            Round::Due => {}
            Round::Flush => metrics.flush(until),
            Round::Last => {
                metrics.flush(until);
                metrics.end(until);
            }
        }
    };
    let periodic = Periodic {
        every,
        at_flush: true,
        tally,
        work: Box::new(work),
    };
    Ok((periodic, aggregation))
}

pub(super) fn open_logs(options: OtlpOptions) -> Result<Box<dyn LogExporter>, InitError> {
    let settings = otlp_settings(Signal::Logs, options)?;
    Ok(Box::new(OtlpLogExporter::new(settings)))
}
