//! What the metrics say of spans, of measures without spans, and of the user's own.

use std::time::Duration;

use genai_trace::{
    Measures, Operation, genai_agent, genai_chat, genai_span, genai_tool, record, record_measures,
    span,
};
use genai_trace_tests::{recorded, recorded_with};

#[genai_tool("read_file")]
fn read_file(fails: bool) -> Result<(), std::io::Error> {
    if fails {
        Err(std::io::ErrorKind::NotFound.into())
    } else {
        Ok(())
    }
}

#[genai_chat(provider = "openai", model = model)]
fn chat(model: &str, tokens: (u64, u64)) {
    record!(
        gen_ai.usage.input_tokens = tokens.0,
        gen_ai.usage.output_tokens = tokens.1,
        gen_ai.response.model = "gpt-4o-2024-08-06",
    );
}

#[genai_agent("helper")]
fn helper() {
    chat("gpt-4o", (10, 5));
}

#[genai_agent("coder")]
fn coder(models: &[&str]) {
    for model in models {
        chat(model, (100, 50));
    }
    let _ = (read_file(false), read_file(true));
    helper();
}

#[test]
fn an_agent_counts_its_own_calls_and_the_run_is_labelled_by_its_one_model() {
    let recorded = recorded(|| {
        coder(&["gpt-4o", "gpt-4o"]);
        coder(&["gpt-4o", "o3"]);
    });
    let metric = |series: &str| recorded.metric(series);
    // Two runs: two calls of its own each; the helper's are the helper's.
    assert_eq!(
        metric(r#"gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name="coder"}"#),
        Some(4.0)
    );
    assert_eq!(
        metric(r#"gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name="helper"}"#),
        Some(2.0)
    );
    assert_eq!(
        metric(r#"gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name="coder"}"#),
        Some(4.0)
    );
    // Runs are agent spans without an agent above.
    assert_eq!(
        metric(r#"agent_requests_total{agent="coder",model="gpt-4o"}"#),
        Some(1.0)
    );
    assert_eq!(
        metric(r#"agent_requests_total{agent="coder",model="mixed"}"#),
        Some(1.0)
    );
    assert_eq!(
        metric(r#"chat_requests_total{model="mixed",provider="openai"}"#),
        Some(1.0)
    );
    // Tokens are counted where they were used, once.
    assert_eq!(
        metric(r#"llm_tokens_total{model="gpt-4o",provider="openai",token_type="prompt_tokens"}"#),
        Some(320.0)
    );
    assert_eq!(
        metric(r#"llm_tokens_total{model="o3",provider="openai",token_type="total_tokens"}"#),
        Some(150.0)
    );
    assert_eq!(
        metric(r#"tool_calls_total{tool_name="read_file"}"#),
        Some(4.0)
    );
}

#[test]
fn every_tool_call_is_counted_whatever_its_outcome() {
    let recorded = recorded(|| {
        let _ = (read_file(false), read_file(true));
        drop(Box::pin(
            span("slow")
                .operation(Operation::Tool)
                .wrap(std::future::pending::<()>()),
        ));
    });
    assert_eq!(
        recorded.metric(r#"tools_called_total{tool="read_file"}"#),
        Some(2.0)
    );
    assert_eq!(
        recorded.metric(r#"tools_called_total{tool="slow"}"#),
        Some(1.0)
    );
    assert_eq!(
        recorded.metric(r#"gen_ai_execute_tool_duration_seconds_count{error_type="NotFound",gen_ai_tool_name="read_file",gen_ai_tool_type="function"}"#),
        Some(1.0)
    );
    for (outcome, count) in [
        ("ok", 1.0),
        ("error", 1.0),
        ("never_polled", 1.0),
        ("cancelled", 0.0),
    ] {
        assert_eq!(
            recorded.metric(&format!("genai_trace_spans_total{{outcome=\"{outcome}\"}}")),
            Some(count),
            "{outcome}"
        );
    }
}

#[test]
fn buckets_are_those_of_the_durations_in_the_file() {
    #[genai_tool("sleep")]
    fn sleep(millis: u64) {
        std::thread::sleep(Duration::from_millis(millis));
    }
    let recorded = recorded(|| [0, 1, 4, 6, 11, 26, 51].into_iter().for_each(sleep));
    let durations: Vec<u64> = recorded
        .spans
        .iter()
        .map(|span| span.end_unix_nano - span.start_unix_nano)
        .collect();
    for bound in [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000] {
        let within = durations
            .iter()
            .filter(|nanos| **nanos <= bound * 1_000_000)
            .count() as f64;
        let series = format!("tool_latency_ms_bucket{{tool=\"sleep\",le=\"{bound}\"}}");
        assert_eq!(recorded.metric(&series), Some(within), "{series}");
    }
    for bound in ["0.01", "0.02", "0.04", "0.08"] {
        let nanos = bound.parse::<f64>().unwrap() * 1e9;
        let within = durations
            .iter()
            .filter(|duration| **duration as f64 <= nanos)
            .count() as f64;
        let series = format!(
            "gen_ai_execute_tool_duration_seconds_bucket{{gen_ai_tool_name=\"sleep\",gen_ai_tool_type=\"function\",le=\"{bound}\"}}"
        );
        assert_eq!(recorded.metric(&series), Some(within), "{series}");
    }
    let sum = recorded
        .metric(r#"tool_latency_ms_sum{tool="sleep"}"#)
        .unwrap();
    assert!((sum - durations.iter().sum::<u64>() as f64 / 1e6).abs() < 1e-6);
}

#[test]
fn what_is_open_is_shown_and_what_has_ended_is_not() {
    #[genai_span("agent.turn")]
    fn turn(read: &mut dyn FnMut()) {
        span("x").operation(Operation::Tool).run(read);
    }
    let mut seen = String::new();
    let recorded = recorded_with(|telemetry| turn(&mut || seen = telemetry.metrics_text()));
    for (series, open) in [
        ("agent_active_turns", "1"),
        ("genai_trace_open_spans{operation=\"execute_tool\"}", "1"),
    ] {
        assert!(seen.contains(&format!("\n{series} {open}\n")), "{series}");
        assert!(
            !recorded.metrics.contains(&format!("\n{series} {open}\n")),
            "{series}"
        );
    }
}

#[test]
fn measures_without_a_span_feed_the_same_cells() {
    let recorded = recorded(|| {
        record_measures(
            Measures::new("openai", "gpt-4o")
                .agent("coder")
                .duration(Duration::from_millis(1500))
                .input_tokens(250)
                .output_tokens(130)
                .tool_call("weather", Duration::from_millis(30)),
        );
    });
    assert!(recorded.spans.is_empty());
    assert_eq!(
        recorded.metric(r#"chat_requests_total{model="gpt-4o",provider="openai"}"#),
        Some(1.0)
    );
    assert_eq!(
        recorded.metric(
            r#"chat_request_duration_seconds_bucket{model="gpt-4o",provider="openai",le="2"}"#
        ),
        Some(1.0)
    );
    assert_eq!(
        recorded.metric(
            r#"llm_tokens_total{model="gpt-4o",provider="openai",token_type="total_tokens"}"#
        ),
        Some(380.0)
    );
    assert_eq!(
        recorded.metric(r#"tool_latency_ms_bucket{tool="weather",le="50"}"#),
        Some(1.0)
    );
}
