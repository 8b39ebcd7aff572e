//! Gemini's interactions: a response that the server keeps, whole or polled, and its stream.

mod stream;

use genai_trace_semconv::values::{
    gen_ai_operation_name as operation, gen_ai_output_type as output, gen_ai_provider_name as name,
};
use serde_json::Value as Json;

use self::stream::InteractionStream;
use super::gemini::by_modality;
use super::{Form, Merge};
use crate::provider::facts::{CalledTool, ChatFacts, Content, Fault};
use crate::provider::fault::fault_within;
use crate::provider::json::{count, integer, list, number, object, said, text, texts, truth};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::{Usage, total};

/// Gemini's interactions.
#[derive(Debug)]
pub(super) struct GeminiInteractions;

impl Form for GeminiInteractions {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        is_path(origin)
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        is_path(origin) && body.get("input").is_some()
    }

    fn is_response(&self, body: &Json, origin: &Origin<'_>) -> bool {
        let states = said(body, "id").is_some() && said(body, "status").is_some();
        states && (said(body, "object") == Some("interaction") || is_path(origin))
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        let begins = |kind: &str| {
            let kinds = ["interaction.", "step.", "content."];
            kinds.iter().any(|start| kind.starts_with(start))
        };
        said(body, "event_type").is_some_and(begins)
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        let whole = object(body, "interaction").unwrap_or(body);
        (said(whole, "object") == Some("interaction")).then_some(name::GCP_GEMINI)
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        request(body, origin)
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let mut facts = ChatFacts::default();
        take(&mut facts, body);
        let steps = steps(body);
        facts.tool_calls = steps.iter().filter_map(called).collect();
        let made: Vec<_> = steps.iter().filter(|step| !is_input(step)).collect();
        if origin.content && !made.is_empty() {
            let parts = made.into_iter().flat_map(parts_of).collect();
            facts.content = Some(output_of(parts));
        }
        facts
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(InteractionStream::new(content))
    }
}

fn is_path(origin: &Origin<'_>) -> bool {
    let path = origin.path().unwrap_or_default();
    path.ends_with("/interactions") || path.contains("/interactions/")
}

/// What came of an interaction: its steps, or as it was at first its outputs.
fn steps(body: &Json) -> &[Json] {
    match list(body, "steps") {
        [] => list(body, "outputs"),
        steps => steps,
    }
}

fn is_input(step: &Json) -> bool {
    matches!(said(step, "type"), Some("user_input" | "function_result"))
}

/// What `body`, an interaction, says of itself, but for its steps.
fn take(facts: &mut ChatFacts, body: &Json) {
    let put = |fact: &mut Option<String>, key| *fact = text(body, key).or(fact.take());
    put(&mut facts.id, "id");
    put(&mut facts.model, "model");
    put(&mut facts.status, "status");
    put(&mut facts.service_tier, "service_tier");
    if let Some(counts) = object(body, "usage") {
        facts.usage = usage(counts);
    }
    facts.error = fault_within(body, &Origin::default()).or(facts.error.take());
    if facts.status.as_deref() == Some("failed") && facts.error.is_none() {
        facts.error = Some(Fault::new(facts.status.clone(), None));
    }
}

/// Thoughts and the prompts of tools stand beside the other tokens; where there is a total that shows
/// them among the others, they are.
fn usage(counts: &Json) -> Usage {
    let tokens = |key| count(counts, key);
    let (input, tools) = (
        tokens("total_input_tokens"),
        tokens("total_tool_use_tokens"),
    );
    let thoughts = tokens("total_thought_tokens").or_else(|| tokens("total_reasoning_tokens"));
    let output = tokens("total_output_tokens");
    let all = tokens("total_tokens");
    let adds_up = |parts: [Option<u64>; 4]| all.is_some() && total(parts) == all;
    let (with_tools, with_thoughts) = match () {
        () if adds_up([input, tools, output, thoughts]) => (tools, thoughts),
        () if adds_up([input, None, output, thoughts]) => (None, thoughts),
        () if adds_up([input, tools, output, None]) => (tools, None),
        () if adds_up([input, None, output, None]) => (None, None),
        () => (tools, thoughts),
    };
    let split = |key| by_modality(list(counts, key).iter(), "tokens");
    Usage {
        input: total([input, with_tools]),
        output: total([output, with_thoughts]),
        cache_read: tokens("total_cached_tokens"),
        reasoning: thoughts,
        input_by: split("input_tokens_by_modality"),
        output_by: split("output_tokens_by_modality"),
        cache_read_by: split("cached_tokens_by_modality"),
        ..Usage::default()
    }
}

/// The function that a step asks to be called.
fn called(step: &Json) -> Option<CalledTool> {
    (said(step, "type") == Some("function_call"))
        .then(|| CalledTool::new(text(step, "id"), text(step, "name")))
}

/// One message of the model's.
fn output_of(parts: Vec<Json>) -> Box<Content> {
    Box::new(Content {
        output: Some(Json::Array(vec![parts::output("assistant", parts, None)])),
        ..Content::default()
    })
}

/// The parts of a step, or of a content that stands for itself.
fn parts_of(step: &Json) -> Vec<Json> {
    let word = |key| said(step, key);
    let Some(kind) = word("type") else {
        return Vec::new();
    };
    let given = |key: &str| step.get(key);
    let mime = word("mime_type");
    vec![match kind {
        "text" => parts::text(word("text").unwrap_or_default()),
        "thought" => {
            let summary = list(step, "summary").iter();
            let thoughts = summary.filter_map(|part| said(part, "text"));
            let thoughts: Vec<_> = thoughts.map(parts::reasoning).collect();
            return thoughts;
        }
        "function_call" => {
            let arguments = given("arguments").cloned().unwrap_or_default();
            parts::tool_call(word("id"), word("name").unwrap_or_default(), arguments)
        }
        "function_result" => {
            let result = given("result").cloned().unwrap_or_default();
            parts::tool_call_response(word("call_id"), result)
        }
        "image" | "audio" | "video" | "document" => match (word("data"), word("uri")) {
            (Some(data), _) => parts::blob(kind, mime, data),
            (None, Some(uri)) => parts::uri(kind, mime, uri),
            (None, None) => parts::kind(kind),
        },
        _ if kind.ends_with("_call") => {
            let name = kind.strip_suffix("_call").unwrap_or(kind);
            let account = parts::account(kind, &[("arguments", given("arguments"))]);
            parts::server_tool_call(word("id"), name, account)
        }
        _ if kind.ends_with("_result") => {
            let account = parts::account(kind, &[("result", given("result"))]);
            parts::server_tool_call_response(word("call_id"), account)
        }
        _ => match given("content") {
            Some(content) => return contents(content),
            None => parts::kind(kind),
        },
    }]
}

/// A text, a content or a list of contents.
fn contents(content: &Json) -> Vec<Json> {
    match content {
        Json::String(content) => vec![parts::text(content)],
        Json::Array(all) => all.iter().flat_map(parts_of).collect(),
        one => parts_of(one),
    }
}

fn request(body: &Json, origin: &Origin<'_>) -> RequestFacts {
    let config = object(body, "generation_config").unwrap_or(&Json::Null);
    let modalities = list(body, "response_modalities").iter();
    let modalities: Vec<_> = modalities.filter_map(Json::as_str).collect();
    let output_type = match () {
        () if modalities.contains(&"image") => Some(output::IMAGE),
        () if modalities.contains(&"audio") => Some(output::SPEECH),
        () if object(body, "response_format").is_some() => Some(output::JSON),
        () => None,
    };
    let input = body.get("input");
    RequestFacts {
        operation: Some(operation::CHAT),
        model: super::gemini::request_model(body),
        max_tokens: integer(config, "max_output_tokens"),
        temperature: number(config, "temperature"),
        top_p: number(config, "top_p"),
        seed: integer(config, "seed"),
        stop_sequences: texts(config, "stop_sequences"),
        stream: truth(body, "stream"),
        reasoning_level: text(config, "thinking_level"),
        output_type: output_type.map(str::to_owned),
        previous_response_id: text(body, "previous_interaction_id"),
        service_tier: text(body, "service_tier").filter(|tier| tier != "auto"),
        message_count: match input {
            Some(Json::Array(inputs)) => u64::try_from(inputs.len()).ok(),
            Some(Json::String(_) | Json::Object(_)) => Some(1),
            _ => None,
        },
        content: origin.content.then(|| {
            let system = body.get("system_instruction");
            Box::new(Content {
                input: input.map(messages),
                system: system.map(|said| Json::Array(contents(said))),
                tools: body
                    .get("tools")
                    .and_then(Json::as_array)
                    .map(|all| tools(all)),
                ..Content::default()
            })
        }),
        ..RequestFacts::default()
    }
}

/// The input as messages: steps and turns have roles, contents are the user's.
fn messages(input: &Json) -> Json {
    let message = |turn: &Json| {
        let role = match (said(turn, "role"), said(turn, "type")) {
            (Some("model"), _) => "assistant",
            (Some(role), _) => role,
            (None, Some("model_output" | "thought" | "function_call")) => "assistant",
            (None, _) => "user",
        };
        match (turn.get("content"), said(turn, "type")) {
            (Some(content), _) => parts::message(role, contents(content)),
            (None, _) => parts::message(role, contents(turn)),
        }
    };
    Json::Array(match input {
        Json::Array(turns) => turns.iter().map(message).collect(),
        one => vec![message(one)],
    })
}

fn tools(tools: &[Json]) -> Json {
    let tools = tools.iter().filter_map(|tool| {
        let kind = said(tool, "type")?;
        Some(match said(tool, "name") {
            Some(name) if kind == "function" => {
                parts::function(name, tool.get("description"), tool.get("parameters"))
            }
            name => parts::tool(kind, name.unwrap_or(kind)),
        })
    });
    Json::Array(tools.collect())
}

#[cfg(test)]
mod tests;
