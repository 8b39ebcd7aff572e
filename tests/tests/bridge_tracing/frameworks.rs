//! Calls of models and tools that a framework says by `tracing`.

use genai_trace::bridge::tracing::layer;
use genai_trace::content::{ContentMode, Redaction};
use genai_trace::{SpanKind, Status, genai_chat, genai_tool};
use genai_trace_tests::{block_on, recorded_unchecked, recorded_unchecked_as, yield_once};
use tracing::subscriber::with_default;
use tracing::{Span, field, info, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

use crate::{read_file, recorded, recorded_by};

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
fn a_call_whose_span_a_framework_enters_twice_is_one_all_the_same() {
    let recorded = recorded(|| {
        chat_of_a_framework(|| {
            let again = Span::current();
            again.in_scope(|| chat(|| {}));
        });
    });
    assert_eq!(recorded.outline().lines().count(), 1, "{}", recorded.tree());
}

/// A tool as a framework says that it runs it, and knows its name only later.
fn tool_of_a_framework<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let span = info_span!(
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = field::Empty,
        gen_ai.tool.call.id = "call_1"
    );
    span.record("gen_ai.tool.name", name);
    span.in_scope(work)
}

#[genai_tool("search", fields("search.words" = words))]
fn search(words: u64) -> Result<(), std::fmt::Error> {
    read_file();
    match words {
        0 => Err(std::fmt::Error),
        _ => Ok(()),
    }
}

#[genai_tool("search")]
async fn search_later() {
    yield_once().await;
}

#[test]
fn a_tool_that_a_framework_runs_and_the_annotated_function_are_one_span() {
    let recorded = recorded(|| {
        tool_of_a_framework("search", || search(3).unwrap());
    });
    assert_eq!(
        recorded.outline(),
        "execute_tool search\n.execute_tool read_file\n..open"
    );
    let tool = recorded.span("execute_tool search");
    assert_eq!(tool.attributes.int("search.words"), Some(3));
    assert_eq!(tool.attributes.str("gen_ai.tool.call.id"), Some("call_1"));
    let called = recorded.metric("tools_called_total{tool=\"search\"}");
    assert_eq!(called, Some(1.0), "{}", recorded.metrics);
}

#[test]
fn a_step_between_the_two_changes_nothing() {
    let recorded = recorded(|| {
        tool_of_a_framework("search", || {
            info_span!("dispatch").in_scope(|| search(3).unwrap());
        });
    });
    let called = recorded.metric("tools_called_total{tool=\"search\"}");
    assert_eq!(called, Some(1.0), "{}", recorded.metrics);
    let tool = recorded.span("execute_tool search");
    assert_eq!(tool.attributes.int("search.words"), Some(3));
}

#[test]
fn what_is_called_again_in_such_a_tool_is_another() {
    let recorded = recorded(|| {
        tool_of_a_framework("search", || {
            search(1).unwrap();
            search(2).unwrap();
        });
    });
    let called = recorded.metric("tools_called_total{tool=\"search\"}");
    assert_eq!(called, Some(2.0), "{}", recorded.metrics);
}

#[test]
fn such_a_tool_fails_as_the_annotated_function_does() {
    let recorded = recorded(|| {
        tool_of_a_framework("search", || search(0).unwrap_err());
    });
    let tool = recorded.span("execute_tool search");
    assert_eq!(tool.status, Status::Error);
    assert!(!tool.status_message.is_empty());
    assert_eq!(tool.events[0].name, "exception");
}

#[test]
fn such_a_tool_may_wait_and_another_one_inside_it_is_another() {
    let recorded = recorded(|| {
        tool_of_a_framework("search", || block_on(search_later()));
        tool_of_a_framework("dispatch", || search(1).unwrap());
    });
    assert_eq!(
        recorded.outline(),
        "\
execute_tool search
execute_tool dispatch
.execute_tool search
..execute_tool read_file
...open"
    );
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
