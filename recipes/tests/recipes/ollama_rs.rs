//! `ollama-rs`.

use futures::StreamExt;
use genai_trace::testing::capture_async;
use genai_trace_recipes::ollama_rs::{chat, chat_stream};
use ollama_rs::Ollama;
use ollama_rs::generation::chat::ChatMessage;
use ollama_rs::generation::chat::request::ChatMessageRequest;
use ollama_rs::models::ModelOptions;
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::spans::{answer, assert_streamed, only, said, tokens};

pub fn client(server: &Server) -> Ollama {
    Ollama::try_new(server.url("")).unwrap()
}

pub fn question() -> ChatMessageRequest {
    let asked = ChatMessage::user("What is the weather in Oslo?".to_owned());
    ChatMessageRequest::new("llama3.2".to_owned(), vec![asked]).options(
        ModelOptions::default()
            .temperature(0.5)
            .num_predict(64)
            .seed(7),
    )
}

fn part(content: &str, calls: Value) -> Value {
    json!({
        "model": "llama3.2", "created_at": "2025-11-21T10:00:00Z", "done": false,
        "message": {"role": "assistant", "content": content, "tool_calls": calls},
    })
}

fn last() -> Value {
    json!({
        "model": "llama3.2", "created_at": "2025-11-21T10:00:01Z", "done": true, "done_reason": "stop",
        "message": {"role": "assistant", "content": ""},
        "total_duration": 4_000_000_000_u64, "load_duration": 1_000_000, "prompt_eval_count": 26,
        "prompt_eval_duration": 300_000_000, "eval_count": 9, "eval_duration": 900_000_000,
    })
}

/// An answer that calls a tool.
pub fn calling() -> Answer {
    let mut whole = last();
    let call = json!({"function": {"name": "weather", "arguments": {"city": "Oslo"}}});
    whole["message"]["tool_calls"] = json!([call]);
    Answer::whole(&whole)
}

#[tokio::test]
async fn an_answer_is_read_from_its_type() {
    let server = Server::start([calling()]);
    let (reply, captured) = capture_async(chat(&client(&server), question())).await;
    assert_eq!(reply.unwrap().message.tool_calls.len(), 1);

    let span = only(&captured);
    assert_eq!(span.name, "chat llama3.2");
    // The SDK drops `done_reason`: why the model stopped stays unsaid.
    assert_eq!(answer(&span), [json!("llama3.2"), Value::Null, Value::Null]);
    assert_eq!(
        tokens(&span),
        [json!(26), json!(9), Value::Null, Value::Null]
    );
    let asked = [
        "gen_ai.request.max_tokens",
        "gen_ai.request.temperature",
        "gen_ai.request.seed",
    ];
    assert_eq!(said(&span, asked), [json!(64), json!(0.5), json!(7)]);
}

#[tokio::test]
async fn a_stream_is_read_from_its_items() {
    let lines = [part("Cold", json!([])), part(".", json!([])), last()];
    let server = Server::start([Answer::lines(lines)]);
    let asking = async {
        chat_stream(&client(&server), question())
            .await
            .unwrap()
            .collect::<Vec<_>>()
            .await
    };
    let (parts, captured) = capture_async(asking).await;
    assert_eq!(parts.iter().filter(|part| part.is_ok()).count(), 3);

    let span = only(&captured);
    assert_streamed(&span);
    assert_eq!(answer(&span), [json!("llama3.2"), Value::Null, Value::Null]);
    assert_eq!(
        tokens(&span),
        [json!(26), json!(9), Value::Null, Value::Null]
    );
}

#[tokio::test]
async fn a_refusal_is_an_error_of_the_type_of_the_sdk() {
    let server = Server::start([Answer::refused(
        404,
        &json!({"error": "model 'llama3.2' not found"}),
    )]);
    let (reply, captured) = capture_async(chat(&client(&server), question())).await;
    reply.unwrap_err();
    let span = only(&captured);
    // The SDK has a text, and neither a status nor a kind.
    assert_eq!(said(&span, ["error.type"]), ["OllamaError"]);
    assert!(span.status_message.contains("not found"));
}
