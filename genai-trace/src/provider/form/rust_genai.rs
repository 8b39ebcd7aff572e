//! What the crate `genai` makes of every provider's answers: its response, and the events of its streams.

mod messages;

use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use super::openai_chat::usage as counts;
use super::{Form, Merge, find_provider};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::finish_reason::FinishReason;
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, list, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::Usage;

/// The crate `genai`.
#[derive(Debug)]
pub(super) struct RustGenai;

impl Form for RustGenai {
    fn is_request(&self, body: &Json, _: &Origin<'_>) -> bool {
        let messages = list(body, "messages");
        body.get("model").is_none() && !messages.is_empty() && messages.iter().all(is_message)
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        object(body, "model_iden").is_some_and(|model| said(model, "adapter_kind").is_some())
            && object(body, "usage").is_some()
            && body.get("content").is_some_and(Json::is_array)
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        event(body).is_some()
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        RequestFacts {
            operation: Some(operation::CHAT),
            previous_response_id: text(body, "previous_response_id"),
            message_count: list(body, "messages").len().try_into().ok(),
            content: origin.content.then(|| Box::new(messages::asked(body))),
            ..RequestFacts::default()
        }
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let raw = object(body, "captured_raw_body").unwrap_or(&Json::Null);
        // With `ChatOptions::with_capture_raw_body` it has what the provider said.
        let form = find_provider(origin, |form| form.is_response(raw, origin));
        if let Some(form) = form {
            return form.response(raw, origin);
        }
        let model = |key| object(body, key).and_then(name);
        let reason = body.get("stop_reason").and_then(reason);
        let content = list(body, "content");
        let output = origin.content.then(|| {
            let normalized = reason.as_ref().and_then(FinishReason::normalized);
            let thought = said(body, "reasoning_content").map(parts::reasoning);
            let all = thought.into_iter().chain(messages::parts(content));
            output(all.collect(), normalized)
        });
        ChatFacts {
            id: text(body, "response_id"),
            model: model("provider_model_iden").or_else(|| model("model_iden")),
            finish_reasons: reason.into_iter().collect(),
            usage: body.get("usage").map(usage).unwrap_or_default(),
            tool_calls: calls(content).collect(),
            content: output,
            ..ChatFacts::default()
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(Events {
            content,
            ..Events::default()
        })
    }
}

/// Whether a message has parts as this crate writes them: each under the name of its kind.
fn is_message(message: &Json) -> bool {
    let parts = list(message, "content");
    let is_part = |part: &Json| messages::KINDS.iter().any(|kind| part.get(kind).is_some());
    said(message, "role").is_some() && !parts.is_empty() && parts.iter().all(is_part)
}

/// The name of an event and what it says; none where `body` is no event of this crate.
fn event(body: &Json) -> Option<(&str, &Json)> {
    let mut members = body.as_object()?.iter();
    let (name, said_of_it) = members.next().filter(|_| members.next().is_none())?;
    let is_known = match name.as_str() {
        "Chunk" | "ReasoningChunk" | "ThoughtSignatureChunk" => {
            said_of_it.get("content").is_some_and(Json::is_string)
        }
        "ToolCallChunk" => object(said_of_it, "tool_call").is_some(),
        "End" => said_of_it.is_object(),
        _ => false,
    };
    is_known.then_some((name, said_of_it))
}

/// The name of a model, which the crate writes under how it holds it.
fn name(model: &Json) -> Option<String> {
    let name = model.get("model_name")?;
    let name = name
        .as_object()
        .and_then(|held| held.values().next())
        .unwrap_or(name);
    name.as_str().map(str::to_owned)
}

/// The provider's own word, which stands under a kind.
fn reason(stop_reason: &Json) -> Option<FinishReason> {
    let (_, raw) = stop_reason.as_object()?.iter().next()?;
    raw.as_str().map(FinishReason::new)
}

/// OpenAI's words, with what is written to a cache in words of its own.
fn usage(said_of_it: &Json) -> Usage {
    let usage = counts(said_of_it);
    let prompt = object(said_of_it, "prompt_tokens_details");
    let written = prompt.and_then(|prompt| count(prompt, "cache_creation_tokens"));
    let by_age = prompt.and_then(|prompt| object(prompt, "cache_creation_details"));
    Usage {
        cache_write: written.or(usage.cache_write),
        cache_write_1h: by_age.and_then(|by_age| count(by_age, "ephemeral_1h_tokens")),
        ..usage
    }
}

fn calls(content: &[Json]) -> impl Iterator<Item = CalledTool> {
    let calls = content.iter().filter_map(|part| object(part, "ToolCall"));
    calls.map(|call| CalledTool {
        id: text(call, "call_id"),
        name: text(call, "fn_name"),
    })
}

fn output(parts: Vec<Json>, reason: Option<&str>) -> Box<Content> {
    Box::new(Content {
        output: Some(vec![parts::output("assistant", parts, reason)].into()),
        ..Content::default()
    })
}

/// The events of a stream, of which the last one may tell what was used and said.
#[derive(Debug, Default)]
struct Events {
    facts: ChatFacts,
    ended: bool,
    thought: Gathered,
    text: Gathered,
    /// What the last event says, in the form of the conventions' parts.
    parts: Vec<Json>,
    content: bool,
    room: Room,
}

impl Merge for Events {
    fn take(&mut self, _: Option<&str>, body: &Json) {
        let Some((name, said_of_it)) = event(body) else {
            return;
        };
        match name {
            "Chunk" if self.content => {
                self.text
                    .extend(said(said_of_it, "content"), &mut self.room);
            }
            "ReasoningChunk" if self.content => {
                self.thought
                    .extend(said(said_of_it, "content"), &mut self.room);
            }
            "End" => self.end(said_of_it),
            _ => {}
        }
    }

    fn facts(&self) -> ChatFacts {
        let mut facts = self.facts.clone();
        if facts.finish_reasons.is_empty() && !self.ended {
            facts.finish_reasons.push(FinishReason::missing());
        }
        if self.content {
            let mut all = Vec::new();
            match self.parts.as_slice() {
                [] => {
                    all.extend(self.thought.get().map(parts::reasoning));
                    all.extend(self.text.get().map(parts::text));
                }
                parts => all.extend_from_slice(parts),
            }
            let reason = facts.finish_reasons.first();
            facts.content = Some(output(all, reason.and_then(FinishReason::normalized)));
        }
        facts
    }
}

impl Events {
    fn end(&mut self, said_of_it: &Json) {
        self.ended = true;
        self.room
            .keep(&mut self.facts.id, said(said_of_it, "captured_response_id"));
        if let Some(reason) = said_of_it.get("captured_stop_reason").and_then(reason) {
            self.facts.finish_reasons = vec![reason];
        }
        if let Some(said_of_it) = said_of_it.get("captured_usage") {
            self.facts.usage = usage(said_of_it);
        }
        if let Some(content) = said_of_it
            .get("captured_content")
            .filter(|content| self.room.value(content))
        {
            let content = content.as_array().map_or(&[][..], Vec::as_slice);
            self.facts.tool_calls = calls(content).collect();
            if self.content {
                let thought = said(said_of_it, "captured_reasoning_content").map(parts::reasoning);
                self.parts = thought
                    .into_iter()
                    .chain(messages::parts(content))
                    .collect();
            }
        }
    }
}

#[cfg(test)]
mod tests;
