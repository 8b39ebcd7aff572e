//! What a span stands for: the operations of the GenAI conventions, and two of our own.

use genai_trace_semconv::values::gen_ai_operation_name as operation;

use super::names;
use crate::record::SpanKind;

/// What a span stands for, which decides its name, its kind and the metrics it feeds.
///
/// The first ten are operations of the OpenTelemetry GenAI semantic conventions;
/// [`Gate`](Operation::Gate) and [`Step`](Operation::Step) carry no `gen_ai.operation.name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// An agent run inside this process: `invoke_agent {agent}`.
    Agent,
    /// An agent run by a remote service: `invoke_agent {agent}`, kind CLIENT.
    RemoteAgent,
    /// A chat completion: `chat {model}`.
    Chat,
    /// A text completion: `text_completion {model}`.
    TextCompletion,
    /// A multimodal generation: `generate_content {model}`.
    GenerateContent,
    /// An embeddings call: `embeddings {model}`.
    Embeddings,
    /// A search for context: `retrieval {data source}`.
    Retrieval,
    /// A tool run: `execute_tool {tool}`.
    Tool,
    /// A coordinated process of several agents or calls: `invoke_workflow {workflow}`.
    Workflow,
    /// An agent's planning phase: `plan {agent}`.
    Plan,
    /// A verification gate that allows, denies or asks: `gate {gate}`.
    Gate,
    /// Any other step, under the name it is given.
    Step,
}

impl Operation {
    /// Every operation, in the order of [`Operation::index`].
    pub(crate) const ALL: [Operation; 12] = [
        Operation::Agent,
        Operation::RemoteAgent,
        Operation::Chat,
        Operation::TextCompletion,
        Operation::GenerateContent,
        Operation::Embeddings,
        Operation::Retrieval,
        Operation::Tool,
        Operation::Workflow,
        Operation::Plan,
        Operation::Gate,
        Operation::Step,
    ];

    /// The place of the operation in tables.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The value of `gen_ai.operation.name`, which is also the first word of the span's name.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Operation::Agent | Operation::RemoteAgent => operation::INVOKE_AGENT,
            Operation::Chat => operation::CHAT,
            Operation::TextCompletion => operation::TEXT_COMPLETION,
            Operation::GenerateContent => operation::GENERATE_CONTENT,
            Operation::Embeddings => operation::EMBEDDINGS,
            Operation::Retrieval => operation::RETRIEVAL,
            Operation::Tool => operation::EXECUTE_TOOL,
            Operation::Workflow => operation::INVOKE_WORKFLOW,
            Operation::Plan => operation::PLAN,
            Operation::Gate | Operation::Step => return None,
        })
    }

    /// The first word of the span's name; none for a step, which has only its own name.
    pub(crate) const fn prefix(self) -> Option<&'static str> {
        match self {
            Operation::Gate => Some("gate"),
            other => other.name(),
        }
    }

    /// The attribute that holds the subject, the second half of the span's name.
    pub(crate) const fn subject_key(self) -> Option<&'static str> {
        Some(match self {
            Operation::Agent | Operation::RemoteAgent | Operation::Plan => names::AGENT_NAME,
            Operation::Chat
            | Operation::TextCompletion
            | Operation::GenerateContent
            | Operation::Embeddings => names::REQUEST_MODEL,
            Operation::Retrieval => names::DATA_SOURCE_ID,
            Operation::Tool => names::TOOL_NAME,
            Operation::Workflow => names::WORKFLOW_NAME,
            Operation::Gate | Operation::Step => return None,
        })
    }

    /// The span's kind: CLIENT for calls that leave the process, INTERNAL otherwise.
    pub const fn kind(self) -> SpanKind {
        match self {
            Operation::RemoteAgent
            | Operation::Chat
            | Operation::TextCompletion
            | Operation::GenerateContent
            | Operation::Embeddings
            | Operation::Retrieval => SpanKind::Client,
            Operation::Agent
            | Operation::Tool
            | Operation::Workflow
            | Operation::Plan
            | Operation::Gate
            | Operation::Step => SpanKind::Internal,
        }
    }

    /// Whether the operation calls a model to generate something.
    pub(crate) const fn is_inference(self) -> bool {
        matches!(
            self,
            Operation::Chat | Operation::TextCompletion | Operation::GenerateContent
        )
    }

    /// Whether the subject is a model.
    pub(crate) const fn has_model(self) -> bool {
        self.is_inference() || matches!(self, Operation::Embeddings)
    }

    /// Whether the operation is the run of an agent.
    pub(crate) const fn is_agent(self) -> bool {
        matches!(self, Operation::Agent | Operation::RemoteAgent)
    }
}

#[cfg(test)]
mod tests {
    use genai_trace_semconv::{Kind, SPANS};

    use super::*;

    #[test]
    fn operations_are_spans_of_the_conventions_with_their_kind_and_subject() {
        for operation in Operation::ALL {
            let (Some(name), Some(subject)) = (operation.name(), operation.subject_key()) else {
                continue;
            };
            let known = SPANS.iter().any(|span| {
                let kind = match span.kind {
                    Kind::Client => SpanKind::Client,
                    Kind::Server => SpanKind::Server,
                    _ => SpanKind::Internal,
                };
                let has = |name| span.attributes.iter().any(|a| a.attribute == name);
                span.operations.contains(&name) && kind == operation.kind() && has(subject)
            });
            assert!(known, "{operation:?}");
        }
    }
}
