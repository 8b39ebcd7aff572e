//! `ollama-rs`: its types are Ollama's JSON, so nothing is to be said.

use genai_trace::genai_chat;
use ollama_rs::Ollama;
use ollama_rs::error::OllamaError;
use ollama_rs::generation::chat::request::ChatMessageRequest;
use ollama_rs::generation::chat::{ChatMessageResponse, ChatMessageResponseStream};

/// Asks for a whole answer. Ollama is not among the conventions' providers, hence `unchecked`.
#[genai_chat(unchecked provider = "ollama", request = request)]
pub async fn chat(
    client: &Ollama,
    request: ChatMessageRequest,
) -> Result<ChatMessageResponse, OllamaError> {
    client.send_chat_messages(request).await
}

/// Asks for an answer bit by bit.
#[genai_chat(unchecked provider = "ollama", request = request, stream)]
pub async fn chat_stream(
    client: &Ollama,
    request: ChatMessageRequest,
) -> Result<ChatMessageResponseStream, OllamaError> {
    client.send_chat_messages_stream(request).await
}
