//! Who makes spans, and where they go.

use std::io;
use std::time::Duration;

mod genai_trace;
mod opentelemetry;

/// What is measured.
pub trait Subject {
    /// An agent's run that calls a tool so many times; the paths are those from `first` on.
    fn run(&self, first: usize, tools: usize) -> usize;

    /// Brings all to the backend.
    fn flush(&self, most: Duration) -> io::Result<()>;

    fn end(self: Box<Self>, most: Duration) -> io::Result<()>;
}

/// The names in the table. The second shows what the caller pays where nothing leaves the machine.
pub const NAMES: [&str; 3] = ["genai-trace", "genai-trace-file", "opentelemetry-otlp"];

/// Whether its spans go to the backend.
pub fn sends(name: &str) -> bool {
    name != "genai-trace-file"
}

pub fn start(name: &str, url: &str) -> io::Result<Box<dyn Subject>> {
    match name {
        "genai-trace" => genai_trace::GenaiTrace::to(url),
        "genai-trace-file" => genai_trace::GenaiTrace::to_a_file(),
        "opentelemetry-otlp" => opentelemetry::OpenTelemetry::to(url),
        other => Err(io::Error::other(format!("no subject {other:?}"))),
    }
}
