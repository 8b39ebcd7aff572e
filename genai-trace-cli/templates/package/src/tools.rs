//! What the model may do.

use std::path::{Component, Path};
use std::{fs, io};

use genai_trace::{GateDecision, genai_gate, genai_tool};
use serde_json::{Value, json};

/// The tools, as the model is told of them.
pub fn definitions() -> Value {
    json!([{"type": "function", "function": {
        "name": "read_file",
        "description": "Reads a text file of the project.",
        "parameters": {
            "type": "object",
            "properties": {"path": {"type": "string"}},
            "required": ["path"],
        },
    }}])
}

/// Runs the tool that the model calls, and gives the message that answers it. That a tool fails is
/// for the model to deal with.
pub fn run(call: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (id, function) = (text(&call["id"]), &call["function"]);
    let arguments: Value = serde_json::from_str(&text(&function["arguments"])).unwrap_or_default();
    let path = text(&arguments["path"]);
    let result = match text(&function["name"]).as_str() {
        "read_file" => match inside_project(&path) {
            GateDecision::Allow => read_file(&id, &path).map_err(|error| error.to_string()),
            _ => Err(format!("{path} is not a file of the project")),
        },
        other => Err(format!("there is no tool {other}")),
    };
    let content = result.unwrap_or_else(|error| format!("error: {error}"));
    json!({"role": "tool", "tool_call_id": id, "content": content})
}

#[genai_tool("read_file", call_id = id)]
fn read_file(id: &str, path: &str) -> io::Result<String> {
    fs::read_to_string(path)
}

/// A model reads what is below this folder and nothing else.
#[genai_gate("inside_project")]
fn inside_project(path: &str) -> GateDecision {
    let mut parts = Path::new(path).components();
    match parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        true => GateDecision::Allow,
        false => GateDecision::Deny(format!("{path} leads out of the project")),
    }
}
