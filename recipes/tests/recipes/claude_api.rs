//! `claude-api`.

use claude_api::Client;
use claude_api::messages::{CreateMessageRequest, CustomTool, Tool};
use futures::StreamExt;
use genai_trace::testing::capture_async;
use genai_trace_recipes::claude_api::{chat, chat_stream};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::spans::{answer, assert_streamed, only, said, tokens};

pub fn client(server: &Server) -> Client {
    Client::builder()
        .api_key("none")
        .base_url(server.url(""))
        .build()
        .unwrap()
}

pub fn question() -> CreateMessageRequest {
    CreateMessageRequest::builder()
        .model("claude-sonnet-4-5")
        .max_tokens(256)
        .temperature(0.5)
        .top_k(40)
        .stop_sequences(vec!["END".to_owned()])
        .system("Be brief.")
        .user("What is the weather in Oslo?")
        .tools(vec![Tool::Custom(CustomTool::new(
            "weather",
            json!({"type": "object", "properties": {"city": {"type": "string"}}}),
        ))])
        .build()
        .unwrap()
}

fn usage(output: u32) -> Value {
    json!({"input_tokens": 21, "cache_creation_input_tokens": 188, "cache_read_input_tokens": 2048, "output_tokens": output, "service_tier": "standard"})
}

/// An answer that calls a tool.
pub fn calling() -> Answer {
    Answer::whole(&json!({
        "id": "msg_01A", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
        "content": [
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}},
        ],
        "stop_reason": "tool_use", "stop_sequence": null, "usage": usage(50),
    }))
}

#[tokio::test]
async fn an_answer_is_read_from_its_type() {
    let server = Server::start([calling()]);
    let (reply, captured) = capture_async(chat(&client(&server), question())).await;
    assert_eq!(reply.unwrap().content.len(), 2);

    let span = only(&captured);
    assert_eq!(span.name, "chat claude-sonnet-4-5");
    assert_eq!(
        answer(&span),
        [
            json!("claude-sonnet-4-5-20250929"),
            json!("msg_01A"),
            json!(["tool_use"])
        ]
    );
    // The input holds what was read from the cache, and written to it.
    assert_eq!(
        tokens(&span),
        [json!(21 + 188 + 2048), json!(50), json!(2048), json!(188)]
    );
    let asked = ["max_tokens", "temperature", "top_k", "stop_sequences"];
    let asked = said(
        &span,
        asked
            .map(|name| format!("gen_ai.request.{name}"))
            .each_ref()
            .map(String::as_str),
    );
    assert_eq!(asked, [json!(256), json!(0.5), json!(40), json!(["END"])]);
}

#[tokio::test]
async fn a_stream_is_read_from_its_items() {
    let start = json!({
        "id": "msg_01B", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage(1),
    });
    let block = json!({"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}});
    let server = Server::start([Answer::events([
        (
            "message_start",
            json!({"type": "message_start", "message": start}),
        ),
        (
            "content_block_start",
            json!({"type": "content_block_start", "index": 0, "content_block": block}),
        ),
        ("ping", json!({"type": "ping"})),
        (
            "content_block_delta",
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{\"city\":\"Oslo\"}"}}),
        ),
        (
            "content_block_stop",
            json!({"type": "content_block_stop", "index": 0}),
        ),
        (
            "message_delta",
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": usage(50)}),
        ),
        ("message_stop", json!({"type": "message_stop"})),
    ])]);
    let asking = async {
        chat_stream(&client(&server), question())
            .await
            .unwrap()
            .collect::<Vec<_>>()
            .await
    };
    let (parts, captured) = capture_async(asking).await;
    assert_eq!(
        parts.iter().filter(|part| part.is_ok()).count(),
        7,
        "{parts:?}"
    );

    let span = only(&captured);
    assert_streamed(&span);
    assert_eq!(
        answer(&span),
        [
            json!("claude-sonnet-4-5-20250929"),
            json!("msg_01B"),
            json!(["tool_use"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(21 + 188 + 2048), json!(50), json!(2048), json!(188)]
    );
}

#[tokio::test]
async fn a_refusal_is_an_error_of_the_kind_that_anthropic_says() {
    let server = Server::start([Answer::refused(
        400,
        &json!({"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: 256 > 128"}, "request_id": "req_1"}),
    )]);
    let (reply, captured) = capture_async(chat(&client(&server), question())).await;
    reply.unwrap_err();
    assert_eq!(
        said(&only(&captured), ["error.type"]),
        ["invalid_request_error"]
    );
}
