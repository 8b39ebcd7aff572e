//! What was said in a span, wherever that stands and whatever the attributes are called that hold it: the one place
//! that the viewer, comparisons, data sets and summaries read it through.

mod events;
mod flat;
mod message;
mod part;
mod spelling;
mod text;
mod today;
mod tool;

use genai_trace::{Event, SpanRecord, Value};
use serde::Serialize;
use serde_json::Value as Json;

pub(crate) use self::text::text;
pub(crate) use self::today::{lay_in, messages_in, whole_input, whole_output};
pub(crate) use self::tool::{arguments, result, structured_arguments, structured_result};

/// What a span says was said.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Instructions that stand apart from the messages.
    pub(crate) system: Vec<Part>,
    pub(crate) input: Vec<Message>,
    pub(crate) output: Vec<Message>,
    /// The tools that a model could call.
    pub(crate) tools: Vec<Tool>,
}

/// What one of those who speak said at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Message {
    pub(crate) role: &'static str,
    pub(crate) name: Option<String>,
    /// The span of the call that it first was in.
    pub(crate) span: String,
    pub(crate) finish: Option<String>,
    pub(crate) parts: Vec<Part>,
}

/// A part of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Part {
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    pub(crate) text: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) arguments: Option<Json>,
    pub(crate) result: Option<Json>,
    pub(crate) mime: Option<String>,
    /// The span of the tool that was called.
    pub(crate) span: Option<String>,
    /// How long it is, where it is not whole.
    pub(crate) cut: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Type {
    #[default]
    Text,
    Reasoning,
    ToolCall,
    ToolCallResponse,
    Blob,
    Uri,
    File,
    /// What should be there and is not: the text says why.
    Missing,
    Other,
}

/// A tool that a model could call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

impl Said {
    /// What a span says in its attributes and its events.
    pub(crate) fn in_span(span: &SpanRecord) -> Self {
        let mut said = Self::in_attributes(span);
        said.take_events(&span.events);
        let id = span.span_id.to_string();
        for message in said.input.iter_mut().chain(&mut said.output) {
            message.span.clone_from(&id);
        }
        said
    }

    /// What it says in its attributes alone.
    pub(crate) fn in_attributes(span: &SpanRecord) -> Self {
        let attributes = &span.attributes;
        Self {
            system: part::instructions(attributes),
            input: message::input(attributes),
            output: message::output(attributes),
            tools: message::tools(attributes),
        }
    }

    /// What events say alone.
    pub(crate) fn in_events(events: &[Event]) -> Self {
        let mut said = Self::default();
        said.take_events(events);
        said
    }

    /// With the messages that a model is told before anybody speaks among its instructions.
    pub(crate) fn with_system_apart(mut self) -> Self {
        let first_other = self
            .input
            .iter()
            .position(|message| message.role != "system");
        let system = self.input.drain(..first_other.unwrap_or(self.input.len()));
        self.system.extend(system.flat_map(|message| message.parts));
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.system.is_empty() && self.input.is_empty() && self.output.is_empty()
    }
}

/// The first of these attributes that is there, as JSON.
fn value(attributes: &genai_trace::Attributes, keys: &[&str]) -> Option<Json> {
    keys.iter().find_map(|key| attributes.get(key)).map(json)
}

/// What stands as JSON in a text is read.
fn json(value: &Value) -> Json {
    match value {
        Value::String(text) => part::structure(&Json::from(text.as_str())),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}
