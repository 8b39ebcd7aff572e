//! MLflow: it reads the conventions; what it has no word for says what it is.

use genai_trace_semconv::names as conventions;

use super::role::Role;
use super::table::On::{Every, Only};
use super::table::Row::{Move, Say, Work};
use super::table::Table;
use crate::record::{SpanRecord, Value};
use crate::span::names;

const TYPE: &str = "mlflow.spanType";
const INPUTS: &str = "mlflow.spanInputs";
const OUTPUTS: &str = "mlflow.spanOutputs";

pub(super) const TABLE: Table = Table {
    names: &[],
    rows: &[
        (Only(&[Role::Model]), &[Work(fetched)]),
        (Only(&[Role::Retrieval]), &[Say(TYPE, "RETRIEVER")]),
        (Only(&[Role::Memory]), &[Say(TYPE, "MEMORY")]),
        (
            Only(&[Role::Workflow, Role::Plan, Role::Step]),
            &[Say(TYPE, "CHAIN")],
        ),
        (Only(&[Role::Gate]), &[Say(TYPE, "GUARDRAIL")]),
        (
            Every,
            &[
                Move(names::CONVERSATION_ID, "session.id"),
                // The name of version 1.41, which every one of its versions reads.
                Move(
                    names::CACHE_WRITE_TOKENS,
                    "gen_ai.usage.cache_creation.input_tokens",
                ),
                Move(names::INPUT, INPUTS),
                Move(conventions::GEN_AI_RETRIEVAL_QUERY_TEXT, INPUTS),
                Move(conventions::GEN_AI_MEMORY_QUERY_TEXT, INPUTS),
                Move(names::OUTPUT, OUTPUTS),
                Move(conventions::GEN_AI_RETRIEVAL_DOCUMENTS, OUTPUTS),
                Move(conventions::GEN_AI_MEMORY_RECORDS, OUTPUTS),
            ],
        ),
    ],
};

/// An answer that is fetched later is a model's, and its operation is none that MLflow has a type for.
fn fetched(span: &mut SpanRecord) {
    if span.attributes.str(names::OPERATION) == Some("fetch_response") {
        span.attributes.add(TYPE, Value::from("LLM"));
    }
}
