//! `genai`: one client for many providers, whose answers are types of its own.

use futures::Stream;
use genai::Client;
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ChatRequest, ChatResponse, ChatStreamEvent};
use genai_trace::genai_chat;

/// Asks for a whole answer. Its request names no model, so `model` does.
#[genai_chat(provider = provider(model), model = model, request = request)]
pub async fn chat(
    client: &Client,
    model: &str,
    request: ChatRequest,
    options: &ChatOptions,
) -> genai::Result<ChatResponse> {
    client.exec_chat(model, request, Some(options)).await
}

/// Asks for an answer bit by bit. `options` has to capture what is to be known at the end.
#[genai_chat(provider = provider(model), model = model, request = request, stream)]
pub async fn chat_stream(
    client: &Client,
    model: &str,
    request: ChatRequest,
    options: &ChatOptions,
) -> genai::Result<impl Stream<Item = genai::Result<ChatStreamEvent>> + use<>> {
    let response = client
        .exec_chat_stream(model, request, Some(options))
        .await?;
    Ok(response.stream)
}

/// The conventions' name of the provider that the client takes a model to.
fn provider(model: &str) -> Option<&'static str> {
    match AdapterKind::from_model(model).ok()? {
        AdapterKind::OpenAI | AdapterKind::OpenAIResp => Some("openai"),
        AdapterKind::Gemini => Some("gcp.gemini"),
        AdapterKind::Xai => Some("x_ai"),
        other => Some(other.as_lower_str()),
    }
}

/// What a stream tells only where it is asked to.
pub fn captured() -> ChatOptions {
    ChatOptions::default()
        .with_capture_usage(true)
        .with_capture_content(true)
        .with_capture_tool_calls(true)
}
