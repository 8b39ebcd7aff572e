//! OpenAI's Responses, which Azure, xAI and others speak too.

mod items;
mod stream;

use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use super::openai_chat::{format, service_tier, streams, tools};
use super::speaker::speaker;
use super::{Form, Merge};
use crate::provider::facts::{ChatFacts, Content};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{count, integer, list, number, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::{ByModality, Usage};

/// OpenAI's Responses.
#[derive(Debug)]
pub(super) struct OpenAiResponses;

/// What only requests of this form have beside an `input`.
const TELLING: &[&str] = &[
    "instructions",
    "previous_response_id",
    "conversation",
    "max_output_tokens",
    "reasoning",
    "text",
    "tools",
    "stream",
    "store",
    "include",
    "temperature",
    "top_p",
    "background",
    "truncation",
    "prompt",
];

impl Form for OpenAiResponses {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        origin.path_ends("/responses")
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        let telling = TELLING.iter().any(|key| body.get(key).is_some());
        match body.get("input") {
            _ if self.is_named(origin) => telling || said(body, "model").is_some(),
            Some(Json::Array(items)) => {
                !items.is_empty()
                    && items.iter().all(|item| {
                        said(item, "role").is_some()
                            || said(item, "type").is_some_and(items::is_known)
                    })
            }
            Some(Json::String(_)) => {
                telling && said(body, "model").is_some()
                    // Nothing else tells it from a request for embeddings.
                    || said(body, "model").is_some_and(|model| !model.contains("embed"))
            }
            _ => false,
        }
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        is_response(body)
    }

    fn is_chunk(&self, event: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        let kind = said(body, "type").or(event);
        kind.is_some_and(|kind| kind.starts_with("response.")) && body.is_object()
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        // A part of a stream has the response in it.
        speaker(object(body, "response").unwrap_or(body), "resp_")
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        let input = body.get("input");
        let kind = object(body, "text")
            .and_then(|text| object(text, "format"))
            .and_then(|format| said(format, "type"));
        let conversation = match body.get("conversation") {
            Some(Json::String(id)) => Some(id.clone()),
            Some(conversation) => text(conversation, "id"),
            None => None,
        };
        RequestFacts {
            operation: Some(operation::CHAT),
            model: said(body, "model").map(str::to_owned),
            max_tokens: integer(body, "max_output_tokens"),
            temperature: number(body, "temperature"),
            top_p: number(body, "top_p"),
            stream: streams(body),
            reasoning_level: object(body, "reasoning").and_then(|wanted| text(wanted, "effort")),
            output_type: kind.and_then(format).map(str::to_owned),
            previous_response_id: text(body, "previous_response_id"),
            conversation_id: conversation,
            service_tier: service_tier(body),
            message_count: match input {
                Some(Json::Array(items)) => items.len().try_into().ok(),
                Some(Json::String(_)) => Some(1),
                _ => None,
            },
            content: origin.content.then(|| Box::new(asked(body))),
            ..RequestFacts::default()
        }
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        response(body, origin)
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(stream::Events::new(content))
    }
}

fn is_response(body: &Json) -> bool {
    // `response`, or what became of one, as `response.compaction`.
    let object = said(body, "object");
    if object.is_some_and(|object| object == "response" || object.starts_with("response.")) {
        return said(body, "id").is_some() || said(body, "status").is_some();
    }
    let output = list(body, "output");
    !output.is_empty()
        && object.is_none()
        && output
            .iter()
            .all(|item| said(item, "type").is_some_and(items::is_known))
}

fn response(body: &Json, origin: &Origin<'_>) -> ChatFacts {
    let output = list(body, "output");
    let finish_reasons = finish_reasons(body, output);
    let content = origin.content.then(|| {
        let all = output.iter().filter_map(items::part).flatten();
        Box::new(given(all.collect(), &finish_reasons))
    });
    ChatFacts {
        id: said(body, "id").map(str::to_owned),
        model: said(body, "model").map(str::to_owned),
        usage: object(body, "usage").map(usage).unwrap_or_default(),
        error: fault_within(body, origin),
        status: said(body, "status").map(str::to_owned),
        service_tier: said(body, "service_tier").map(str::to_owned),
        tool_calls: output.iter().filter_map(items::called).collect(),
        finish_reasons,
        content,
        ..ChatFacts::default()
    }
}

/// One message, of all that the model gave.
fn given(all: Vec<Json>, reasons: &[FinishReason]) -> Content {
    let reason = reasons.last().and_then(FinishReason::normalized);
    Content {
        output: Some(vec![parts::output("assistant", all, reason)].into()),
        ..Content::default()
    }
}

/// Why the generation ended, which the form has no word for: its status and its items say it.
fn finish_reasons(body: &Json, output: &[Json]) -> Vec<FinishReason> {
    let reason = match said(body, "status") {
        Some("queued" | "in_progress") => return Vec::new(),
        Some("failed" | "cancelled") => "error",
        Some("incomplete") => {
            let details = object(body, "incomplete_details");
            match details.and_then(|details| said(details, "reason")) {
                Some("max_output_tokens") => "length",
                Some(reason) => reason,
                None => "error",
            }
        }
        _ => {
            let mut reasons = Vec::new();
            for reason in output.iter().filter_map(items::reason) {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
            return reasons.into_iter().map(FinishReason::new).collect();
        }
    };
    vec![FinishReason::new(reason)]
}

fn usage(said: &Json) -> Usage {
    let input = object(said, "input_tokens_details");
    let output = object(said, "output_tokens_details");
    Usage {
        input: count(said, "input_tokens"),
        output: count(said, "output_tokens"),
        cache_read: input.and_then(|details| count(details, "cached_tokens")),
        cache_write: input.and_then(|details| count(details, "cache_write_tokens")),
        cache_write_1h: None,
        reasoning: output.and_then(|details| count(details, "reasoning_tokens")),
        input_by: input.map(by_modality).unwrap_or_default(),
        output_by: output.map(by_modality).unwrap_or_default(),
        cache_read_by: ByModality::default(),
    }
}

fn by_modality(details: &Json) -> ByModality {
    ByModality {
        text: count(details, "text_tokens"),
        audio: count(details, "audio_tokens"),
        image: count(details, "image_tokens"),
    }
}

/// What a request says to the model.
fn asked(body: &Json) -> Content {
    let input = match body.get("input") {
        Some(Json::String(text)) => Some(vec![parts::message("user", vec![parts::text(text)])]),
        Some(Json::Array(all)) => Some(all.iter().filter_map(items::message).collect()),
        _ => None,
    };
    let system = said(body, "instructions").map(|text| vec![parts::text(text)]);
    Content {
        input: input.map(Json::from),
        system: system.map(Json::from),
        tools: tools(list(body, "tools")),
        ..Content::default()
    }
}

#[cfg(test)]
mod tests;
