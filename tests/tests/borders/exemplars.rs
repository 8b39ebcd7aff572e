//! Histograms name spans that stand for their buckets.

use std::time::Duration;

use genai_trace::{Sampler, Telemetry, Views, genai_agent, genai_chat, genai_tool};
use genai_trace_tests::{recorded_as, recorded_with};

const OPEN_METRICS: Option<&str> = Some("application/openmetrics-text");

#[genai_tool]
fn read_file(path: &str) -> Result<usize, std::num::ParseIntError> {
    path.parse()
}

#[genai_agent("coder")]
fn run() {
    let _ = read_file("1");
    let _ = read_file("one");
}

/// The page after `work`, for who has asked for it before.
fn page(telemetry: &Telemetry, work: impl FnOnce()) -> String {
    let page = telemetry.metrics_page();
    work();
    assert!(telemetry.flush(Duration::from_secs(60)).complete);
    page.answer(OPEN_METRICS).1
}

/// The first bucket of a series, and the ids of the span that stands for it.
fn example<'a>(text: &'a str, series: &str) -> (&'a str, &'a str) {
    let line = text.lines().find(|line| line.starts_with(series));
    let line = line.unwrap_or_else(|| panic!("no {series} in\n{text}"));
    let (_, exemplar) = line
        .split_once(" # {trace_id=\"")
        .unwrap_or_else(|| panic!("no exemplar: {line}"));
    let (trace, rest) = exemplar.split_once("\",span_id=\"").unwrap();
    let (span, _) = rest.split_once("\"} ").unwrap();
    (trace, span)
}

#[test]
fn a_bucket_names_a_span_that_fell_into_it() {
    let mut text = String::new();
    let recorded = recorded_with(|telemetry| {
        text = page(telemetry, || {
            let _ = read_file("1");
        });
    });
    let last = recorded.spans.last().unwrap();
    let ids = (last.trace_id.to_string(), last.span_id.to_string());
    let shown = example(
        &text,
        "tool_latency_ms_bucket{tool=\"read_file\",le=\"5\"} 1",
    );
    assert_eq!(shown, (ids.0.as_str(), ids.1.as_str()));
    // Its value, in the unit of the family, and its end in seconds.
    let line = text
        .lines()
        .find(|line| line.contains("le=\"5\"} 1"))
        .unwrap();
    let (value, ended) = line.rsplit_once("} ").unwrap().1.split_once(' ').unwrap();
    let took = last.end_unix_nano - last.start_unix_nano;
    assert_eq!(value.parse::<f64>().unwrap(), took as f64 / 1e6);
    assert!(ended.starts_with(&(last.end_unix_nano / 1_000_000_000).to_string()));
}

#[test]
fn series_of_failures_and_of_agents_have_their_own() {
    let mut text = String::new();
    let recorded = recorded_with(|telemetry| text = page(telemetry, run));
    let id = |name: &str, failed: bool| {
        let mut spans = recorded.spans.iter();
        let is_it = |span: &&genai_trace::SpanRecord| {
            span.name == name && (span.status == genai_trace::Status::Error) == failed
        };
        spans.find(is_it).unwrap().span_id.to_string()
    };
    let of_tools = "gen_ai_execute_tool_duration_seconds_bucket{";
    let failed = text
        .lines()
        .find(|line| line.starts_with(of_tools) && line.contains("error_type="));
    assert_eq!(
        example(failed.unwrap(), of_tools).1,
        id("execute_tool read_file", true)
    );
    let ok = text
        .lines()
        .find(|line| line.starts_with(of_tools) && !line.contains("error_type="));
    assert_eq!(
        example(ok.unwrap(), of_tools).1,
        id("execute_tool read_file", false)
    );
    assert_eq!(
        example(&text, "gen_ai_invoke_agent_duration_seconds_bucket{").1,
        id("invoke_agent coder", false)
    );
}

#[genai_chat(provider = "openai", model = model)]
fn chat(model: &str) {
    let _ = model;
}

#[genai_agent("writer")]
fn write_with(model: &str) {
    chat(model);
}

#[test]
fn a_run_stands_for_its_model_while_all_runs_of_the_agent_call_that_one() {
    let series = "agent_request_duration_seconds_bucket{agent=\"writer\"";
    let mut text = String::new();
    recorded_with(|telemetry| {
        text = page(telemetry, || write_with("small"));
        example(&text, series);
        text = page(telemetry, || write_with("large"));
    });
    let runs: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with(series))
        .collect();
    assert!(runs.iter().any(|line| line.contains("large")), "{text}");
    assert!(runs.iter().all(|line| !line.contains('#')), "{runs:?}");
}

#[test]
fn a_span_that_was_not_kept_stands_for_nothing() {
    let mut text = String::new();
    recorded_as(
        |builder| builder.sampler(Sampler::always_off()),
        |telemetry| text = page(telemetry, run),
    );
    assert!(text.contains("tool_latency_ms_bucket"));
    assert!(!text.contains("trace_id="), "{text}");
}

#[test]
fn none_are_named_where_that_is_not_wanted_or_there_is_no_room_for_them() {
    let mut text = String::new();
    recorded_as(
        |builder| builder.exemplars(false).views([Views::Default]),
        |telemetry| text = page(telemetry, run),
    );
    assert!(!text.contains("trace_id="), "{text}");
    recorded_with(|telemetry| {
        page(telemetry, run);
        text = telemetry.metrics_text();
    });
    assert!(!text.contains("trace_id="), "{text}");
}
