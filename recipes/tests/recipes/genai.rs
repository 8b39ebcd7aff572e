//! `genai`.

use futures::StreamExt;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, Tool};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ServiceTarget};
use genai_trace::testing::capture_async;
use genai_trace_recipes::genai::{captured, chat, chat_stream};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::spans::{answer, assert_streamed, only, said, tokens};

pub fn client(server: &Server) -> Client {
    let url = server.url("/v1/");
    let resolver = ServiceTargetResolver::from_resolver_fn(
        move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(url.clone()),
                auth: AuthData::from_single("none"),
                ..target
            })
        },
    );
    Client::builder()
        .with_service_target_resolver(resolver)
        .build()
        .unwrap()
}

pub fn question() -> ChatRequest {
    let tool = Tool::new("weather")
        .with_schema(json!({"type": "object", "properties": {"city": {"type": "string"}}}));
    ChatRequest::new(vec![ChatMessage::user("What is the weather in Oslo?")]).with_tools(vec![tool])
}

/// Anthropic's answer, which calls a tool.
pub fn message() -> Value {
    json!({
        "id": "msg_01A", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 21, "cache_creation_input_tokens": 188, "cache_read_input_tokens": 2048, "output_tokens": 50},
    })
}

#[tokio::test]
async fn an_answer_is_read_from_its_type() {
    let server = Server::start([Answer::whole(&message())]);
    let options = ChatOptions::default();
    let (reply, captured) = capture_async(chat(
        &client(&server),
        "claude-sonnet-4-5",
        question(),
        &options,
    ))
    .await;
    assert_eq!(reply.unwrap().tool_calls().len(), 1);

    let span = only(&captured);
    assert_eq!(span.name, "chat claude-sonnet-4-5");
    assert_eq!(said(&span, ["gen_ai.provider.name"]), ["anthropic"]);
    // The crate drops the id of the response.
    assert_eq!(
        answer(&span),
        [
            json!("claude-sonnet-4-5-20250929"),
            Value::Null,
            json!(["tool_use"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(21 + 188 + 2048), json!(50), json!(2048), json!(188)]
    );
}

#[tokio::test]
async fn a_body_that_is_kept_says_all_that_the_provider_said() {
    let server = Server::start([Answer::whole(&message())]);
    let options = ChatOptions::default().with_capture_raw_body(true);
    let (reply, captured) = capture_async(chat(
        &client(&server),
        "claude-sonnet-4-5",
        question(),
        &options,
    ))
    .await;
    assert!(reply.unwrap().captured_raw_body.is_some());

    let span = only(&captured);
    assert_eq!(
        answer(&span),
        [
            json!("claude-sonnet-4-5-20250929"),
            json!("msg_01A"),
            json!(["tool_use"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(21 + 188 + 2048), json!(50), json!(2048), json!(188)]
    );
}

#[tokio::test]
async fn a_stream_is_read_from_its_last_event() {
    let part = |delta: Value, reason: Value| {
        (
            "",
            json!({
                "id": "chatcmpl-G1", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4o-mini-2024-07-18",
                "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": null,
            }),
        )
    };
    let usage = json!({
        "id": "chatcmpl-G1", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4o-mini-2024-07-18", "choices": [],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 3, "total_tokens": 1203, "prompt_tokens_details": {"cached_tokens": 1024}},
    });
    let events = [
        part(json!({"role": "assistant", "content": ""}), Value::Null),
        part(json!({"content": "Snow."}), Value::Null),
        part(json!({}), json!("stop")),
        ("", usage),
    ];
    let server = Server::start([Answer::events(events).done()]);
    let options = captured();
    let asking = async {
        let stream = chat_stream(&client(&server), "gpt-4o-mini", question(), &options)
            .await
            .unwrap();
        stream.collect::<Vec<_>>().await
    };
    let (events, captured) = capture_async(asking).await;
    assert!(events.iter().all(Result::is_ok));

    let span = only(&captured);
    assert_streamed(&span);
    assert_eq!(span.name, "chat gpt-4o-mini");
    assert!(
        span.attributes
            .float("genai_trace.time_to_first_token")
            .is_some()
    );
    // A stream of this crate says neither the model nor the id.
    assert_eq!(answer(&span), [Value::Null, Value::Null, json!(["stop"])]);
    assert_eq!(
        tokens(&span),
        [json!(1200), json!(3), json!(1024), Value::Null]
    );
}

#[tokio::test]
async fn a_refusal_is_an_error_of_the_variant_of_the_sdk() {
    let body = json!({"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}});
    let server = Server::start([Answer::refused(429, &body)]);
    let options = ChatOptions::default();
    let (reply, captured) =
        capture_async(chat(&client(&server), "gpt-4o-mini", question(), &options)).await;
    reply.unwrap_err();
    let span = only(&captured);
    assert_eq!(said(&span, ["error.type"]), ["WebModelCall"]);
    assert!(
        span.status_message.contains("429"),
        "{}",
        span.status_message
    );
}
