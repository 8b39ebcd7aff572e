//! What spans stand for, as far as profiles tell them apart.

use genai_trace_semconv::values::gen_ai_operation_name as operation;

use crate::record::SpanRecord;
use crate::span::names;

/// What a span stands for, as far as profiles tell spans apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A call of a model that generates.
    Model,
    Embeddings,
    Retrieval,
    Memory,
    Tool,
    Agent,
    Workflow,
    Plan,
    Gate,
    /// Anything else.
    Step,
}

impl Role {
    /// What `span` stands for. A profile leaves alone what this is told by, so that it stays the same.
    pub(super) fn of(span: &SpanRecord) -> Self {
        match span.attributes.str(names::OPERATION) {
            Some(
                operation::CHAT
                | operation::TEXT_COMPLETION
                | operation::GENERATE_CONTENT
                | operation::FETCH_RESPONSE,
            ) => Self::Model,
            Some(operation::EMBEDDINGS) => Self::Embeddings,
            Some(operation::RETRIEVAL) => Self::Retrieval,
            Some(operation::EXECUTE_TOOL) => Self::Tool,
            Some(operation::INVOKE_AGENT | operation::CREATE_AGENT) => Self::Agent,
            Some(operation::INVOKE_WORKFLOW) => Self::Workflow,
            Some(operation::PLAN) => Self::Plan,
            Some(other) if other.contains("memory") => Self::Memory,
            None if span.attributes.get(names::GATE_DECISION).is_some() => Self::Gate,
            Some(_) | None => Self::Step,
        }
    }
}
