//! Which families come out, and in what order.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::provider::Usage;

#[test]
fn a_view_of_several_sets_is_shown_once() {
    let mut shard = Shard::default();
    shard.end(&Ended::new(Labels::new(Operation::Retrieval), SECOND));
    shard.end(&Ended::new(chat("gpt-4o"), SECOND));
    let text = exposition(&shard, &[Views::Default, Views::GenAi1_41, Views::Default]);
    let counts = lines(&text, "gen_ai_client_operation_duration_seconds_count");
    assert_eq!(
        counts,
        [
            "gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name=\"chat\",\
             gen_ai_provider_name=\"openai\",gen_ai_request_model=\"gpt-4o\"} 1",
            "gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name=\"retrieval\"} 1",
        ]
    );
    let newest = exposition(&shard, &[Views::Default]);
    let counts = lines(&newest, "gen_ai_client_operation_duration_seconds_count");
    assert_eq!(
        counts.len(),
        1,
        "the newest conventions count a chat elsewhere"
    );
}

#[test]
fn the_recording_tells_of_itself() {
    let mut shard = Shard::default();
    let gate = Labels {
        subject: intern("allow_command"),
        decision: Some(Decision::Deny),
        ..Labels::new(Operation::Gate)
    };
    shard.end(&Ended::new(gate, 1));
    shard.drop_span(DropReason::BufferFull);
    shard.leave_out(LeftOut::Sampler, 3);
    assert_eq!((shard.ended(), shard.dropped()), (1, 1));
    let text = text::render(&Snapshot {
        shard: &shard,
        views: &[Views::Default],
        registry: &Registry::default(),
        events: &[],
        data_points: &[],
        exporters: &[ExporterTotals {
            name: "jsonl",
            written: 7,
            failed: 2,
            queue_full: 3,
            left_at_shutdown: 4,
            errors: 1,
        }],
        content: Default::default(),
        drain_busy_ns: 1_500_000,
        exemplars: None,
    });
    for line in [
        "genai_trace_gate_decisions_total{decision=\"deny\",gate=\"allow_command\"} 1\n",
        "genai_trace_spans_total{outcome=\"ok\"} 1\n",
        "genai_trace_spans_total{outcome=\"panicked\"} 0\n",
        "genai_trace_spans_dropped_total{reason=\"buffer_full\"} 1\n",
        "genai_trace_spans_dropped_total{reason=\"no_thread\"} 0\n",
        "genai_trace_spans_dropped_total{reason=\"queue_full\"} 3\n",
        "genai_trace_spans_dropped_total{reason=\"shutdown\"} 4\n",
        "genai_trace_export_dropped_spans_total{exporter=\"jsonl\"} 7\n",
        "genai_trace_spans_sampled_out_total{reason=\"sampler\"} 3\n",
        "genai_trace_spans_sampled_out_total{reason=\"tail_sampling\"} 0\n",
        "genai_trace_exported_spans_total{exporter=\"jsonl\"} 7\n",
        "genai_trace_export_failed_spans_total{exporter=\"jsonl\"} 2\n",
        "genai_trace_export_errors_total{exporter=\"jsonl\"} 1\n",
        "genai_trace_drain_busy_seconds_total 0.0015\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn what_has_no_room_is_counted_under_the_overflow_label() {
    let mut shard = Shard::default();
    let usage = Usage {
        input: Some(1),
        output: Some(2),
        ..Usage::default()
    };
    for number in 0..3_000 {
        let labels = Labels {
            subject: Symbol::from_number(1_000_000 + number),
            ..Labels::new(Operation::Tool)
        };
        shard.end(&Ended::new(labels, 1));
        let labels = Labels {
            model: Symbol::from_number(1_000_000 + number),
            ..Labels::new(Operation::Chat)
        };
        shard.end(&Ended {
            usage: Some(&usage),
            ..Ended::new(labels, 1)
        });
    }
    let text = exposition(&shard, &[Views::Default, Views::Chat]);
    assert!(text.contains("tools_called_total{otel_metric_overflow=\"true\"} 1000\n"));
    assert!(text.contains("genai_trace_spans_total{outcome=\"ok\"} 6000\n"));
    assert_eq!(
        lines(&text, "llm_tokens_total{otel"),
        [
            "llm_tokens_total{otel_metric_overflow=\"true\",token_type=\"completion_tokens\"} 2000",
            "llm_tokens_total{otel_metric_overflow=\"true\",token_type=\"prompt_tokens\"} 1000",
            "llm_tokens_total{otel_metric_overflow=\"true\",token_type=\"total_tokens\"} 3000",
        ]
    );
}

#[test]
fn families_and_series_are_sorted_and_each_is_told_once() {
    let mut shard = Shard::default();
    for name in ["b", "a", "c"] {
        shard.end(&Ended::new(tool(name), SECOND));
        shard.end(&Ended::new(chat(name), SECOND));
    }
    let text = exposition(&shard, &Views::ALL);
    let types: Vec<&str> = lines(&text, "# TYPE");
    assert!(types.is_sorted_by(|a, b| a < b), "{types:#?}");
    assert_eq!(types.len(), lines(&text, "# HELP").len());
    let tools = lines(&text, "tools_called_total");
    assert!(tools.is_sorted(), "{tools:?}");
    assert_eq!(
        exposition(&Shard::default(), &[Views::Chat]),
        "",
        "nothing is empty"
    );
}

#[test]
fn users_metrics_stand_among_the_built_in_ones() {
    let registry = Registry::default();
    let family = registry.counter("asked_total", "Questions.").unwrap();
    family.with(&[("kind", "todo")]).unwrap().add(2);
    registry.gauge("unused", "Never set.").unwrap();
    let mut shard = Shard::default();
    shard.end(&Ended::new(tool("read_file"), SECOND));
    let snapshot = Snapshot {
        shard: &shard,
        views: &[Views::Chat],
        registry: &registry,
        exporters: &[],
        events: &[],
        data_points: &[],
        content: Default::default(),
        drain_busy_ns: 0,
        exemplars: None,
    };
    assert_eq!(
        text::render(&snapshot),
        "# HELP asked_total Questions.\n\
         # TYPE asked_total counter\n\
         asked_total{kind=\"todo\"} 2\n\
         # HELP tool_calls_total Tool executions.\n\
         # TYPE tool_calls_total counter\n\
         tool_calls_total{tool_name=\"read_file\"} 1\n"
    );
    assert_eq!(
        console::render(&snapshot),
        "asked_total\n  kind=todo  2\ntool_calls_total\n  tool_name=read_file  1\n"
    );
}
