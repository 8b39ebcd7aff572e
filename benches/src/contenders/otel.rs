//! OpenTelemetry's SDK alone, with its batch processor and an exporter of ours to a file.
//!
//! Attributes are given with the span's builder, and the tool's span is made current like the
//! agent's: what a tool calls is to become its child. It counts with OpenTelemetry's own bound
//! instruments, or with prometheus-client.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use ::opentelemetry as api;
use ::opentelemetry_sdk as sdk;
use api::metrics::MeterProvider;
use api::trace::{Span, TraceContextExt, Tracer, TracerProvider};
use api::{Context, KeyValue, global};
use sdk::metrics::SdkMeterProvider;
use sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};

use super::{Contender, counting};
use crate::work;

mod exporter;
mod metrics;

/// The pipeline of spans to a file, and of metrics.
pub struct Pipeline {
    spans: SdkTracerProvider,
    metrics: SdkMeterProvider,
    seen: metrics::Seen,
}

impl Pipeline {
    pub fn to(file: &Path) -> io::Result<Self> {
        let file = File::options().append(true).create(true).open(file)?;
        let spans = SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOn)
            .with_span_processor(exporter::batches_to(file))
            .build();
        let seen = metrics::Seen::default();
        let metrics = SdkMeterProvider::builder()
            .with_reader(seen.reader())
            .build();
        metrics::bind(&metrics.meter("bench"));
        Ok(Self {
            spans,
            metrics,
            seen,
        })
    }

    pub fn tracer(&self) -> SdkTracer {
        self.spans.tracer("bench")
    }

    pub fn flush(&self) -> io::Result<()> {
        self.spans.force_flush().map_err(io::Error::other)
    }

    pub fn counted(&self) -> Option<(u64, u64)> {
        self.metrics.force_flush().ok()?;
        Some(self.seen.counted())
    }
}

/// Counts a call with OpenTelemetry's own instruments.
#[inline]
pub fn count(took: Duration) {
    metrics::count(took);
}

/// OpenTelemetry with metrics of its own, or of prometheus-client.
#[derive(Default)]
pub struct Otel {
    running: Option<(Pipeline, SdkTracer)>,
    prometheus: bool,
}

impl Otel {
    pub fn with_prometheus() -> Self {
        Self {
            running: None,
            prometheus: true,
        }
    }

    fn running(&self) -> io::Result<&(Pipeline, SdkTracer)> {
        self.running
            .as_ref()
            .ok_or_else(|| io::Error::other("OpenTelemetry has not been started"))
    }
}

/// A span that is current until the guard is dropped.
fn enter<T>(tracer: &T, name: &'static str, attributes: [KeyValue; 4]) -> impl Drop + use<T>
where
    T: Tracer,
    T::Span: Span + Send + Sync + 'static,
{
    let span = tracer
        .span_builder(name)
        .with_attributes(attributes)
        .start(tracer);
    Context::current_with_span(span).attach()
}

fn attributes(
    name_key: &'static str,
    name: &'static str,
    varying_key: &'static str,
    varying: &str,
) -> [KeyValue; 4] {
    [
        KeyValue::new(name_key, name),
        KeyValue::new("app.a", work::A),
        KeyValue::new("app.b", work::B),
        KeyValue::new(varying_key, varying.to_owned()),
    ]
}

fn traced<T>(tracer: &T, path: &str) -> io::Result<usize>
where
    T: Tracer,
    T::Span: Span + Send + Sync + 'static,
{
    let attributes = attributes("gen_ai.tool.name", work::TOOL, "app.path", path);
    let _current = enter(tracer, work::READ_FILE, attributes);
    work::read(path)
}

#[inline]
fn run(
    tracer: &SdkTracer,
    task: &str,
    first: usize,
    count: impl Fn(Duration),
) -> io::Result<usize> {
    let attributes = attributes("gen_ai.agent.name", work::AGENT, "app.task", task);
    let _current = enter(tracer, work::RUN, attributes);
    work::each_tool(first, |path| {
        let begin = Instant::now();
        let result = traced(tracer, path);
        count(begin.elapsed());
        result
    })
}

impl Contender for Otel {
    fn start(&mut self, file: &Path) -> io::Result<()> {
        let pipeline = Pipeline::to(file)?;
        let tracer = pipeline.tracer();
        self.running = Some((pipeline, tracer));
        Ok(())
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        let (_, tracer) = self.running()?;
        let task = work::path(first);
        if self.prometheus {
            run(tracer, task, first, counting::count)
        } else {
            run(tracer, task, first, metrics::count)
        }
    }

    fn flush(&self) -> io::Result<()> {
        self.running()?.0.flush()
    }

    fn counted(&self) -> Option<(u64, u64)> {
        if self.prometheus {
            counting::counted()
        } else {
            self.running().ok()?.0.counted()
        }
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        // Where no provider is installed, the global tracer makes spans that say nothing.
        thread_local! {
            static TRACER: global::BoxedTracer = global::tracer("bench");
        }
        TRACER.with(|tracer| traced(tracer, path))
    }
}
