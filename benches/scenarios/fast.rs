//! fastrace with handles of the prometheus crate, and a reporter written by hand.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use fastant::Instant;
use fastrace::Span;
use fastrace::collector::SpanContext;
use fastrace::local::LocalSpan;
use prometheus::{Histogram, HistogramOpts, IntCounter};

use crate::fastrace_hand;
use crate::file::Lines;
use crate::work;

/// The name in the tables.
pub const NAME: &str = "fastrace";
/// The name of the root.
pub const RUN: &str = "invoke_agent coder";
/// The name of the tools' spans.
pub const READ_FILE: &str = "execute_tool read_file";

pub struct Metrics {
    calls: IntCounter,
    latency: Histogram,
}

/// The handles, which the documentation says to keep.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let latency = HistogramOpts::new("tool_latency_ms", "Duration of tool executions.")
        .buckets(work::BUCKETS.to_vec());
    Metrics {
        calls: IntCounter::new("tools_called_total", "Tool executions.").expect("a name"),
        latency: Histogram::with_opts(latency).expect("a name and bounds"),
    }
});

impl Metrics {
    /// Counts a call of the tool that began at `begin`.
    pub fn count(&self, begin: Instant) {
        self.add(begin.elapsed().as_secs_f64() * 1000.0);
    }

    /// Counts a call that took so long.
    pub fn add(&self, millis: f64) {
        self.calls.inc();
        self.latency.observe(millis);
    }
}

/// What the tool's span says.
pub fn tool_properties(path: &str) -> [(&'static str, Cow<'static, str>); 4] {
    [
        ("gen_ai.tool.name", Cow::Borrowed(work::TOOL)),
        ("app.a", Cow::Borrowed(work::A)),
        ("app.b", Cow::Borrowed(work::B)),
        ("app.path", Cow::Owned(path.to_owned())),
    ]
}

/// What the agent's span says.
pub fn run_properties(task: &str) -> [(&'static str, Cow<'static, str>); 4] {
    [
        ("gen_ai.agent.name", Cow::Borrowed(work::AGENT)),
        ("app.a", Cow::Borrowed(work::A)),
        ("app.b", Cow::Borrowed(work::B)),
        ("app.task", Cow::Owned(task.to_owned())),
    ]
}

/// The tool without metrics.
pub fn traced(path: &str) -> io::Result<usize> {
    let _span =
        LocalSpan::enter_with_local_parent(READ_FILE).with_properties(|| tool_properties(path));
    work::read(path)
}

/// The tool of the bench work.
pub fn read_file(path: &str) -> io::Result<usize> {
    let begin = Instant::now();
    let result = traced(path);
    METRICS.count(begin);
    result
}

/// The root of the bench work, to be made the local parent.
pub fn root(task: &str) -> Span {
    Span::root(RUN, SpanContext::random()).with_properties(|| run_properties(task))
}

/// The agent of the bench work.
pub fn run(task: &str, first: usize) -> io::Result<usize> {
    let root = root(task);
    let _guard = root.set_local_parent();
    work::each_tool(first, read_file)
}

/// The installed reporter.
pub struct Fast {
    lines: Lines,
}

impl Fast {
    pub fn start(dir: &Path) -> io::Result<Self> {
        let lines = Lines::create(dir, NAME)?;
        fastrace_hand::install(File::options().append(true).open(lines.path())?);
        LazyLock::force(&METRICS);
        Ok(Self { lines })
    }

    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// How long the file is by now.
    pub fn bytes(&self) -> io::Result<u64> {
        self.lines.bytes()
    }

    pub fn flush(&self) {
        fastrace::flush();
    }
}
