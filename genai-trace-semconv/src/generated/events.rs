// Written by `tests/generated.rs` from `facts.json` and `spellings.json`: change those.

//! Events by name.

use super::names;
use crate::signal::{Event, Level, Requirement};

/// Every event, by name.
pub const EVENTS: &[Event] = &[
    Event {
        name: "gen_ai.client.inference.operation.details",
        severity: Some("DEBUG"),
        attributes: &[
            Requirement { attribute: names::ERROR_TYPE, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_CONVERSATION_COMPACTED, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_CONVERSATION_ID, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_INPUT_MESSAGES, level: Level::OptIn, at_start: false },
            Requirement { attribute: names::GEN_AI_OPERATION_NAME, level: Level::Required, at_start: true },
            Requirement { attribute: names::GEN_AI_OUTPUT_MESSAGES, level: Level::OptIn, at_start: false },
            Requirement { attribute: names::GEN_AI_OUTPUT_TYPE, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_PROMPT_NAME, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_PROMPT_VARIABLE, level: Level::OptIn, at_start: false },
            Requirement { attribute: names::GEN_AI_PROMPT_VERSION, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_PROVIDER_NAME, level: Level::Required, at_start: true },
            Requirement { attribute: names::GEN_AI_REQUEST_CHOICE_COUNT, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_FREQUENCY_PENALTY, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_MAX_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_MODEL, level: Level::ConditionallyRequired, at_start: true },
            Requirement { attribute: names::GEN_AI_REQUEST_PRESENCE_PENALTY, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_REASONING_LEVEL, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_SEED, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_STOP_SEQUENCES, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_STREAM, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_TEMPERATURE, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_TOP_K, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_REQUEST_TOP_P, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_RESPONSE_FINISH_REASONS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_RESPONSE_ID, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_RESPONSE_MODEL, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_SYSTEM_INSTRUCTIONS, level: Level::OptIn, at_start: false },
            Requirement { attribute: names::GEN_AI_TOOL_DEFINITIONS, level: Level::OptIn, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_AUDIO_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_IMAGE_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_OUTPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_TEXT_INPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::SERVER_ADDRESS, level: Level::Recommended, at_start: true },
            Requirement { attribute: names::SERVER_PORT, level: Level::ConditionallyRequired, at_start: true },
        ],
    },
    Event {
        name: "gen_ai.client.operation.exception",
        severity: Some("WARN"),
        attributes: &[
            Requirement { attribute: names::EXCEPTION_MESSAGE, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::EXCEPTION_STACKTRACE, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::EXCEPTION_TYPE, level: Level::ConditionallyRequired, at_start: false },
        ],
    },
    Event {
        name: "gen_ai.evaluation.result",
        severity: None,
        attributes: &[
            Requirement { attribute: names::ERROR_TYPE, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_EVALUATION_EXPLANATION, level: Level::Recommended, at_start: false },
            Requirement { attribute: names::GEN_AI_EVALUATION_NAME, level: Level::Required, at_start: false },
            Requirement { attribute: names::GEN_AI_EVALUATION_SCORE_LABEL, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_EVALUATION_SCORE_VALUE, level: Level::ConditionallyRequired, at_start: false },
            Requirement { attribute: names::GEN_AI_RESPONSE_ID, level: Level::Recommended, at_start: false },
        ],
    },
];
