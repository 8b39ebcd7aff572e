//! logfire, without its network: its spans go to OpenTelemetry's batch processor and a file.
//!
//! Nothing is sent and nothing printed; metrics are the bound instruments of the OpenTelemetry
//! release that logfire builds on.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Instant;

use ::logfire::Logfire as Handle;
use ::logfire::config::MetricsOptions;
use ::opentelemetry_logfire as api;
use ::opentelemetry_sdk_logfire as sdk;

use super::Contender;
use crate::work;

// The same text as for OpenTelemetry itself, with the types of another release.
#[allow(clippy::duplicate_mod)]
#[path = "otel/exporter.rs"]
mod exporter;
#[allow(clippy::duplicate_mod)]
#[path = "otel/metrics.rs"]
mod metrics;

#[derive(Default)]
pub struct Logfire {
    running: Option<Handle>,
    seen: metrics::Seen,
}

fn traced(path: &str) -> io::Result<usize> {
    let _span = ::logfire::span!(
        "execute_tool read_file",
        gen_ai.tool.name = work::TOOL,
        app.a = work::A,
        app.b = work::B,
        app.path = path.to_owned()
    )
    .entered();
    work::read(path)
}

fn read_file(path: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let result = traced(path);
    metrics::count(begin.elapsed());
    result
}

fn run(task: &str, first: usize) -> io::Result<usize> {
    let _span = ::logfire::span!(
        "invoke_agent coder",
        gen_ai.agent.name = work::AGENT,
        app.a = work::A,
        app.b = work::B,
        app.task = task.to_owned()
    )
    .entered();
    work::each_tool(first, read_file)
}

impl Contender for Logfire {
    fn start(&mut self, file: &Path) -> io::Result<()> {
        let file = File::options().append(true).create(true).open(file)?;
        let running = ::logfire::configure()
            .send_to_logfire(false)
            .with_console(None)
            .with_service_name(work::SERVICE)
            .with_additional_span_processor(exporter::batches_to(file))
            .with_metrics(Some(
                MetricsOptions::default().with_additional_reader(self.seen.reader()),
            ))
            .finish()
            .map_err(io::Error::other)?;
        metrics::bind(&api::global::meter("bench"));
        self.running = Some(running);
        Ok(())
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        run(work::path(first), first)
    }

    fn flush(&self) -> io::Result<()> {
        self.running
            .as_ref()
            .map_or(Ok(()), |running| running.force_flush())
            .map_err(io::Error::other)
    }

    fn counted(&self) -> Option<(u64, u64)> {
        // The readers of metrics are flushed with the spans.
        self.flush().ok()?;
        Some(self.seen.counted())
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        traced(path)
    }
}
