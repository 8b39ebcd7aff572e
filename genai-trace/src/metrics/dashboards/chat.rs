//! Runs as a chat's requests: the set `chat`.

use super::Dashboard;
use super::panel::Panel;
use super::query::{Metric, lost_spans, own};
use crate::metrics::views::Views;

/// What is counted by the second is shown by the minute.
fn per_minute(query: &str) -> String {
    format!("60 * {query}")
}

pub(super) fn dashboard() -> Dashboard {
    let of = |name| Metric::of(Views::Chat, name);
    let (requests, durations) = (
        of("chat_requests_total"),
        of("chat_request_duration_seconds"),
    );
    let (tokens, tools) = (of("llm_tokens_total"), of("tool_calls_total"));
    // The third type is the sum of the other two.
    let each = "token_type!=\"total_tokens\"";
    let first = Metric::of(
        Views::Default,
        "gen_ai_client_inference_time_to_first_chunk_seconds",
    );
    Dashboard {
        uid: "genai-trace-chat",
        title: "Chat requests",
        description: "Chat requests from end to end, by provider and model. Views: GENAI_TRACE_VIEWS=default,chat.",
        panels: vec![
            Panel::stat("Requests", "short")
                .described("Since the processes that run now have started.")
                .query(requests.now(&[]), "requests"),
            Panel::stat("Tokens", "short").query(
                format!("sum (llm_tokens_total{{job=~\"$job\", {each}}})"),
                "tokens",
            ),
            Panel::stat("Tool calls", "short").query(tools.now(&[]), "calls"),
            Panel::stat("Lost spans", "short")
                .described("Spans that were lost before they reached an exporter, or could not be written by it. Metrics count them all the same.")
                .query(lost_spans(), "spans"),
            Panel::lines("Chat requests / min", "short")
                .query(
                    per_minute(&requests.rate(&["provider", "model"])),
                    "{{provider}} {{model}}",
                ),
            Panel::lines("Request duration", "s")
                .query(durations.quantile(0.5, &[]), "p50")
                .query(durations.quantile(0.95, &[]), "p95")
                .query(durations.quantile(0.99, &[]), "p99")
                .with_exemplars(),
            Panel::lines("LLM tokens / min", "short")
                .query(
                    per_minute(&tokens.rate_of(each, &["token_type", "provider", "model"])),
                    "{{token_type}} {{provider}} {{model}}",
                )
                .stacked(),
            Panel::lines("Tool calls / min", "short")
                .query(per_minute(&tools.rate(&["tool_name"])), "{{tool_name}}"),
            Panel::lines("Time to first token", "s")
                .described("Of streamed responses: 95 % began within so long.")
                .query(first.quantile(0.95, &["gen_ai_request_model"]), "{{gen_ai_request_model}}")
                .with_exemplars(),
            Panel::lines("Lost spans / s", "short")
                .query(own("genai_trace_spans_dropped_total", "reason"), "{{reason}}")
                .query(
                    own("genai_trace_export_failed_spans_total", "exporter"),
                    "not written by {{exporter}}",
                ),
        ],
    }
}
