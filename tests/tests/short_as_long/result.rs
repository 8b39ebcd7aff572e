//! What comes of a program, but for what differs from run to run.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::thread;

use genai_trace::{SpanRecord, Telemetry, record};
use genai_trace_tests::recorded_with;

use crate::program::{Program, Step};

/// What comes of a program: its spans, what it saw meanwhile, and what the metrics count.
pub fn result_of(steps: &[Step], asks: bool) -> Vec<String> {
    // On a thread of its own, so that it begins as every other does.
    let done = thread::scope(|scope| scope.spawn(|| on_this_thread(steps, asks)).join());
    done.unwrap_or_else(|failed| resume_unwind(failed))
}

fn on_this_thread(steps: &[Step], asks: bool) -> Vec<String> {
    let mut seen = Vec::new();
    let recorded = recorded_with(|telemetry| {
        let (looks, asked) = mpsc::channel::<mpsc::Sender<String>>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let answers = asked.iter();
                answers.for_each(|answer| answer.send(seen_by(telemetry)).unwrap());
            });
            let program = Program::new(asks, looks);
            let taken = catch_unwind(AssertUnwindSafe(|| program.take(steps)));
            // Its futures hold the program, and so the thread that looks.
            seen = program.end();
            assert!(!is_in_a_span(), "the thread is in a span that nobody holds");
            if let Err(failed) = taken {
                resume_unwind(failed);
            }
        });
    });
    let mut result = described(&recorded.spans);
    result.append(&mut seen);
    result.extend(counts(&recorded.metrics));
    result
}

/// Whether the thread is in a span, which is asked when the program has left all of its own.
fn is_in_a_span() -> bool {
    let mut is_in_a_span = false;
    record!(
        "app.left" = {
            is_in_a_span = true;
            true
        }
    );
    is_in_a_span
}

/// Spans as they are but for ids and times.
fn described(spans: &[SpanRecord]) -> Vec<String> {
    let key = |span: &SpanRecord| format!("{} {:?}", span.name, span.attributes.int("app.n"));
    let by_id: HashMap<_, _> = spans.iter().map(|span| (span.span_id, span)).collect();
    assert_eq!(by_id.len(), spans.len(), "a span ended twice");
    let mut described: Vec<_> = spans
        .iter()
        .map(|span| {
            let parent = span.parent_span_id.map(|id| by_id.get(&id).copied());
            if let Some(Some(parent)) = parent {
                assert_eq!(span.trace_id, parent.trace_id);
                assert!(span.start_unix_nano >= parent.start_unix_nano);
            }
            let events = span
                .events
                .iter()
                .map(|event| (&event.name, &event.attributes));
            format!(
                "{} below {:?}: {:?} {:?} {:?} {:?} {:?} {}",
                key(span),
                parent.map(|parent| parent.map(key)),
                span.kind,
                span.outcome(),
                span.status_message,
                span.attributes,
                events.collect::<Vec<_>>(),
                span.links.len(),
            )
        })
        .collect();
    described.sort();
    described
}

/// What telemetry shows while the program runs: which spans are open, and what was counted so far.
fn seen_by(telemetry: &Telemetry) -> String {
    let open = telemetry.open_spans();
    let of_ids: HashMap<_, _> = open.iter().map(|span| (span.span_id, &span.name)).collect();
    assert_eq!(of_ids.len(), open.len(), "a span is shown twice");
    let shown = open.iter().map(|span| {
        let parent = span.parent_span_id.map(|id| of_ids.get(&id));
        let agent = span.attributes.str("gen_ai.agent.name");
        format!("{} below {parent:?} for {agent:?}", span.name)
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort();
    shown.extend(counts(&telemetry.metrics_text()));
    shown.join("\n")
}

/// What metrics count of spans and in them, without what depends on time.
fn counts(metrics: &str) -> Vec<String> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    let is_count = |line: &&str| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        let is_of_time = ["seconds", "duration", "latency"]
            .iter()
            .any(|word| name.contains(word));
        // Exporters go on meanwhile.
        !line.contains("exporter=") && (name.ends_with("_count") || !is_of_time)
    };
    let mut counts: Vec<_> = lines.filter(is_count).map(str::to_owned).collect();
    counts.sort();
    counts
}
