//! The JSON of the chat-completions API: what a request must be and what a reply is.
//!
//! The rule of usage: a token is four bytes, rounded up. `prompt_tokens` counts the bytes of
//! `messages` and `tools` as compact JSON, `completion_tokens` those of the reply's message.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Value, json};

use super::MODEL;
use super::conversation::Conversation;
use super::plan::{self, Next};

/// The bytes of a token.
const TOKEN: usize = 4;

/// An error in the form of the API.
#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    code: &'static str,
    message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, code: &'static str, message: String) -> Self {
        Self {
            status,
            code,
            message,
        }
    }

    pub(super) fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message.into())
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "error": {
                "message": self.message,
                "type": "invalid_request_error",
                "param": null,
                "code": self.code,
            },
        })
    }
}

/// A request, as far as this server reads it.
#[derive(Deserialize)]
pub(super) struct Request {
    /// Any name will do; the reply says who really answers.
    #[serde(rename = "model")]
    _model: String,
    pub(super) messages: Vec<Message>,
    #[serde(default)]
    tools: Vec<Tool>,
    #[serde(default)]
    stream: bool,
}

#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum Message {
    #[serde(alias = "developer")]
    System {},
    User {
        content: String,
    },
    Assistant {
        #[serde(default)]
        tool_calls: Vec<Call>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

#[derive(Deserialize)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) function: CalledFunction,
}

#[derive(Deserialize)]
pub(super) struct CalledFunction {
    pub(super) name: String,
    pub(super) arguments: String,
}

#[derive(Deserialize)]
struct Tool {
    function: OfferedFunction,
}

#[derive(Deserialize)]
struct OfferedFunction {
    name: String,
}

/// Answers a request body with a chat completion.
pub(super) fn complete(body: &[u8]) -> Result<Value, ApiError> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid("invalid_json", format!("not JSON: {error}")))?;
    let request = Request::deserialize(&body)
        .map_err(|error| ApiError::invalid("invalid_request", error.to_string()))?;
    if request.stream {
        return Err(ApiError::invalid(
            "unsupported",
            "this server does not stream",
        ));
    }
    let offered: Vec<&str> = request
        .tools
        .iter()
        .map(|tool| tool.function.name.as_str())
        .collect();
    let conversation = Conversation::read(&request.messages, &offered)?;

    let fingerprint = fingerprint(&body);
    let (message, finish_reason) = match plan::next(&conversation) {
        Next::Answer(text) => (json!({ "role": "assistant", "content": text }), "stop"),
        Next::Calls(calls) => {
            let calls: Vec<Value> = (0..)
                .zip(calls)
                .map(|(number, call)| {
                    json!({
                        "id": format!("call_{fingerprint}_{number}"),
                        "type": "function",
                        "function": { "name": call.tool, "arguments": call.arguments.to_string() },
                    })
                })
                .collect();
            let message = json!({ "role": "assistant", "content": null, "tool_calls": calls });
            (message, "tool_calls")
        }
    };
    let prompt = tokens(["messages", "tools"].iter().filter_map(|key| body.get(key)));
    let completion = tokens([&message]);
    let created = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    Ok(json!({
        "id": format!("chatcmpl-{fingerprint}"),
        "object": "chat.completion",
        "created": created,
        "model": MODEL,
        "choices": [{
            "index": 0,
            "message": message,
            "logprobs": null,
            "finish_reason": finish_reason,
        }],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }))
}

fn tokens<'a>(values: impl IntoIterator<Item = &'a Value>) -> usize {
    let bytes: usize = values
        .into_iter()
        .map(|value| value.to_string().len())
        .sum();
    bytes.div_ceil(TOKEN)
}

/// The same request gets the same ids: there is nothing else that a stateless server could count.
fn fingerprint(body: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    body.to_string().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
