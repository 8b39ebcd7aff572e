//! `run_command`: another program, in the sandbox.

use genai_trace::{SpanContext, genai_tool, record};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ToolCall, ToolError, function};
use crate::sandbox::Sandbox;

const DESCRIPTION: &str = "Runs a program in the workspace, for 10 s at most, and returns its exit \
    code and what it printed.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    command: String,
    #[serde(default)]
    args: Vec<String>,
}

pub(super) fn definition() -> Value {
    let properties = json!({
        "command": { "type": "string", "description": "The program's name." },
        "args": { "type": "array", "items": { "type": "string" } },
    });
    function("run_command", DESCRIPTION, properties, &["command"])
}

/// An exit code other than 0 is a result, not a failure: `grep` says "not found" that way.
#[genai_tool(
    "run_command",
    call_id = call.id,
    description = DESCRIPTION,
    args(call),
    ret,
    err = ToolError::kind,
    parent = cx
)]
pub(super) fn run_command(
    cx: Option<&SpanContext>,
    sandbox: &Sandbox,
    call: &ToolCall,
) -> Result<Value, ToolError> {
    let Arguments { command, args } = call.parse()?;
    let finished = sandbox
        .run(&command, &args)
        .map_err(ToolError::sandbox(&command))?;
    record!(process.exit.code = finished.code);
    Ok(json!({
        "exit_code": finished.code,
        "stdout": finished.stdout.text,
        "stderr": finished.stderr.text,
        "cut": finished.stdout.cut || finished.stderr.cut,
    }))
}
