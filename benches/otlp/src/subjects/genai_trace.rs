//! genai-trace, as a user writes it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use genai_trace::{Builder, OtlpOptions, Telemetry, genai_agent, genai_tool};

use super::Subject;
use crate::work;

pub struct GenaiTrace {
    telemetry: Telemetry,
    /// Goes with the subject.
    file: Option<PathBuf>,
}

impl GenaiTrace {
    pub fn to(url: &str) -> io::Result<Box<dyn Subject>> {
        let options = OtlpOptions::default().endpoint(format!("{url}/v1/traces"));
        Self::with(Telemetry::builder().otlp_with(options), None)
    }

    pub fn to_a_file() -> io::Result<Box<dyn Subject>> {
        let file = std::env::temp_dir().join(format!("otlp-{}.jsonl", std::process::id()));
        Self::with(Telemetry::builder().jsonl(&file), Some(file))
    }

    fn with(builder: Builder, file: Option<PathBuf>) -> io::Result<Box<dyn Subject>> {
        let builder = builder.service_name(work::SERVICE);
        let telemetry = builder.install().map_err(io::Error::other)?;
        Ok(Box::new(Self { telemetry, file }))
    }
}

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
fn read_file(path: &str) -> io::Result<usize> {
    work::read(path)
}

#[genai_agent("coder", fields("app.task" = task, "app.a" = "interactive", "app.b" = "sandbox"))]
fn run(task: &str, first: usize, tools: usize) -> io::Result<usize> {
    (first..first + tools)
        .map(|call| read_file(work::path(call)))
        .sum()
}

impl Subject for GenaiTrace {
    fn run(&self, first: usize, tools: usize) -> usize {
        run(work::path(first), first, tools).unwrap_or_default()
    }

    fn flush(&self, most: Duration) -> io::Result<()> {
        let report = self.telemetry.flush(most);
        match report.complete {
            true => Ok(()),
            false => Err(io::Error::other(report.to_string())),
        }
    }

    fn end(self: Box<Self>, most: Duration) -> io::Result<()> {
        let report = self.telemetry.shutdown(most);
        self.file.map_or(Ok(()), std::fs::remove_file)?;
        match report.has_losses() {
            true => Err(io::Error::other(report.to_string())),
            false => Ok(()),
        }
    }
}
