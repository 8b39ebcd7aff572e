//! Why a model stopped.

/// Why a model stopped, in its provider's word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FinishReason {
    /// The provider's word: what `gen_ai.response.finish_reasons` says. `error` where a reason was to
    /// come and did not.
    pub raw: String,
    normalized: Option<&'static str>,
}

impl FinishReason {
    /// The reason `raw`, for which the conventions' word is found.
    pub fn new(raw: impl Into<String>) -> Self {
        let raw = raw.into();
        let normalized = normalized(&raw);
        Self { raw, normalized }
    }

    /// The reason `raw`, which in its form stands for `normalized`, whatever other forms mean by it.
    pub(super) fn meaning(raw: impl Into<String>, normalized: Option<&'static str>) -> Self {
        Self {
            raw: raw.into(),
            normalized,
        }
    }

    /// A reason that was to come and did not.
    pub fn missing() -> Self {
        Self::new("error")
    }

    /// The reason in the conventions' words: `stop`, `length`, `content_filter`, `tool_call`,
    /// `compaction`, `error`; none where the provider's word fits none of them.
    pub const fn normalized(&self) -> Option<&'static str> {
        self.normalized
    }
}

/// The conventions' word for a provider's. Providers write theirs in either case, so that one list does
/// for all of them.
fn normalized(raw: &str) -> Option<&'static str> {
    WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|word| word.eq_ignore_ascii_case(raw)))
        .map(|(normalized, _)| *normalized)
}

/// What the conventions call it, and what providers do.
const WORDS: &[(&str, &[&str])] = &[
    (
        "stop",
        &[
            // OpenAI and its speakers, Ollama, Gemini.
            "stop",
            // Anthropic, Bedrock.
            "end_turn",
            "stop_sequence",
            // Cohere.
            "complete",
            // Titan.
            "finish",
            "stop_criteria_met",
            // xAI's gRPC.
            "reason_stop",
            // Jurassic and Jamba.
            "endoftext",
        ],
    ),
    (
        "length",
        &[
            "length",
            "max_tokens",
            "max_output_tokens",
            "max_completion_tokens",
            "model_length",
            "model_context_window_exceeded",
            "max_context",
            "context_length_exceeded",
            "reason_max_len",
            "reason_max_context",
        ],
    ),
    (
        "content_filter",
        &[
            "content_filter",
            "content_filtered",
            // Anthropic.
            "refusal",
            // Gemini.
            "safety",
            "recitation",
            "blocklist",
            "prohibited_content",
            "spii",
            "language",
            "model_armor",
            "image_safety",
            "image_prohibited_content",
            "image_recitation",
            // Bedrock.
            "guardrail_intervened",
            // Cohere.
            "error_toxic",
            // DashScope, Zhipu.
            "sensitive",
        ],
    ),
    (
        "tool_call",
        &[
            "tool_call",
            "tool_calls",
            "tool_use",
            "function_call",
            "reason_tool_calls",
        ],
    ),
    ("compaction", &["compaction"]),
    (
        "error",
        &[
            "error",
            "failed",
            "cancelled",
            // Gemini.
            "malformed_function_call",
            "unexpected_tool_call",
            "too_many_tool_calls",
            "missing_thought_signature",
            "malformed_response",
            // Bedrock.
            "malformed_model_output",
            "malformed_tool_use",
            // Cohere.
            "error_limit",
            "user_cancel",
            "timeout",
            // DeepSeek.
            "insufficient_system_resource",
            // Zhipu.
            "network_error",
            // xAI's gRPC.
            "reason_time_limit",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::FinishReason;

    fn normalized(raw: &str) -> Option<&'static str> {
        FinishReason::new(raw).normalized()
    }

    #[test]
    fn every_providers_words_become_the_conventions() {
        for (raw, word) in [
            ("stop", "stop"),
            ("end_turn", "stop"),
            ("stop_sequence", "stop"),
            ("STOP", "stop"),
            ("COMPLETE", "stop"),
            ("STOP_SEQUENCE", "stop"),
            ("FINISH", "stop"),
            ("REASON_STOP", "stop"),
            ("length", "length"),
            ("MAX_TOKENS", "length"),
            ("LENGTH", "length"),
            ("model_context_window_exceeded", "length"),
            ("SAFETY", "content_filter"),
            ("guardrail_intervened", "content_filter"),
            ("CONTENT_FILTERED", "content_filter"),
            ("refusal", "content_filter"),
            ("ERROR_TOXIC", "content_filter"),
            ("function_call", "tool_call"),
            ("TOOL_CALL", "tool_call"),
            ("MALFORMED_FUNCTION_CALL", "error"),
            ("ERROR", "error"),
        ] {
            assert_eq!(normalized(raw), Some(word), "{raw}");
        }
    }

    #[test]
    fn a_word_that_fits_none_of_them_stays_as_it_is() {
        for raw in [
            "eos",
            "pause_turn",
            "load",
            "FINISH_REASON_UNSPECIFIED",
            "OTHER",
            "",
        ] {
            assert_eq!(normalized(raw), None, "{raw}");
        }
    }

    #[test]
    fn a_form_may_mean_something_else_by_a_word() {
        let reason = FinishReason::meaning("stop_sequence", None);
        assert_eq!(
            (reason.raw.as_str(), reason.normalized()),
            ("stop_sequence", None)
        );
    }
}
