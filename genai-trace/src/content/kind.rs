//! What is captured.

/// What is captured: limits differ by kind, and rules of key paths begin with its
/// [root](ContentKind::root).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentKind {
    /// `gen_ai.system_instructions`.
    SystemInstructions,
    /// `gen_ai.input.messages`.
    InputMessages,
    /// `gen_ai.output.messages`.
    OutputMessages,
    /// `gen_ai.tool.definitions`.
    ToolDefinitions,
    /// `gen_ai.tool.call.arguments`.
    ToolArguments,
    /// `gen_ai.tool.call.result`.
    ToolResult,
    /// `gen_ai.retrieval.query.text`, `gen_ai.memory.query.text`.
    Query,
    /// `gen_ai.retrieval.documents`.
    Documents,
    /// `gen_ai.memory.records`.
    MemoryRecords,
    /// Any other text: what a user has typed, a variable of a prompt.
    UserText,
}

impl ContentKind {
    /// The first segment of the path of everything in it, as rules of key paths see it: a tool's
    /// arguments are below `arguments` on the tool's span as within a message.
    pub const fn root(self) -> &'static str {
        match self {
            Self::SystemInstructions => "system_instructions",
            Self::InputMessages => "input",
            Self::OutputMessages => "output",
            Self::ToolDefinitions => "tools",
            Self::ToolArguments => "arguments",
            Self::ToolResult => "response",
            Self::Query => "query",
            Self::Documents => "documents",
            Self::MemoryRecords => "records",
            Self::UserText => "text",
        }
    }

    /// Whether it is what goes into a tool or comes out of it.
    pub(crate) const fn is_of_tool_call(self) -> bool {
        matches!(self, Self::ToolArguments | Self::ToolResult)
    }
}
