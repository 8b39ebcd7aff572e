//! What the fields of spans and events become.

use genai_trace::{Carrier, SpanKind, Status, Value, genai_tool, span};
use tracing::{error, error_span, field, info, info_span};

use crate::recorded;

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

#[test]
fn a_name_that_comes_late_leaves_the_state_of_the_trace_as_it_is() {
    let headers = [
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        ("tracestate", "vendor=1"),
    ];
    let parent: Carrier = headers.into_iter().collect();
    let recorded = recorded(|| {
        span("consume").parent(&parent).run(|| {
            let request = info_span!("request", otel.name = field::Empty);
            request.record("otel.name", "GET /users/{id}");
        });
    });
    let request = recorded.span("GET /users/{id}");
    assert_eq!(request.trace_state.as_deref(), Some("vendor=1"));
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
fn a_message_that_is_too_long_for_a_name_stands_in_an_attribute_and_an_empty_one_is_none() {
    let long = "é".repeat(1000);
    let recorded = recorded(|| {
        info_span!("query").in_scope(|| {
            error!("{long}");
            info!("");
        });
    });
    let [shortened, unnamed] = &recorded.span("query").events[..] else {
        panic!("two events: {}", recorded.tree());
    };
    assert_eq!(shortened.name, "é".repeat(512));
    assert_eq!(shortened.attributes.str("message"), Some(long.as_str()));
    assert_eq!(unnamed.name, module_path!());
    assert_eq!(unnamed.attributes.get("message"), None);
}
