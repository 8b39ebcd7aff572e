//! What is running now: asked of the telemetry itself, and from another process.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use genai_trace::{Operation, SpanInFlight, current, genai_agent, genai_tool, span};
use genai_trace_tests::{block_on, recorded_with, yield_once};

#[genai_tool("search")]
async fn search(during: impl Fn()) {
    yield_once().await;
    during();
}

#[genai_agent("coder")]
async fn run(during: impl Fn()) {
    search(during).await;
}

fn outline(open: &[SpanInFlight]) -> Vec<(&str, Option<usize>)> {
    let places: HashMap<_, _> = open.iter().map(|span| span.span_id).zip(0..).collect();
    let parent = |span: &SpanInFlight| places.get(&span.parent_span_id?).copied();
    open.iter()
        .map(|span| (span.name.as_str(), parent(span)))
        .collect()
}

#[test]
fn every_span_that_is_open_is_shown_the_longest_first() {
    recorded_with(|telemetry| {
        assert_eq!(telemetry.open_spans(), []);
        let mut job = span("index").operation(Operation::Tool).start();
        block_on(run(|| {
            let open = telemetry.open_spans();
            assert_eq!(
                outline(&open),
                [
                    ("execute_tool index", None),
                    ("invoke_agent coder", None),
                    ("execute_tool search", Some(1)),
                ]
            );
            let search = &open[2];
            assert_eq!(Some(search.trace_id), current().trace_id());
            assert_eq!(search.process_id, std::process::id());
            assert_eq!(search.attributes.str("gen_ai.tool.name"), Some("search"));
            assert_eq!(search.attributes.str("gen_ai.agent.name"), Some("coder"));
            assert!(open[0].running_for >= search.running_for);
        }));
        job.run(|| {
            assert_eq!(
                outline(&telemetry.open_spans()),
                [("execute_tool index", None)]
            )
        });
        job.end();
        assert_eq!(telemetry.open_spans(), []);
    });
}

#[test]
fn a_future_that_waits_is_open_and_one_that_was_dropped_is_not() {
    recorded_with(|telemetry| {
        let mut waiting: Vec<_> = (0..1000).map(|_| Box::pin(search(|| {}))).collect();
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        for search in &mut waiting {
            assert!(search.as_mut().poll(&mut cx).is_pending());
        }
        assert_eq!(telemetry.open_spans().len(), 1000);
        waiting.truncate(10);
        assert_eq!(telemetry.open_spans().len(), 10);
        drop(waiting);
        assert_eq!(telemetry.open_spans(), []);
    });
}

#[test]
fn a_name_that_was_said_at_run_time_is_shown() {
    recorded_with(|telemetry| {
        span("nightly").run(|| assert_eq!(telemetry.open_spans()[0].name, "nightly"));
    });
}

#[test]
fn threads_may_ask_while_spans_come_and_go() {
    recorded_with(|telemetry| {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        span("outer").run(|| span("inner").run(|| {}));
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..200 {
                    let open = telemetry.open_spans();
                    assert!(open.len() <= 4, "{open:?}");
                    assert!(
                        open.iter()
                            .all(|span| ["outer", "inner"].contains(&&*span.name))
                    );
                }
            });
        });
    });
}

#[test]
fn what_was_said_so_far_is_seen_from_another_process() {
    let folder = std::env::temp_dir().join(format!("genai-trace-in-flight-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("traces.jsonl");
    let mut child = Command::new(env!("CARGO_BIN_EXE_crashes"))
        .arg("2")
        .env_clear()
        .env("GENAI_TRACE_FILE", &file)
        .env("GENAI_TRACE_CRASH_SAFE", "true")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut steps = HashMap::new();
    // Kept open: whoever cannot say anything any more ends.
    let mut said = BufReader::new(child.stdout.take().unwrap());
    for line in said.by_ref().lines() {
        let line = line.unwrap();
        if let ["step", id, step] = line.split(' ').collect::<Vec<_>>().as_slice() {
            steps.insert((*id).to_owned(), step.parse::<i64>().unwrap());
        }
        if steps.len() == 2 && steps.values().all(|step| *step > 0) {
            break;
        }
    }
    let open = genai_trace::open_spans_in(&file).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let agents: Vec<_> = open
        .iter()
        .filter(|span| span.name == "invoke_agent coder")
        .collect();
    assert_eq!(agents.len(), 2, "{open:?}");
    for agent in agents {
        assert_eq!(agent.process_id, child.id());
        assert!(agent.running_for > Duration::ZERO);
        let step = agent.attributes.int("app.step").unwrap();
        assert!(step >= steps[&agent.span_id.to_string()], "{agent:?}");
    }
    let after = genai_trace::open_spans_in(&file).unwrap();
    assert_eq!(after, [], "it is not alive any more");
    std::fs::remove_dir_all(&folder).unwrap();
}
