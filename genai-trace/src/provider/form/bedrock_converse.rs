//! Bedrock's Converse, and Nova's own form, which is the same. It names neither itself nor its model.

mod messages;
mod request;
mod stream;

use genai_trace_semconv::values::gen_ai_provider_name as name;
use serde_json::Value as Json;

use self::stream::ConverseStream;
use super::{Form, Merge, address, aws_error, bedrock_invoke};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{count, list, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::{Usage, total};

/// Bedrock's Converse.
#[derive(Debug)]
pub(super) struct BedrockConverse;

impl Form for BedrockConverse {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        origin.url.and_then(address::bedrock).is_some()
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        request::is_request(body, origin)
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        let counted = object(body, "usage").is_some_and(|counts| {
            ["inputTokens", "outputTokens", "totalTokens"]
                .iter()
                .any(|key| counts.get(key).is_some())
        });
        message(body).is_some_and(|message| message.get("content").is_some_and(Json::is_array))
            && (said(body, "stopReason").is_some() || counted)
    }

    fn is_chunk(&self, event: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        stream::is_part(event, body)
    }

    fn asks(&self, _: &Json) -> Option<&'static str> {
        Some(name::AWS_BEDROCK)
    }

    fn answers(&self, _: &Json) -> Option<&'static str> {
        Some(name::AWS_BEDROCK)
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        request::facts(body, origin)
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let reason = said(body, "stopReason").map(FinishReason::new);
        let content = message(body).map_or(&[][..], |message| list(message, "content"));
        let said = object(body, "usage").map(usage).unwrap_or_default();
        ChatFacts {
            usage: bedrock_invoke::or_headers(said, origin),
            service_tier: object(body, "serviceTier").and_then(|tier| text(tier, "type")),
            tool_calls: content.iter().filter_map(called).collect(),
            content: origin.content.then(|| {
                let parts = content.iter().filter_map(messages::part).collect();
                output(parts, reason.as_ref())
            }),
            finish_reasons: reason.into_iter().collect(),
            error: aws_error::of_part(None, body),
            ..ChatFacts::default()
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(ConverseStream::new(content))
    }
}

fn message(body: &Json) -> Option<&Json> {
    object(object(body, "output")?, "message")
}

/// Cached tokens stand beside those of the input, not among them.
fn usage(counts: &Json) -> Usage {
    let input = count(counts, "inputTokens");
    // Nova's own form calls them otherwise, and writes 0 where nothing can be cached as well.
    let of_nova = |key| count(counts, key).filter(|tokens| *tokens > 0);
    let cache_read =
        count(counts, "cacheReadInputTokens").or_else(|| of_nova("cacheReadInputTokenCount"));
    let cache_write =
        count(counts, "cacheWriteInputTokens").or_else(|| of_nova("cacheWriteInputTokenCount"));
    let kept = list(counts, "cacheDetails").iter();
    let kept = kept.filter(|kept| said(kept, "ttl") == Some("1h"));
    let kept = kept.map(|kept| count(kept, "inputTokens"));
    Usage {
        // Without the count of what was not cached there is no total.
        input: input.and_then(|input| total([Some(input), cache_read, cache_write])),
        output: count(counts, "outputTokens"),
        cache_read,
        cache_write,
        cache_write_1h: kept.fold(None, |sum, tokens| total([sum, tokens])),
        ..Usage::default()
    }
}

/// The tool that a part asks to be called; those that Bedrock runs itself are none.
fn called(part: &Json) -> Option<CalledTool> {
    let tool = object(part, "toolUse")?;
    (said(tool, "type") != Some("server_tool_use"))
        .then(|| CalledTool::new(text(tool, "toolUseId"), text(tool, "name")))
}

/// What one message of the model's comes to.
fn output(parts: Vec<Json>, reason: Option<&FinishReason>) -> Box<Content> {
    let word = reason.and_then(FinishReason::normalized);
    Box::new(Content {
        output: Some(Json::Array(vec![parts::output("assistant", parts, word)])),
        ..Content::default()
    })
}

#[cfg(test)]
mod tests;
