//! `async-openai`.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::CreateChatCompletionRequest;
use async_openai::types::responses::CreateResponse;
use futures::StreamExt;
use genai_trace::testing::capture_async;
use genai_trace_recipes::async_openai::{chat, chat_stream, respond};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::spans::{answer, assert_streamed, only, said, tokens};

pub fn client(server: &Server) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new()
        .with_api_base(server.url("/v1"))
        .with_api_key("none");
    Client::with_config(config)
}

pub fn question() -> CreateChatCompletionRequest {
    serde_json::from_value(json!({
        "model": "gpt-4.1-mini", "max_completion_tokens": 64, "temperature": 0.5, "seed": 7,
        "stop": ["END"], "reasoning_effort": "low",
        "messages": [{"role": "user", "content": "What is the weather in Oslo?"}],
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}],
    }))
    .unwrap()
}

/// An answer that calls a tool.
pub fn calling() -> Answer {
    Answer::whole(&json!({
        "id": "chatcmpl-A1", "object": "chat.completion", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
        "choices": [{
            "index": 0, "logprobs": null, "finish_reason": "tool_calls",
            "message": {"role": "assistant", "content": null, "refusal": null, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}},
            ]},
        }],
        "usage": {
            "prompt_tokens": 1200, "completion_tokens": 20, "total_tokens": 1220,
            "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 12, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
        },
        "service_tier": "default", "system_fingerprint": "fp_1",
    }))
}

#[tokio::test]
async fn an_answer_is_read_from_its_type() {
    let server = Server::start([calling()]);
    let (reply, captured) = capture_async(chat(&client(&server), question())).await;
    let reply = reply.unwrap();
    assert_eq!(
        reply.choices[0].message.tool_calls.as_ref().map(Vec::len),
        Some(1)
    );

    let span = only(&captured);
    assert_eq!(span.name, "chat gpt-4.1-mini");
    assert_eq!(
        answer(&span),
        [
            json!("gpt-4.1-mini-2025-04-14"),
            json!("chatcmpl-A1"),
            json!(["tool_calls"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(1200), json!(20), json!(1024), Value::Null]
    );
    assert_eq!(said(&span, ["gen_ai.usage.reasoning.output_tokens"]), [12]);
    let asked = [
        "max_tokens",
        "temperature",
        "seed",
        "stop_sequences",
        "reasoning.level",
    ];
    let asked = said(
        &span,
        asked
            .map(|name| format!("gen_ai.request.{name}"))
            .each_ref()
            .map(String::as_str),
    );
    assert_eq!(
        asked,
        [
            json!(64),
            json!(0.5),
            json!(7),
            json!(["END"]),
            json!("low")
        ]
    );
    let openai = [
        "openai.response.service_tier",
        "openai.response.system_fingerprint",
    ];
    assert_eq!(said(&span, openai), ["default", "fp_1"]);
}

#[tokio::test]
async fn a_stream_is_read_from_its_items() {
    let part = |delta: Value, reason: Value| {
        (
            "",
            json!({
                "id": "chatcmpl-A2", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
                "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason}], "usage": null,
            }),
        )
    };
    let usage = json!({
        "id": "chatcmpl-A2", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14", "choices": [],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 20, "total_tokens": 1220, "prompt_tokens_details": {"cached_tokens": 1024}},
    });
    let call = json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}});
    let arguments = json!({"index": 0, "function": {"arguments": "{\"city\":\"Oslo\"}"}});
    let events = [
        part(
            json!({"role": "assistant", "content": null, "tool_calls": [call]}),
            Value::Null,
        ),
        part(json!({"tool_calls": [arguments]}), Value::Null),
        part(json!({}), json!("tool_calls")),
        ("", usage),
    ];
    let server = Server::start([Answer::events(events).done()]);
    let mut request = question();
    request.stream_options = serde_json::from_value(json!({"include_usage": true})).unwrap();
    let asking = async {
        chat_stream(&client(&server), request)
            .await
            .unwrap()
            .collect::<Vec<_>>()
            .await
    };
    let (parts, captured) = capture_async(asking).await;
    assert_eq!(parts.iter().filter(|part| part.is_ok()).count(), 4);

    let span = only(&captured);
    assert_streamed(&span);
    assert_eq!(
        answer(&span),
        [
            json!("gpt-4.1-mini-2025-04-14"),
            json!("chatcmpl-A2"),
            json!(["tool_calls"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(1200), json!(20), json!(1024), Value::Null]
    );
}

#[tokio::test]
async fn an_answer_of_the_responses_api_is_read_from_its_type() {
    let server = Server::start([Answer::whole(&json!({
        "id": "resp_1", "object": "response", "created_at": 1_763_000_000, "status": "completed", "model": "gpt-5-mini-2025-08-07",
        "output": [{"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [
            {"type": "output_text", "text": "42", "annotations": [], "logprobs": []},
        ]}],
        "parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "temperature": 1.0, "top_p": 1.0,
        "error": null, "incomplete_details": null, "instructions": null, "metadata": {},
        "usage": {
            "input_tokens": 30, "input_tokens_details": {"cached_tokens": 16}, "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 6}, "total_tokens": 39,
        },
    }))]);
    let request: CreateResponse = serde_json::from_value(json!({
        "model": "gpt-5-mini", "input": "Six times seven?", "max_output_tokens": 64, "reasoning": {"effort": "low"},
    }))
    .unwrap();
    let (reply, captured) = capture_async(respond(&client(&server), request)).await;
    assert_eq!(reply.unwrap().output_text().as_deref(), Some("42"));

    let span = only(&captured);
    assert_eq!(span.name, "chat gpt-5-mini");
    assert_eq!(
        answer(&span),
        [
            json!("gpt-5-mini-2025-08-07"),
            json!("resp_1"),
            json!(["stop"])
        ]
    );
    assert_eq!(tokens(&span), [json!(30), json!(9), json!(16), Value::Null]);
    let asked = [
        "gen_ai.request.max_tokens",
        "gen_ai.request.reasoning.level",
    ];
    assert_eq!(said(&span, asked), [json!(64), json!("low")]);
}

#[tokio::test]
async fn a_refusal_is_an_error_of_the_kind_that_openai_says() {
    let server = Server::start([Answer::refused(
        404,
        &json!({"error": {"message": "The model `gpt-4.1-mini` does not exist.", "type": "invalid_request_error", "param": null, "code": "model_not_found"}}),
    )]);
    let (reply, captured) = capture_async(chat(&client(&server), question())).await;
    reply.unwrap_err();
    assert_eq!(said(&only(&captured), ["error.type"]), ["model_not_found"]);
}
