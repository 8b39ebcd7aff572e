//! What a span stands for: the operations of the GenAI conventions, calls of the Model Context Protocol, and
//! three of our own.

use genai_trace_semconv::values::gen_ai_operation_name as operation;

use super::names;
use crate::record::SpanKind;

/// What a span stands for, which decides its name, its kind and the metrics it feeds.
///
/// Most are operations of the OpenTelemetry GenAI semantic conventions. Calls of the Model Context Protocol
/// ([`McpClient`](Operation::McpClient), [`McpServer`](Operation::McpServer)) carry `gen_ai.operation.name`
/// only where they call a tool; [`Gate`](Operation::Gate),
/// [`Request`](Operation::Request) and [`Step`](Operation::Step) never do.
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
    /// An agent made at a remote service: `create_agent {agent}`.
    CreateAgent,
    /// A response fetched that was generated before: `fetch_response`.
    FetchResponse,
    /// A store for memories made: `create_memory_store`.
    CreateMemoryStore,
    /// A store for memories deleted: `delete_memory_store`.
    DeleteMemoryStore,
    /// New memories kept: `create_memory`.
    CreateMemory,
    /// Known memories changed: `update_memory`.
    UpdateMemory,
    /// Memories kept or changed, as the store decides: `upsert_memory`.
    UpsertMemory,
    /// Memories looked for: `search_memory`.
    SearchMemory,
    /// Memories deleted: `delete_memory`.
    DeleteMemory,
    /// A request or notification sent by the Model Context Protocol: `{method} {tool or prompt}`.
    McpClient,
    /// One that was received: `{method} {tool or prompt}`, kind SERVER.
    McpServer,
    /// A verification gate that allows, denies or asks: `gate {gate}`.
    Gate,
    /// A request that came in over HTTP: `{method} {route}`, kind SERVER.
    Request,
    /// Any other step, under the name it is given.
    Step,
}

impl Operation {
    /// Every operation, in the order of [`Operation::index`].
    pub(crate) const ALL: [Operation; 24] = [
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
        Operation::CreateAgent,
        Operation::FetchResponse,
        Operation::CreateMemoryStore,
        Operation::DeleteMemoryStore,
        Operation::CreateMemory,
        Operation::UpdateMemory,
        Operation::UpsertMemory,
        Operation::SearchMemory,
        Operation::DeleteMemory,
        Operation::McpClient,
        Operation::McpServer,
        Operation::Gate,
        Operation::Request,
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
            Operation::CreateAgent => operation::CREATE_AGENT,
            Operation::FetchResponse => operation::FETCH_RESPONSE,
            Operation::CreateMemoryStore => operation::CREATE_MEMORY_STORE,
            Operation::DeleteMemoryStore => operation::DELETE_MEMORY_STORE,
            Operation::CreateMemory => operation::CREATE_MEMORY,
            Operation::UpdateMemory => operation::UPDATE_MEMORY,
            Operation::UpsertMemory => operation::UPSERT_MEMORY,
            Operation::SearchMemory => operation::SEARCH_MEMORY,
            Operation::DeleteMemory => operation::DELETE_MEMORY,
            Operation::McpClient
            | Operation::McpServer
            | Operation::Gate
            | Operation::Request
            | Operation::Step => {
                return None;
            }
        })
    }

    /// The operation that the conventions call so; an agent is one of this process.
    #[cfg(feature = "tracing")]
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|operation| operation.name() == Some(name))
    }

    /// The first word of the span's name; none for a step and a request, which have only their own name, and for a call of the
    /// Model Context Protocol, which begins with its method.
    pub(crate) const fn prefix(self) -> Option<&'static str> {
        match self {
            Operation::Gate => Some("gate"),
            other => other.name(),
        }
    }

    /// The word for the operation in labels.
    pub(crate) const fn word(self) -> &'static str {
        match (self, self.prefix()) {
            (_, Some(word)) => word,
            (Operation::McpClient, None) => "mcp_client",
            (Operation::McpServer, None) => "mcp_server",
            (Operation::Request, None) => "request",
            (_, None) => "step",
        }
    }

    /// The attribute that holds the subject, the second half of the span's name.
    pub(crate) const fn subject_key(self) -> Option<&'static str> {
        Some(match self {
            Operation::Agent
            | Operation::RemoteAgent
            | Operation::Plan
            | Operation::CreateAgent => names::AGENT_NAME,
            Operation::Chat
            | Operation::TextCompletion
            | Operation::GenerateContent
            | Operation::Embeddings => names::REQUEST_MODEL,
            Operation::Retrieval => names::DATA_SOURCE_ID,
            Operation::Tool => names::TOOL_NAME,
            Operation::Workflow => names::WORKFLOW_NAME,
            Operation::McpClient | Operation::McpServer => names::MCP_METHOD,
            _ => return None,
        })
    }

    /// The span's kind: CLIENT for calls that leave the process, SERVER for those that come in, INTERNAL
    /// otherwise.
    pub const fn kind(self) -> SpanKind {
        match self {
            Operation::Agent
            | Operation::Tool
            | Operation::Workflow
            | Operation::Plan
            | Operation::Gate
            | Operation::Step => SpanKind::Internal,
            Operation::McpServer | Operation::Request => SpanKind::Server,
            _ => SpanKind::Client,
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

    /// Whether the operation is one on memories.
    pub(crate) const fn is_memory(self) -> bool {
        matches!(
            self,
            Operation::CreateMemoryStore
                | Operation::DeleteMemoryStore
                | Operation::CreateMemory
                | Operation::UpdateMemory
                | Operation::UpsertMemory
                | Operation::SearchMemory
                | Operation::DeleteMemory
        )
    }

    /// Whether the conventions have messages for what goes in and what comes out.
    pub(crate) const fn has_messages(self) -> bool {
        self.is_inference()
            || self.is_agent()
            || matches!(self, Operation::Workflow | Operation::FetchResponse)
    }

    /// Whether arguments go into it and a result comes out, as of a tool.
    pub(crate) const fn is_tool_call(self) -> bool {
        matches!(self, Operation::Tool) || self.is_mcp()
    }

    /// Whether the operation is a call of the Model Context Protocol.
    pub(crate) const fn is_mcp(self) -> bool {
        matches!(self, Operation::McpClient | Operation::McpServer)
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
