//! Works for a while as a busy server does, and watches its own memory: prints what the process has
//! resident every second, and fails where that grows.
//!
//! `soak SECONDS CRASH_SAFE`: threads come and go; spans are short, long, large, cancelled, forgotten
//! and many at once; telemetry is shut down and begun again now and then.

use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use genai_trace::{Telemetry, current, genai_agent, genai_tool, record};
use genai_trace_tests::yield_once;

#[genai_tool("read_file", fields("app.number" = number))]
fn read_file(number: usize, content: &str) -> Result<usize, String> {
    record!(app.content = content);
    match number % 50 {
        0 => Err("not found".to_owned()),
        _ => Ok(content.len()),
    }
}

#[genai_tool("search")]
async fn search() {
    yield_once().await;
    yield_once().await;
}

#[genai_agent("coder")]
fn turn(number: usize, content: &str) {
    for call in 0..50 {
        let _ = read_file(number + call, content.get(..call * 16).unwrap_or_default());
    }
    if number.is_multiple_of(100) {
        let _ = read_file(number, content);
    }
    current().event("turn.ended", |event| {
        event.set("app.number", &(number as i64));
    });
    // A thousand are open at once; half of them are dropped before they are ready.
    let mut searches: Vec<_> = (0..1000).map(|_| Box::pin(search())).collect();
    let mut cx = Context::from_waker(Waker::noop());
    for (index, search) in searches.iter_mut().enumerate() {
        for _ in 0..1 + 2 * (index % 2) {
            let _ = pin!(&mut *search).poll(&mut cx);
        }
    }
}

/// What the process has resident now, in bytes.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// One life of the telemetry.
fn life(file: &Path, crash_safe: bool, time: Duration) -> Result<u64, Box<dyn Error>> {
    let telemetry = Telemetry::builder()
        .jsonl(file)
        .crash_safe(crash_safe)
        .install()?;
    let content = "x".repeat(200 * 1024);
    let began = Instant::now();
    let mut number = 0;
    while began.elapsed() < time {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let content = &content;
                scope.spawn(move || turn(number + thread, content));
            }
        });
        number += 4;
        std::thread::sleep(Duration::from_millis(40));
    }
    let report = telemetry.shutdown(Duration::from_secs(10));
    if !report.complete {
        return Err(report.to_string().into());
    }
    let _ = std::fs::remove_file(file);
    Ok(report.ended)
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let seconds: u64 = args.next().unwrap_or_default().parse()?;
    let crash_safe: bool = args.next().unwrap_or_default().parse()?;
    let folder = std::env::temp_dir().join(format!("genai-trace-soak-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let lives = 20;
    let mut resident = Vec::new();
    for number in 0..lives {
        let time = Duration::from_millis(seconds * 1000 / lives);
        let spans = life(&folder.join("traces.jsonl"), crash_safe, time)?;
        let now = resident_bytes().ok_or("no resident memory")?;
        println!("life {number}: {spans} spans, {} KiB resident", now / 1024);
        resident.push(now);
    }
    let left = std::fs::read_dir(&folder)?.count();
    std::fs::remove_dir_all(&folder)?;
    let third = resident.len() / 3;
    let most = |part: &[u64]| part.iter().copied().max().unwrap_or(0);
    let (early, late) = (
        most(resident.get(1..third).unwrap_or_default()),
        most(resident.get(2 * third..).unwrap_or_default()),
    );
    println!(
        "early {} KiB, late {} KiB, {left} files left",
        early / 1024,
        late / 1024
    );
    let is_flat = late <= early + early / 10 && left == 0;
    Ok(if is_flat {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
