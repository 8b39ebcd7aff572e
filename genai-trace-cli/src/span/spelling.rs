//! What is known of a span, whatever the attribute was called that says it.

use genai_trace_semconv::names;

/// What an attribute says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Operation,
    Tool,
    Agent,
    Model,
    ResponseModel,
    Provider,
    InputTokens,
    OutputTokens,
    CacheReadTokens,
    CacheWriteTokens,
    ReasoningTokens,
    Cost,
    Conversation,
    User,
    ErrorType,
    Outcome,
    Decision,
    Reason,
    Experiment,
    Variant,
    TaskId,
    TaskCompleted,
}

/// What a number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    Tokens,
    Dollars,
}

impl Amount {
    /// What the number in the attribute `key` stands for, where sums are made of it.
    pub(crate) fn of(key: &str) -> Option<Self> {
        match Fact::of(key)? {
            Fact::InputTokens
            | Fact::OutputTokens
            | Fact::CacheReadTokens
            | Fact::CacheWriteTokens
            | Fact::ReasoningTokens => Some(Amount::Tokens),
            Fact::Cost => Some(Amount::Dollars),
            _ => None,
        }
    }
}

impl Fact {
    /// How many there are.
    pub(super) const COUNT: usize = Fact::TaskCompleted as usize + 1;

    /// What the attribute `key` says, in the conventions of today, their older versions, and tutorials.
    pub(super) fn of(key: &str) -> Option<Fact> {
        Some(match key {
            "gen_ai.operation.name" => Fact::Operation,
            "gen_ai.tool.name" | "tool.name" => Fact::Tool,
            "gen_ai.agent.name" | "agent.name" => Fact::Agent,
            "gen_ai.request.model" | "llm.model" | "llm.model_name" => Fact::Model,
            "gen_ai.response.model" => Fact::ResponseModel,
            "gen_ai.provider.name" | "gen_ai.system" | "llm.provider" => Fact::Provider,
            "gen_ai.usage.input_tokens"
            | "gen_ai.usage.prompt_tokens"
            | "llm.tokens.input"
            | "llm.token_count.prompt"
            | "prompt_tokens" => Fact::InputTokens,
            "gen_ai.usage.output_tokens"
            | "gen_ai.usage.completion_tokens"
            | "llm.tokens.output"
            | "llm.token_count.completion"
            | "completion_tokens" => Fact::OutputTokens,
            "gen_ai.usage.cache_read.input_tokens"
            | "gen_ai.usage.cache_read_input_tokens"
            | "gen_ai.usage.cached_tokens"
            | "gen_ai.usage.input_tokens.cache_read"
            | "llm.token_count.prompt_details.cache_read" => Fact::CacheReadTokens,
            "gen_ai.usage.cache_write.input_tokens"
            | "gen_ai.usage.cache_creation.input_tokens"
            | "gen_ai.usage.cache_creation_input_tokens"
            | "gen_ai.usage.input_tokens.cache_write"
            | "llm.token_count.prompt_details.cache_write" => Fact::CacheWriteTokens,
            "gen_ai.usage.reasoning.output_tokens"
            | "gen_ai.usage.reasoning_tokens"
            | "llm.token_count.completion_details.reasoning" => Fact::ReasoningTokens,
            "llm.cost.usd" | "agent.tokens.cost" | "gen_ai.usage.cost" | "llm.cost.total" => {
                Fact::Cost
            }
            "gen_ai.conversation.id" | "gen_ai.session.id" | "session.id" => Fact::Conversation,
            "user.id" => Fact::User,
            "error.type" | "gen_ai.tool.error.type" => Fact::ErrorType,
            "genai_trace.outcome" => Fact::Outcome,
            "genai_trace.gate.decision" => Fact::Decision,
            "genai_trace.gate.reason" => Fact::Reason,
            "experiment.id" => Fact::Experiment,
            "experiment.variant" => Fact::Variant,
            "task.id" => Fact::TaskId,
            "task.completed" => Fact::TaskCompleted,
            _ => return None,
        })
    }

    /// The attribute that says it in today's conventions; none where they have none.
    pub(super) const fn today(self) -> Option<&'static str> {
        Some(match self {
            Fact::Operation => names::GEN_AI_OPERATION_NAME,
            Fact::Tool => names::GEN_AI_TOOL_NAME,
            Fact::Agent => names::GEN_AI_AGENT_NAME,
            Fact::Model => names::GEN_AI_REQUEST_MODEL,
            Fact::ResponseModel => names::GEN_AI_RESPONSE_MODEL,
            Fact::Provider => names::GEN_AI_PROVIDER_NAME,
            Fact::InputTokens => names::GEN_AI_USAGE_INPUT_TOKENS,
            Fact::OutputTokens => names::GEN_AI_USAGE_OUTPUT_TOKENS,
            Fact::CacheReadTokens => names::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
            Fact::CacheWriteTokens => names::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
            Fact::ReasoningTokens => names::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
            Fact::Conversation => names::GEN_AI_CONVERSATION_ID,
            Fact::ErrorType => names::ERROR_TYPE,
            _ => return None,
        })
    }
}
