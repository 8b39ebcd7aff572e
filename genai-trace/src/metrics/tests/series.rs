//! What spans and measures come out as.

use std::time::Duration;

use super::*;
use crate::provider::Usage;
use crate::span::outcome::Outcome;

#[test]
fn tools_are_counted_whatever_their_outcome() {
    let mut shard = Shard::default();
    let failed = Labels {
        outcome: Outcome::Error,
        error_type: intern("NotFound"),
        ..tool("read_file")
    };
    shard.end(&Ended::new(tool("read_file"), 5_000_000));
    shard.end(&Ended::new(failed, 5_000_001));
    let text = exposition(&shard, &[Views::Default]);
    assert_eq!(
        lines(&text, "tools_called_total"),
        ["tools_called_total{tool=\"read_file\"} 2"]
    );
    assert_eq!(
        lines(&text, "tool_latency_ms"),
        [
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"5\"} 1",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"10\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"25\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"50\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"100\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"250\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"500\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"1000\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"2500\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"5000\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"10000\"} 2",
            "tool_latency_ms_bucket{tool=\"read_file\",le=\"+Inf\"} 2",
            "tool_latency_ms_sum{tool=\"read_file\"} 10.000001",
            "tool_latency_ms_count{tool=\"read_file\"} 2",
        ]
    );
    assert_eq!(
        lines(&text, "gen_ai_execute_tool_duration_seconds_count"),
        [
            "gen_ai_execute_tool_duration_seconds_count{error_type=\"NotFound\",\
             gen_ai_agent_name=\"coder\",gen_ai_tool_name=\"read_file\",\
             gen_ai_tool_type=\"function\"} 1",
            "gen_ai_execute_tool_duration_seconds_count{gen_ai_agent_name=\"coder\",\
             gen_ai_tool_name=\"read_file\",gen_ai_tool_type=\"function\"} 1",
        ]
    );
}

#[test]
fn tokens_of_a_failed_call_are_used_but_not_distributed() {
    let mut shard = Shard::default();
    let usage = Usage {
        input: Some(250),
        output: Some(0),
        ..Usage::default()
    };
    let failed = Labels {
        outcome: Outcome::Error,
        ..chat("gpt-4o")
    };
    for labels in [chat("gpt-4o"), failed] {
        shard.end(&Ended {
            usage: Some(&usage),
            ..Ended::new(labels, SECOND)
        });
    }
    let text = exposition(&shard, &[Views::Default]);
    let labels = "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",\
                  gen_ai_request_model=\"gpt-4o\"";
    for line in [
        format!(
            "gen_ai_client_inference_usage_input_tokens_total\
             {{{labels},gen_ai_token_modality=\"unknown\"}} 500\n"
        ),
        format!(
            "gen_ai_client_inference_usage_output_tokens_total\
             {{{labels},gen_ai_token_modality=\"unknown\"}} 0\n"
        ),
        format!("gen_ai_client_inference_operation_input_tokens_sum{{{labels}}} 250\n"),
        format!("gen_ai_client_inference_operation_input_tokens_count{{{labels}}} 1\n"),
        format!("gen_ai_client_inference_operation_output_tokens_count{{{labels}}} 1\n"),
        format!("gen_ai_client_inference_duration_seconds_count{{{labels}}} 2\n"),
    ] {
        assert!(text.contains(&line), "{line}");
    }
    assert!(
        !text.contains("cache_read"),
        "what nobody said is not shown"
    );
    assert!(
        !text.contains("time_to_first_chunk"),
        "nothing was streamed"
    );
}

#[test]
fn runs_are_agents_with_no_agent_above() {
    let mut shard = Shard::default();
    shard.end(&Ended {
        calls: Some((3, 2)),
        ..Ended::new(run(Symbol::MIXED), 2 * SECOND)
    });
    let inner = Labels {
        top: false,
        ..run(intern("gpt-4o"))
    };
    shard.end(&Ended {
        calls: Some((1, 0)),
        ..Ended::new(inner, SECOND)
    });
    let text = exposition(&shard, &[Views::Default, Views::Agent, Views::Chat]);
    assert_eq!(
        lines(&text, "agent_requests_total"),
        ["agent_requests_total{agent=\"coder\",model=\"mixed\"} 1"]
    );
    assert_eq!(
        lines(&text, "agent_requests_errors_total"),
        ["agent_requests_errors_total{agent=\"coder\",model=\"mixed\"} 0"]
    );
    assert_eq!(
        lines(&text, "chat_request_duration_seconds_bucket"),
        [
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"0.5\"} 0",
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"1\"} 0",
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"2\"} 1",
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"5\"} 1",
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"10\"} 1",
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"30\"} 1",
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"60\"} 1",
            "chat_request_duration_seconds_bucket{model=\"mixed\",provider=\"openai\",le=\"+Inf\"} 1",
        ]
    );
    assert_eq!(
        lines(&text, "gen_ai_invoke_agent_duration_seconds_count"),
        [
            "gen_ai_invoke_agent_duration_seconds_count{gen_ai_agent_name=\"coder\"} 1",
            "gen_ai_invoke_agent_duration_seconds_count{gen_ai_agent_name=\"coder\",\
             gen_ai_request_model=\"gpt-4o\"} 1",
        ],
        "several models are no model's name"
    );
    assert!(
        text.contains("gen_ai_invoke_agent_inference_calls_sum{gen_ai_agent_name=\"coder\"} 4\n")
    );
    assert!(text.contains("gen_ai_invoke_agent_tool_calls_sum{gen_ai_agent_name=\"coder\"} 2\n"));
}

#[test]
fn tokens_are_shown_by_type_and_by_agent() {
    let mut shard = Shard::default();
    let usage = Usage {
        input: Some(250),
        output: Some(130),
        ..Usage::default()
    };
    shard.end(&Ended {
        usage: Some(&usage),
        ..Ended::new(chat("gpt-4o"), SECOND)
    });
    let text = exposition(&shard, &[Views::Agent, Views::Chat, Views::GenAi1_41]);
    assert_eq!(
        lines(&text, "llm_tokens_total"),
        [
            "llm_tokens_total{model=\"gpt-4o\",provider=\"openai\",token_type=\"completion_tokens\"} 130",
            "llm_tokens_total{model=\"gpt-4o\",provider=\"openai\",token_type=\"prompt_tokens\"} 250",
            "llm_tokens_total{model=\"gpt-4o\",provider=\"openai\",token_type=\"total_tokens\"} 380",
        ]
    );
    assert_eq!(
        lines(&text, "agent_tokens_total"),
        ["agent_tokens_total{agent=\"coder\",model=\"gpt-4o\"} 380"]
    );
    let sums: Vec<&str> = lines(&text, "gen_ai_client_token_usage_sum");
    assert!(
        sums.iter()
            .any(|line| line.ends_with("gen_ai_token_type=\"input\"} 250"))
    );
    assert!(
        sums.iter()
            .any(|line| line.ends_with("gen_ai_token_type=\"output\"} 130"))
    );
}

#[test]
fn gauges_show_what_is_open_now() {
    let mut shard = Shard::default();
    let coder = intern("coder");
    shard.begin(Operation::Agent, coder);
    shard.begin(Operation::Step, Symbol::AGENT_TURN);
    shard.begin(Operation::Step, intern("parse"));
    shard.begin(Operation::Tool, intern("read_file"));
    shard.end(&Ended::new(tool("read_file"), 1));
    let text = exposition(&shard, &[Views::Default, Views::Agent, Views::Llm]);
    for line in [
        "agent_requests_active{agent=\"coder\"} 1\n",
        "agent_active_turns 1\n",
        "genai_trace_open_spans{operation=\"execute_tool\"} 0\n",
        "genai_trace_open_spans{operation=\"invoke_agent\"} 1\n",
        "genai_trace_open_spans{operation=\"step\"} 2\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn measures_feed_the_same_series_as_spans() {
    let mut shard = Shard::default();
    let measures = Measures::new("openai", "gpt-4o")
        .agent("coder")
        .duration(Duration::from_millis(1200))
        .error("timeout")
        .input_tokens(250)
        .output_tokens(130)
        .tool_call("read_file", Duration::from_millis(83))
        .tool_call("read_file", Duration::from_millis(2));
    measures.record_into(&mut shard, &mut SymbolCache::default(), None);
    assert_eq!(shard.ended(), 0, "no span ended");
    let text = exposition(&shard, &Views::ALL);
    for line in [
        "chat_requests_total{model=\"gpt-4o\",provider=\"openai\"} 1\n",
        "chat_request_duration_seconds_sum{model=\"gpt-4o\",provider=\"openai\"} 1.2\n",
        "agent_requests_errors_total{agent=\"coder\",model=\"gpt-4o\"} 1\n",
        "agent_tokens_total{agent=\"coder\",model=\"gpt-4o\"} 380\n",
        "agent_tools_calls_total{agent=\"coder\",tool=\"read_file\"} 2\n",
        "tool_latency_ms_sum{tool=\"read_file\"} 85\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert!(
        !text.contains("gen_ai_client_inference_duration_seconds"),
        "how long the model took is not known"
    );
    assert!(!text.contains("llm_requests_count_total"));
    assert!(text.contains("gen_ai_client_inference_operation_input_tokens_sum"));
}
