//! Spans and events of `tracing` among ours, and our ids in its log lines.

mod fields;
mod frameworks;
mod log_lines;

use genai_trace::bridge::tracing::{TracingLayer, layer};
use genai_trace::{genai_agent, genai_tool, record};
use genai_trace_tests::{Recorded, block_on, recorded_unchecked, yield_once};
use tracing::subscriber::with_default;
use tracing::{Instrument, info, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

/// What is recorded of `work` where `tracing` goes through the bridge.
fn recorded(work: impl FnOnce()) -> Recorded {
    recorded_by(layer(), work)
}

fn recorded_by(layer: TracingLayer, work: impl FnOnce()) -> Recorded {
    recorded_unchecked(|| with_default(Registry::default().with(layer), work))
}

#[genai_tool("read_file")]
fn read_file() {
    info_span!("open", file.bytes = 3_u64).in_scope(|| {});
}

#[genai_agent("coder")]
fn run() {
    info_span!("plan").in_scope(read_file);
}

#[test]
fn each_span_stands_below_the_one_that_it_is_made_in_whoever_made_that() {
    let recorded = recorded(|| {
        info_span!("request").in_scope(run);
        info_span!("another").in_scope(|| {});
    });
    assert_eq!(
        recorded.outline(),
        "\
request
.invoke_agent coder
..plan
...execute_tool read_file
....open
another"
    );
}

#[test]
fn what_a_span_follows_from_is_a_link() {
    let recorded = recorded(|| {
        let first = info_span!("first");
        let second = info_span!(parent: None, "second");
        second.follows_from(first.id());
    });
    let (first, second) = (recorded.span("first"), recorded.span("second"));
    assert_eq!(second.links.len(), 1);
    assert_eq!(second.links[0].span_id, first.span_id);
    assert_ne!(second.trace_id, first.trace_id);
}

#[test]
fn a_parent_that_is_said_is_the_parent_wherever_the_thread_is() {
    let recorded = recorded(|| {
        let parent = info_span!("parent");
        info_span!("elsewhere").in_scope(|| info_span!(parent: &parent, "child").in_scope(|| {}));
    });
    assert_eq!(recorded.outline(), "parent\n.child\nelsewhere");
}

#[test]
fn an_event_belongs_to_the_span_that_it_is_in() {
    let recorded = recorded(|| {
        info!("outside any");
        read_and_say();
        let span = info_span!("query");
        info!(parent: &span, rows = 3, "found");
    });
    let tool = recorded.span("execute_tool read_and_say");
    assert_eq!(tool.events[0].name, "read");
    assert_eq!(tool.events[0].attributes.int("bytes"), Some(7));
    assert_eq!(tool.events[0].attributes.str("level"), Some("INFO"));
    let query = recorded.span("query");
    assert_eq!(query.events[0].name, "found");
    assert_eq!(query.events[0].attributes.int("rows"), Some(3));
}

#[genai_tool]
fn read_and_say() {
    info!(bytes = 7, "read");
}

#[test]
fn futures_that_take_turns_on_a_thread_keep_their_own_spans() {
    let recorded = recorded(|| {
        let work = |name: &'static str| {
            async move {
                for _ in 0..3 {
                    record!(app.of = name);
                    info_span!("step", app.of = name).in_scope(|| {});
                    yield_once().await;
                }
            }
            .instrument(info_span!("task", otel.name = name))
        };
        block_on(async { futures::join!(work("a"), work("b")) });
    });
    for name in ["a", "b"] {
        let task = recorded.span(name);
        assert_eq!(task.attributes.str("app.of"), Some(name));
        let below = |span: &&genai_trace::SpanRecord| span.parent_span_id == Some(task.span_id);
        let steps: Vec<_> = recorded.spans.iter().filter(below).collect();
        assert_eq!(steps.len(), 3);
        assert!(
            steps
                .iter()
                .all(|step| step.attributes.str("app.of") == Some(name))
        );
    }
}

#[test]
fn several_threads_may_be_in_a_span_at_once() {
    let recorded = recorded(|| {
        let span = info_span!("shared");
        let subscriber = tracing::dispatcher::get_default(Clone::clone);
        span.in_scope(|| {
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    tracing::dispatcher::with_default(&subscriber, || {
                        span.in_scope(|| info_span!("there").in_scope(|| {}));
                    });
                });
            });
            info_span!("here").in_scope(|| {});
        });
    });
    let shared = recorded.span("shared").span_id;
    assert_eq!(recorded.span("here").parent_span_id, Some(shared));
    assert_eq!(recorded.span("there").parent_span_id, Some(shared));
    assert_eq!(recorded.spans.len(), 3);
}

#[test]
fn spans_may_be_left_in_any_order() {
    let recorded = recorded(|| {
        let (outer, inner) = (info_span!("outer"), info_span!("inner"));
        let in_outer = outer.enter();
        let in_inner = inner.enter();
        let again = outer.enter();
        drop(in_outer);
        drop(again);
        info_span!("in inner").in_scope(|| {});
        drop(in_inner);
        info_span!("in none").in_scope(|| {});
    });
    let of = |name: &str| recorded.span(name).span_id;
    assert_eq!(recorded.span("in inner").parent_span_id, Some(of("inner")));
    assert_eq!(recorded.span("in none").parent_span_id, None);
}
