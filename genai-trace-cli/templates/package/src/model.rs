//! The model. A script stands in for it, so that all of this runs offline and without a key.

use std::error::Error;

use genai_trace::genai_chat;
use serde_json::{Value, json};

/// The model that is asked.
pub const NAME: &str = "gpt-4o-mini";

/// Asks the model. Its name, tokens, finish reasons and the rest are read from the request and from
/// what comes back: OpenAI's form here, that of any other provider, or an SDK's own types.
#[genai_chat(provider = "openai", request = request)]
pub fn chat(request: &Value) -> Result<Value, Box<dyn Error>> {
    // ▼ Your client goes here, for example, with `cargo add ureq --features json`:
    //
    // let mut response = ureq::post("https://api.openai.com/v1/chat/completions")
    //     .header("Authorization", format!("Bearer {}", std::env::var("OPENAI_API_KEY")?))
    //     .send_json(request)?;
    // Ok(response.body_mut().read_json()?)
    Ok(script(request))
}

/// Looks into a file that is not there, then into one that is, and answers from what it says.
fn script(request: &Value) -> Value {
    let messages = request["messages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let results = messages.iter().filter(|message| message["role"] == "tool");
    let results: Vec<_> = results
        .filter_map(|message| message["content"].as_str())
        .collect();
    let message = match results[..] {
        [] => calling_read_file("call_1", "package.json"),
        [_] => calling_read_file("call_2", "Cargo.toml"),
        [.., manifest] => {
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "));
            let name = name.map_or("I cannot say", |name| name.trim_matches('"'));
            json!({"role": "assistant", "content": format!("{name}.")})
        }
    };
    let reason = match message["tool_calls"].is_null() {
        true => "stop",
        false => "tool_calls",
    };
    let (input, output) = (tokens(&request["messages"]), tokens(&message));
    json!({
        "id": format!("script-{}", results.len()),
        "object": "chat.completion",
        "model": NAME,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": input,
            "completion_tokens": output,
            "total_tokens": input + output,
        },
    })
}

fn calling_read_file(id: &str, path: &str) -> Value {
    let arguments = json!({"path": path}).to_string();
    let function = json!({"name": "read_file", "arguments": arguments});
    let call = json!({"id": id, "type": "function", "function": function});
    json!({"role": "assistant", "content": null, "tool_calls": [call]})
}

/// Four characters or so are a token.
fn tokens(said: &Value) -> usize {
    said.to_string().len() / 4
}
