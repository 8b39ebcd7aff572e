//! Threads that make a few spans and end: the next ones take their places over, and no span is lost or
//! counted twice.

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use genai_trace::{MemoryExporter, Telemetry, genai_tool};

/// More than wait for others when they have ended.
const TOGETHER: usize = 300;
const SPANS: usize = 3;
const ROUNDS: usize = 4;
const LONG: Duration = Duration::from_secs(60);

#[genai_tool("read_file")]
fn read_file(number: usize) -> usize {
    number
}

/// As many threads as said, which live at the same time.
fn threads() {
    let barrier = Barrier::new(TOGETHER);
    thread::scope(|scope| {
        let threads = (0..TOGETHER).map(|_| {
            scope.spawn(|| {
                (0..SPANS).map(read_file).sum::<usize>();
                barrier.wait();
            })
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.join().unwrap();
        }
    });
}

#[test]
fn threads_that_follow_each_other_are_counted_once_each() {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install().unwrap();
    for round in 1..=ROUNDS {
        threads();
        let spans = round * TOGETHER * SPANS;
        let line = format!("tools_called_total{{tool=\"read_file\"}} {spans}");
        for _ in 0..2 {
            let text = telemetry.metrics_text();
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
            // The drain thread puts the places of those that have ended aside, or lets go of them.
            assert!(telemetry.flush(LONG).complete);
        }
    }
    let report = telemetry.shutdown(LONG);
    let spans = memory.spans();
    let ids: HashSet<_> = spans.iter().map(|span| span.span_id).collect();
    let all = ROUNDS * TOGETHER * SPANS;
    assert_eq!(
        (report.ended, spans.len(), ids.len()),
        (all as u64, all, all)
    );
}
