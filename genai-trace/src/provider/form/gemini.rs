//! Google's generateContent, at Gemini and at Vertex.

mod messages;
mod request;
mod stream;
mod usage;

use genai_trace_semconv::values::gen_ai_provider_name as name;
use serde_json::Value as Json;

use self::stream::GeminiStream;
use super::{Form, Merge, address};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{list, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;

pub(super) use self::request::model as request_model;
pub(super) use self::usage::{by_modality, usage};

/// Google's generateContent.
#[derive(Debug)]
pub(super) struct Gemini;

impl Form for Gemini {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        let google = origin.url.and_then(address::google);
        google.is_some_and(|(_, method)| {
            matches!(method, "generateContent" | "streamGenerateContent")
        })
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        let method = origin.url.and_then(address::google);
        let method = method.as_ref().map(|(_, method)| *method);
        let contents = body.get("contents");
        match method {
            Some("generateContent" | "streamGenerateContent") => contents.is_some(),
            Some(_) => false,
            None => contents.and_then(Json::as_array).is_some_and(|contents| {
                let mut contents = contents.iter();
                contents.len() > 0 && contents.all(|content| !list(content, "parts").is_empty())
            }),
        }
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        match body.as_array().map(Vec::as_slice) {
            // What streamGenerateContent gives, read as one JSON.
            Some([first, more @ ..]) => {
                let error = |chunk: &Json| object(chunk, "error").is_some();
                is_chunk(first) && more.iter().all(|chunk| is_chunk(chunk) || error(chunk))
            }
            Some([]) => false,
            None => is_chunk(body),
        }
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        is_chunk(body)
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        // Both of Google's services speak this form, and only one says how it was paid for.
        let first = body.get(0).unwrap_or(body);
        let usage = object(first, "usageMetadata");
        Some(match usage.and_then(|usage| usage.get("trafficType")) {
            Some(_) => name::GCP_VERTEX_AI,
            None => name::GCP_GEN_AI,
        })
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        request::facts(body, origin)
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        if let Some(chunks) = body.as_array() {
            let mut stream = GeminiStream::new(origin.content);
            for chunk in chunks {
                stream.take(None, chunk);
            }
            return stream.facts();
        }
        let candidates = list(body, "candidates");
        let reasons: Vec<_> = candidates.iter().map(reason).collect();
        let content = (origin.content && !candidates.is_empty()).then(|| {
            let output = candidates.iter().zip(&reasons).map(|(candidate, reason)| {
                let parts = list(content_of(candidate), "parts");
                let parts = parts.iter().filter_map(messages::part).collect();
                parts::output(
                    "assistant",
                    parts,
                    reason.as_ref().and_then(FinishReason::normalized),
                )
            });
            Box::new(Content {
                output: Some(Json::Array(output.collect())),
                ..Content::default()
            })
        });
        let tools = candidates
            .iter()
            .flat_map(|candidate| list(content_of(candidate), "parts"));
        let usage = object(body, "usageMetadata");
        ChatFacts {
            id: text(body, "responseId"),
            model: text(body, "modelVersion"),
            finish_reasons: aligned(reasons),
            usage: usage.map(self::usage).unwrap_or_default(),
            error: fault_within(body, origin),
            service_tier: usage.and_then(|usage| text(usage, "serviceTier")),
            tool_calls: tools.filter_map(called).collect(),
            content,
            ..ChatFacts::default()
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(GeminiStream::new(content))
    }
}

/// Whether `body` is a response, or one of a stream's.
fn is_chunk(body: &Json) -> bool {
    let named = said(body, "modelVersion").or_else(|| said(body, "responseId"));
    let usage = object(body, "usageMetadata");
    match body.get("candidates") {
        Some(Json::Array(candidates)) => {
            let known = |candidate: &Json| {
                object(candidate, "content").is_some()
                    || candidate.get("finishReason").is_some()
                    || candidate.get("safetyRatings").is_some()
            };
            candidates.iter().all(known) && (!candidates.is_empty() || usage.is_some())
        }
        // A prompt that was refused has none, and the last of a stream may have none.
        None | Some(Json::Null) => {
            object(body, "promptFeedback").is_some_and(|said| said.get("blockReason").is_some())
                || (usage.is_some() && named.is_some())
        }
        Some(_) => false,
    }
}

/// Why a candidate ended; Vertex may give the number of its enumeration for the word.
fn reason(candidate: &Json) -> Option<FinishReason> {
    let raw = match candidate.get("finishReason")? {
        Json::String(raw) => raw.clone(),
        Json::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    Some(FinishReason::new(raw))
}

/// The reasons in the order of the candidates: where only some say theirs, the others lack one.
fn aligned(reasons: Vec<Option<FinishReason>>) -> Vec<FinishReason> {
    if reasons.iter().all(Option::is_none) {
        return Vec::new();
    }
    let reasons = reasons.into_iter();
    reasons
        .map(|reason| reason.unwrap_or_else(FinishReason::missing))
        .collect()
}

fn content_of(candidate: &Json) -> &Json {
    candidate.get("content").unwrap_or(&Json::Null)
}

/// The function that a part asks to be called.
fn called(part: &Json) -> Option<CalledTool> {
    let call = object(part, "functionCall")?;
    Some(CalledTool::new(text(call, "id"), text(call, "name")))
}

#[cfg(test)]
mod tests;
