//! Every span that ends is written or counted as dropped, whatever the load.

use std::time::Duration;

use genai_trace::{Report, Telemetry, genai_tool};
use genai_trace_tests::turn;

const THREADS: usize = 8;
const CALLS: usize = 100_000;

#[genai_tool("read_file", fields("app.number" = number))]
fn read_file(number: usize) -> usize {
    number
}

/// Eight threads call a tool 100,000 times each; the account, the lines of the file, the calls that the metrics count.
fn flood(buffer_bytes: usize) -> (Report, u64, u64) {
    let _turn = turn();
    let path = std::env::temp_dir().join(format!(
        "genai-trace-flood-{}-{buffer_bytes}.jsonl",
        std::process::id()
    ));
    let telemetry = Telemetry::builder()
        .jsonl(&path)
        .buffer_bytes(buffer_bytes)
        .install()
        .unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for call in 0..CALLS {
                    assert_eq!(read_file(thread * CALLS + call), thread * CALLS + call);
                }
            });
        }
    });
    let report = telemetry.shutdown(Duration::from_secs(120));
    let metrics = telemetry.metrics_text();
    let counted = |series: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(series));
        line.unwrap_or_default().trim().parse().unwrap()
    };
    assert_eq!(
        counted("tool_latency_ms_count{tool=\"read_file\"}"),
        counted("tools_called_total{tool=\"read_file\"}")
    );
    let file = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut numbers = std::collections::HashSet::new();
    let mut lines = 0;
    for line in file
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let span: genai_trace::SpanRecord = serde_json::from_slice(line).unwrap();
        assert!(
            numbers.insert(span.attributes.int("app.number")),
            "twice: {span:?}"
        );
        lines += 1;
    }
    (
        report,
        lines,
        counted("tools_called_total{tool=\"read_file\"}"),
    )
}

#[test]
fn with_buffers_that_are_large_enough_nothing_is_lost() {
    let (report, lines, counted) = flood(64 * 1024 * 1024);
    assert!(report.complete && !report.has_losses(), "{report}");
    assert_eq!((report.ended, lines, counted), (800_000, 800_000, 800_000));
}

#[test]
fn with_small_buffers_every_loss_is_counted_and_the_metrics_stay_exact() {
    let (report, lines, counted) = flood(4096);
    let exporter = &report.exporters[0];
    assert!(exporter.dropped > 0, "4 KiB were enough: {report}");
    assert_eq!(report.ended, 800_000);
    assert_eq!(exporter.written + exporter.dropped, 800_000);
    assert_eq!((exporter.written, counted), (lines, 800_000));
}
