//! The attributes: how each is called and what its span stands for.

use syn::Path;
use syn::ext::IdentExt;

/// One of the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Agent,
    Chat,
    Tool,
    Embeddings,
    Retrieval,
    Workflow,
    Plan,
    Memory,
    CreateAgent,
    FetchResponse,
    Mcp,
    Gate,
    Span,
}

/// What a string in front of an attribute's options is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The span's name; the function's own where there is none.
    ByFunction,
    /// The second half of the span's name, which it may go without.
    Said,
    /// The operation, which is to be said.
    Operation,
    /// Nothing: no string may stand there.
    Never,
}

impl Kind {
    pub(crate) const ALL: &[Kind] = &[
        Kind::Agent,
        Kind::Chat,
        Kind::Tool,
        Kind::Embeddings,
        Kind::Retrieval,
        Kind::Workflow,
        Kind::Plan,
        Kind::Memory,
        Kind::CreateAgent,
        Kind::FetchResponse,
        Kind::Mcp,
        Kind::Gate,
        Kind::Span,
    ];

    /// The attributes whose span has a name that the user gives it.
    pub(crate) const NAMED: &[Kind] = &[
        Kind::Agent,
        Kind::Tool,
        Kind::Retrieval,
        Kind::Workflow,
        Kind::Plan,
        Kind::CreateAgent,
        Kind::Gate,
        Kind::Span,
    ];

    /// The attributes that stand for calls out of the process.
    pub(crate) const CALLS: &[Kind] = &[
        Kind::Chat,
        Kind::Embeddings,
        Kind::Retrieval,
        Kind::Memory,
        Kind::CreateAgent,
        Kind::FetchResponse,
        Kind::Mcp,
    ];

    /// Those of them that go to a provider.
    pub(crate) const CALLS_TO_PROVIDERS: &[Kind] = &[
        Kind::Chat,
        Kind::Embeddings,
        Kind::Retrieval,
        Kind::Memory,
        Kind::CreateAgent,
        Kind::FetchResponse,
    ];

    /// The attribute as the user writes it.
    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Kind::Agent => "genai_agent",
            Kind::Chat => "genai_chat",
            Kind::Tool => "genai_tool",
            Kind::Embeddings => "genai_embeddings",
            Kind::Retrieval => "genai_retrieval",
            Kind::Workflow => "genai_workflow",
            Kind::Plan => "genai_plan",
            Kind::Memory => "genai_memory",
            Kind::CreateAgent => "genai_create_agent",
            Kind::FetchResponse => "genai_fetch_response",
            Kind::Mcp => "genai_mcp",
            Kind::Gate => "genai_gate",
            Kind::Span => "genai_span",
        }
    }

    /// The variant of the runtime's `Operation` that the span has unless an option, or the string in front,
    /// says otherwise.
    pub(crate) const fn operation(self) -> &'static str {
        match self {
            Kind::Agent => "Agent",
            Kind::Chat => "Chat",
            Kind::Tool => "Tool",
            Kind::Embeddings => "Embeddings",
            Kind::Retrieval => "Retrieval",
            Kind::Workflow => "Workflow",
            Kind::Plan => "Plan",
            Kind::Memory => "SearchMemory",
            Kind::CreateAgent => "CreateAgent",
            Kind::FetchResponse => "FetchResponse",
            Kind::Mcp => "McpClient",
            Kind::Gate => "Gate",
            Kind::Span => "Step",
        }
    }

    /// What a string in front is.
    pub(crate) const fn naming(self) -> Naming {
        match self {
            Kind::Agent | Kind::Tool | Kind::Workflow | Kind::Gate | Kind::Span => {
                Naming::ByFunction
            }
            Kind::Retrieval | Kind::Plan | Kind::CreateAgent => Naming::Said,
            Kind::Memory => Naming::Operation,
            Kind::Chat | Kind::Embeddings | Kind::FetchResponse | Kind::Mcp => Naming::Never,
        }
    }

    /// Whether what the function returns is read as the answer of a model, or of a server.
    pub(crate) const fn reads_answers(self) -> bool {
        matches!(
            self,
            Kind::Chat | Kind::Embeddings | Kind::FetchResponse | Kind::Mcp
        )
    }

    /// The attribute that an attribute's path means, however it was imported.
    pub(crate) fn of(path: &Path) -> Option<Kind> {
        let last = path.segments.last()?.ident.unraw();
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| last == kind.attribute())
    }
}
