//! tracing, with tracing-opentelemetry above OpenTelemetry's SDK and its bound instruments.
//!
//! What the layer adds by itself is switched off where it has a switch: places in the source,
//! threads, busy and idle times, targets, and OpenTelemetry's own current context.

use std::io;
use std::path::Path;
use std::time::Instant;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::Contender;
use super::otel::{self, Pipeline};
use crate::work;

#[derive(Default)]
pub struct TracingOtel {
    pipeline: Option<Pipeline>,
}

#[tracing::instrument(
    name = "execute_tool read_file",
    skip_all,
    fields(gen_ai.tool.name = work::TOOL, app.a = work::A, app.b = work::B, app.path = path)
)]
fn traced(path: &str) -> io::Result<usize> {
    work::read(path)
}

fn read_file(path: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let result = traced(path);
    otel::count(begin.elapsed());
    result
}

#[tracing::instrument(
    name = "invoke_agent coder",
    skip_all,
    fields(gen_ai.agent.name = work::AGENT, app.a = work::A, app.b = work::B, app.task = task)
)]
fn run(task: &str, first: usize) -> io::Result<usize> {
    work::each_tool(first, read_file)
}

impl Contender for TracingOtel {
    fn start(&mut self, file: &Path) -> io::Result<()> {
        let pipeline = Pipeline::to(file)?;
        let layer = tracing_opentelemetry::layer()
            .with_tracer(pipeline.tracer())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false);
        let subscriber = registry().with(LevelFilter::INFO).with(layer);
        tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
        self.pipeline = Some(pipeline);
        Ok(())
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        run(work::path(first), first)
    }

    fn flush(&self) -> io::Result<()> {
        self.pipeline.as_ref().map_or(Ok(()), Pipeline::flush)
    }

    fn counted(&self) -> Option<(u64, u64)> {
        self.pipeline.as_ref()?.counted()
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        traced(path)
    }
}
