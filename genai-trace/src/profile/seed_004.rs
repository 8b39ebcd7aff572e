//! The names of the page on instrumentation: `llm.completion`, `tool.{name}`, `agent.run`.

use genai_trace_semconv::names as conventions;
use genai_trace_semconv::values::gen_ai_operation_name as operation;

use super::derived;
use super::role::Role;
use super::table::Name::{Before, Whole};
use super::table::On::{Every, Only};
use super::table::Row::{Move, Work};
use super::table::Table;
use crate::span::names;

pub(super) const TABLE: Table = Table {
    names: &[
        (operation::CHAT, Whole("llm.completion")),
        (operation::TEXT_COMPLETION, Whole("llm.completion")),
        (operation::GENERATE_CONTENT, Whole("llm.completion")),
        (operation::EXECUTE_TOOL, Before("tool.")),
        (operation::INVOKE_AGENT, Whole("agent.run")),
    ],
    rows: &[
        (
            Only(&[Role::Tool]),
            &[
                Move(names::TOOL_NAME, "tool.name"),
                Move(conventions::GEN_AI_TOOL_CALL_ARGUMENTS, "tool.arguments"),
                Move(names::ARGUMENTS_TOKENS, "tool.input_tokens"),
                Work(derived::plain_result),
                Move(conventions::GEN_AI_TOOL_CALL_RESULT, "tool.output"),
                Move(names::RESULT_TOKENS, "tool.output_tokens"),
            ],
        ),
        (
            Every,
            &[
                Move(
                    conventions::GEN_AI_REQUEST_TEMPERATURE,
                    "gen_ai.temperature",
                ),
                Move(conventions::GEN_AI_REQUEST_MAX_TOKENS, "gen_ai.max_tokens"),
            ],
        ),
    ],
};
