//! Who does the work.

mod counting;
mod emit;
mod exposition;
mod fastrace;
mod fastrace_hand;
mod fastrace_serde;
mod genai_trace;
mod line;
mod logfire;
mod otel;
mod plain;
mod trace_weft;
mod tracing_json;
mod tracing_otel;

use std::io;
use std::path::Path;

use crate::facts::{self, Facts};
use crate::work::LAP;

/// Who does the work.
pub trait Contender {
    /// Starts writing to `file`.
    fn start(&mut self, file: &Path) -> io::Result<()>;

    /// One run of the agent; the number of its first tool call chooses the paths.
    fn burst(&self, first: usize) -> io::Result<usize>;

    /// Comes back when every span that has ended is in the file.
    fn flush(&self) -> io::Result<()>;

    /// How many tool calls the metrics have counted, by the counter and by the histogram.
    fn counted(&self) -> Option<(u64, u64)>;

    /// A call of the tool as far as it is traced; asked for only before the start.
    fn disabled(&self, path: &'static str) -> io::Result<usize>;
}

/// What is known of a contender beforehand.
pub struct Entry {
    pub name: &'static str,
    pub make: fn() -> io::Result<Box<dyn Contender>>,
    pub lines: Lines,
    /// The laps of each phase are divided by it: who is slower than ours by far would take most of
    /// the program's time, and has no need of as many spans.
    pub share: usize,
    /// Runs of the agent after which it is asked to bring everything into the file.
    pub lap: usize,
}

/// What a contender writes.
pub enum Lines {
    /// Nothing.
    None,
    /// The lines that genai-trace writes, but for ids, times and the order of attributes.
    Same,
    /// Lines in a form of its own, which no exporter of ours can choose: compared by what they say.
    Own(fn(&serde_json::Value) -> Option<Facts>),
}

impl Entry {
    const fn new(
        name: &'static str,
        make: fn() -> io::Result<Box<dyn Contender>>,
        lines: Lines,
        share: usize,
    ) -> Self {
        let lap = LAP;
        Self {
            name,
            make,
            lines,
            share,
            lap,
        }
    }

    /// Whether it writes to the file at all.
    pub fn writes(&self) -> bool {
        !matches!(self.lines, Lines::None)
    }

    /// The laps of a phase, of which the options want so many.
    pub fn laps(&self, wanted: usize) -> usize {
        wanted.div_ceil(self.share)
    }
}

/// The contender that the others are compared with.
pub const OURS: &str = "genai-trace";

/// All contenders.
pub static ALL: [Entry; 12] = [
    Entry::new("plain", || Ok(Box::new(plain::Plain)), Lines::None, 1),
    Entry::new(
        OURS,
        || Ok(Box::new(genai_trace::GenaiTrace::default())),
        Lines::Same,
        1,
    ),
    Entry::new(
        "genai-trace-crash-safe",
        || Ok(Box::new(genai_trace::GenaiTrace::crash_safe())),
        Lines::Same,
        1,
    ),
    Entry::new(
        "fastrace-hand",
        || Ok(Box::new(fastrace::Fastrace::new(fastrace_hand::install))),
        Lines::Same,
        1,
    ),
    Entry::new(
        "fastrace-serde",
        || Ok(Box::new(fastrace::Fastrace::new(fastrace_serde::install))),
        Lines::Same,
        1,
    ),
    Entry::new(
        "otel-prometheus",
        || Ok(Box::new(otel::Otel::with_prometheus())),
        Lines::Same,
        1,
    ),
    Entry::new(
        "otel",
        || Ok(Box::new(otel::Otel::default())),
        Lines::Same,
        1,
    ),
    Entry::new(
        "tracing-otel",
        || Ok(Box::new(tracing_otel::TracingOtel::default())),
        Lines::Same,
        2,
    ),
    Entry::new(
        "tracing-json",
        || Ok(Box::new(tracing_json::TracingJson::default())),
        Lines::Own(facts::of_tracing_json),
        4,
    ),
    // It writes the line of our exporter, with attributes that it adds itself.
    Entry::new(
        "logfire",
        || Ok(Box::new(logfire::Logfire::default())),
        Lines::Own(facts::of_our_lines),
        4,
    ),
    // It has room for 10,000 lines.
    Entry {
        lap: 900,
        ..Entry::new(
            "emit",
            || Ok(Box::new(emit::Emit::default())),
            Lines::Own(facts::of_emit),
            2,
        )
    },
    // It takes some 50 us a span.
    Entry {
        lap: 500,
        ..Entry::new(
            "trace-weft",
            || Ok(Box::new(trace_weft::TraceWeft::new()?)),
            Lines::Own(facts::of_trace_weft),
            10,
        )
    },
];

/// The contender of this name.
pub fn named(name: &str) -> io::Result<&'static Entry> {
    let found = ALL.iter().find(|entry| entry.name == name);
    found.ok_or_else(|| io::Error::other(format!("there is no contender {name:?}")))
}
