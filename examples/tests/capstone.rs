//! Runs of `capstone` and `retrieve_generate` as a user starts them.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

#[allow(dead_code)]
mod support;

use std::fs;

use genai_trace::SpanRecord;

use support::{Folder, Run};

#[test]
fn capstone_shows_three_spans_and_the_metrics_and_cleans_up() {
    let folder = Folder::new();
    let temporary = [("TMPDIR", folder.path().to_str().unwrap())];
    let run = Run::of("capstone", &[], &temporary).assert_success();
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "its own folder is gone"
    );
    assert_eq!(fs::read_dir(run.folder.path()).unwrap().count(), 0);

    let text = run.stdout();
    let spans: Vec<SpanRecord> = text
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "invoke_agent harness",
            "chat claude-sonnet-4-5",
            "execute_tool read_file"
        ]
    );
    // The tool is inside the chat, the chat inside the agent.
    let ids: Vec<_> = spans.iter().map(|span| Some(span.span_id)).collect();
    let parents: Vec<_> = spans.iter().map(|span| span.parent_span_id).collect();
    assert_eq!(parents.first(), Some(&None));
    assert_eq!(parents.get(1..), ids.get(..2));

    for sample in [
        "tools_called_total{tool=\"read_file\"} 1",
        "tools_called_total{tool=\"run_tests\"} 1",
        "tool_latency_ms_bucket{tool=\"read_file\",le=\"5\"} 0",
        "tool_latency_ms_bucket{tool=\"run_tests\",le=\"25\"} 0",
        "tool_latency_ms_bucket{tool=\"run_tests\",le=\"+Inf\"} 1",
        "genai_trace_gate_decisions_total{decision=\"deny\",gate=\"allow_path\"} 1",
    ] {
        assert!(text.lines().any(|line| line == sample), "{sample}\n{text}");
    }
}

#[test]
fn retrieve_generate_prints_its_trace_and_its_metrics() {
    let run = Run::of("retrieve_generate", &[], &[]).assert_success();
    let text = run.stdout();
    for part in [
        "invoke_agent rag ",
        "├─ retrieve ",
        "└─ chat extractive-1 ",
        " 7/6 tokens",
        "requests_total\n  model=extractive-1  1\n",
        "tokens_total\n  model=extractive-1  13\n",
        "request_duration_s\n  model=extractive-1  count 1, ",
        "OpenTelemetry is a CNCF project",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn retrieve_generate_says_when_it_finds_nothing_and_counts_the_request() {
    let run = Run::of("retrieve_generate", &["xyzzy"], &[]);
    assert_eq!(run.output.status.code(), Some(1));
    assert_eq!(
        run.stderr(),
        "retrieve_generate: no document has a word of the question\n"
    );
    assert!(
        run.stdout()
            .contains("requests_total\n  model=extractive-1  1\n")
    );
    assert!(run.stdout().contains("ERROR NothingFound"));
}
