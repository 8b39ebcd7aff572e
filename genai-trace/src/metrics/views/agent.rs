//! The set `agent`: runs of agents as a service's requests, by agent and model.

use super::{EVERY_AGENT, MODEL_CALLS, TOOL};
use crate::metrics::bounds;
use crate::metrics::source::Source;
use crate::metrics::view::{Count, Distribution, Level, Part, Scale, Shows, View, When};

pub(super) const VIEWS: &[View] = &[
    View {
        name: "agent_requests_total",
        help: "Runs of agents with no agent above.",
        shows: Shows::Counter(&[Part::new(Count::Ended, EVERY_AGENT, RUN).when(When::Top)]),
    },
    View {
        name: "agent_requests_errors_total",
        help: "Runs of agents with no agent above that failed.",
        shows: Shows::Counter(&[Part::new(Count::Failed, EVERY_AGENT, RUN).when(When::Top)]),
    },
    View {
        name: "agent_request_duration_seconds",
        help: "Duration of a run of an agent with no agent above.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::AGENT),
            &[Part::new(Distribution::Duration, EVERY_AGENT, RUN).when(When::Top)],
        ),
    },
    View {
        name: "agent_requests_active",
        help: "Agents that are running now.",
        shows: Shows::Gauge(&[Part::new(
            Level::OpenByName,
            EVERY_AGENT,
            &[("agent", Source::Subject)],
        )]),
    },
    View {
        name: "agent_tokens_total",
        help: "Input and output tokens of model calls, by the agent that made them.",
        shows: Shows::Counter(&[Part::new(
            Count::AllTokens,
            MODEL_CALLS,
            &[("agent", Source::Agent), ("model", Source::Model)],
        )]),
    },
    View {
        name: "agent_tokens_cost_total",
        help: "US dollars that model calls cost, by the agent that made them; calls of unknown cost are not in it.",
        shows: Shows::Counter(&[Part::new(
            Count::PicoUsd,
            MODEL_CALLS,
            &[("agent", Source::Agent), ("model", Source::Model)],
        )]),
    },
    View {
        name: "agent_tools_calls_total",
        help: "Tool executions, by the agent that asked for them.",
        shows: Shows::Counter(&[Part::new(Count::Ended, TOOL, TOOL_OF_AGENT)]),
    },
    View {
        name: "agent_tools_errors_total",
        help: "Tool executions that failed, by the agent that asked for them.",
        shows: Shows::Counter(&[Part::new(Count::Failed, TOOL, TOOL_OF_AGENT)]),
    },
];

const RUN: &[(&str, Source)] = &[("agent", Source::Subject), ("model", Source::RunModel)];

const TOOL_OF_AGENT: &[(&str, Source)] = &[("agent", Source::Agent), ("tool", Source::Subject)];
