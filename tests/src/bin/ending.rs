//! A program that comes to its end in every way that a program can: `ending CASE`.
//!
//! It says `span ID` of each span whose call has returned, and must leave them in its file. Lines go
//! to standard output one by one and without a lock, so that a forked child may write them.

#[path = "ending/exits.rs"]
mod exits;
#[path = "ending/forks.rs"]
mod forks;
#[path = "ending/runtimes.rs"]
mod runtimes;
#[path = "ending/signals.rs"]
mod signals;

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::time::Duration;

use genai_trace::{ExportError, SpanBatch, SpanExporter, Telemetry, current, genai_tool};

/// More than any flush takes, and far less than the watchdog of the tests.
pub const LONG: Duration = Duration::from_secs(20);

/// A tool; the id of its span, where there is one.
#[genai_tool("step", fields("app.process" = i64::from(std::process::id())))]
pub fn step() -> Option<String> {
    Some(current().span_id()?.to_string())
}

/// Calls the tool and says which span it was.
pub fn say_step() {
    if let Some(id) = step() {
        say(&format!("span {id}"));
    }
}

/// Writes a line to standard output.
pub fn say(line: &str) {
    static OUT: OnceLock<File> = OnceLock::new();
    let out = OUT.get_or_init(|| {
        let stdout = std::io::stdout();
        File::from(
            stdout
                .as_fd()
                .try_clone_to_owned()
                .expect("a standard output"),
        )
    });
    let mut out = out;
    out.write_all(format!("{line}\n").as_bytes())
        .expect("a standard output");
}

/// Telemetry as the environment says.
pub fn init() -> Telemetry {
    genai_trace::init().expect("telemetry")
}

/// An exporter that takes longer than anybody waits.
pub struct Hanging;

impl SpanExporter for Hanging {
    fn name(&self) -> &str {
        "hanging"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        if !batch.is_empty() {
            std::thread::sleep(Duration::from_secs(3600));
        }
        Ok(())
    }
}

fn main() {
    // Made while there is one thread only.
    say("begin");
    let case = std::env::args().nth(1).unwrap_or_default();
    let ran = exits::run(&case) || runtimes::run(&case) || forks::run(&case) || signals::run(&case);
    assert!(ran, "no case {case:?}");
}
