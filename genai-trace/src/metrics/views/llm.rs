//! The set `llm`: single model calls, by provider and model.

use super::{MODEL_CALLS, default};
use crate::metrics::bounds;
use crate::metrics::source::Source;
use crate::metrics::symbol::Symbol;
use crate::metrics::view::{Count, Distribution, Level, Part, Scale, Shows, View, When};
use crate::span::operation::Operation;

pub(super) const VIEWS: &[View] = &[
    View {
        name: "llm_requests_count_total",
        help: "Model calls.",
        shows: Shows::Counter(&[Part::new(Count::Ended, MODEL_CALLS, CALL)]),
    },
    View {
        name: "llm_errors_count_total",
        help: "Model calls that failed.",
        shows: Shows::Counter(&[Part::new(Count::Failed, MODEL_CALLS, CALL)]),
    },
    View {
        name: "llm_latency_ms",
        help: "Duration of model calls in milliseconds.",
        shows: Shows::Histogram(
            Scale::milliseconds(bounds::LATENCY),
            &[Part::new(Distribution::Duration, MODEL_CALLS, CALL)],
        ),
    },
    View {
        name: "llm_tokens_input",
        help: "Input tokens of a model call.",
        shows: default::tokens(&[Part::new(Distribution::InputTokens, MODEL_CALLS, CALL)]),
    },
    View {
        name: "agent_active_turns",
        help: "Turns of agents that are open now.",
        shows: Shows::Gauge(&[Part::new(Level::OpenByName, &[Operation::Step], &[])
            .when(When::Named(Symbol::AGENT_TURN))]),
    },
];

const CALL: &[(&str, Source)] = &[("model", Source::Model), ("provider", Source::Provider)];
