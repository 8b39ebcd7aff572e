//! Cohere's chat in both versions, generate, embed and rerank.

mod request;
mod stream;

use genai_trace_semconv::values::gen_ai_provider_name as name;
use serde_json::Value as Json;

use super::{Form, Merge};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{count, list, object, said};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::Usage;

/// Cohere's chat in both versions, embed and rerank.
#[derive(Debug)]
pub(super) struct Cohere;

impl Form for Cohere {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        let known = match origin.provider {
            Some(provider) => provider == "cohere",
            None => origin
                .path()
                .is_some_and(|url| url.contains("//api.cohere.")),
        };
        known && !origin.path_ends("/chat/completions")
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        request::is_request(body, self.is_named(origin))
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        is_chat(body)
            || is_old_chat(body)
            || is_generated(body)
            || is_embedding(body)
            || is_ranking(body)
    }

    fn is_chunk(&self, event: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        stream::is_event(event, body)
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        // Bedrock hosts its models as well, and counts for itself.
        let counts = object(body, "usage").or_else(|| object(body, "meta"));
        let is_billed = counts.is_some_and(|counts| counts.get("billed_units").is_some());
        let is_event = || stream::is_event(None, body) && body.get("is_finished").is_none();
        (is_billed || is_event()).then_some(name::COHERE)
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        request::request(body, origin)
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        if is_old_chat(body) {
            return old_chat(body, origin.content);
        }
        let id = said(body, "id").map(str::to_owned);
        if is_generated(body) {
            let generations = list(body, "generations");
            let content = origin.content.then(|| generated(generations));
            let reasons = generations
                .iter()
                .filter_map(|one| said(one, "finish_reason"));
            return ChatFacts {
                id,
                usage: object(body, "meta").map(usage).unwrap_or_default(),
                finish_reasons: reasons.map(FinishReason::new).collect(),
                content,
                ..ChatFacts::default()
            };
        }
        if !is_chat(body) {
            return ChatFacts {
                id,
                usage: object(body, "meta").map(usage).unwrap_or_default(),
                ..ChatFacts::default()
            };
        }
        let message = object(body, "message").unwrap_or(body);
        let reason = said(body, "finish_reason").map(FinishReason::new);
        let content = origin
            .content
            .then(|| output(parts_of(message), reason.as_ref()));
        ChatFacts {
            id,
            usage: object(body, "usage").map(usage).unwrap_or_default(),
            tool_calls: list(message, "tool_calls").iter().map(called).collect(),
            error: fault_within(body, origin),
            finish_reasons: reason.into_iter().collect(),
            content,
            ..ChatFacts::default()
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(stream::Events::new(content))
    }
}

fn is_chat(body: &Json) -> bool {
    let message = object(body, "message");
    message.is_some_and(|message| said(message, "role") == Some("assistant"))
        && said(body, "finish_reason").is_some()
        && body.get("choices").is_none()
        && body.get("done").is_none()
}

fn is_old_chat(body: &Json) -> bool {
    said(body, "generation_id").is_some() && body.get("text").is_some_and(Json::is_string)
}

/// Whether `body` is of the endpoint that was there before chat.
fn is_generated(body: &Json) -> bool {
    let generations = list(body, "generations");
    said(body, "id").is_some()
        && !generations.is_empty()
        && generations
            .iter()
            .all(|one| said(one, "id").is_some() && one.get("text").is_some_and(Json::is_string))
}

/// A message for each text that was generated.
fn generated(generations: &[Json]) -> Box<Content> {
    let messages = generations.iter().map(|one| {
        let reason = said(one, "finish_reason").map(FinishReason::new);
        let reason = reason.as_ref().and_then(FinishReason::normalized);
        let text = said(one, "text").map(parts::text);
        parts::output("assistant", text.into_iter().collect(), reason)
    });
    Box::new(Content {
        output: Some(messages.collect()),
        ..Content::default()
    })
}

fn is_embedding(body: &Json) -> bool {
    let embeddings = body.get("embeddings");
    embeddings.is_some_and(|all| all.is_array() || all.is_object())
        && said(body, "id").is_some()
        && (object(body, "meta").is_some() || said(body, "response_type").is_some())
}

fn is_ranking(body: &Json) -> bool {
    let results = list(body, "results");
    !results.is_empty()
        && results.iter().all(|result| {
            result.get("relevance_score").is_some_and(Json::is_number)
                && result.get("index").is_some_and(Json::is_u64)
        })
}

/// A chat of the first version.
fn old_chat(body: &Json, content: bool) -> ChatFacts {
    let reason = said(body, "finish_reason").map(FinishReason::new);
    let content = content.then(|| {
        let mut all: Vec<Json> = said(body, "text").map(parts::text).into_iter().collect();
        all.extend(list(body, "tool_calls").iter().filter_map(call));
        output(all, reason.as_ref())
    });
    ChatFacts {
        id: said(body, "generation_id").map(str::to_owned),
        usage: object(body, "meta").map(usage).unwrap_or_default(),
        tool_calls: list(body, "tool_calls").iter().map(called).collect(),
        finish_reasons: reason.into_iter().collect(),
        content,
        ..ChatFacts::default()
    }
}

/// What was billed, as the conventions want it; what went through the model is more, and only where
/// nothing was billed it is what counts.
fn usage(said: &Json) -> Usage {
    let counts = object(said, "billed_units").or_else(|| object(said, "tokens"));
    Usage {
        input: counts.and_then(|counts| count(counts, "input_tokens")),
        output: counts.and_then(|counts| count(counts, "output_tokens")),
        cache_read: count(said, "cached_tokens"),
        ..Usage::default()
    }
}

fn called(call: &Json) -> CalledTool {
    let function = object(call, "function").unwrap_or(call);
    CalledTool {
        id: said(call, "id").map(str::to_owned),
        name: said(function, "name").map(str::to_owned),
    }
}

/// The part that a call is, in either version.
fn call(call: &Json) -> Option<Json> {
    let function = object(call, "function").unwrap_or(call);
    let arguments = match said(function, "arguments") {
        Some(arguments) => parts::arguments(arguments),
        None => function.get("parameters").cloned().unwrap_or_default(),
    };
    let name = said(function, "name")?;
    Some(parts::tool_call(said(call, "id"), name, arguments))
}

/// The parts of a message of the second version.
fn parts_of(message: &Json) -> Vec<Json> {
    let mut all = Vec::new();
    all.extend(said(message, "tool_plan").map(parts::reasoning));
    match message.get("content") {
        Some(Json::String(text)) => all.push(parts::text(text)),
        Some(Json::Array(content)) => {
            all.extend(content.iter().filter_map(|part| match said(part, "type")? {
                "text" => Some(parts::text(said(part, "text")?)),
                "thinking" => Some(parts::reasoning(said(part, "thinking")?)),
                "image_url" => {
                    let url = object(part, "image_url").and_then(|image| said(image, "url"))?;
                    Some(parts::uri("image", None, url))
                }
                kind => Some(parts::other(
                    kind,
                    said(part, "content").unwrap_or_default(),
                )),
            }))
        }
        _ => {}
    }
    all.extend(list(message, "tool_calls").iter().filter_map(call));
    all
}

fn output(all: Vec<Json>, reason: Option<&FinishReason>) -> Box<Content> {
    let message = parts::output("assistant", all, reason.and_then(FinishReason::normalized));
    Box::new(Content {
        output: Some(vec![message].into()),
        ..Content::default()
    })
}

#[cfg(test)]
mod tests;
