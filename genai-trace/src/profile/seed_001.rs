//! The names of the workshop on agents' observability: `gen_ai.completion`, `tool.execute.{name}`, `agent.run`.

use genai_trace_semconv::names as conventions;
use genai_trace_semconv::values::gen_ai_operation_name as operation;

use super::derived;
use super::gen_ai_1_36::{SYSTEM, SYSTEMS};
use super::message_events::{self, Answers};
use super::role::Role;
use super::table::Name::{Before, Whole};
use super::table::On::{Every, Only};
use super::table::Row::{Move, Respell, Work};
use super::table::Table;
use crate::record::{SpanRecord, Status, Value};
use crate::span::names;

pub(super) const TABLE: Table = Table {
    names: &[
        (operation::CHAT, Whole("gen_ai.completion")),
        (operation::TEXT_COMPLETION, Whole("gen_ai.completion")),
        (operation::GENERATE_CONTENT, Whole("gen_ai.completion")),
        (operation::EXECUTE_TOOL, Before("tool.execute.")),
        (operation::INVOKE_AGENT, Whole("agent.run")),
    ],
    rows: &[
        (
            Only(&[Role::Model]),
            &[Work(|span| {
                let key = conventions::GEN_AI_INPUT_MESSAGES;
                derived::count(span, key, "gen_ai.request.messages.count");
            })],
        ),
        (
            Only(&[Role::Tool]),
            &[
                Move(names::TOOL_NAME, "tool.name"),
                Move(conventions::GEN_AI_TOOL_CALL_ARGUMENTS, "tool.arguments"),
                Move(names::RESULT_BYTES, "tool.result_length"),
                Work(tool),
            ],
        ),
        (
            Only(&[Role::Agent]),
            &[
                Work(|span| derived::asked(span, 500, "agent.user_message")),
                Move(names::OUTPUT_BYTES, "agent.final_answer_length"),
            ],
        ),
        (
            Every,
            &[
                Respell(names::PROVIDER, SYSTEMS, SYSTEM),
                Move(names::PROMPT_NAME, "gen_ai.request.prompt_id"),
                Move(names::OWN_PROMPT_NAME, "gen_ai.request.prompt_id"),
                Move(names::PROMPT_VERSION, "prompt_version"),
                Move(names::OWN_PROMPT_VERSION, "prompt_version"),
                Work(|span| message_events::take_out(span, Answers::AreMessages)),
            ],
        ),
    ],
};

fn tool(span: &mut SpanRecord) {
    let millis = span.duration().as_millis();
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    span.attributes.add("tool.duration_ms", Value::Int(millis));
    if span.status == Status::Error {
        derived::message(span, "tool.error");
    }
}
