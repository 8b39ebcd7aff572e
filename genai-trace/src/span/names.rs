//! The attribute names that the runtime itself reads or writes: those of the conventions under
//! short names, and our own.
//!
//! Names that only pass through (request parameters, a user's own) stand where the attribute
//! macros or the user wrote them.

pub(crate) use genai_trace_semconv::names::{
    ERROR_TYPE, EXCEPTION_MESSAGE, EXCEPTION_TYPE, GEN_AI_AGENT_NAME as AGENT_NAME,
    GEN_AI_CONVERSATION_ID as CONVERSATION_ID, GEN_AI_DATA_SOURCE_ID as DATA_SOURCE_ID,
    GEN_AI_OPERATION_NAME as OPERATION, GEN_AI_PROVIDER_NAME as PROVIDER,
    GEN_AI_REQUEST_MODEL as REQUEST_MODEL, GEN_AI_RESPONSE_FINISH_REASONS as FINISH_REASONS,
    GEN_AI_RESPONSE_ID as RESPONSE_ID, GEN_AI_RESPONSE_MODEL as RESPONSE_MODEL,
    GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK as FIRST_CHUNK, GEN_AI_TOOL_NAME as TOOL_NAME,
    GEN_AI_TOOL_TYPE as TOOL_TYPE,
    GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS as AUDIO_CACHE_READ_TOKENS,
    GEN_AI_USAGE_AUDIO_INPUT_TOKENS as AUDIO_INPUT_TOKENS,
    GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS as AUDIO_OUTPUT_TOKENS,
    GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS as CACHE_READ_TOKENS,
    GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS as CACHE_WRITE_TOKENS,
    GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS as IMAGE_CACHE_READ_TOKENS,
    GEN_AI_USAGE_IMAGE_INPUT_TOKENS as IMAGE_INPUT_TOKENS,
    GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS as IMAGE_OUTPUT_TOKENS,
    GEN_AI_USAGE_INPUT_TOKENS as INPUT_TOKENS, GEN_AI_USAGE_OUTPUT_TOKENS as OUTPUT_TOKENS,
    GEN_AI_USAGE_REASONING_OUTPUT_TOKENS as REASONING_TOKENS,
    GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS as TEXT_CACHE_READ_TOKENS,
    GEN_AI_USAGE_TEXT_INPUT_TOKENS as TEXT_INPUT_TOKENS,
    GEN_AI_USAGE_TEXT_OUTPUT_TOKENS as TEXT_OUTPUT_TOKENS, GEN_AI_WORKFLOW_NAME as WORKFLOW_NAME,
    SERVER_ADDRESS, SERVER_PORT,
};

pub(crate) const EXCEPTION_EVENT: &str = "exception";

/// With what probability a span was kept, where that is below 1.
pub(crate) const SAMPLING_PROBABILITY: &str = "sampling.probability";

/// How many spans of a trace were omitted, the names that most of them had, and how many had each.
pub(crate) const OMITTED_SPANS: &str = "genai_trace.omitted.spans";
pub(crate) const OMITTED_NAMES: &str = "genai_trace.omitted.names";
pub(crate) const OMITTED_COUNTS: &str = "genai_trace.omitted.counts";

pub(crate) const OUTCOME: &str = "genai_trace.outcome";
pub(crate) const STREAM_CHUNKS: &str = "genai_trace.stream.chunks";
pub(crate) const GATE_DECISION: &str = "genai_trace.gate.decision";
pub(crate) const GATE_REASON: &str = "genai_trace.gate.reason";

/// Whether an attribute of this name may be one of those that the metrics count.
#[inline]
pub(crate) fn is_measured(key: &str) -> bool {
    may_be_measured(key) && is_name_of_measured(key)
}

/// Whether a name begins as those do that [metrics count](is_measured): most are the user's own, and begin
/// otherwise.
#[inline(always)]
pub(crate) fn may_be_measured(key: &str) -> bool {
    matches!(key.as_bytes().first(), Some(b'g' | b's' | b'e'))
}

#[cold]
fn is_name_of_measured(key: &str) -> bool {
    key.starts_with("gen_ai.")
        || key.starts_with("server.")
        || matches!(key, ERROR_TYPE | GATE_DECISION)
}

/// Whether metrics count an attribute of this name even where a limit leaves it out of the span.
pub(crate) fn is_counted(key: &str) -> bool {
    key.starts_with("gen_ai.usage.")
        || matches!(
            key,
            REQUEST_MODEL
                | RESPONSE_MODEL
                | PROVIDER
                | TOOL_TYPE
                | SERVER_ADDRESS
                | SERVER_PORT
                | FIRST_CHUNK
        )
}
