//! Who does the work.

mod exposition;
mod fastrace;
mod fastrace_hand;
mod fastrace_serde;
mod genai_trace;
mod plain;

use std::io;
use std::path::Path;

/// Who does the work.
pub trait Contender {
    /// Starts writing to `file`.
    fn start(&mut self, file: &Path) -> io::Result<()>;

    /// Whether it writes to the file at all.
    fn writes(&self) -> bool {
        true
    }

    /// One run of the agent; the number of its first tool call chooses the paths.
    fn burst(&self, first: usize) -> io::Result<usize>;

    /// Comes back when every span that has ended is in the file.
    fn flush(&self) -> io::Result<()>;

    /// How many tool calls the metrics have counted, by the counter and by the histogram.
    fn counted(&self) -> Option<(u64, u64)>;

    /// A call of the tool as far as it is traced; asked for only before the start.
    fn disabled(&self, path: &'static str) -> io::Result<usize>;
}

/// The names of all contenders.
pub const ALL: [&str; 5] = [
    "plain",
    "genai-trace",
    "genai-trace-crash-safe",
    "fastrace-hand",
    "fastrace-serde",
];

/// The contender of this name.
pub fn named(name: &str) -> io::Result<Box<dyn Contender>> {
    Ok(match name {
        "plain" => Box::new(plain::Plain),
        "genai-trace" => Box::new(genai_trace::GenaiTrace::default()),
        "genai-trace-crash-safe" => Box::new(genai_trace::GenaiTrace::crash_safe()),
        "fastrace-hand" => Box::new(fastrace::Fastrace::new(fastrace_hand::install)),
        "fastrace-serde" => Box::new(fastrace::Fastrace::new(fastrace_serde::install)),
        _ => return Err(io::Error::other(format!("there is no contender {name:?}"))),
    })
}
