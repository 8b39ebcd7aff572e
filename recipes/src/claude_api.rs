//! `claude-api`: its types are Anthropic's JSON, so nothing is to be said but what its errors are called.

use std::borrow::Cow;

use claude_api::messages::{CreateMessageRequest, Message, StreamEvent};
use claude_api::{Client, Error};
use futures::Stream;
use genai_trace::genai_chat;
use serde_json::Value;

/// Asks for a whole answer.
#[genai_chat(provider = "anthropic", request = request, err = kind)]
pub async fn chat(client: &Client, request: CreateMessageRequest) -> Result<Message, Error> {
    client.messages().create(request).await
}

/// Asks for an answer bit by bit.
#[genai_chat(provider = "anthropic", request = request, stream, err = kind)]
pub async fn chat_stream(
    client: &Client,
    request: CreateMessageRequest,
) -> Result<impl Stream<Item = Result<StreamEvent, Error>> + use<>, Error> {
    client.messages().create_stream(request).await
}

/// What Anthropic calls an error, else the SDK's variant: `error.type`.
fn kind(error: &Error) -> Cow<'static, str> {
    let named = match error {
        Error::Api { kind, .. } => serde_json::to_value(kind).ok(),
        _ => None,
    };
    match named.as_ref().and_then(Value::as_str) {
        Some(kind) => kind.to_owned().into(),
        None => genai_trace::error_type_of(error),
    }
}
