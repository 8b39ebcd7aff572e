//! `rig-core`.

use futures::StreamExt;
use genai_trace::testing::{called, capture_async};
use genai_trace_recipes::rig_core::{Recording, ask, chat};
use rig::DynModel;
use rig::completion::CompletionRequest;
use rig::http_client::{HttpClientExt, ReqwestClient};
use rig::operation::Completion;
use rig::providers::openai::{OpenAIConfig, Route};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::spans::{answer, assert_streamed, only, said, tokens};

pub fn model(server: &Server, http: impl HttpClientExt + 'static) -> DynModel<Completion> {
    let config = OpenAIConfig::new("none")
        .with_base_url(server.url("/v1"))
        .with_route(Route::Chat);
    config.connect(http).completion("gpt-4.1-mini").erase()
}

fn completion(id: &str, message: Value, reason: &str, tokens: [u64; 3]) -> Answer {
    let [input, cached, output] = tokens;
    Answer::whole(&json!({
        "id": id, "object": "chat.completion", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }))
}

fn call() -> Value {
    json!({"role": "assistant", "content": null, "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}},
    ]})
}

/// An answer that calls a tool.
pub fn calling() -> Answer {
    completion("chatcmpl-R1", call(), "tool_calls", [1200, 1024, 20])
}

#[tokio::test]
async fn an_answer_is_read_from_its_type() {
    let server = Server::start([calling()]);
    let request = CompletionRequest::new("What is the weather in Oslo?")
        .temperature(0.5)
        .max_tokens(64)
        .seed(7);
    let (reply, captured) =
        capture_async(chat(&model(&server, ReqwestClient::default()), request)).await;
    assert_eq!(reply.unwrap().tool_calls().count(), 1);

    let span = only(&captured);
    assert_eq!(span.name, "chat gpt-4.1-mini");
    assert_eq!(said(&span, ["gen_ai.provider.name"]), ["openai"]);
    assert_eq!(
        answer(&span),
        [
            json!("gpt-4.1-mini-2025-04-14"),
            json!("chatcmpl-R1"),
            json!(["tool_calls"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(1200), json!(20), json!(1024), Value::Null]
    );
    let asked = [
        "gen_ai.request.max_tokens",
        "gen_ai.request.temperature",
        "gen_ai.request.seed",
    ];
    assert_eq!(said(&span, asked), [json!(64), json!(0.5), json!(7)]);
}

#[tokio::test]
async fn a_stream_is_read_below_the_framework() {
    let part = |delta: Value, reason: Value| {
        (
            "",
            json!({
                "id": "chatcmpl-R2", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
                "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": null,
            }),
        )
    };
    let usage = json!({
        "id": "chatcmpl-R2", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14", "choices": [],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 3, "total_tokens": 1203, "prompt_tokens_details": {"cached_tokens": 1024}},
    });
    let events = [
        part(json!({"role": "assistant", "content": ""}), Value::Null),
        part(json!({"content": "Snow."}), Value::Null),
        part(json!({}), json!("stop")),
        ("", usage),
    ];
    let server = Server::start([Answer::events(events).done()]);
    let model = model(&server, Recording(ReqwestClient::default()));
    let asking = async {
        model
            .stream(CompletionRequest::new("And in Bergen?"))
            .unwrap()
            .collect::<Vec<_>>()
            .await
    };
    let (events, captured) = capture_async(asking).await;
    assert!(events.iter().all(Result::is_ok));

    let span = only(&captured);
    assert_streamed(&span);
    assert_eq!(span.name, "chat gpt-4.1-mini");
    assert_eq!(
        answer(&span),
        [
            json!("gpt-4.1-mini-2025-04-14"),
            json!("chatcmpl-R2"),
            json!(["stop"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(1200), json!(3), json!(1024), Value::Null]
    );
}

#[tokio::test]
async fn an_agent_is_one_tree() {
    let last = json!({"role": "assistant", "content": "Snow."});
    let server = Server::start([
        completion("chatcmpl-R3", call(), "tool_calls", [100, 0, 20]),
        completion("chatcmpl-R4", last, "stop", [140, 64, 3]),
    ]);
    let model = model(&server, Recording(ReqwestClient::default()));
    let (reply, captured) = capture_async(ask(model, "What is the weather in Oslo?")).await;
    assert_eq!(reply.unwrap(), "Snow.");

    captured.assert_tree(
        called("invoke_agent meteorologist")
            .attr("genai_trace.total.input_tokens", 240)
            .children([
                called("chat gpt-4.1-mini")
                    .attr("gen_ai.usage.input_tokens", 100)
                    .no_children(),
                called("execute_tool weather").no_children(),
                called("chat gpt-4.1-mini")
                    .attr("gen_ai.usage.input_tokens", 140)
                    .attr("gen_ai.usage.cache_read.input_tokens", 64)
                    .attr("gen_ai.response.id", "chatcmpl-R4")
                    .no_children(),
            ]),
    );
}

#[tokio::test]
async fn a_call_that_is_recorded_above_and_below_the_framework_is_one() {
    let last = json!({"role": "assistant", "content": "Snow."});
    let server = Server::start([completion("chatcmpl-R5", last, "stop", [140, 64, 3])]);
    let model = model(&server, Recording(ReqwestClient::default()));
    let (reply, captured) = capture_async(chat(
        &model,
        CompletionRequest::new("What is the weather in Oslo?"),
    ))
    .await;
    reply.unwrap();
    let span = only(&captured);
    assert_eq!(span.name, "chat gpt-4.1-mini");
    assert_eq!(
        tokens(&span),
        [json!(140), json!(3), json!(64), Value::Null]
    );
    // What only the inner one knows.
    assert_eq!(said(&span, ["server.port"]), [json!(server.port())]);
}

#[tokio::test]
async fn a_refusal_is_an_error_of_the_type_of_the_sdk() {
    let body = json!({"error": {"message": "slow down", "type": "requests", "param": null, "code": "rate_limit_exceeded"}});
    let server = Server::start([Answer::refused(429, &body)]);
    let request = CompletionRequest::new("What is the weather in Oslo?");
    let (reply, captured) =
        capture_async(chat(&model(&server, ReqwestClient::default()), request)).await;
    reply.unwrap_err();
    let span = only(&captured);
    assert_eq!(said(&span, ["error.type"]), ["ProviderError"]);
    assert!(
        span.status_message.contains("429"),
        "{}",
        span.status_message
    );
}
