//! What the attributes are called that hold what was said: in the conventions, their older versions, and by others. Of
//! several the first that is there counts.

use genai_trace_semconv::names;

/// What a model or an agent was told.
pub(super) const INPUTS: &[&str] = &[
    names::GEN_AI_INPUT_MESSAGES,
    "gen_ai.prompt",
    "llm.prompt",
    "llm.request.messages",
    "llm.input_messages",
    "llm.messages",
    "messages",
    "prompt",
    "input.value",
    "langfuse.observation.input",
];
/// What it answered.
pub(super) const OUTPUTS: &[&str] = &[
    names::GEN_AI_OUTPUT_MESSAGES,
    "gen_ai.completion",
    "llm.completion",
    "llm.response",
    "completion",
    "response",
    "output.value",
    "langfuse.observation.output",
];
/// Of messages that have an attribute for each thing said.
pub(super) const FLAT_INPUTS: &[&str] = &["llm.input_messages.", "gen_ai.prompt."];
pub(super) const FLAT_OUTPUTS: &[&str] = &["llm.output_messages.", "gen_ai.completion."];
/// Instructions that stand apart from the messages.
pub(super) const INSTRUCTIONS: &[&str] = &[names::GEN_AI_SYSTEM_INSTRUCTIONS];
/// The tools that a model could call.
pub(super) const TOOLS: &[&str] = &[names::GEN_AI_TOOL_DEFINITIONS, "llm.tools", "tools"];
/// The arguments of a tool's call.
pub(super) const ARGUMENTS: &[&str] = &[
    names::GEN_AI_TOOL_CALL_ARGUMENTS,
    "tool.arguments",
    "tool.parameters",
    "tool.input",
    "input.value",
    "langfuse.observation.input",
];
/// What the tool returned.
pub(super) const RESULTS: &[&str] = &[
    names::GEN_AI_TOOL_CALL_RESULT,
    "tool.result",
    "tool.output",
    "output.value",
    "langfuse.observation.output",
];
