//! A run in which something is said, kept where the environment says: something to look at for whoever shows content.
//!
//! `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=EVENT_ONLY OTEL_LOGS_EXPORTER=jsonl cargo run -p genai-trace-cli
//! --example teller -- "who is ada?"`; behind the question `stored` puts content into the store beside the traces.

use std::env;
use std::error::Error;
use std::io;

use genai_trace::content::ContentStore;
use genai_trace::{Builder, genai_agent, genai_chat, genai_tool};
use serde_json::{Value, json};

/// What the tool finds.
const FOUND: &str = "Ada Lovelace wrote the first program";

#[genai_tool("look_up", args, ret)]
fn look_up(name: &str) -> String {
    format!("{FOUND}, says the page on {name}")
}

#[genai_chat(provider = "openai", request = body)]
fn chat(body: &Value) -> io::Result<Value> {
    let has_looked = body["messages"].as_array().is_some_and(|all| all.len() > 2);
    let question = body.pointer("/messages/1/content").and_then(Value::as_str);
    let wanted = json!({"name": subject(question.unwrap_or_default())});
    let (message, why) = match has_looked {
        true => (
            json!({"role": "assistant", "content": format!("{FOUND}.")}),
            "stop",
        ),
        false => (
            json!({"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": wanted.to_string()}},
            ]}),
            "tool_calls",
        ),
    };
    Ok(json!({
        "id": "r1", "object": "chat.completion", "model": "gpt-4o",
        "choices": [{"index": 0, "message": message, "finish_reason": why}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30},
    }))
}

/// What a question is about: its last word.
fn subject(question: &str) -> &str {
    let last = question.split_whitespace().next_back();
    last.unwrap_or_default().trim_end_matches('?')
}

#[genai_agent("teller")]
fn tell(question: &str) -> io::Result<()> {
    let mut messages = vec![
        json!({"role": "system", "content": "be brief"}),
        json!({"role": "user", "content": question}),
    ];
    let answer = chat(&json!({"model": "gpt-4o", "messages": messages}))?;
    messages.extend(answer.pointer("/choices/0/message").cloned());
    let found = look_up(subject(question));
    messages.push(json!({"role": "tool", "tool_call_id": "c1", "content": found}));
    chat(&json!({"model": "gpt-4o", "messages": messages})).map(drop)
}

fn main() -> Result<(), Box<dyn Error>> {
    let question = env::args().nth(1).unwrap_or("who is ada?".to_owned());
    let mut builder = Builder::from_env()?;
    if env::args().any(|argument| argument == "stored") {
        builder = builder.content_store(ContentStore::beside_traces().everything());
    }
    let telemetry = builder.install()?;
    tell(&question)?;
    drop(telemetry);
    Ok(())
}
