//! The gates: what the agent may do.
//!
//! Every call passes a chain of gates before it runs: `inside_workspace` whatever the tool is, so
//! that a new one cannot slip by, and before that `allow_command` if a program is to be run. The
//! first denial wins, and its reason goes to the model.

use genai_trace::{GateDecision, genai_gate};
use serde_json::{Value, json};

use crate::tools::ToolCall;
use crate::workspace::Workspace;

/// A gate of the chain.
struct Gate {
    name: &'static str,
    /// The tool whose calls it is asked about; none for all.
    tool: Option<&'static str>,
    decide: fn(&ToolCall, &Workspace) -> GateDecision,
}

/// The gates, in the order in which they are asked.
const CHAIN: [Gate; 2] = [
    Gate {
        name: "allow_command",
        tool: Some("run_command"),
        decide: allow_command,
    },
    Gate {
        name: "inside_workspace",
        tool: None,
        decide: inside_workspace,
    },
];

/// Programs that only look, with those of their flags that cannot name a file or run anything.
const COMMANDS: [(&str, &[&str]); 5] = [
    (
        "grep",
        &["-c", "-F", "-i", "-n", "-o", "-r", "-w", "-e", "--"],
    ),
    ("head", &["-n", "-c", "--"]),
    ("ls", &["-1", "-a", "-l", "-R", "--"]),
    ("tail", &["-n", "-c", "--"]),
    ("wc", &["-c", "-l", "-w", "--"]),
];

/// Who denied a call, and why.
#[derive(Debug)]
pub(crate) struct Denial {
    pub(crate) gate: &'static str,
    pub(crate) reason: String,
}

impl Denial {
    /// What the model reads.
    pub(crate) fn to_json(&self) -> Value {
        let message = format!("{}: {}", self.gate, self.reason);
        json!({ "error": { "type": "denied", "message": message } })
    }
}

/// Asks the gates in turn; the first that does not allow the call ends it.
pub(crate) fn check(call: &ToolCall, workspace: &Workspace) -> Result<(), Denial> {
    for gate in &CHAIN {
        if gate.tool.is_some_and(|tool| tool != call.name) {
            continue;
        }
        let reason = match (gate.decide)(call, workspace) {
            GateDecision::Allow => continue,
            GateDecision::Deny(reason) => reason,
            GateDecision::Ask(question) => format!("{question} (nobody is here to say yes)"),
        };
        return Err(Denial {
            gate: gate.name,
            reason,
        });
    }
    Ok(())
}

/// Lets pass only programs that look and do not touch.
#[genai_gate(
    "allow_command",
    fields(gen_ai.tool.name = call.name, gen_ai.tool.call.id = call.id)
)]
fn allow_command(call: &ToolCall, _workspace: &Workspace) -> GateDecision {
    let arguments = call.value();
    let command = arguments
        .get("command")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some((_, flags)) = COMMANDS.iter().find(|(name, _)| *name == command) else {
        let known: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
        let known = known.join(", ");
        return GateDecision::Deny(format!(
            "`{command}` is not on the list of commands: {known}"
        ));
    };
    match strings(&arguments).find(|arg| arg.starts_with('-') && !flags.contains(arg)) {
        Some(flag) => GateDecision::Deny(format!(
            "`{command}` may not have `{flag}`, only {}",
            flags.join(" ")
        )),
        None => GateDecision::Allow,
    }
}

/// Lets pass only calls whose paths stay in the workspace, through links and `..` too.
///
/// Any argument of a command may be a path, so each is looked at as one.
#[genai_gate(
    "inside_workspace",
    fields(gen_ai.tool.name = call.name, gen_ai.tool.call.id = call.id)
)]
fn inside_workspace(call: &ToolCall, workspace: &Workspace) -> GateDecision {
    let arguments = call.value();
    let path = arguments.get("path").and_then(Value::as_str);
    match path
        .into_iter()
        .chain(strings(&arguments))
        .find(|path| workspace.resolve(path).is_none())
    {
        Some(path) => GateDecision::Deny(format!("`{path}` leads out of the workspace")),
        None => GateDecision::Allow,
    }
}

/// The strings of the argument `args`.
fn strings(arguments: &Value) -> impl Iterator<Item = &str> {
    let args = arguments.get("args").and_then(Value::as_array);
    args.into_iter().flatten().filter_map(Value::as_str)
}
