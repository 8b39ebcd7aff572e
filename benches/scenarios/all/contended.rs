//! One counter and one histogram that several threads feed.

use std::io;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use genai_trace::{Measures, record_measures};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;

use crate::fast;
use crate::ours::{self, Made, Ours};
use crate::scenario::{Figures, Scenario, Wanted, column, contender, hundredths, tenths};
use crate::used::thread_cpu;
use crate::work;

/// How many threads there are, and the column of each.
const THREADS: [(usize, &str); 3] = [(1, "1 thread"), (2, "2 threads"), (8, "8 threads")];

const PROMETHEUS: &str = "prometheus, cached";

pub const SCENARIO: Scenario = Scenario {
    name: "contended",
    title: "A counter and a histogram that threads share: CPU of the thread, ns for both",
    contenders: &[
        contender(ours::NAME, spans),
        contender("genai-trace: Counter, Histogram", registry),
        contender("genai-trace: record_measures", measures),
        contender(PROMETHEUS, prometheus),
        contender("prometheus-client, cached", prometheus_client),
    ],
    columns: &[
        column(THREADS[0].1, tenths),
        column(THREADS[1].1, tenths),
        column(THREADS[2].1, tenths),
    ],
    wanted: &[Wanted {
        what: "contended: Counter and Histogram on 2 threads, of prometheus's",
        got: |of| {
            let two = THREADS[1].1;
            Some(of.get("genai-trace: Counter, Histogram", two)? / of.get(PROMETHEUS, two)?)
        },
        most: |_| Some(1.0),
        show: hundredths,
    }],
    run: None,
};

/// So many on all threads together.
const PAIRS: usize = 400_000;
/// Spans on one thread before a flush; they fit into its buffer.
const LAP: usize = 10_000;
/// Laps of spans.
const LAPS: usize = 4;

/// Processor time of `work` on so many threads at once.
fn on_threads(threads: usize, work: impl Fn() + Sync) -> io::Result<f64> {
    let start = Barrier::new(threads);
    let timed = || {
        start.wait();
        let before = thread_cpu()?;
        work();
        Ok(thread_cpu()? - before)
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(timed)).collect();
        all.into_iter()
            .map(|one| one.join().expect("the work does not panic"))
            .sum()
    })
}

fn compared(pair: impl Fn() + Sync) -> io::Result<Figures> {
    let mut figures = Figures::new();
    for (threads, title) in THREADS {
        let cpu = on_threads(threads, || {
            for _ in 0..PAIRS / threads {
                pair();
            }
        })?;
        figures.insert(title.to_owned(), cpu / PAIRS as f64);
    }
    Ok(figures)
}

/// A whole span of one tool; its metrics are part of it.
fn spans(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let (mut figures, mut made) = (Figures::new(), 0);
    for (threads, title) in THREADS {
        let mut cpu = 0.0;
        for _ in 0..LAPS {
            cpu += on_threads(threads, || {
                for call in 0..LAP {
                    let _ = ours::read_file(work::path(call));
                }
            })?;
            ours.flush()?;
        }
        let spans = LAPS * LAP * threads;
        figures.insert(title.to_owned(), cpu / spans as f64);
        made += spans;
    }
    ours.finish(Made::tools(made))?;
    Ok(figures)
}

fn registry(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let registry = ours.telemetry().registry();
    let calls = registry
        .counter("calls_total", "Calls.")
        .and_then(|family| family.with(&[("tool", work::TOOL)]))
        .map_err(io::Error::other)?;
    let latency = registry
        .histogram("latency_ms", "Latency.", &work::BUCKETS)
        .and_then(|family| family.with(&[("tool", work::TOOL)]))
        .map_err(io::Error::other)?;
    let figures = compared(|| {
        calls.inc();
        latency.observe(3.0);
    })?;
    let text = ours.telemetry().metrics_text();
    let all = THREADS.len() * PAIRS;
    for series in ["calls_total", "latency_ms_count"] {
        if !text.contains(&format!("{series}{{tool=\"read_file\"}} {all}\n")) {
            return Err(io::Error::other(format!("{series} is not {all}")));
        }
    }
    ours.finish(Made::default())?;
    Ok(figures)
}

fn measures(dir: &Path) -> io::Result<Figures> {
    let ours = Ours::start(dir)?;
    let figures = compared(|| {
        let took = Duration::from_millis(3);
        let run = Measures::new("openai", "gpt-4o")
            .duration(took)
            .tool_call(work::TOOL, took);
        record_measures(run);
    })?;
    ours.finish(Made {
        spans: 0,
        tools: (THREADS.len() * PAIRS) as u64,
    })?;
    Ok(figures)
}

fn prometheus(_dir: &Path) -> io::Result<Figures> {
    compared(|| fast::METRICS.add(3.0))
}

fn prometheus_client(_dir: &Path) -> io::Result<Figures> {
    let calls = Counter::<u64>::default();
    let latency = Histogram::new(work::BUCKETS);
    compared(|| {
        calls.inc();
        latency.observe(3.0);
    })
}
