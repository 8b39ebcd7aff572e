//! Spans and events of `tracing` among ours, and our ids in its log lines.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use genai_trace::bridge::tracing::{TracingLayer, WithTraceIds, layer};
use genai_trace::content::{ContentMode, Redaction};
use genai_trace::{SpanKind, Status, Value, current, genai_agent, genai_chat, genai_tool, record};
use genai_trace_tests::{
    Recorded, block_on, recorded_unchecked, recorded_unchecked_as, yield_once,
};
use tracing::subscriber::with_default;
use tracing::{Instrument, Span, error, error_span, field, info, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::fmt as log;
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
fn fields_keep_their_types_also_those_that_come_late() {
    let recorded = recorded(|| {
        let span = info_span!(
            "query",
            text = "a",
            yes = true,
            int = -7_i64,
            unsigned = 7_u64,
            float = 0.5,
            shown = %"b",
            debugged = ?Some(1),
            late = field::Empty,
            never = field::Empty
        );
        span.record("late", 9_007_199_254_740_993_u64);
    });
    let attributes = &recorded.span("query").attributes;
    for (key, value) in [
        ("text", Value::from("a")),
        ("yes", Value::Bool(true)),
        ("int", Value::Int(-7)),
        ("unsigned", Value::Int(7)),
        ("float", Value::Float(0.5)),
        ("shown", Value::from("b")),
        ("debugged", Value::from("Some(1)")),
        ("late", Value::Int(9_007_199_254_740_993)),
    ] {
        assert_eq!(attributes.get(key), Some(&value), "{key}");
    }
    assert_eq!(attributes.len(), 8);
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
fn a_span_is_named_and_fails_as_its_fields_say() {
    let recorded = recorded(|| {
        let span = error_span!(
            "http",
            otel.name = "GET /v1",
            otel.status_code = field::Empty,
            otel.status_message = field::Empty,
            "error.type" = "500"
        );
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_message", "internal server error");
    });
    let span = recorded.span("GET /v1");
    assert_eq!(span.status, Status::Error);
    assert_eq!(span.status_message, "internal server error");
    assert_eq!(span.attributes.str("error.type"), Some("500"));
}

#[test]
fn a_span_is_of_the_kind_that_its_fields_say() {
    let recorded = recorded(|| {
        info_span!("HTTP request", otel.name = "GET", otel.kind = "client").in_scope(|| {});
        info_span!("receive", otel.kind = ?SpanKind::Consumer).in_scope(|| {});
        info_span!("work", otel.kind = "nothing known").in_scope(|| {});
        info_span!(
            "agent",
            otel.kind = "Client",
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = "remote"
        )
        .in_scope(|| {});
    });
    let kind = |name| recorded.span(name).kind;
    assert_eq!(kind("GET"), SpanKind::Client);
    assert_eq!(kind("receive"), SpanKind::Consumer);
    assert_eq!(kind("work"), SpanKind::Internal);
    assert_eq!(kind("invoke_agent remote"), SpanKind::Client);
    assert!(recorded.span("GET").attributes.is_empty());
}

#[test]
fn a_name_and_a_status_that_come_late_hold() {
    let recorded = recorded(|| {
        let span = info_span!(
            "request",
            rows = 3,
            otel.name = field::Empty,
            otel.status_description = field::Empty
        );
        span.in_scope(|| info!("routed"));
        span.record("otel.name", "GET /users/{id}");
        span.record("otel.status_description", "no such user");
        info_span!("refused", otel.status_code = "ERROR").in_scope(|| {});
        let dealt_with = info_span!("dealt with", otel.status_code = field::Empty);
        dealt_with.record("otel.status_code", "error");
        dealt_with.record("otel.status_code", "OK");
    });
    let span = recorded.span("GET /users/{id}");
    assert_eq!(span.status, Status::Error);
    assert_eq!(span.status_message, "no such user");
    assert_eq!(span.attributes.int("rows"), Some(3));
    let events: Vec<_> = span.events.iter().map(|event| &*event.name).collect();
    assert_eq!(events, ["routed"], "a status is no exception");
    assert_eq!(recorded.span("refused").status, Status::Error);
    assert_eq!(recorded.span("dealt with").status, Status::Unset);
}

#[tracing::instrument(err)]
fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

#[test]
fn an_instrumented_function_that_returns_an_error_has_failed() {
    let recorded = recorded(|| {
        parse("256").unwrap_err();
        run_and_log_an_error();
    });
    let span = recorded.span("parse");
    assert_eq!(span.status, Status::Error);
    assert_eq!(span.events[0].name, "exception");
    let message = span.events[0].attributes.str("exception.message");
    assert_eq!(message, Some(span.status_message.as_str()));
    assert!(span.status_message.contains("too large"));
    // Ours ends as it returns.
    let tool = recorded.span("execute_tool run_and_log_an_error");
    assert_eq!(tool.status, Status::Unset);
    assert_eq!(tool.events[0].name, "exception");
}

#[genai_tool]
fn run_and_log_an_error() {
    error!(error = %"out of disk");
}

#[test]
fn an_event_without_a_message_is_called_by_its_target() {
    let recorded = recorded(|| {
        read_and_log();
    });
    let tool = recorded.span("execute_tool read_and_log");
    let names: Vec<_> = tool.events.iter().map(|event| &*event.name).collect();
    assert_eq!(names, ["sqlx::query", "named"]);
}

#[genai_tool]
fn read_and_log() {
    info!(target: "sqlx::query", rows_returned = 2);
    info!(name: "named", rows_returned = 2);
}

#[test]
fn content_in_the_fields_of_a_framework_is_kept_as_the_policy_has_it() {
    let said = || {
        let span = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "gpt-4o",
            gen_ai.system_instructions = "be brief",
            gen_ai.output.messages = field::Empty
        );
        span.record("gen_ai.output.messages", "[]");
        span.in_scope(|| info!(gen_ai.prompt = "who are you?", "asked"));
    };
    let subscriber = || Registry::default().with(layer());
    let without = recorded_unchecked(|| with_default(subscriber(), said));
    let with = recorded_unchecked_as(
        |builder| {
            let builder = builder.content(ContentMode::SpanOnly);
            builder.redaction(Redaction::None)
        },
        |_| with_default(subscriber(), said),
    );
    for (recorded, instructions, messages, prompt) in [
        (&without, None, None, None),
        (&with, Some("be brief"), Some("[]"), Some("who are you?")),
    ] {
        let chat = recorded.span("chat gpt-4o");
        let said = |key| chat.attributes.str(key);
        assert_eq!(said("gen_ai.system_instructions"), instructions);
        assert_eq!(said("gen_ai.output.messages"), messages);
        assert_eq!(chat.events[0].attributes.str("gen_ai.prompt"), prompt);
    }
}

#[test]
fn a_line_with_a_parent_of_its_own_has_the_ids_of_that() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = log::fmt()
        .with_ansi(false)
        .event_format(WithTraceIds::new(log::format().without_time()))
        .with_writer(move || writer.clone())
        .finish()
        .with(layer());
    let recorded = recorded_unchecked(|| {
        with_default(subscriber, || {
            let query = info_span!("query");
            info_span!("elsewhere").in_scope(|| info!(parent: &query, "found"));
        });
    });
    let id = recorded.span("query").span_id;
    let lines = lines.to_string();
    assert!(lines.contains(&format!("span_id={id} ")), "{lines}");
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

/// A chat as a framework says it by `tracing`.
fn chat_of_a_framework(work: impl FnOnce()) {
    let span = info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = "gpt-4o",
        gen_ai.usage.input_tokens = field::Empty,
        gen_ai.usage.output_tokens = field::Empty
    );
    span.in_scope(|| {
        work();
        Span::current().record("gen_ai.usage.input_tokens", 250);
        Span::current().record("gen_ai.usage.output_tokens", 130);
    });
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat(work: impl FnOnce()) {
    work();
}

#[test]
fn a_span_with_an_operation_is_such_a_call_and_counted_like_one() {
    let recorded = recorded(|| chat_of_a_framework(|| {}));
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(chat.kind, SpanKind::Client);
    assert_eq!(chat.attributes.int("gen_ai.usage.input_tokens"), Some(250));
    let count = "gen_ai_client_inference_duration_seconds_count{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"gpt-4o\"}";
    assert_eq!(recorded.metric(count), Some(1.0), "{}", recorded.metrics);
}

#[test]
fn a_call_that_both_see_is_one_span() {
    for both in [(|| chat(|| chat_of_a_framework(|| {}))) as fn(), || {
        chat_of_a_framework(|| chat(|| {}))
    }] {
        let recorded = recorded(both);
        assert_eq!(recorded.outline().lines().count(), 1, "{}", recorded.tree());
        let chat = recorded.span("chat gpt-4o");
        assert_eq!(chat.attributes.int("gen_ai.usage.output_tokens"), Some(130));
    }
}

#[test]
fn what_is_not_of_gen_ai_may_be_left_out() {
    let recorded = recorded_by(layer().only_gen_ai(), || {
        info_span!("request").in_scope(|| {
            chat_of_a_framework(|| {
                info_span!("socket").in_scope(read_file);
                info!("sent");
            });
        });
    });
    assert_eq!(
        recorded.outline(),
        "chat gpt-4o 250/130 tokens\n.execute_tool read_file"
    );
    assert!(recorded.span("chat gpt-4o").events.is_empty());
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0.lock().unwrap()))
    }
}

#[genai_tool]
fn say() -> String {
    info!("inside");
    let current = current();
    format!(
        "{} {}",
        current.trace_id().unwrap(),
        current.span_id().unwrap()
    )
}

#[test]
fn log_lines_say_which_span_they_were_written_in() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = log::format().without_time();
    let subscriber = log::fmt()
        .with_ansi(false)
        .event_format(WithTraceIds::new(format))
        .with_writer(move || writer.clone())
        .finish();
    let mut ids = String::new();
    recorded_unchecked(|| {
        with_default(subscriber, || {
            info!("outside");
            ids = say();
        });
    });
    let (trace_id, span_id) = ids.split_once(' ').unwrap();
    assert_eq!(
        lines.to_string(),
        format!(
            " INFO bridge_tracing: outside\ntrace_id={trace_id} span_id={span_id}  INFO bridge_tracing: inside\n"
        )
    );
}

#[test]
fn log_lines_of_json_stay_json() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = log::fmt()
        .json()
        .event_format(WithTraceIds::json(log::format().json().without_time()))
        .with_writer(move || writer.clone())
        .finish();
    let mut ids = String::new();
    recorded_unchecked(|| with_default(subscriber, || ids = say()));
    let line: serde_json::Value = serde_json::from_str(&lines.to_string()).unwrap();
    let (trace_id, span_id) = ids.split_once(' ').unwrap();
    assert_eq!(line["trace_id"], trace_id);
    assert_eq!(line["span_id"], span_id);
    assert_eq!(line["fields"]["message"], "inside");
}
