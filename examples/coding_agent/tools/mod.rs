//! The tools: what the model may ask for, and one function each that does it.
//!
//! A tool takes the JSON arguments of a call and returns the JSON that the model reads. A failure
//! goes to the model as well, as `{"error": {"type": .., "message": ..}}`: it is the model's to
//! deal with.
//!
//! Tools run on threads of their own, which are in no span. `parent = ..` puts the tool's span
//! under the turn that asked for it.

mod error;
mod list_files;
mod read_file;
mod run_command;
mod search;

pub(crate) use error::ToolError;

use genai_trace::{SpanContext, genai_tool};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::workspace::Workspace;

/// A tool call as the model asks for it.
#[derive(Clone, Debug)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON, unless the model made a mistake.
    pub(crate) arguments: String,
}

/// What a trace keeps of it, where it may keep content: the arguments. The rest stands on the span anyhow.
impl Serialize for ToolCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl ToolCall {
    /// The arguments as the type that the tool takes.
    fn parse<T: DeserializeOwned>(&self) -> Result<T, ToolError> {
        serde_json::from_str(&self.arguments)
            .map_err(|error| ToolError::InvalidArguments(error.to_string()))
    }

    /// The arguments as a JSON value; null where they are no JSON.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.arguments).unwrap_or_default()
    }
}

/// Everything the tools work on.
pub(crate) struct Toolbox {
    pub(crate) workspace: Workspace,
    pub(crate) sandbox: Sandbox,
}

impl Toolbox {
    /// What the model is told about the tools, in the form of the chat-completions API.
    pub(crate) fn definitions() -> Value {
        json!([
            list_files::definition(),
            read_file::definition(),
            search::definition(),
            run_command::definition(),
        ])
    }

    /// Runs one call; `cx` is the turn that it belongs to, which may be on another thread.
    pub(crate) fn call(
        &self,
        cx: Option<&SpanContext>,
        call: &ToolCall,
    ) -> Result<Value, ToolError> {
        match call.name.as_str() {
            "list_files" => list_files::list_files(cx, &self.workspace, call),
            "read_file" => read_file::read_file(cx, &self.workspace, call),
            "search" => search::search(cx, &self.workspace, call),
            "run_command" => run_command::run_command(cx, &self.sandbox, call),
            _ => unknown(cx, call),
        }
    }
}

/// A call of a tool that there is none of: a span all the same, under one name whatever the model
/// made up.
#[genai_tool("unknown_tool", call_id = call.id, parent = cx, err = ToolError::kind)]
fn unknown(cx: Option<&SpanContext>, call: &ToolCall) -> Result<Value, ToolError> {
    Err(ToolError::UnknownTool(call.name.clone()))
}

/// A function tool with the JSON schema of its arguments.
fn function(name: &str, description: &str, properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            },
        },
    })
}
