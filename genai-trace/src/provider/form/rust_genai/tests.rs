use serde_json::{Value, json};

use crate::provider::{ChatFacts, Origin, StreamReader, request, response};

fn answer() -> Value {
    json!({
        "content": [{"Text": "I look."}, {"ToolCall": {"call_id": "t-1", "fn_name": "look", "fn_arguments": {"a": 1}}}],
        "reasoning_content": "hm",
        "model_iden": {"adapter_kind": "Anthropic", "model_name": "claude"},
        "provider_model_iden": {"adapter_kind": "Anthropic", "model_name": {"Shared": "claude-1"}},
        "stop_reason": {"ToolCall": "tool_use"},
        "usage": {
            "prompt_tokens": 110, "completion_tokens": 20, "total_tokens": 130,
            "prompt_tokens_details": {"cached_tokens": 90, "cache_creation_tokens": 8, "cache_creation_details": {"ephemeral_1h_tokens": 3}},
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
    })
}

fn is_said(facts: &ChatFacts) {
    assert_eq!(facts.finish_reasons[0].raw, "tool_use");
    let usage = &facts.usage;
    assert_eq!(
        (usage.input, usage.output, usage.reasoning),
        (Some(110), Some(20), Some(5))
    );
    let cache = (usage.cache_read, usage.cache_write, usage.cache_write_1h);
    assert_eq!(cache, (Some(90), Some(8), Some(3)));
    let call = &facts.tool_calls[0];
    assert_eq!(
        (call.id.as_deref(), call.name.as_deref()),
        (Some("t-1"), Some("look"))
    );
    assert_eq!(
        facts.content.as_ref().unwrap().output.as_ref().unwrap(),
        &json!([{"role": "assistant", "finish_reason": "tool_call", "parts": [
            {"type": "reasoning", "content": "hm"},
            {"type": "text", "content": "I look."},
            {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
        ]}])
    );
}

#[test]
fn a_response_says_what_the_provider_calls_its_model() {
    let facts = response(&answer(), &Origin::default().content(true)).unwrap();
    assert_eq!(facts.model.as_deref(), Some("claude-1"));
    is_said(&facts);
}

#[test]
fn a_body_that_was_kept_says_it_itself() {
    let mut body = answer();
    body["captured_raw_body"] = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-2", "content": [],
        "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 2},
    });
    let facts = response(&body, &Origin::default()).unwrap();
    assert_eq!(facts.id.as_deref(), Some("msg_1"));
    assert_eq!(facts.model.as_deref(), Some("claude-2"));
    assert_eq!(facts.usage.input, Some(1));
}

#[test]
fn a_body_that_was_kept_is_no_further_answer_of_the_crate() {
    let mut body = answer();
    body["captured_raw_body"] = answer();
    let facts = response(&body, &Origin::default().content(true)).unwrap();
    is_said(&facts);
}

#[test]
fn the_last_event_of_a_stream_says_what_was_used() {
    let whole = answer();
    let mut stream = StreamReader::new(&Origin::default().content(true));
    for event in [
        json!({"ReasoningChunk": {"content": "hm"}}),
        json!({"Chunk": {"content": "I look."}}),
    ] {
        stream.part(None, &event);
    }
    assert!(stream.has_output());
    assert_eq!(stream.facts().unwrap().finish_reasons[0].raw, "error");
    stream.part(
        None,
        &json!({"End": {
            "captured_usage": whole["usage"], "captured_stop_reason": whole["stop_reason"],
            "captured_content": whole["content"], "captured_reasoning_content": "hm",
        }}),
    );
    is_said(&stream.facts().unwrap());
}

#[test]
fn a_stream_of_which_nothing_was_captured_has_ended_all_the_same() {
    let mut stream = StreamReader::new(&Origin::default());
    stream.part(None, &json!({"Chunk": {"content": "Hi"}}));
    stream.part(None, &json!({"End": {}}));
    let facts = stream.facts().unwrap();
    assert!(facts.finish_reasons.is_empty());
    assert!(facts.usage.is_empty());
}

#[test]
fn a_request_has_its_parts_under_their_kinds() {
    let body = json!({
        "system": "Be brief.",
        "messages": [
            {"role": "User", "content": [{"Text": "Hi"}]},
            {"role": "Tool", "content": [{"ToolResponse": {"call_id": "t-1", "content": "42"}}]},
        ],
        "tools": [{"name": "look", "schema": {"type": "object"}}],
    });
    let facts = request(&body, &Origin::default().content(true)).unwrap();
    assert_eq!(facts.message_count, Some(2));
    let content = facts.content.unwrap();
    assert_eq!(
        content.input.unwrap(),
        json!([
            {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "t-1", "response": "42"}]},
        ])
    );
    assert_eq!(
        content.system.unwrap(),
        json!([{"type": "text", "content": "Be brief."}])
    );
    assert_eq!(
        content.tools.unwrap(),
        json!([{"type": "function", "name": "look", "parameters": {"type": "object"}}])
    );
}

#[test]
fn what_looks_alike_is_nobodys() {
    for body in [
        json!({"model_iden": "m", "usage": {}, "content": []}),
        json!({"Chunk": "text"}),
        json!({"Chunk": {"content": "x"}, "more": 1}),
        json!({"End": 1}),
    ] {
        let origin = Origin::default();
        assert_eq!(response(&body, &origin), None, "{body}");
        let mut stream = StreamReader::new(&origin);
        stream.part(None, &body);
        assert_eq!(stream.facts(), None, "{body}");
    }
}
