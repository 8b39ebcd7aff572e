//! genai-trace, as a user writes it: two attributes, and a builder. Its metrics are built in.

use std::io;
use std::path::Path;
use std::time::Duration;

use genai_trace::{Telemetry, genai_agent, genai_tool};

use super::{Contender, exposition};
use crate::work;

#[derive(Default)]
pub struct GenaiTrace {
    telemetry: Option<Telemetry>,
    crash_safe: bool,
}

impl GenaiTrace {
    /// With the black box, from which a killed process's spans are recovered.
    pub fn crash_safe() -> Self {
        Self {
            telemetry: None,
            crash_safe: true,
        }
    }
}

#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
fn read_file(path: &str) -> io::Result<usize> {
    work::read(path)
}

#[genai_agent("coder", fields("app.task" = task, "app.a" = "interactive", "app.b" = "sandbox"))]
fn run(task: &str, first: usize) -> io::Result<usize> {
    work::each_tool(first, read_file)
}

impl Contender for GenaiTrace {
    fn start(&mut self, file: &Path) -> io::Result<()> {
        let telemetry = Telemetry::builder()
            .service_name(work::SERVICE)
            .jsonl(file)
            .buffer_bytes(work::BUFFER_BYTES)
            .crash_safe(self.crash_safe)
            .install()
            .map_err(io::Error::other)?;
        self.telemetry = Some(telemetry);
        Ok(())
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        run(work::path(first), first)
    }

    fn flush(&self) -> io::Result<()> {
        let Some(telemetry) = &self.telemetry else {
            return Ok(());
        };
        let report = telemetry.flush(Duration::from_secs(60));
        if report.complete {
            Ok(())
        } else {
            Err(io::Error::other(report.to_string()))
        }
    }

    fn counted(&self) -> Option<(u64, u64)> {
        exposition::tool_calls(&self.telemetry.as_ref()?.metrics_text())
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        read_file(path)
    }
}
