//! Langfuse: what it reads of the conventions stays, and what it does not read has the names of its own.

mod usage;

use genai_trace_semconv::names as conventions;

use super::derived;
use super::role::Role;
use super::table::On::{Every, Only};
use super::table::Row::{Move, Say, Work};
use super::table::{Row, Table};
use crate::export::utc::iso_micros;
use crate::record::{SpanRecord, Status, Value};
use crate::span::names;

const TYPE: &str = "langfuse.observation.type";
const INPUT: &str = "langfuse.observation.input";
const OUTPUT: &str = "langfuse.observation.output";
const PROMPT_VERSION: &str = "langfuse.observation.prompt.version";

pub(super) const TABLE: Table = Table {
    names: &[],
    rows: &[
        // It knows neither retrievals nor plans nor workflows, and takes each for a generation that names a model.
        (Only(&[Role::Model]), &[Say(TYPE, "generation")]),
        (Only(&[Role::Embeddings]), &[Say(TYPE, "embedding")]),
        (Only(&[Role::Retrieval]), &[Say(TYPE, "retriever")]),
        (Only(&[Role::Tool]), &[Say(TYPE, "tool")]),
        (Only(&[Role::Agent]), &[Say(TYPE, "agent")]),
        (Only(&[Role::Workflow, Role::Plan]), &[Say(TYPE, "chain")]),
        (Only(&[Role::Gate]), &[Say(TYPE, "guardrail")]),
        (Only(&[Role::Memory, Role::Step]), &[Say(TYPE, "span")]),
        (Only(&[Role::Model]), MODEL),
        (Only(&[Role::Embeddings]), &[Work(usage::details)]),
        (
            Every,
            &[
                Move(names::COST_USD, "gen_ai.usage.cost"),
                Move(names::INPUT, INPUT),
                Move(conventions::GEN_AI_RETRIEVAL_QUERY_TEXT, INPUT),
                Move(conventions::GEN_AI_MEMORY_QUERY_TEXT, INPUT),
                Move(names::OUTPUT, OUTPUT),
                Move(conventions::GEN_AI_RETRIEVAL_DOCUMENTS, OUTPUT),
                Move(conventions::GEN_AI_MEMORY_RECORDS, OUTPUT),
                Work(status_message),
            ],
        ),
    ],
};

const MODEL: &[Row] = &[
    Work(usage::details),
    Work(completion_start),
    Move(names::PROMPT_NAME, "langfuse.observation.prompt.name"),
    Work(prompt_version),
];

/// When the first of a stream came.
fn completion_start(span: &mut SpanRecord) {
    let waited = span.attributes.float(names::FIRST_CHUNK);
    if let Some(waited) = waited.and_then(|s| std::time::Duration::try_from_secs_f64(s).ok()) {
        let waited = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        let at = iso_micros(span.start_unix_nano.saturating_add(waited));
        let key = "langfuse.observation.completion_start_time";
        span.attributes.add(key, Value::String(at));
    }
}

/// Versions are integers there: any other keeps its name.
fn prompt_version(span: &mut SpanRecord) {
    let said = span
        .attributes
        .str(names::PROMPT_VERSION)
        .unwrap_or_default();
    let version = said.parse::<i64>().ok().filter(|it| it.to_string() == said);
    if let (Some(version), None) = (version, span.attributes.get(PROMPT_VERSION)) {
        span.attributes.remove(names::PROMPT_VERSION);
        span.attributes.add(PROMPT_VERSION, Value::Int(version));
    }
}

fn status_message(span: &mut SpanRecord) {
    if span.status == Status::Error {
        derived::message(span, "langfuse.observation.status_message");
    }
}
