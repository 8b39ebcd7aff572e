//! Four threads call a tool as fast as they can, into small buffers and beside an exporter that
//! hangs; prints what became of the spans, and what it cost.
//!
//! `flood CALLS CRASH_SAFE`

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use genai_trace::{ExportError, SpanBatch, SpanExporter, Telemetry, genai_tool};

const THREADS: u64 = 4;

#[genai_tool("read_file", fields("app.number" = number))]
fn read_file(number: u64) -> u64 {
    number
}

/// Never comes back.
struct Hangs;

impl SpanExporter for Hangs {
    fn name(&self) -> &str {
        "hangs"
    }

    fn export(&mut self, _: &SpanBatch<'_>) -> Result<(), ExportError> {
        loop {
            std::thread::park();
        }
    }
}

/// Calls in a row whose time is taken together.
const BURST: u64 = 100;

/// Nanoseconds of a call, where each of the threads makes `calls` of them and rests for `rest` after
/// each burst: the median of all bursts, since a thread may lose its processor in any of them.
fn call(calls: u64, rest: Duration) -> f64 {
    let burst = |first: u64| {
        let began = Instant::now();
        let sum: u64 = (first..first + BURST).map(read_file).sum();
        std::hint::black_box(sum);
        began.elapsed().as_nanos()
    };
    let mut times: Vec<u128> = std::thread::scope(|scope| {
        let work = |_| {
            scope.spawn(|| {
                let mut times = Vec::new();
                for number in 0..calls / BURST {
                    times.push(burst(number * BURST));
                    if !rest.is_zero() {
                        std::thread::sleep(rest);
                    }
                }
                times
            })
        };
        let threads: Vec<_> = (0..THREADS).map(work).collect();
        let times = threads.into_iter().flat_map(|thread| thread.join());
        times.flatten().collect()
    });
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(0.0, |burst| *burst as f64)
        / BURST as f64
}

/// The most memory that the process ever had, in bytes.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let calls: u64 = args.next().unwrap_or_default().parse()?;
    let crash_safe: bool = args.next().unwrap_or_default().parse()?;
    let name = format!("genai-trace-flood-{}.jsonl", std::process::id());
    let path = std::env::temp_dir().join(name);
    let builder = || {
        Telemetry::builder()
            .jsonl(&path)
            .buffer_bytes(64 * 1024)
            .crash_safe(crash_safe)
    };
    // What a call costs where nobody floods.
    let telemetry = builder().install()?;
    let calm = call(20_000, Duration::from_millis(1));
    drop(telemetry);
    std::fs::remove_file(&path)?;

    let telemetry = builder().exporter(Hangs).install()?;
    let flooded = call(calls / THREADS, Duration::ZERO);
    println!("calm ns {calm}");
    println!("flooded ns {flooded}");
    let report = telemetry.shutdown(Duration::from_secs(10));
    println!("ended {}", report.ended);
    for exporter in &report.exporters {
        println!("{} written {}", exporter.name, exporter.written);
        println!("{} dropped {}", exporter.name, exporter.dropped);
        println!("{} failed {}", exporter.name, exporter.failed);
    }
    let metrics = telemetry.metrics_text();
    let called = metrics
        .lines()
        .find_map(|line| line.strip_prefix("tools_called_total{tool=\"read_file\"} "));
    println!("tools called {}", called.unwrap_or("none"));
    println!("resident bytes {}", resident_bytes().unwrap_or(0));
    println!(
        "lines {}",
        BufReader::new(std::fs::File::open(&path)?).lines().count()
    );
    std::fs::remove_file(&path)?;
    Ok(())
}
