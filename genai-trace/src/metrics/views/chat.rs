//! The set `chat`: runs as a chat's requests, by provider and model.

use super::{EVERY_AGENT, MODEL_CALLS, TOOL};
use crate::metrics::bounds;
use crate::metrics::source::Source;
use crate::metrics::tokens::TokenClass;
use crate::metrics::view::{Count, Distribution, Part, Scale, Shows, View, When};

pub(super) const VIEWS: &[View] = &[
    View {
        name: "chat_requests_total",
        help: "Chat requests: runs of agents with no agent above.",
        shows: Shows::Counter(&[Part::new(Count::Ended, EVERY_AGENT, RUN).when(When::Top)]),
    },
    View {
        name: "chat_request_duration_seconds",
        help: "Duration of a chat request from end to end.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CHAT_REQUEST),
            &[Part::new(Distribution::Duration, EVERY_AGENT, RUN).when(When::Top)],
        ),
    },
    View {
        name: "llm_tokens_total",
        help: "Tokens of model calls; total_tokens is the sum of the other two.",
        shows: Shows::Counter(&[
            tokens(Count::Tokens(TokenClass::Input), "prompt_tokens"),
            tokens(Count::Tokens(TokenClass::Output), "completion_tokens"),
            tokens(Count::AllTokens, "total_tokens"),
        ]),
    },
    View {
        name: "tool_calls_total",
        help: "Tool executions.",
        shows: Shows::Counter(&[Part::new(
            Count::Ended,
            TOOL,
            &[("tool_name", Source::Subject)],
        )]),
    },
];

const RUN: &[(&str, Source)] = &[("model", Source::RunModel), ("provider", Source::Provider)];

const fn tokens(count: Count, token_type: &'static str) -> Part<Count> {
    let labels = &[("model", Source::Model), ("provider", Source::Provider)];
    Part::new(count, MODEL_CALLS, labels).fixed("token_type", token_type)
}
