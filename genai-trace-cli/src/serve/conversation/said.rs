//! What a span says was said, in whatever spelling.

use genai_trace::{Attributes, SpanRecord, Value};
use serde_json::{Map, Value as Json};

use super::flat::messages_of;
use super::part::{parts, text};
use super::{Message, Part, Tool, Type};

/// What went in and what came out, in the conventions' older spellings and in those of others: the first that is there.
const INPUTS: [&str; 9] = [
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "llm.prompt",
    "llm.request.messages",
    "llm.input_messages",
    "llm.messages",
    "messages",
    "prompt",
    "input.value",
];
const OUTPUTS: [&str; 7] = [
    "gen_ai.output.messages",
    "gen_ai.completion",
    "llm.completion",
    "llm.response",
    "completion",
    "response",
    "output.value",
];
/// Of messages that have an attribute for each thing said.
const FLAT_INPUTS: [&str; 2] = ["llm.input_messages.", "gen_ai.prompt."];
const FLAT_OUTPUTS: [&str; 2] = ["llm.output_messages.", "gen_ai.completion."];
const TOOLS: [&str; 3] = ["gen_ai.tool.definitions", "llm.tools", "tools"];

/// What a span says was said.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) system: Vec<Part>,
    pub(super) input: Vec<Message>,
    pub(super) output: Vec<Message>,
    pub(super) tools: Vec<Tool>,
}

impl Said {
    pub(super) fn in_span(span: &SpanRecord) -> Self {
        let attributes = &span.attributes;
        let mut said = Said {
            system: value(attributes, &["gen_ai.system_instructions"])
                .map(|value| parts(&value))
                .unwrap_or_default(),
            input: messages(attributes, &INPUTS, &FLAT_INPUTS, "user"),
            output: messages(attributes, &OUTPUTS, &FLAT_OUTPUTS, "assistant"),
            tools: tools(attributes),
        };
        said.take_events(span);
        said.take_system();
        let id = span.span_id.to_string();
        for message in said.input.iter_mut().chain(&mut said.output) {
            message.span.clone_from(&id);
        }
        said
    }

    pub(super) fn is_empty(&self) -> bool {
        self.system.is_empty() && self.input.is_empty() && self.output.is_empty()
    }

    /// Messages that are events of the span: one event for each, or one for all.
    fn take_events(&mut self, span: &SpanRecord) {
        for event in &span.events {
            let attributes = &event.attributes;
            match event.name.as_str() {
                "gen_ai.client.inference.operation.details" if self.is_empty() => {
                    self.system = value(attributes, &["gen_ai.system_instructions"])
                        .map(|value| parts(&value))
                        .unwrap_or_default();
                    self.input = messages(attributes, &INPUTS, &[], "user");
                    self.output = messages(attributes, &OUTPUTS, &[], "assistant");
                }
                "gen_ai.content.prompt" => {
                    self.input
                        .extend(messages(attributes, &["gen_ai.prompt"], &[], "user"));
                }
                "gen_ai.content.completion" => {
                    self.output.extend(messages(
                        attributes,
                        &["gen_ai.completion"],
                        &[],
                        "assistant",
                    ));
                }
                name => self.take_event(name, attributes),
            }
        }
    }

    fn take_event(&mut self, name: &str, attributes: &Attributes) {
        let role = match name {
            "gen_ai.system.message" => "system",
            "gen_ai.user.message" => "user",
            "gen_ai.assistant.message" => "assistant",
            "gen_ai.tool.message" => "tool",
            "gen_ai.choice" => "assistant",
            _ => return,
        };
        let mut members = Map::new();
        for (key, value) in attributes.iter() {
            members.insert(key.to_owned(), json(value));
        }
        if let Some(Json::Object(inner)) = members.remove("message") {
            members.extend(inner);
        }
        let found = message(&Json::Object(members), role);
        match name {
            "gen_ai.choice" => self.output.push(found),
            _ => self.input.push(found),
        }
    }

    /// What a model is told before anybody speaks.
    fn take_system(&mut self) {
        let first_other = self
            .input
            .iter()
            .position(|message| message.role != "system");
        let system = self.input.drain(..first_other.unwrap_or(self.input.len()));
        self.system.extend(system.flat_map(|message| message.parts));
    }
}

fn messages(
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
fn message(message: &Json, usual: &'static str) -> Message {
    let said = |key: &str| message.get(key).and_then(Json::as_str).map(str::to_owned);
    let role = match said("role").as_deref() {
        Some("system" | "developer") => "system",
        Some("user" | "human") => "user",
        Some("assistant" | "model" | "ai") => "assistant",
        Some("tool" | "function") => "tool",
        _ => usual,
    };
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
            ] => super::part::structure(&Json::from(text.as_str())),
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
    let calls = message.get("tool_calls").map(super::part::structure);
    for call in calls.iter().filter_map(Json::as_array).flatten() {
        let function = call.get("function").unwrap_or(call);
        let of = |key: &str| function.get(key).and_then(Json::as_str).map(str::to_owned);
        all.push(Part {
            kind: Type::ToolCall,
            id: call.get("id").and_then(Json::as_str).map(str::to_owned),
            name: of("name"),
            arguments: function.get("arguments").map(super::part::structure),
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

fn tools(attributes: &Attributes) -> Vec<Tool> {
    let value = value(attributes, &TOOLS);
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

/// The first of these that is there, as JSON.
fn value(attributes: &Attributes, keys: &[&str]) -> Option<Json> {
    keys.iter().find_map(|key| attributes.get(key)).map(json)
}

/// What stands as JSON in a text is read.
fn json(value: &Value) -> Json {
    match value {
        Value::String(text) => super::part::structure(&Json::from(text.as_str())),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}
