use serde_json::{Value as Json, json};

use crate::provider::{self, ChatFacts, Origin, StreamReader};

fn message() -> Json {
    json!({
        "type": "message", "id": "msg_1", "role": "assistant", "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "text", "text": "Hi"},
            {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a"}},
            {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "q"}},
            {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []},
        ],
        "stop_reason": "tool_use",
        "usage": {
            "input_tokens": 3, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 7,
            "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 5},
            "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 6},
            "service_tier": "standard",
        },
    })
}

fn read(body: &Json, origin: Origin<'_>) -> ChatFacts {
    provider::response(body, &origin).expect("a response")
}

fn streamed(parts: &[Json], content: bool) -> ChatFacts {
    let mut reader = StreamReader::new(&Origin::default().content(content));
    for part in parts {
        reader.part(None, part);
    }
    reader.facts().expect("a stream")
}

fn parts() -> Vec<Json> {
    vec![
        json!({"type": "ping"}),
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "claude-x",
            "usage": {"input_tokens": 10, "cache_read_input_tokens": 2, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "He"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "llo"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1,
            "content_block": {"type": "tool_use", "id": "t1", "name": "read", "input": {}}}),
        json!({"type": "content_block_delta", "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": "{\"a\":"}}),
        json!({"type": "content_block_delta", "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": "1}"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"},
            "usage": {"input_tokens": 12, "output_tokens": 30}}),
        json!({"type": "message_stop"}),
    ]
}

#[test]
fn cached_tokens_are_part_of_the_input() {
    let usage = read(&message(), Origin::default()).usage;
    assert_eq!(usage.input, Some(14));
    assert_eq!((usage.cache_read, usage.cache_write), (Some(4), Some(7)));
    assert_eq!(usage.cache_write_1h, Some(5));
    assert_eq!((usage.output, usage.reasoning), (Some(9), Some(6)));
    assert_eq!(usage.uncached_input(), Some(3));
}

#[test]
fn a_message_says_who_answered_and_what_it_calls() {
    let facts = read(&message(), Origin::default());
    assert_eq!(facts.id.as_deref(), Some("msg_1"));
    assert_eq!(facts.model.as_deref(), Some("claude-x"));
    assert_eq!(facts.service_tier.as_deref(), Some("standard"));
    assert_eq!(facts.finish_reasons[0].raw, "tool_use");
    assert_eq!(facts.finish_reasons[0].normalized(), Some("tool_call"));
    assert_eq!(facts.tool_calls.len(), 1);
    assert_eq!(facts.tool_calls[0].name.as_deref(), Some("read"));
    assert_eq!(facts.content, None);
}

#[test]
fn content_is_written_as_the_conventions_parts() {
    let facts = read(&message(), Origin::default().content(true));
    let content = facts.content.expect("content");
    assert_eq!(
        content.output,
        Some(json!([{
            "role": "assistant", "finish_reason": "tool_call",
            "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "text", "content": "Hi"},
                {"type": "tool_call", "id": "toolu_1", "name": "read", "arguments": {"path": "a"}},
                {"type": "server_tool_call", "id": "srv_1", "name": "web_search",
                    "server_tool_call": {"type": "web_search", "arguments": {"query": "q"}}},
                {"type": "server_tool_call_response", "id": "srv_1",
                    "server_tool_call_response": {"type": "web_search_tool_result", "content": []}},
            ],
        }]))
    );
}

#[test]
fn what_a_message_does_not_say_stays_unset() {
    let facts = read(
        &json!({"type": "message", "role": "assistant", "content": [], "stop_reason": null,
            "usage": {"input_tokens": null, "cache_read_input_tokens": 5, "output_tokens": -1}}),
        Origin::default(),
    );
    assert_eq!(facts.usage.input, None);
    assert_eq!(facts.usage.cache_read, Some(5));
    assert_eq!(facts.usage.output, None);
    assert!(facts.finish_reasons.is_empty());
}

#[test]
fn a_sum_that_no_integer_holds_is_not_said() {
    let facts = read(
        &json!({"type": "message", "role": "assistant", "content": [],
            "usage": {"input_tokens": i64::MAX, "cache_read_input_tokens": i64::MAX}}),
        Origin::default(),
    );
    assert_eq!(facts.usage.input, None);
}

#[test]
fn a_foreign_json_is_no_message() {
    for body in [
        json!({"role": "assistant", "content": "Hi"}),
        json!({"type": "message", "role": "assistant", "content": "Hi"}),
        json!({"type": "message", "role": "user", "content": []}),
        json!({"type": "error", "message": "no"}),
        json!({"role": "assistant", "content": [], "stop_reason": "x"}),
    ] {
        assert_eq!(
            provider::response(&body, &Origin::default()),
            None,
            "{body}"
        );
    }
}

#[test]
fn an_error_body_names_the_error() {
    let body =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let error = read(&body, Origin::default().status(529))
        .error
        .expect("an error");
    assert_eq!(error.error_type.as_deref(), Some("overloaded_error"));
    assert_eq!(error.message.as_deref(), Some("Overloaded"));
}

#[test]
fn the_last_usage_of_a_stream_holds() {
    let facts = streamed(&parts(), false);
    assert_eq!(facts.id.as_deref(), Some("msg_1"));
    assert_eq!(facts.usage.input, Some(14));
    assert_eq!(facts.usage.output, Some(30));
    assert_eq!(facts.finish_reasons[0].raw, "tool_use");
    assert_eq!(facts.tool_calls[0].id.as_deref(), Some("t1"));
    assert_eq!(facts.content, None);
}

#[test]
fn a_stream_joins_its_content_where_that_is_wanted() {
    let content = streamed(&parts(), true).content.expect("content");
    assert_eq!(
        content.output,
        Some(json!([{
            "role": "assistant", "finish_reason": "tool_call",
            "parts": [
                {"type": "text", "content": "Hello"},
                {"type": "tool_call", "id": "t1", "name": "read", "arguments": {"a": 1}},
            ],
        }]))
    );
}

#[test]
fn a_stream_that_breaks_keeps_what_was_seen_and_ends_in_error() {
    let facts = streamed(&parts()[..8], true);
    assert_eq!(facts.usage.output, Some(1));
    assert_eq!(facts.finish_reasons[0].raw, "error");
    let content = facts.content.expect("content");
    let output = content.output.expect("output");
    assert_eq!(output[0]["parts"][1]["arguments"], json!("{\"a\":"));
}

#[test]
fn an_error_in_a_stream_is_an_error() {
    let mut parts = parts();
    parts.truncate(4);
    parts.push(
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    );
    let facts = streamed(&parts, false);
    assert_eq!(
        facts.error.expect("an error").error_type.as_deref(),
        Some("overloaded_error")
    );
    assert_eq!(facts.finish_reasons[0].raw, "error");
}

#[test]
fn a_request_says_its_parameters() {
    let body = json!({
        "model": "claude-x", "max_tokens": 64, "temperature": 0.5, "top_p": 0.9, "top_k": 4,
        "stop_sequences": ["a"], "stream": true, "output_config": {"effort": "high",
            "format": {"type": "json_schema", "schema": {}}}, "service_tier": "standard_only",
        "system": "Be brief.", "tools": [{"name": "read", "input_schema": {"type": "object"}},
            {"type": "web_search_20250305", "name": "web_search"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
            {"type": "tool_result", "tool_use_id": "t1", "content": "3"}]}],
    });
    let facts = provider::request(&body, &Origin::default().content(true)).expect("a request");
    assert_eq!(facts.operation, Some("chat"));
    assert_eq!(facts.model.as_deref(), Some("claude-x"));
    assert_eq!((facts.max_tokens, facts.top_k), (Some(64), Some(4)));
    assert_eq!((facts.temperature, facts.top_p), (Some(0.5), Some(0.9)));
    assert_eq!(facts.stop_sequences, Some(vec!["a".to_owned()]));
    assert_eq!(facts.stream, Some(true));
    assert_eq!(facts.reasoning_level.as_deref(), Some("high"));
    assert_eq!(facts.output_type.as_deref(), Some("json"));
    assert_eq!(facts.service_tier.as_deref(), Some("standard_only"));
    assert_eq!(facts.message_count, Some(1));
    let content = facts.content.expect("content");
    assert_eq!(
        content.system,
        Some(json!([{"type": "text", "content": "Be brief."}]))
    );
    assert_eq!(
        content.input,
        Some(json!([{"role": "user", "parts": [
            {"type": "text", "content": "Hi"},
            {"type": "blob", "mime_type": "image/png", "modality": "image", "content": "AA=="},
            {"type": "tool_call_response", "id": "t1", "response": "3"},
        ]}]))
    );
    assert_eq!(
        content.tools,
        Some(json!([
            {"type": "function", "name": "read", "parameters": {"type": "object"}},
            {"type": "web_search_20250305", "name": "web_search"},
        ]))
    );
}

#[test]
fn the_path_names_the_model_at_vertex_and_bedrock() {
    let body = json!({"anthropic_version": "x", "max_tokens": 1, "messages": []});
    let facts = |url| provider::request(&body, &Origin::default().url(url)).expect("a request");
    let vertex = facts(
        "https://a.googleapis.com/v1/projects/p/publishers/anthropic/models/claude-x@1:streamRawPredict",
    );
    assert_eq!(vertex.model.as_deref(), Some("claude-x@1"));
    assert_eq!(vertex.stream, Some(true));
    let bedrock = facts("https://a.amazonaws.com/model/anthropic.claude-x%3A0/invoke");
    assert_eq!(bedrock.model.as_deref(), Some("anthropic.claude-x:0"));
    assert_eq!(bedrock.stream, None);
}
