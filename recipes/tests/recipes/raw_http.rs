//! HTTP without an SDK.

use futures::StreamExt;
use genai_trace::testing::{capture, capture_async};
use genai_trace_recipes::raw_http::{agent, chat, chat_stream};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::spans::{answer, assert_streamed, only, said, tokens};

fn question() -> Value {
    json!({
        "model": "gpt-4.1-mini", "max_completion_tokens": 64, "temperature": 0.5,
        "messages": [{"role": "user", "content": "Six times seven?"}],
    })
}

#[test]
fn an_answer_is_read_from_the_value_that_is_returned() {
    let server = Server::start([Answer::whole(&json!({
        "id": "chatcmpl-B1", "object": "chat.completion", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "42", "refusal": null}, "logprobs": null, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 1200, "completion_tokens": 3, "total_tokens": 1203,
            "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
    }))]);
    let url = server.url("/v1/chat/completions");
    let (result, captured) = capture(|| chat(&agent(), &url, &question()));
    let reply = result.unwrap();
    assert_eq!(reply["choices"][0]["message"]["content"], "42");
    assert_eq!(server.asked()[0], question());

    let span = only(&captured);
    assert_eq!(span.name, "chat gpt-4.1-mini");
    assert_eq!(
        answer(&span),
        [
            json!("gpt-4.1-mini-2025-04-14"),
            json!("chatcmpl-B1"),
            json!(["stop"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(1200), json!(3), json!(1024), Value::Null]
    );
    let asked = [
        "gen_ai.request.max_tokens",
        "gen_ai.request.temperature",
        "server.address",
        "server.port",
    ];
    assert_eq!(
        said(&span, asked),
        [
            json!(64),
            json!(0.5),
            json!("127.0.0.1"),
            json!(server.port())
        ]
    );
}

#[tokio::test]
async fn a_stream_is_read_from_the_pieces_of_its_body() {
    let part = |delta: Value, reason: Value| {
        (
            "",
            json!({
                "id": "chatcmpl-B2", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
                "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": null,
            }),
        )
    };
    let usage = json!({
        "id": "chatcmpl-B2", "object": "chat.completion.chunk", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
        "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
    });
    let events = [
        part(json!({"role": "assistant", "content": ""}), Value::Null),
        part(json!({"content": "42"}), Value::Null),
        part(json!({}), json!("stop")),
        ("", usage),
    ];
    let server = Server::start([Answer::events(events).done()]);
    let url = server.url("/v1/chat/completions");
    let mut body = question();
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let asking = async {
        chat_stream(&agent(), &url, &body)
            .unwrap()
            .collect::<Vec<_>>()
            .await
    };
    let (pieces, captured) = capture_async(asking).await;
    assert!(pieces.iter().all(Result::is_ok));

    let span = only(&captured);
    assert_streamed(&span);
    assert_eq!(
        answer(&span),
        [
            json!("gpt-4.1-mini-2025-04-14"),
            json!("chatcmpl-B2"),
            json!(["stop"])
        ]
    );
    assert_eq!(
        tokens(&span),
        [json!(12), json!(3), Value::Null, Value::Null]
    );
}

#[test]
fn a_refusal_is_an_error_of_the_kind_that_the_provider_says() {
    let body = json!({"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}});
    let server = Server::start([Answer::refused(429, &body), Answer::refused(429, &body)]);
    let url = server.url("/v1/chat/completions");
    let (result, captured) = capture(|| chat(&agent(), &url, &question()));
    assert_eq!(result.unwrap(), body);
    let span = only(&captured);
    assert_eq!(said(&span, ["error.type"]), ["insufficient_quota"]);
    assert_eq!(span.status_message, "You exceeded your current quota.");

    // With an agent as `ureq` makes it the body is gone before anybody sees it.
    let (result, captured) = capture(|| chat(&ureq::agent(), &url, &question()));
    assert!(result.is_err());
    assert_eq!(said(&only(&captured), ["error.type"]), ["StatusCode"]);
}
