//! What there is without any setting: the set `default`.

use super::Dashboard;
use super::panel::Panel;
use super::query::{Metric, lost_spans, own, share, total};
use crate::metrics::views::Views;

const FAILED: &str = "error_type!=\"\"";

pub(super) fn dashboard() -> Dashboard {
    let of = |name| Metric::of(Views::Default, name);
    let agents = of("gen_ai_invoke_agent_duration_seconds");
    // Embeddings are calls of models, and their tokens are paid for too.
    let calls = of("gen_ai_client_inference_duration_seconds")
        .and(of("gen_ai_client_embeddings_duration_seconds"));
    let tools = of("gen_ai_execute_tool_duration_seconds");
    let input = of("gen_ai_client_inference_usage_input_tokens_total");
    let output = of("gen_ai_client_inference_usage_output_tokens_total");
    let embedded = of("gen_ai_client_embeddings_operation_input_tokens");
    let cached = of("gen_ai_client_inference_usage_cache_read_input_tokens_total");
    let (agent, model, tool) = (
        "gen_ai_agent_name",
        "gen_ai_request_model",
        "gen_ai_tool_name",
    );
    let failed = |metric: Metric, label: &'static str| {
        share(
            &metric.count_rate(FAILED, &[label]),
            &metric.count_rate("", &[label]),
        )
    };
    Dashboard {
        uid: "genai-trace",
        title: "Agents, models and tools",
        description: "What agents do, what their models and tools take and cost, and whether their telemetry is whole.",
        panels: vec![
            Panel::stat("Running agents", "short").query(
                "sum (genai_trace_open_spans{job=~\"$job\", operation=\"invoke_agent\"}) or vector(0)".to_owned(),
                "running",
            ),
            Panel::stat("Model calls / min", "short")
                .query(format!("60 * {}", calls.count_rate("", &[])), "calls"),
            Panel::stat("Failed model calls", "percentunit").query(
                share(&calls.count_rate(FAILED, &[]), &calls.count_rate("", &[])),
                "failed",
            ),
            Panel::stat("Cost of an hour", "currencyUSD")
                .described("What was spent in the hour before, as far as its price is known.")
                .query(of("genai_trace_cost_usd_total").growth_of_an_hour(&[]), "cost"),
            Panel::stat("Tokens / min", "short").query(
                format!(
                    "60 * {}",
                    total(&[input.rate(&[]), output.rate(&[]), embedded.sum_rate(&[])])
                ),
                "tokens",
            ),
            Panel::stat("Lost spans", "short")
                .described("Spans that were lost before they reached an exporter, or could not be written by it. Metrics count them all the same.")
                .query(lost_spans(), "spans"),
            Panel::lines("Agent runs", "reqps").query(agents.count_rate("", &[agent]), "{{gen_ai_agent_name}}"),
            Panel::lines("Failed agent runs", "percentunit")
                .query(failed(agents, agent), "{{gen_ai_agent_name}}"),
            Panel::lines("Duration of agent runs", "s")
                .query(agents.quantile(0.5, &[]), "p50")
                .query(agents.quantile(0.95, &[]), "p95")
                .query(agents.quantile(0.99, &[]), "p99")
                .with_exemplars(),
            Panel::lines("Model calls", "cps")
                .query(calls.count_rate("", &[model]), "{{gen_ai_request_model}}"),
            Panel::lines("Failed model calls", "percentunit")
                .query(failed(calls, model), "{{gen_ai_request_model}}"),
            Panel::lines("Duration of model calls, p95", "s")
                .query(calls.quantile(0.95, &[model]), "{{gen_ai_request_model}}")
                .with_exemplars(),
            Panel::lines("Time to first token, p95", "s")
                .described("Of streamed responses.")
                .query(
                    of("gen_ai_client_inference_time_to_first_chunk_seconds").quantile(0.95, &[model]),
                    "{{gen_ai_request_model}}",
                )
                .with_exemplars(),
            Panel::lines("Tokens / s", "short")
                .query(input.rate(&[model]), "in {{gen_ai_request_model}}")
                .query(output.rate(&[model]), "out {{gen_ai_request_model}}")
                .query(embedded.sum_rate(&[model]), "embedded {{gen_ai_request_model}}")
                .stacked(),
            Panel::lines("Input from the cache", "percentunit").query(
                share(&cached.rate(&[model]), &input.rate(&[model])),
                "{{gen_ai_request_model}}",
            ),
            Panel::lines("Cost per hour", "currencyUSD")
                .described("Of the hour before. Calls of unknown cost are not in it.")
                .query(
                    of("genai_trace_cost_usd_total").growth_of_an_hour(&["model"]),
                    "{{model}}",
                )
                .stacked(),
            Panel::lines("Calls without a price", "cps")
                .query(
                    of("genai_trace_unpriced_calls_total").rate(&["model", "reason"]),
                    "{{model}} {{reason}}",
                ),
            Panel::lines("Gates", "cps").query(
                of("genai_trace_gate_decisions_total").rate(&["gate", "decision"]),
                "{{gate}} {{decision}}",
            ),
            Panel::lines("Tool calls", "cps").query(tools.count_rate("", &[tool]), "{{gen_ai_tool_name}}"),
            Panel::lines("Failed tool calls", "percentunit").query(failed(tools, tool), "{{gen_ai_tool_name}}"),
            Panel::lines("Duration of tool calls, p95", "s")
                .query(tools.quantile(0.95, &[tool]), "{{gen_ai_tool_name}}")
                .with_exemplars(),
            Panel::lines("Open spans", "short")
                .query(of("genai_trace_open_spans").now(&["operation"]), "{{operation}}")
                .stacked(),
            Panel::lines("Lost spans / s", "short")
                .query(own("genai_trace_spans_dropped_total", "reason"), "{{reason}}")
                .query(
                    own("genai_trace_export_failed_spans_total", "exporter"),
                    "not written by {{exporter}}",
                ),
            Panel::lines("Errors of exporters / s", "short")
                .query(own("genai_trace_export_errors_total", "exporter"), "{{exporter}}"),
        ],
    }
}
