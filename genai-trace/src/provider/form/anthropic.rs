//! Anthropic's Messages: at Anthropic, and as Bedrock's `invoke` and Vertex's `rawPredict` give them.

mod messages;
mod request;
mod stream;
mod usage;

use genai_trace_semconv::values::gen_ai_provider_name as name;
use serde_json::Value as Json;

use self::stream::AnthropicStream;
use self::usage::Counts;
use super::{Form, Merge, address};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{list, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::Usage;

/// Anthropic's Messages.
#[derive(Debug)]
pub(super) struct Anthropic;

impl Form for Anthropic {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        is_path(origin)
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        request::is_request(body, origin)
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        is_message(body)
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        match said(body, "type") {
            Some("message_start") => object(body, "message").is_some(),
            Some("content_block_start") => object(body, "content_block").is_some(),
            Some("content_block_delta" | "message_delta") => object(body, "delta").is_some(),
            _ => false,
        }
    }

    fn asks(&self, body: &Json) -> Option<&'static str> {
        request::provider(body)
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        let message = object(body, "message").unwrap_or(body);
        let id = said(message, "id")?;
        let is_claude = said(message, "model").is_some_and(|model| model.starts_with("claude-"));
        match () {
            () if id.starts_with("msg_bdrk_") => Some(name::AWS_BEDROCK),
            () if id.starts_with("msg_vrtx_") => Some(name::GCP_VERTEX_AI),
            () if id.starts_with("msg_01") && is_claude => Some(name::ANTHROPIC),
            // Many others speak this form by now.
            () => None,
        }
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        request::facts(body, origin)
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let reason = said(body, "stop_reason").map(FinishReason::new);
        let usage = object(body, "usage");
        let content = origin.content.then(|| {
            let parts = messages::parts(body.get("content").unwrap_or(&Json::Null));
            output(parts, reason.as_ref())
        });
        ChatFacts {
            id: text(body, "id"),
            model: text(body, "model"),
            finish_reasons: reason.into_iter().collect(),
            usage: usage.map(self::usage).unwrap_or_default(),
            service_tier: usage.and_then(|usage| text(usage, "service_tier")),
            tool_calls: list(body, "content").iter().filter_map(called).collect(),
            content,
            ..ChatFacts::default()
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(AnthropicStream::new(content))
    }
}

/// What `said`, a `usage`, counts.
pub(super) fn usage(said: &Json) -> Usage {
    let mut counts = Counts::default();
    counts.take(said);
    counts.usage()
}

/// A message has its type; some clients leave it out of what they write again.
fn is_message(body: &Json) -> bool {
    let by_type = match body.get("type") {
        Some(kind) => kind == "message",
        None => {
            let usage = object(body, "usage");
            body.get("stop_reason").is_some()
                && usage.is_some_and(|usage| usage.get("output_tokens").is_some())
        }
    };
    by_type
        && body.get("content").is_some_and(Json::is_array)
        && said(body, "role") == Some("assistant")
}

/// What one message of the model's comes to.
fn output(parts: Vec<Json>, reason: Option<&FinishReason>) -> Box<Content> {
    let word = reason.and_then(FinishReason::normalized);
    Box::new(Content {
        output: Some(Json::Array(vec![parts::output("assistant", parts, word)])),
        ..Content::default()
    })
}

/// The tool that a block of content asks to be called; those that Anthropic runs itself are none.
fn called(block: &Json) -> Option<CalledTool> {
    (said(block, "type") == Some("tool_use"))
        .then(|| CalledTool::new(text(block, "id"), text(block, "name")))
}

/// Whether the path of the request is one of Messages.
fn is_path(origin: &Origin<'_>) -> bool {
    let google = origin.url.and_then(address::google);
    let raw = google.is_some_and(|(_, method)| matches!(method, "rawPredict" | "streamRawPredict"));
    raw || origin.path_ends("/v1/messages")
}

#[cfg(test)]
mod tests;
