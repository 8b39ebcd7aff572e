//! The names of the lesson on a setup of one's own: `agent_workflow`, `llm_call`, `retrieval`, with `llm.*`.

mod printed;

use genai_trace_semconv::names as conventions;
use genai_trace_semconv::values::gen_ai_operation_name as operation;

pub(super) use self::printed::print;
use super::derived;
use super::role::Role;
use super::shape::Object;
use super::table::Name::Whole;
use super::table::On::{Every, Only};
use super::table::Row::{Move, Sum, Work};
use super::table::Table;
use crate::record::{Attributes, SpanRecord, Status, Value};
use crate::span::names;

const INPUT: &str = "llm.tokens.input";
const OUTPUT: &str = "llm.tokens.output";

pub(super) const TABLE: Table = Table {
    names: &[
        (operation::INVOKE_AGENT, Whole("agent_workflow")),
        (operation::RETRIEVAL, Whole("retrieval")),
        (operation::CHAT, Whole("llm_call")),
        (operation::TEXT_COMPLETION, Whole("llm_call")),
        (operation::GENERATE_CONTENT, Whole("llm_call")),
        (operation::EXECUTE_TOOL, Whole("tool_call")),
    ],
    rows: &[
        (
            Only(&[Role::Model]),
            &[
                Move(names::INPUT_TOKENS, INPUT),
                Move(names::OUTPUT_TOKENS, OUTPUT),
                Sum("llm.tokens.total", &[INPUT, OUTPUT]),
                Move(names::COST_USD, "agent.tokens.cost"),
            ],
        ),
        (
            Only(&[Role::Agent]),
            &[
                Work(|span| derived::asked(span, usize::MAX, "agent.input")),
                Move(names::OUTPUT_BYTES, "agent.output_length"),
            ],
        ),
        (
            Only(&[Role::Retrieval]),
            &[Work(|span| {
                let key = conventions::GEN_AI_RETRIEVAL_DOCUMENTS;
                derived::count(span, key, "retrieval.doc_count");
            })],
        ),
        (
            Every,
            &[
                Move(names::REQUEST_MODEL, "llm.model"),
                Move(names::PROVIDER, "llm.provider"),
                Work(decorated),
            ],
        ),
    ],
};

/// What the decorator says of every span.
fn decorated(span: &mut SpanRecord) {
    let failed = span.status == Status::Error;
    let word = if failed { "error" } else { "success" };
    span.attributes.add("status", Value::from(word));
    if failed {
        derived::message(span, "error.message");
    }
}

/// What of a record a line has no key for.
pub(super) const WITHOUT: &[&str] = &[
    "parent_span_id",
    "kind",
    "status_message",
    "events",
    "links",
    "resource",
    "trace_state",
];

/// Writes a line: these keys and no other.
pub(super) fn write(span: &SpanRecord, attributes: &Attributes, mut line: Object<'_>) {
    line.text("name", &span.name);
    line.shown("trace_id", &span.trace_id);
    line.shown("span_id", &span.span_id);
    line.number("start_time", span.start_unix_nano);
    line.number("end_time", span.end_unix_nano);
    line.attributes("attributes", attributes);
    line.text("status", span.status.as_str());
    line.end();
}
