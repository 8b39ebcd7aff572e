//! genai-trace, as a user installs it, and the account of its spans in the end.

use std::io;
use std::path::Path;
use std::time::Duration;

use genai_trace::{Builder, Telemetry, genai_agent, genai_tool};

use crate::exposition;
use crate::file::Lines;
use crate::work;

/// The name in the tables.
pub const NAME: &str = "genai-trace";

/// Installed telemetry that writes to a file of its own.
pub struct Ours {
    telemetry: Telemetry,
    lines: Lines,
}

/// What was made, for [`Ours::finish`] to find again.
#[derive(Clone, Copy, Default)]
pub struct Made {
    pub spans: u64,
    /// Those of them that are calls of [`work::TOOL`].
    pub tools: u64,
}

impl Made {
    /// Spans that are all calls of the tool.
    pub fn tools(tools: usize) -> Self {
        let tools = tools as u64;
        Self {
            spans: tools,
            tools,
        }
    }

    /// Runs of the agent, with its tools.
    pub fn bursts(bursts: usize) -> Self {
        Self {
            spans: (bursts * work::SPANS) as u64,
            tools: (bursts * work::TOOLS) as u64,
        }
    }
}

impl Ours {
    /// Everything as the builder has it, and room for what waits between two flushes.
    pub fn start(dir: &Path) -> io::Result<Self> {
        Self::with(dir, Telemetry::builder().buffer_bytes(work::BUFFER_BYTES))
    }

    /// As the environment says.
    pub fn from_env(dir: &Path) -> io::Result<Self> {
        Self::with(dir, Builder::from_env().map_err(io::Error::other)?)
    }

    fn with(dir: &Path, builder: Builder) -> io::Result<Self> {
        let lines = Lines::create(dir, NAME)?;
        let telemetry = builder
            .service_name(work::SERVICE)
            .jsonl(lines.path())
            .install()
            .map_err(io::Error::other)?;
        Ok(Self { telemetry, lines })
    }

    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// How long the file is by now.
    pub fn bytes(&self) -> io::Result<u64> {
        self.lines.bytes()
    }

    /// Comes back when every span that has ended is in the file.
    pub fn flush(&self) -> io::Result<()> {
        let report = self.telemetry.flush(Duration::from_secs(60));
        match report.complete {
            true => Ok(()),
            false => Err(io::Error::other(report.to_string())),
        }
    }

    /// Fails where a span was lost, or the metrics are not exact. How many spans are in the file.
    pub fn finish(self, made: Made) -> io::Result<u64> {
        self.flush()?;
        let text = self.telemetry.metrics_text();
        let report = self.telemetry.shutdown(Duration::from_secs(60));
        let written: u64 = report.exporters.iter().map(|one| one.written).sum();
        let lines = self.lines.count()?;
        if report.ended != made.spans
            || written + report.sampled_out != made.spans
            || lines != written
        {
            return Err(io::Error::other(format!(
                "{} spans were made, {lines} lines are in the file: {report}",
                made.spans
            )));
        }
        let counted = exposition::tool_calls(&text).unwrap_or_default();
        if counted != (made.tools, made.tools) {
            return Err(io::Error::other(format!(
                "{} calls of the tool were made, but the metrics say {counted:?}",
                made.tools
            )));
        }
        Ok(lines)
    }
}

/// The tool of the bench work.
#[genai_tool("read_file", fields("app.path" = path, "app.a" = "interactive", "app.b" = "sandbox"))]
pub fn read_file(path: &str) -> io::Result<usize> {
    work::read(path)
}

/// The agent of the bench work.
#[genai_agent("coder", fields("app.task" = task, "app.a" = "interactive", "app.b" = "sandbox"))]
pub fn run(task: &str, first: usize) -> io::Result<usize> {
    work::each_tool(first, read_file)
}
