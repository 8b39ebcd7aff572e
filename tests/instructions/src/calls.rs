//! Calls: spans, what is recorded inside them, and calls without telemetry.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use genai_trace::{current, genai_agent, genai_tool, record};

use crate::telemetry::{Setting, with};

/// Values of the attribute that varies, all of one length.
const PATHS: [&str; 4] = [
    "crates/core/src/module_01/part_11.rs",
    "crates/core/src/module_02/part_22.rs",
    "crates/core/src/module_03/part_33.rs",
    "crates/core/src/module_04/part_44.rs",
];

fn path(number: u64) -> &'static str {
    PATHS[(number % 4) as usize]
}

#[inline(never)]
fn plain(path: &str) -> io::Result<usize> {
    Ok(black_box(path).len())
}

#[inline(never)]
#[genai_tool("read_file", fields("app.path" = path))]
fn read_file(path: &str) -> io::Result<usize> {
    Ok(black_box(path).len())
}

#[inline(never)]
#[genai_tool("read_file", fields("app.path" = path))]
fn read_nothing(path: &str) -> io::Result<usize> {
    black_box(path);
    Err(io::ErrorKind::NotFound.into())
}

#[inline(never)]
#[genai_tool("read_file", fields("app.path" = path))]
fn read_and_record(path: &str) -> io::Result<usize> {
    record!("app.bytes" = black_box(1_234));
    Ok(black_box(path).len())
}

/// Calls a tool so many times within one run of an agent.
#[genai_agent("coder")]
fn run(calls: u64, tool: fn(&str) -> io::Result<usize>) {
    each(calls, tool);
}

fn each(calls: u64, tool: fn(&str) -> io::Result<usize>) {
    for number in 0..calls {
        let _ = black_box(tool(path(number)));
    }
}

/// A tool's span with one attribute that varies.
pub fn child_span(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| run(units, read_file))
}

/// The same, into the black box.
pub fn crash_safe(units: u64) -> Result<(), String> {
    with(Setting::CrashSafe, |telemetry| {
        // A thread's first spans go into the box singly, until the drain thread has come by.
        run(1, read_file);
        let _ = telemetry.flush(Duration::from_secs(60));
        run(units, read_file);
    })
}

/// The same, in a trace that is not recorded.
pub fn sampled_out(units: u64) -> Result<(), String> {
    with(Setting::SampledOut, |_| run(units, read_file))
}

/// The same, and an `Err` is returned.
pub fn failing_span(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| run(units, read_nothing))
}

/// The same, with one attribute more that the body records.
pub fn recording_span(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| run(units, read_and_record))
}

/// An agent's span, a root, with one tool's below it.
pub fn agent(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| {
        for _ in 0..units {
            run(1, read_file);
        }
    })
}

/// A call of a function without anything.
pub fn plain_call(units: u64) -> Result<(), String> {
    each(units, plain);
    Ok(())
}

/// A call of the tool where nothing is installed.
pub fn disabled_call(units: u64) -> Result<(), String> {
    each(units, read_file);
    Ok(())
}

#[genai_agent("coder")]
fn look(units: u64) {
    for _ in 0..units {
        black_box(current());
    }
}

/// The handle of the current span, taken and dropped.
pub fn current_in_a_span(units: u64) -> Result<(), String> {
    with(Setting::Default, |_| look(units))
}

/// The same where nothing is installed.
pub fn current_disabled(units: u64) -> Result<(), String> {
    look(units);
    Ok(())
}

/// A counter of the user's own, and a histogram of twelve buckets.
pub fn metrics(units: u64) -> Result<(), String> {
    let mut made = Ok(());
    with(Setting::Default, |telemetry| {
        let registry = telemetry.registry();
        let bounds = [
            5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4,
        ];
        let count = || {
            let counter = registry.counter("app_calls_total", "Calls.")?.with(&[])?;
            let histogram = registry
                .histogram("app_latency_ms", "Latency of calls.", &bounds)?
                .with(&[])?;
            for _ in 0..units {
                counter.inc();
                histogram.observe(black_box(42.0));
            }
            Ok(())
        };
        made = count().map_err(|error: genai_trace::MetricError| error.to_string());
    })?;
    made
}
