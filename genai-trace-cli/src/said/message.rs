//! Messages in the attributes of a span or an event, in whatever spelling.

use genai_trace::Attributes;
use serde_json::Value as Json;

use super::flat::messages_of;
use super::part::{missing, parts, structure, text};
use super::spelling::{FLAT_INPUTS, FLAT_OUTPUTS, INPUTS, OUTPUTS, TOOLS};
use super::{Message, Part, Tool, Type, value};

/// What a model or an agent was told.
pub(super) fn input(attributes: &Attributes) -> Vec<Message> {
    messages(attributes, INPUTS, FLAT_INPUTS, "user")
}

/// What it answered.
pub(super) fn output(attributes: &Attributes) -> Vec<Message> {
    messages(attributes, OUTPUTS, FLAT_OUTPUTS, "assistant")
}

/// The messages in the first of these attributes that is there; `role` is whose they are where they do not say.
pub(super) fn messages(
    attributes: &Attributes,
    keys: &[&str],
    fronts: &[&str],
    role: &'static str,
) -> Vec<Message> {
    let flat = fronts.iter().map(|front| messages_of(attributes, front));
    if let Some(found) = flat.into_iter().find(|found| !found.is_empty()) {
        return found.iter().map(|found| message(found, role)).collect();
    }
    // What has no name of its own stands only for what is said where nothing else does.
    match value(attributes, keys) {
        Some(value) => spoken(&value, role),
        None => Vec::new(),
    }
}

/// Messages as one value has them: a list, one, a request with a list in it, or a text.
fn spoken(value: &Json, role: &'static str) -> Vec<Message> {
    match value {
        Json::Array(all) if all.iter().all(Json::is_object) => {
            all.iter().map(|one| message(one, role)).collect()
        }
        Json::Object(members) => match members.get("messages").or_else(|| members.get("choices")) {
            Some(Json::Array(all)) => {
                let inner = all.iter().map(|one| one.get("message").unwrap_or(one));
                inner.map(|one| message(one, role)).collect()
            }
            _ => vec![message(value, role)],
        },
        other => vec![Message {
            role,
            parts: parts(other),
            ..Message::default()
        }],
    }
}

/// A message as the conventions have it, or as a provider does.
pub(super) fn message(message: &Json, usual: &'static str) -> Message {
    let said = |key: &str| message.get(key).and_then(Json::as_str).map(str::to_owned);
    let role = match said("role").as_deref() {
        Some("system" | "developer") => "system",
        Some("user" | "human") => "user",
        Some("assistant" | "model" | "ai") => "assistant",
        Some("tool" | "function") => "tool",
        _ => usual,
    };
    if let Some(part) = missing(message) {
        return Message {
            role: usual,
            parts: vec![part],
            ..Message::default()
        };
    }
    let content = message.get("parts").or_else(|| message.get("content"));
    let mut all = content.map(parts).unwrap_or_default();
    if content.is_none() && message.get("role").is_none() && message.get("tool_calls").is_none() {
        all = vec![text(&message.to_string())];
    }
    let answered = said("tool_call_id").or_else(|| said("id").filter(|_| role == "tool"));
    if let Some(id) = answered {
        let result = match all.as_slice() {
            [
                Part {
                    kind: Type::Text,
                    text: Some(text),
                    ..
                },
            ] => structure(&Json::from(text.as_str())),
            _ => content.cloned().unwrap_or_default(),
        };
        all = vec![Part {
            kind: Type::ToolCallResponse,
            id: Some(id),
            name: said("name"),
            result: Some(result),
            ..Part::default()
        }];
    }
    let calls = message.get("tool_calls").map(structure);
    for call in calls.iter().filter_map(Json::as_array).flatten() {
        let function = call.get("function").unwrap_or(call);
        let of = |key: &str| function.get(key).and_then(Json::as_str).map(str::to_owned);
        all.push(Part {
            kind: Type::ToolCall,
            id: call.get("id").and_then(Json::as_str).map(str::to_owned),
            name: of("name"),
            arguments: function.get("arguments").map(structure),
            ..Part::default()
        });
    }
    Message {
        role,
        name: said("name"),
        span: String::new(),
        finish: said("finish_reason").filter(|finish| !finish.is_empty()),
        parts: all,
    }
}

/// The tools that a model could call.
pub(super) fn tools(attributes: &Attributes) -> Vec<Tool> {
    let value = value(attributes, TOOLS);
    let all = value.iter().filter_map(Json::as_array).flatten();
    let tools = all.filter_map(|tool| {
        let tool = tool.get("function").unwrap_or(tool);
        let description = tool.get("description").and_then(Json::as_str);
        Some(Tool {
            name: tool.get("name")?.as_str()?.to_owned(),
            description: description.map(str::to_owned),
        })
    });
    tools.collect()
}
