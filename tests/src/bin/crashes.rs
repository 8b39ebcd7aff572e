//! Works until it dies, and says on standard output what it has done: each line stands for something
//! that a crash must not take back.
//!
//! `crashes THREADS [abort]`: every thread runs an agent that never returns and calls tools, one
//! after the other; with `abort` the process aborts in the middle of a tool after a while.
//!
//! - `open ID`: the agent's span has begun.
//! - `ended ID MICROS`: a tool's span has ended, so many microseconds after the start.
//! - `step ID N`: the attribute `app.step` of the agent's span is now N.
//! - `letter ID N`: the same of `app.letter`, which another thread has set.
//! - `dropped N`: so many spans found no room, which the process counts and a crash forgets.

use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use genai_trace::{SpanRef, Telemetry, current, genai_agent, genai_tool, record};

#[genai_tool("read_file", fields("app.number" = number, "app.path" = "src/lib.rs"))]
fn read_file(number: u64, fatal: bool) -> String {
    if fatal {
        std::process::abort();
    }
    current()
        .span_id()
        .map_or_else(String::new, |id| id.to_string())
}

#[genai_agent("coder")]
fn run(began: Instant, abort: bool) {
    let agent = current()
        .span_id()
        .map_or_else(String::new, |id| id.to_string());
    say(&format!("open {agent}\n"));
    let here = current();
    std::thread::spawn({
        let agent = agent.clone();
        move || write_letters(&here, &agent)
    });
    for number in 0.. {
        let id = read_file(number, abort && number == 2_000);
        say(&format!("ended {id} {}\n", began.elapsed().as_micros()));
        if number % 16 == 0 {
            record!(app.step = number);
            say(&format!("step {agent} {number}\n"));
        }
    }
}

/// Says something of a span that runs on another thread.
fn write_letters(span: &SpanRef, id: &str) {
    for number in 0.. {
        span.set("app.letter", &number);
        say(&format!("letter {id} {number}\n"));
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Says what the telemetry owns to have dropped.
fn write_drops(telemetry: &Telemetry) {
    loop {
        let text = telemetry.metrics_text();
        let dropped = text
            .lines()
            .filter(|line| line.starts_with("genai_trace_spans_dropped_total{"))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
            .sum::<u64>();
        if dropped > 0 {
            say(&format!("dropped {dropped}\n"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// One write, so that no line is torn by another's.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    if out.write_all(line.as_bytes()).is_err() {
        std::process::exit(1);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let threads: usize = args.next().unwrap_or_default().parse()?;
    let abort = args.next().is_some_and(|word| word == "abort");
    let telemetry = genai_trace::init()?;
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| write_drops(&telemetry));
        for _ in 0..threads {
            scope.spawn(|| run(began, abort));
        }
    });
    Ok(())
}
