//! Runs of agents as a service's requests: the set `agent`.

use super::Dashboard;
use super::panel::Panel;
use super::query::{Metric, share};
use crate::metrics::views::Views;

pub(super) fn dashboard() -> Dashboard {
    let of = |name| Metric::of(Views::Agent, name);
    let (requests, errors) = (
        of("agent_requests_total"),
        of("agent_requests_errors_total"),
    );
    let (durations, tokens) = (
        of("agent_request_duration_seconds"),
        of("agent_tokens_total"),
    );
    let (tools, failed_tools) = (
        of("agent_tools_calls_total"),
        of("agent_tools_errors_total"),
    );
    Dashboard {
        uid: "genai-trace-agents",
        title: "Agents as a service",
        description: "Runs of agents with no agent above, by agent and model. Views: GENAI_TRACE_VIEWS=default,agent.",
        panels: vec![
            Panel::lines("Request rate", "reqps")
                .query(requests.rate(&["agent", "model"]), "{{agent}} {{model}}"),
            Panel::lines("Error rate", "percentunit").query(
                share(&errors.rate(&["agent"]), &requests.rate(&["agent"])),
                "{{agent}}",
            ),
            Panel::lines("Request duration", "s")
                .query(durations.quantile(0.5, &[]), "p50")
                .query(durations.quantile(0.95, &[]), "p95")
                .query(durations.quantile(0.99, &[]), "p99")
                .with_exemplars(),
            Panel::lines("Token throughput", "short")
                .described("Input and output tokens per second.")
                .query(tokens.rate(&["agent", "model"]), "{{agent}} {{model}}")
                .stacked(),
            Panel::lines("Active requests", "short")
                .query(of("agent_requests_active").now(&["agent"]), "{{agent}}")
                .stacked(),
            Panel::lines("Cost per hour", "currencyUSD")
                .described("Of the hour before. Calls of unknown cost are not in it.")
                .query(
                    of("agent_tokens_cost_total").growth_of_an_hour(&["agent", "model"]),
                    "{{agent}} {{model}}",
                )
                .stacked(),
            Panel::lines("Tool calls", "cps").query(tools.rate(&["tool"]), "{{tool}}"),
            Panel::lines("Tool errors", "percentunit").query(
                share(&failed_tools.rate(&["tool"]), &tools.rate(&["tool"])),
                "{{tool}}",
            ),
            Panel::lines("Slowest agents", "s")
                .described("95 % of the runs took at most so long.")
                .query(durations.quantile(0.95, &["agent"]), "{{agent}}")
                .with_exemplars(),
        ],
    }
}
