//! The attribute names that the runtime itself reads or writes, in the newest spelling.
//!
//! Names that only pass through (request parameters, a user's own) stand where the attribute
//! macros or the user wrote them.

pub(crate) const OPERATION: &str = "gen_ai.operation.name";
pub(crate) const PROVIDER: &str = "gen_ai.provider.name";
pub(crate) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(crate) const RESPONSE_ID: &str = "gen_ai.response.id";
pub(crate) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
pub(crate) const FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
pub(crate) const AGENT_NAME: &str = "gen_ai.agent.name";
pub(crate) const CONVERSATION_ID: &str = "gen_ai.conversation.id";
pub(crate) const TOOL_NAME: &str = "gen_ai.tool.name";
pub(crate) const WORKFLOW_NAME: &str = "gen_ai.workflow.name";
pub(crate) const DATA_SOURCE_ID: &str = "gen_ai.data_source.id";
pub(crate) const TOOL_TYPE: &str = "gen_ai.tool.type";
pub(crate) const SERVER_ADDRESS: &str = "server.address";
pub(crate) const SERVER_PORT: &str = "server.port";

pub(crate) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
pub(crate) const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
pub(crate) const CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
pub(crate) const CACHE_WRITE_TOKENS: &str = "gen_ai.usage.cache_write.input_tokens";
pub(crate) const REASONING_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
pub(crate) const TEXT_INPUT_TOKENS: &str = "gen_ai.usage.text.input_tokens";
pub(crate) const AUDIO_INPUT_TOKENS: &str = "gen_ai.usage.audio.input_tokens";
pub(crate) const IMAGE_INPUT_TOKENS: &str = "gen_ai.usage.image.input_tokens";
pub(crate) const TEXT_OUTPUT_TOKENS: &str = "gen_ai.usage.text.output_tokens";
pub(crate) const AUDIO_OUTPUT_TOKENS: &str = "gen_ai.usage.audio.output_tokens";
pub(crate) const IMAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.image.output_tokens";
pub(crate) const TEXT_CACHE_READ_TOKENS: &str = "gen_ai.usage.text.cache_read.input_tokens";
pub(crate) const AUDIO_CACHE_READ_TOKENS: &str = "gen_ai.usage.audio.cache_read.input_tokens";
pub(crate) const IMAGE_CACHE_READ_TOKENS: &str = "gen_ai.usage.image.cache_read.input_tokens";

pub(crate) const ERROR_TYPE: &str = "error.type";
pub(crate) const EXCEPTION_EVENT: &str = "exception";
pub(crate) const EXCEPTION_TYPE: &str = "exception.type";
pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";

pub(crate) const OUTCOME: &str = "genai_trace.outcome";
pub(crate) const STREAM_CHUNKS: &str = "genai_trace.stream.chunks";
pub(crate) const GATE_DECISION: &str = "genai_trace.gate.decision";
pub(crate) const GATE_REASON: &str = "genai_trace.gate.reason";

/// Whether an attribute of this name may be one of those that the metrics count.
pub(crate) fn is_measured(key: &str) -> bool {
    key.starts_with("gen_ai.")
        || key.starts_with("server.")
        || matches!(key, ERROR_TYPE | GATE_DECISION)
}
