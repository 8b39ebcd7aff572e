//! A call inside a call is recorded once; what agents pass on and add up.

use std::io;

use futures::stream::{self, Stream, StreamExt};
use genai_trace::{
    SpanLimits, Status, current, genai_agent, genai_chat, genai_mcp, genai_span, genai_tool,
    handoff, span,
};
use genai_trace_tests::{block_on, recorded, recorded_within, yield_once};
use serde_json::{Value, json};

#[genai_span("http")]
fn http() {}

#[genai_chat(provider = "openai", model = "gpt-4o", temperature = 0.5)]
fn client(attempt: u32, fails: u32) -> io::Result<Value> {
    http();
    if attempt < fails {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(json!({
        "id": "c-1", "object": "chat.completion", "model": "gpt-4o-2024",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3},
    }))
}

/// What a framework makes of it.
struct Answer;

#[genai_chat(model = "openai/gpt-4o")]
fn framework(fails: u32) -> Answer {
    for attempt in 0.. {
        if client(attempt, fails).is_ok() {
            break;
        }
    }
    Answer
}

#[test]
fn an_inference_of_a_framework_and_of_its_client_is_one_span() {
    let recorded = recorded(|| {
        framework(0);
    });
    assert_eq!(recorded.outline(), "chat openai/gpt-4o 10/3 tokens\n.http");
    let chat = recorded.span("chat openai/gpt-4o");
    assert_eq!(chat.attributes.str("gen_ai.provider.name"), Some("openai"));
    assert_eq!(
        chat.attributes.float("gen_ai.request.temperature"),
        Some(0.5)
    );
    assert_eq!(chat.attributes.int("gen_ai.usage.input_tokens"), Some(10));
    let counted = "gen_ai_client_inference_usage_input_tokens_total{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"openai/gpt-4o\",gen_ai_response_model=\"gpt-4o-2024\",gen_ai_token_modality=\"unknown\"}";
    assert_eq!(recorded.metric(counted), Some(10.0));
}

#[test]
fn an_attempt_that_failed_is_a_child_without_an_error() {
    let recorded = recorded(|| {
        framework(2);
    });
    assert_eq!(
        recorded.outline(),
        "chat openai/gpt-4o 10/3 tokens\n.attempt 1\n.http\n.attempt 2\n.http\n.http"
    );
    let attempt = recorded.span("attempt 2");
    assert_eq!(attempt.status, Status::Unset);
    assert_eq!(attempt.attributes.int("genai_trace.retry.attempt"), Some(2));
    assert_eq!(
        attempt.attributes.str("genai_trace.retry.reason"),
        Some("TimedOut")
    );
    assert_eq!(attempt.attributes.get("gen_ai.operation.name"), None);
    assert_eq!(recorded.span("chat openai/gpt-4o").status, Status::Unset);
}

#[test]
fn a_step_that_is_entered_again_does_not_part_a_client_from_its_framework() {
    #[genai_chat(model = "framework")]
    fn framework() -> Value {
        span("attempt").run(|| current().run(|| client(0, 0).unwrap_or_default()))
    }
    let recorded = recorded(|| {
        framework();
    });
    assert_eq!(
        recorded.outline(),
        "chat framework 10/3 tokens\n.attempt\n.http"
    );
}

#[test]
fn a_call_apart_and_a_call_after_an_answer_are_spans_of_their_own() {
    #[genai_chat(model = "judge", apart)]
    fn judge() {}
    #[genai_chat(model = "outer")]
    fn outer() {
        judge();
        let _ = client(0, 0);
        let _ = client(0, 0);
    }
    let recorded = recorded(outer);
    assert_eq!(
        recorded.outline(),
        "chat outer 10/3 tokens\n.chat judge\n.http\n.chat gpt-4o 10/3 tokens\n..http"
    );
}

#[test]
fn a_call_beside_one_that_was_answered_first_is_a_span_of_its_own() {
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    async fn slow(polls: u32) -> Value {
        for _ in 0..polls {
            yield_once().await;
        }
        client(0, 0).unwrap_or_default()
    }
    #[genai_chat(model = "outer")]
    async fn outer() {
        futures::join!(slow(1), slow(2));
    }
    #[genai_agent("coder")]
    async fn coder() {
        outer().await;
    }
    let recorded = recorded(|| block_on(coder()));
    assert_eq!(
        recorded.outline(),
        "invoke_agent coder\n.chat outer 10/3 tokens\n..chat gpt-4o 10/3 tokens\n..http\n..http"
    );
    let coder = recorded.span("invoke_agent coder");
    let total = |what: &str| coder.attributes.int(&format!("genai_trace.total.{what}"));
    assert_eq!(
        (total("chat_calls"), total("input_tokens")),
        (Some(2), Some(20))
    );
}

/// What a client streams.
#[genai_chat(provider = "openai", model = "gpt-4o")]
fn streamed(ends_with: &[Value]) -> impl Stream<Item = Value> {
    let said = json!({
        "id": "c-1", "object": "chat.completion.chunk", "model": "gpt-4o-2024",
        "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": null}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3},
    });
    let chunks: Vec<Value> = [said]
        .into_iter()
        .chain(ends_with.iter().cloned())
        .collect();
    stream::iter(chunks)
}

#[test]
fn what_a_client_streams_is_kept_by_the_framework_that_streams_it_on() {
    #[genai_chat(model = "framework")]
    fn framework() -> impl Stream<Item = Answer> {
        streamed(&[Value::Null]).map(|_| Answer)
    }
    let recorded = recorded(|| {
        assert_eq!(block_on(framework().count()), 2);
        // Half of it.
        block_on(framework().take(1).count());
    });
    assert_eq!(
        recorded.outline(),
        "chat framework 10/3 tokens\nchat framework 10/3 tokens abandoned"
    );
    let counted = |span: &genai_trace::SpanRecord| span.attributes.int("genai_trace.stream.chunks");
    assert_eq!(counted(&recorded.spans[0]), Some(2));
    assert_eq!(counted(&recorded.spans[1]), Some(1));
    for span in &recorded.spans {
        assert!(
            span.attributes
                .float("genai_trace.time_to_first_token")
                .is_some()
        );
    }
}

#[test]
fn a_client_whose_stream_is_left_half_way_has_answered() {
    #[genai_chat(model = "framework")]
    async fn framework() -> Answer {
        streamed(&[Value::Null]).boxed().next().await;
        Answer
    }
    let recorded = recorded(|| {
        block_on(framework());
    });
    assert_eq!(recorded.outline(), "chat framework 10/3 tokens");
}

#[test]
fn a_client_whose_stream_ends_with_an_error_was_an_attempt() {
    #[genai_chat(model = "framework")]
    async fn framework() -> Answer {
        let overloaded = json!({"error": {"type": "overloaded_error", "message": "later"}});
        streamed(&[overloaded]).count().await;
        let _ = client(0, 0);
        Answer
    }
    let recorded = recorded(|| {
        block_on(framework());
    });
    assert_eq!(
        recorded.outline(),
        "chat framework 10/3 tokens\n.attempt 1\n.http"
    );
    assert_eq!(
        recorded
            .span("attempt 1")
            .attributes
            .str("genai_trace.retry.reason"),
        Some("overloaded_error")
    );
}

#[test]
fn a_client_that_is_answered_when_its_framework_has_ended_is_a_span_of_its_own() {
    #[genai_chat(model = "framework")]
    fn framework() -> (stream::BoxStream<'static, Value>,) {
        (streamed(&[]).boxed(),)
    }
    let recorded = recorded(|| {
        let (stream,) = framework();
        block_on(stream.count());
    });
    assert_eq!(
        recorded.outline(),
        "chat framework\n.chat gpt-4o 10/3 tokens"
    );
}

#[test]
fn a_client_that_ends_on_another_thread_fills_only_what_its_framework_does_not_say() {
    #[genai_chat(provider = "openai", model = model)]
    async fn elsewhere(model: &str) -> Value {
        yield_once().await;
        client(0, 0).unwrap_or_default()
    }
    #[genai_chat(model = "framework")]
    async fn framework() -> Answer {
        for _ in 0..2 {
            let mut call = Box::pin(elsewhere("gpt-4o"));
            assert!(futures::poll!(&mut call).is_pending());
            let ended = std::thread::spawn(|| block_on(call)).join();
            assert!(ended.is_ok());
        }
        Answer
    }
    let recorded = recorded(|| {
        block_on(framework());
    });
    assert_eq!(
        recorded.outline(),
        "chat framework 10/3 tokens\n.http\n.chat gpt-4o 10/3 tokens\n..http"
    );
    let framework = recorded.span("chat framework");
    assert_eq!(
        framework.attributes.str("gen_ai.provider.name"),
        Some("openai")
    );
}

#[test]
fn metrics_count_what_an_inner_call_has_no_room_to_say() {
    #[genai_chat(model = "outer")]
    fn outer() {
        let _ = client(0, 0);
    }
    let recorded = recorded_within(SpanLimits::default().attribute_count(3), |_| outer());
    let counted = recorded.metrics.lines().find_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let is_it = series.starts_with("gen_ai_client_inference_usage_input_tokens_total{");
        is_it.then_some(value)
    });
    assert_eq!(counted, Some("10"));
}

#[test]
fn an_agent_or_a_tool_in_between_makes_two_calls_of_it() {
    #[genai_tool("ask")]
    fn ask() {
        let _ = client(0, 0);
    }
    #[genai_chat(model = "outer")]
    fn outer() {
        ask();
    }
    let recorded = recorded(outer);
    assert_eq!(
        recorded.outline(),
        "chat outer\n.execute_tool ask\n..chat gpt-4o 10/3 tokens\n...http"
    );
}

#[test]
fn a_tool_that_is_called_over_the_protocol_is_one_execution() {
    #[genai_mcp(
        client,
        method = "tools/call",
        tool = "read_file",
        session_id = "s-1",
        request_id = 5
    )]
    fn call() -> Value {
        json!({"jsonrpc": "2.0", "id": 5, "result": {"content": []}})
    }
    #[genai_tool]
    fn read_file() {
        call();
    }
    let recorded = recorded(read_file);
    assert_eq!(recorded.outline(), "execute_tool read_file");
    let tool = recorded.span("execute_tool read_file");
    assert_eq!(tool.attributes.str("mcp.session.id"), Some("s-1"));
    assert_eq!(tool.attributes.str("jsonrpc.request.id"), Some("5"));
}

#[test]
fn an_agent_adds_up_what_is_below_it_and_passes_on_what_it_says() {
    #[genai_agent("sub")]
    fn sub() {
        let _ = client(0, 0);
    }
    #[genai_agent(
        "coder",
        user_id = "ada",
        prompt(name = "fix", version = "3"),
        experiment(id = "e-1", variant = "b")
    )]
    fn coder() {
        http();
        sub();
        let _ = client(0, 0);
    }
    let recorded = recorded(coder);
    let coder = recorded.span("invoke_agent coder");
    let total = |what: &str| coder.attributes.int(&format!("genai_trace.total.{what}"));
    assert_eq!(total("chat_calls"), Some(2));
    assert_eq!(total("tool_calls"), Some(0));
    assert_eq!(
        (total("input_tokens"), total("output_tokens")),
        (Some(20), Some(6))
    );
    // Totals are no usage: who adds up usage counts no token twice.
    assert_eq!(coder.attributes.get("gen_ai.usage.input_tokens"), None);
    for span in &recorded.spans {
        assert_eq!(span.attributes.str("user.id"), Some("ada"), "{}", span.name);
        assert_eq!(
            span.attributes.str("experiment.variant"),
            Some("b"),
            "{}",
            span.name
        );
        let has_prompt = span.attributes.str("gen_ai.prompt.name") == Some("fix");
        assert_eq!(has_prompt, span.name.starts_with("chat "), "{}", span.name);
    }
    assert_eq!(
        coder.attributes.str("genai_trace.prompt.version"),
        Some("3")
    );
}

#[test]
fn a_handoff_is_a_tool_below_which_the_other_agent_runs() {
    #[genai_agent("writer")]
    fn writer() {}
    #[genai_agent("triage")]
    fn triage() {
        handoff("writer").run(writer);
    }
    let recorded = recorded(triage);
    assert_eq!(
        recorded.outline(),
        "invoke_agent triage\n.execute_tool transfer_to_writer\n..invoke_agent writer"
    );
    let handoff = recorded.span("execute_tool transfer_to_writer");
    assert_eq!(
        handoff.attributes.str("genai_trace.handoff.source"),
        Some("triage")
    );
    assert_eq!(
        handoff.attributes.str("genai_trace.handoff.target"),
        Some("writer")
    );
}

#[test]
fn a_question_that_is_answered_anew_is_linked_to_its_earlier_attempts() {
    let recorded = recorded(|| {
        let mut earlier = Vec::new();
        for _ in 0..3 {
            let turn = span("turn").root().regenerates(earlier.iter().cloned());
            earlier.extend(turn.run(|| genai_trace::current().context()));
        }
    });
    let last = recorded.spans.last().unwrap();
    assert_eq!(last.links.len(), 2);
    assert_eq!(
        last.links[0].attributes.str("genai_trace.link.type"),
        Some("regenerate")
    );
    assert_eq!(
        last.attributes.int("genai_trace.regenerate.attempt"),
        Some(3)
    );
}
