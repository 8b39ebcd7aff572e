//! The attribute names that the runtime itself reads or writes: those of the conventions under
//! short names, and our own.
//!
//! Names that only pass through (request parameters, a user's own) stand where the attribute
//! macros or the user wrote them.

pub(crate) use genai_trace_semconv::names::{
    ERROR_TYPE, EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE,
    GEN_AI_AGENT_NAME as AGENT_NAME, GEN_AI_CONVERSATION_ID as CONVERSATION_ID,
    GEN_AI_DATA_SOURCE_ID as DATA_SOURCE_ID, GEN_AI_OPERATION_NAME as OPERATION,
    GEN_AI_PROMPT_NAME as PROMPT_NAME, GEN_AI_PROMPT_VERSION as PROMPT_VERSION,
    GEN_AI_PROVIDER_NAME as PROVIDER, GEN_AI_REQUEST_MODEL as REQUEST_MODEL,
    GEN_AI_RESPONSE_FINISH_REASONS as FINISH_REASONS, GEN_AI_RESPONSE_ID as RESPONSE_ID,
    GEN_AI_RESPONSE_MODEL as RESPONSE_MODEL, GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK as FIRST_CHUNK,
    GEN_AI_SKILL_NAME as SKILL_NAME, GEN_AI_SKILL_RESOURCE_NAME as SKILL_RESOURCE_NAME,
    GEN_AI_TOOL_NAME as TOOL_NAME, GEN_AI_TOOL_TYPE as TOOL_TYPE,
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
    MCP_METHOD_NAME as MCP_METHOD, MCP_PROTOCOL_VERSION as MCP_VERSION,
    NETWORK_TRANSPORT as TRANSPORT, PROCESS_EXECUTABLE_NAME as EXECUTABLE_NAME, SERVER_ADDRESS,
    SERVER_PORT,
};

pub(crate) const EXCEPTION_EVENT: &str = "exception";

/// With what probability a span was kept, where that is below 1.
pub(crate) const SAMPLING_PROBABILITY: &str = "sampling.probability";

/// How many spans of a trace were omitted, the names that most of them had, and how many had each.
pub(crate) const OMITTED_SPANS: &str = "genai_trace.omitted.spans";
pub(crate) const OMITTED_NAMES: &str = "genai_trace.omitted.names";
pub(crate) const OMITTED_COUNTS: &str = "genai_trace.omitted.counts";

pub(crate) const OUTCOME: &str = "genai_trace.outcome";
/// The prompt that an agent works with.
pub(crate) const OWN_PROMPT_NAME: &str = "genai_trace.prompt.name";
pub(crate) const OWN_PROMPT_VERSION: &str = "genai_trace.prompt.version";

/// The arm of an experiment that a run belongs to, and for whom it is made.
pub(crate) const EXPERIMENT_ID: &str = "experiment.id";
pub(crate) const EXPERIMENT_VARIANT: &str = "experiment.variant";
pub(crate) const USER_ID: &str = "user.id";

/// What was called and used below an agent, itself included.
pub(crate) const TOTAL_CHAT_CALLS: &str = "genai_trace.total.chat_calls";
pub(crate) const TOTAL_TOOL_CALLS: &str = "genai_trace.total.tool_calls";
pub(crate) const TOTAL_COST: &str = "genai_trace.total.cost_usd";
pub(crate) const TOTAL_INPUT_TOKENS: &str = "genai_trace.total.input_tokens";
pub(crate) const TOTAL_OUTPUT_TOKENS: &str = "genai_trace.total.output_tokens";

/// In front of the name of an evaluation; and that its score came after the span had been written.
pub(crate) const SCORE: &str = "eval.score.";
pub(crate) const SCORE_IS_LATE: &str = "genai_trace.score.late";

/// Why a span is linked to another, where that is said; that it answers a question anew, and how often that
/// was tried with it.
pub(crate) const LINK_TYPE: &str = "genai_trace.link.type";
pub(crate) const REGENERATE: &str = "regenerate";
pub(crate) const REGENERATE_ATTEMPT: &str = "genai_trace.regenerate.attempt";

/// From which agent to which a run was handed over.
pub(crate) const HANDOFF_SOURCE: &str = "genai_trace.handoff.source";
pub(crate) const HANDOFF_TARGET: &str = "genai_trace.handoff.target";

/// What went into a span and came out of it that the conventions have no names for, and how large it was.
pub(crate) const INPUT: &str = "genai_trace.input";
pub(crate) const OUTPUT: &str = "genai_trace.output";
pub(crate) const INPUT_BYTES: &str = "genai_trace.input.bytes";
pub(crate) const OUTPUT_BYTES: &str = "genai_trace.output.bytes";
pub(crate) const ARGUMENTS_BYTES: &str = "genai_trace.arguments.bytes";
pub(crate) const RESULT_BYTES: &str = "genai_trace.result.bytes";
pub(crate) const ARGUMENTS_TOKENS: &str = "genai_trace.arguments.estimated_tokens";
pub(crate) const RESULT_TOKENS: &str = "genai_trace.result.estimated_tokens";

/// The number of an attempt that has failed inside a call, and why it has.
pub(crate) const RETRY_ATTEMPT: &str = "genai_trace.retry.attempt";
pub(crate) const RETRY_REASON: &str = "genai_trace.retry.reason";

/// `gen_ai.response.finish_reasons` in the conventions' words, where each has one and they are not
/// the provider's.
pub(crate) const NORMALIZED_FINISH_REASONS: &str = "genai_trace.response.finish_reasons";
pub(crate) const FIRST_TOKEN: &str = "genai_trace.time_to_first_token";
pub(crate) const STREAM_CHUNKS: &str = "genai_trace.stream.chunks";
/// The part of the tokens written to a provider's cache that is kept for an hour, which costs more.
pub(crate) const CACHE_WRITE_1H_TOKENS: &str = "genai_trace.usage.cache_write_1h.input_tokens";
/// What a model call cost, in US dollars, and whether that is known.
pub(crate) const COST_USD: &str = "llm.cost.usd";
pub(crate) const COST_STATUS: &str = "genai_trace.cost.status";
pub(crate) const GATE_DECISION: &str = "genai_trace.gate.decision";
pub(crate) const GATE_REASON: &str = "genai_trace.gate.reason";

/// What the conventions of HTTP call things that metrics count; those of GenAI leave them out.
pub(crate) const HTTP_METHOD: &str = "http.request.method";
pub(crate) const HTTP_ROUTE: &str = "http.route";
pub(crate) const HTTP_STATUS: &str = "http.response.status_code";
pub(crate) const URL_SCHEME: &str = "url.scheme";

/// Whether an attribute of this name may be one of those that the metrics count.
#[inline]
pub(crate) fn is_measured(key: &str) -> bool {
    may_be_measured(key) && is_name_of_measured(key)
}

/// Whether a name begins as those do that [metrics count](is_measured): most are the user's own, and begin
/// otherwise.
#[inline(always)]
pub(crate) fn may_be_measured(key: &str) -> bool {
    matches!(
        key.as_bytes().first(),
        Some(b'g' | b's' | b'e' | b'm' | b'n')
    )
}

#[cold]
fn is_name_of_measured(key: &str) -> bool {
    key.starts_with("gen_ai.")
        || key.starts_with("server.")
        || matches!(
            key,
            ERROR_TYPE
                | GATE_DECISION
                | MCP_METHOD
                | MCP_VERSION
                | TRANSPORT
                | CACHE_WRITE_1H_TOKENS
        )
}

/// Whether an attribute of this name says what a model call used.
pub(crate) fn is_usage(key: &str) -> bool {
    key.starts_with("gen_ai.usage.") || key == CACHE_WRITE_1H_TOKENS
}

/// Whether metrics count an attribute of this name even where a limit leaves it out of the span.
pub(crate) fn is_counted(key: &str) -> bool {
    is_usage(key)
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
