//! The work that every contender does: an agent's run that calls a tool ten times.

use std::hint::black_box;
use std::io;
use std::sync::LazyLock;

/// Tool calls in one run of the agent.
pub const TOOLS: usize = 10;
/// Spans of one run: the agent's and its tools'.
pub const SPANS: usize = TOOLS + 1;
/// Runs after which the contender is asked to bring everything into the file. So many fit into
/// fastrace's channel (10,240 commands a thread, of which a run needs four) and into
/// [`BUFFER_BYTES`]: neither ever has to drop anything, or to keep it elsewhere.
pub const LAP: usize = 2_000;
/// The buffer of a thread in genai-trace: the 22,000 spans of a lap take 2.6 MB.
pub const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// The name of the agent.
pub const AGENT: &str = "coder";
/// The name of the tool.
pub const TOOL: &str = "read_file";
/// The name of the agent's span; what else the lines say of it stands in the exporters.
pub const RUN: &str = "invoke_agent coder";
/// The name of the tool's spans.
pub const READ_FILE: &str = "execute_tool read_file";
/// The value of the attribute `app.a`, the same in all spans.
pub const A: &str = "interactive";
/// The value of the attribute `app.b`, the same in all spans.
pub const B: &str = "sandbox";
/// The name of the service.
pub const SERVICE: &str = "bench";

/// Upper bounds of the latencies in milliseconds; with the one above them twelve buckets.
pub const BUCKETS: [f64; 11] = [
    5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0,
];

/// The attribute that varies, made beforehand so that making it costs no contender anything.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..64)
        .map(|number| format!("crates/core/src/module_{:02}/part_{number}.rs", number % 7))
        .collect()
});

/// The path that the call with this number reads.
pub fn path(call: usize) -> &'static str {
    &PATHS[call % 64]
}

/// What a tool does, as little as can be.
#[inline]
pub fn read(path: &str) -> io::Result<usize> {
    Ok(black_box(path).len())
}

/// What the agent does around its tools.
#[inline]
pub fn each_tool(
    first: usize,
    tool: impl Fn(&'static str) -> io::Result<usize>,
) -> io::Result<usize> {
    (first..first + TOOLS).map(|call| tool(path(call))).sum()
}
