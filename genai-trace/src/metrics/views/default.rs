//! The default set: two families about tools, the newest GenAI conventions, and our own.

use super::{AGENT, EMBEDDINGS, INFERENCE, TOOL, WORKFLOW, http, mcp, own};
use crate::metrics::bounds;
use crate::metrics::source::Source;
use crate::metrics::tokens::{Modality, TokenClass};
use crate::metrics::view::{Count, Distribution, Part, Scale, Shows, View, When};
use crate::span::operation::Operation;

pub(super) const VIEWS: &[View] = &[
    View {
        name: "tools_called_total",
        help: "Tool executions, whatever their outcome.",
        shows: Shows::Counter(&[Part::new(Count::Ended, TOOL, &[("tool", Source::Subject)])]),
    },
    View {
        name: "tool_latency_ms",
        help: "Duration of tool executions in milliseconds, whatever their outcome.",
        shows: Shows::Histogram(
            Scale::milliseconds(bounds::LATENCY),
            &[Part::new(
                Distribution::Duration,
                TOOL,
                &[("tool", Source::Subject)],
            )],
        ),
    },
    View {
        name: "gen_ai_execute_tool_duration_seconds",
        help: "Duration of a tool execution.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CALL),
            &[Part::new(
                Distribution::Duration,
                TOOL,
                &[
                    ("gen_ai_tool_name", Source::Subject),
                    ("error_type", Source::ErrorType),
                    ("gen_ai_agent_name", Source::Agent),
                    ("gen_ai_tool_type", Source::ToolType),
                ],
            )],
        ),
    },
    View {
        name: "gen_ai_client_inference_duration_seconds",
        help: "Duration of a model inference, from the request to the whole response.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CALL),
            &[Part::new(
                Distribution::Duration,
                INFERENCE,
                CALL_WITH_ERROR,
            )],
        ),
    },
    View {
        name: "gen_ai_client_inference_time_to_first_chunk_seconds",
        help: "Time from the request to the first chunk of a streamed response.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CALL),
            &[Part::new(Distribution::FirstChunk, INFERENCE, CALL)],
        ),
    },
    View {
        name: "gen_ai_client_inference_time_per_output_chunk_seconds",
        help: "Time from one chunk of a streamed response to the next.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CALL),
            &[Part::new(Distribution::ChunkGap, INFERENCE, CALL)],
        ),
    },
    View {
        name: "gen_ai_client_inference_usage_input_tokens_total",
        help: "Input tokens used, cached ones included.",
        shows: Shows::Counter(&by_modality(TokenClass::Input)),
    },
    View {
        name: "gen_ai_client_inference_usage_output_tokens_total",
        help: "Output tokens used, reasoning included.",
        shows: Shows::Counter(&by_modality(TokenClass::Output)),
    },
    View {
        name: "gen_ai_client_inference_usage_cache_read_input_tokens_total",
        help: "Input tokens served from a cache of the provider.",
        shows: Shows::Counter(&by_modality(TokenClass::CacheRead)),
    },
    View {
        name: "gen_ai_client_inference_usage_cache_write_input_tokens_total",
        help: "Input tokens written to a cache of the provider.",
        shows: Shows::Counter(&by_modality(TokenClass::CacheWrite)),
    },
    View {
        name: "gen_ai_client_inference_usage_reasoning_output_tokens_total",
        help: "Output tokens used for reasoning.",
        shows: Shows::Counter(&by_modality(TokenClass::Reasoning)),
    },
    View {
        name: "gen_ai_client_inference_operation_input_tokens",
        help: "Input tokens of an inference that did not fail.",
        shows: tokens(&[
            Part::new(Distribution::InputTokens, INFERENCE, CALL).when(When::NotFailed)
        ]),
    },
    View {
        name: "gen_ai_client_inference_operation_output_tokens",
        help: "Output tokens of an inference that did not fail.",
        shows: tokens(&[
            Part::new(Distribution::OutputTokens, INFERENCE, CALL).when(When::NotFailed)
        ]),
    },
    View {
        name: "gen_ai_client_embeddings_duration_seconds",
        help: "Duration of an embeddings call.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CALL),
            &[Part::new(
                Distribution::Duration,
                EMBEDDINGS,
                CALL_WITH_ERROR,
            )],
        ),
    },
    View {
        name: "gen_ai_client_embeddings_operation_input_tokens",
        help: "Input tokens of an embeddings call that did not fail.",
        shows: tokens(&[
            Part::new(Distribution::InputTokens, EMBEDDINGS, CALL).when(When::NotFailed)
        ]),
    },
    operation_duration(OTHER_CLIENTS),
    View {
        name: "gen_ai_invoke_agent_duration_seconds",
        help: "Duration of an agent's run inside this process.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::AGENT),
            &[Part::new(
                Distribution::Duration,
                AGENT,
                &[
                    ("gen_ai_agent_name", Source::Subject),
                    ("error_type", Source::ErrorType),
                    ("gen_ai_request_model", Source::Model),
                ],
            )],
        ),
    },
    View {
        name: "gen_ai_invoke_agent_inference_calls",
        help: "Model calls that an agent made itself in one run.",
        shows: Shows::Histogram(
            Scale::whole(bounds::CALLS),
            &[Part::new(Distribution::InferenceCalls, AGENT, AGENT_NAME)],
        ),
    },
    View {
        name: "gen_ai_invoke_agent_tool_calls",
        help: "Tool calls that an agent made itself in one run.",
        shows: Shows::Histogram(
            Scale::whole(bounds::CALLS),
            &[Part::new(Distribution::ToolCalls, AGENT, AGENT_NAME)],
        ),
    },
    View {
        name: "gen_ai_invoke_workflow_duration_seconds",
        help: "Duration of a workflow.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::WORKFLOW),
            &[Part::new(
                Distribution::Duration,
                WORKFLOW,
                &[
                    ("gen_ai_workflow_name", Source::Subject),
                    ("error_type", Source::ErrorType),
                ],
            )],
        ),
    },
    mcp::CLIENT_CALLS,
    mcp::SERVER_CALLS,
    mcp::CLIENT_SESSIONS,
    mcp::SERVER_SESSIONS,
    http::SERVER_REQUESTS,
    own::OPEN_SPANS,
    own::GATE_DECISIONS,
    own::COST,
    own::UNPRICED_CALLS,
];

/// What the conventions put on every measure of a call to a provider.
pub(super) const CALL: &[(&str, Source)] = &[
    ("gen_ai_operation_name", Source::Operation),
    ("gen_ai_provider_name", Source::Provider),
    ("gen_ai_request_model", Source::Model),
    ("gen_ai_response_model", Source::ResponseModel),
    ("server_address", Source::ServerAddress),
    ("server_port", Source::ServerPort),
];

/// The same, where failed calls are told apart.
pub(super) const CALL_WITH_ERROR: &[(&str, Source)] = &[
    ("error_type", Source::ErrorType),
    ("gen_ai_operation_name", Source::Operation),
    ("gen_ai_provider_name", Source::Provider),
    ("gen_ai_request_model", Source::Model),
    ("gen_ai_response_model", Source::ResponseModel),
    ("server_address", Source::ServerAddress),
    ("server_port", Source::ServerPort),
];

const AGENT_NAME: &[(&str, Source)] = &[("gen_ai_agent_name", Source::Subject)];

/// Calls out of the process that have no duration metric of their own.
pub(super) const OTHER_CLIENTS: &[Part<Distribution>] = &[Part::new(
    Distribution::Duration,
    &[
        Operation::RemoteAgent,
        Operation::Retrieval,
        Operation::CreateAgent,
        Operation::FetchResponse,
        Operation::CreateMemoryStore,
        Operation::DeleteMemoryStore,
        Operation::CreateMemory,
        Operation::UpdateMemory,
        Operation::UpsertMemory,
        Operation::SearchMemory,
        Operation::DeleteMemory,
    ],
    CALL_WITH_ERROR,
)];

/// The older conventions counted every call under this name, the newest only those that have no
/// other.
pub(super) const fn operation_duration(parts: &'static [Part<Distribution>]) -> View {
    View {
        name: "gen_ai_client_operation_duration_seconds",
        help: "Duration of a GenAI operation.",
        shows: Shows::Histogram(Scale::seconds(bounds::CALL), parts),
    }
}

/// A histogram of tokens by the bounds that the conventions advise.
pub(super) const fn tokens(parts: &'static [Part<Distribution>]) -> Shows {
    Shows::Histogram(Scale::whole(bounds::TOKENS), parts)
}

/// The tokens of one class; the modalities add up to all of them.
const fn by_modality(class: TokenClass) -> [Part<Count>; 4] {
    [
        of_modality(class, Modality::Text),
        of_modality(class, Modality::Audio),
        of_modality(class, Modality::Image),
        of_modality(class, Modality::Unknown),
    ]
}

const fn of_modality(class: TokenClass, modality: Modality) -> Part<Count> {
    Part::new(Count::TokensBy(class, modality), INFERENCE, CALL)
        .fixed("gen_ai_token_modality", modality.as_str())
}
