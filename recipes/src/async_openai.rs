//! `async-openai`: its types are OpenAI's JSON, so nothing is to be said but what its errors are called.

use std::borrow::Cow;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionResponseStream, CreateChatCompletionRequest, CreateChatCompletionResponse,
};
use async_openai::types::responses::{CreateResponse, Response};
use genai_trace::genai_chat;

/// Asks for a whole answer.
#[genai_chat(provider = "openai", request = request, err = kind)]
pub async fn chat(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    client.chat().create(request).await
}

/// Asks for an answer bit by bit.
#[genai_chat(provider = "openai", request = request, stream, err = kind)]
pub async fn chat_stream(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
) -> Result<ChatCompletionResponseStream, OpenAIError> {
    client.chat().create_stream(request).await
}

/// Asks by the Responses API.
#[genai_chat(provider = "openai", request = request, err = kind)]
pub async fn respond(
    client: &Client<OpenAIConfig>,
    request: CreateResponse,
) -> Result<Response, OpenAIError> {
    client.responses().create(request).await
}

/// What OpenAI calls an error, else the SDK's type: `error.type`.
fn kind(error: &OpenAIError) -> Cow<'static, str> {
    match error {
        OpenAIError::ApiError(answer) => {
            let error = &answer.api_error;
            let kind = error.code.clone().or_else(|| error.r#type.clone());
            kind.unwrap_or_else(|| answer.status_code.as_str().to_owned())
                .into()
        }
        _ => genai_trace::error_type_of(error),
    }
}
