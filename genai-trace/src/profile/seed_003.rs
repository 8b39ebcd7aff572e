//! The names of the article on the observability layer: `agent.run`, `tool.{name}`, with `llm.*` and `latency_ms`,
//! in lines as OpenTelemetry's exporter to the console in Python prints them.

mod line;

use genai_trace_semconv::names as conventions;
use genai_trace_semconv::values::gen_ai_operation_name as operation;

pub(super) use self::line::write;
use super::derived;
use super::role::Role;
use super::table::Name::{Before, Whole};
use super::table::On::{Every, Only};
use super::table::Row::{Move, Sum, Work};
use super::table::Table;
use crate::record::{SpanRecord, Value};
use crate::span::names;

const INPUT: &str = "prompt_tokens";
const OUTPUT: &str = "completion_tokens";

pub(super) const TABLE: Table = Table {
    names: &[
        (operation::EXECUTE_TOOL, Before("tool.")),
        (operation::INVOKE_AGENT, Whole("agent.run")),
    ],
    rows: &[
        (
            Only(&[Role::Model]),
            &[
                Move(names::INPUT_TOKENS, INPUT),
                Move(names::OUTPUT_TOKENS, OUTPUT),
                Sum("total_tokens", &[INPUT, OUTPUT]),
                Work(latency),
            ],
        ),
        (
            Only(&[Role::Tool]),
            &[
                Move(names::TOOL_NAME, "tool.name"),
                Move(conventions::GEN_AI_TOOL_CALL_ARGUMENTS, "tool.input"),
                Work(derived::plain_result),
                Move(conventions::GEN_AI_TOOL_CALL_RESULT, "tool.output"),
                Work(latency),
            ],
        ),
        (
            Every,
            &[
                Move(names::REQUEST_MODEL, "llm.model"),
                Move(names::PROVIDER, "llm.provider"),
                Move(names::PROMPT_NAME, "prompt.key"),
                Move(names::OWN_PROMPT_NAME, "prompt.key"),
                Move(names::PROMPT_VERSION, "prompt.version"),
                Move(names::OWN_PROMPT_VERSION, "prompt.version"),
            ],
        ),
    ],
};

/// Milliseconds with two digits behind the point.
fn latency(span: &mut SpanRecord) {
    let millis = (span.duration().as_secs_f64() * 100_000.0).round() / 100.0;
    span.attributes.add("latency_ms", Value::Float(millis));
}
