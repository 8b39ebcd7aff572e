//! A stand-in for a model: it speaks chat completions, wants the tools that the question is about, and then sums up what
//! they said.

use std::time::Duration;

use genai_trace::genai_chat;
use serde_json::{Value, json};

/// Asks the model; the span reads from request and response what the conventions want.
#[genai_chat(provider = provider, request = request)]
pub(crate) async fn complete(provider: &str, request: &Value, delay: Duration) -> Value {
    tokio::time::sleep(delay).await;
    let messages = request.get("messages").and_then(Value::as_array);
    let messages = messages.map(Vec::as_slice).unwrap_or_default();
    let contents = |role: &str| {
        let of_role = messages
            .iter()
            .filter(|message| message.get("role").is_some_and(|it| it == role));
        let contents = of_role.filter_map(|message| message.get("content")?.as_str());
        contents.collect::<Vec<_>>()
    };
    let results = contents("tool");
    let question = contents("user").pop().unwrap_or_default();
    let calls = match results.is_empty() {
        true => wanted(question),
        false => Vec::new(),
    };
    let (message, reason) = match (calls.is_empty(), results.is_empty()) {
        (false, _) => (
            json!({"role": "assistant", "content": null, "tool_calls": calls}),
            "tool_calls",
        ),
        (true, false) => (
            json!({"role": "assistant", "content": results.join("; ")}),
            "stop",
        ),
        (true, true) => (
            json!({"role": "assistant", "content": format!("You asked: {question}")}),
            "stop",
        ),
    };
    let prompt_tokens = tokens(&json!(messages));
    let completion_tokens = tokens(&message);
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": request.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        },
    })
}

/// The tools that a question is about.
fn wanted(question: &str) -> Vec<Value> {
    let mut calls = Vec::new();
    let mut call = |name: &str, arguments: Value| {
        calls.push(json!({
            "id": format!("call_{name}"),
            "type": "function",
            "function": {"name": name, "arguments": arguments.to_string()},
        }));
    };
    if let Some((_, rest)) = question.split_once("weather in ") {
        let city: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
        call("weather", json!({"city": city}));
    }
    if question.contains("Christmas") {
        call("days_until_christmas", json!({"day_of_year": 326}));
    }
    calls
}

/// About four letters are a token.
fn tokens(text: &Value) -> u64 {
    u64::try_from(text.to_string().len().div_ceil(4)).unwrap_or(u64::MAX)
}
