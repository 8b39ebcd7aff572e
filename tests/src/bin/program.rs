//! An annotated program for tests that need a process: it says what its calls return, whatever
//! becomes of its telemetry.
//!
//! `program CALLS [hostile|flushed]`: calls a tool so many times; with `hostile` also with values that no
//! one should set; with `flushed` it flushes after each call, and says so then: whatever ends the process
//! later must not take that back.

use std::process::ExitCode;
use std::time::Duration;

use genai_trace::{genai_tool, span};

#[genai_tool("double", fields("app.number" = number))]
fn double(number: u64) -> u64 {
    number * 2
}

#[genai_tool(name = name, fields("app.value" = value))]
fn named(name: &str, value: &str) -> usize {
    name.len() + value.len()
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let calls: u64 = args
        .next()
        .and_then(|calls| calls.parse().ok())
        .unwrap_or(1);
    let word = args.next();
    let [hostile, flushed] = ["hostile", "flushed"].map(|known| word.as_deref() == Some(known));
    let telemetry = match genai_trace::init() {
        Ok(telemetry) => Some(telemetry),
        Err(error) => {
            eprintln!("no telemetry: {error}");
            None
        }
    };
    let doubled = (0..calls).map(|number| {
        let double = double(number);
        if let Some(telemetry) = telemetry.as_ref().filter(|_| flushed) {
            let report = telemetry.flush(Duration::from_secs(60));
            println!("flushed {number}, {}", !report.has_losses());
        }
        double
    });
    println!("sum {}", doubled.sum::<u64>());
    if hostile {
        let megabyte = "é".repeat(512 * 1024);
        println!(
            "lengths {}",
            named("", &megabyte) + named("a\u{1b}[31m\nb\0", "") + named(&megabyte, "x")
        );
        span("").attr("", &1).attr(&megabyte, &megabyte).run(|| {});
        println!(
            "names {}",
            (0..1_000_000)
                .map(|number| named(&format!("tool {number}"), ""))
                .sum::<usize>()
        );
    }
    let Some(telemetry) = telemetry else {
        return ExitCode::from(3);
    };
    if let Err(error) = genai_trace::init() {
        println!("second init: {error}");
    }
    let report = telemetry.shutdown(Duration::from_secs(60));
    println!("report: {report}");
    println!("metrics: {} bytes", telemetry.metrics_text().len());
    ExitCode::SUCCESS
}
