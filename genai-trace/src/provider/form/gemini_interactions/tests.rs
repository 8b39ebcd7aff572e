use serde_json::json;

use crate::provider::{self, Origin, StreamReader};

#[test]
fn an_interaction_says_where_it_stands() {
    let body =
        json!({"id": "v1_x", "status": "in_progress", "object": "interaction", "agent": "a"});
    let facts = provider::response(&body, &Origin::default()).expect("a response");
    assert_eq!(facts.id.as_deref(), Some("v1_x"));
    assert_eq!(facts.status.as_deref(), Some("in_progress"));
    assert_eq!(facts.model, None);
    assert!(facts.finish_reasons.is_empty() && facts.usage.is_empty());
}

#[test]
fn thoughts_stand_beside_the_output_unless_the_total_shows_them_in_it() {
    let usage = |total| {
        let body = json!({"id": "v1_x", "status": "completed", "object": "interaction",
            "usage": {"total_input_tokens": 8, "total_output_tokens": 12,
                "total_thought_tokens": 7, "total_cached_tokens": 2, "total_tokens": total,
                "input_tokens_by_modality": [{"modality": "text", "tokens": 8}]}});
        provider::response(&body, &Origin::default())
            .expect("a response")
            .usage
    };
    assert_eq!(usage(json!(27)).output, Some(19));
    assert_eq!(usage(json!(20)).output, Some(12));
    assert_eq!(usage(json!(null)).output, Some(19));
    assert_eq!(usage(json!(27)).input, Some(8));
    assert_eq!(usage(json!(27)).input_by.text, Some(8));
    assert_eq!(usage(json!(27)).reasoning, Some(7));
}

#[test]
fn steps_are_one_message_of_the_models() {
    let body = json!({"id": "v1_x", "status": "requires_action", "object": "interaction", "steps": [
        {"type": "user_input", "content": [{"type": "text", "text": "Hi"}]},
        {"type": "thought", "summary": [{"type": "text", "text": "hm"}], "signature": "s"},
        {"type": "function_call", "id": "c1", "name": "read", "arguments": {"a": 1}},
        {"type": "google_search_call", "id": "c2", "arguments": {"queries": ["q"]}},
        {"type": "model_output", "content": [{"type": "text", "text": "Hello"}]},
    ]});
    let facts = provider::response(&body, &Origin::default().content(true)).expect("a response");
    assert_eq!(facts.tool_calls[0].name.as_deref(), Some("read"));
    assert_eq!(
        facts.content.expect("content").output,
        Some(json!([{"role": "assistant", "parts": [
            {"type": "reasoning", "content": "hm"},
            {"type": "tool_call", "id": "c1", "name": "read", "arguments": {"a": 1}},
            {"type": "server_tool_call", "id": "c2", "name": "google_search",
                "server_tool_call": {"type": "google_search_call", "arguments": {"queries": ["q"]}}},
            {"type": "text", "content": "Hello"},
        ]}]))
    );
}

#[test]
fn a_stream_ends_as_its_last_account_says() {
    let parts = [
        json!({"event_type": "interaction.created", "interaction":
            {"id": "v1_x", "status": "in_progress", "object": "interaction", "model": "gemini-x"}}),
        json!({"event_type": "step.start", "index": 0, "step": {"type": "model_output"}}),
        json!({"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "1, "}}),
        json!({"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "2"}}),
        json!({"event_type": "step.start", "index": 1,
            "step": {"type": "function_call", "id": "c1", "name": "read", "arguments": {}}}),
        json!({"event_type": "step.delta", "index": 1,
            "delta": {"type": "arguments_delta", "arguments": "{\"a\":1}"}}),
        json!({"event_type": "interaction.completed", "interaction": {"id": "v1_x",
            "status": "completed", "usage": {"total_input_tokens": 8, "total_output_tokens": 12}}}),
    ];
    let mut reader = StreamReader::new(&Origin::default().content(true));
    for part in &parts {
        reader.part(None, part);
    }
    let facts = reader.facts().expect("a stream");
    assert_eq!(facts.model.as_deref(), Some("gemini-x"));
    assert_eq!(facts.status.as_deref(), Some("completed"));
    assert_eq!((facts.usage.input, facts.usage.output), (Some(8), Some(12)));
    assert_eq!(facts.tool_calls.len(), 1);
    assert_eq!(
        facts.content.expect("content").output,
        Some(json!([{"role": "assistant", "parts": [
            {"type": "text", "content": "1, 2"},
            {"type": "tool_call", "id": "c1", "name": "read", "arguments": {"a": 1}},
        ]}]))
    );
}

#[test]
fn a_stream_that_is_cut_off_says_what_was_used_so_far() {
    let used = |output| {
        json!({"usage": {"total_input_tokens": 8, "total_output_tokens": output,
            "total_thought_tokens": 3, "total_tokens": 11 + output}})
    };
    let mut reader = StreamReader::new(&Origin::default());
    for part in [
        json!({"event_type": "interaction.created", "metadata": used(0), "interaction":
            {"id": "v1_x", "status": "in_progress", "object": "interaction"}}),
        json!({"event_type": "step.delta", "index": 0, "metadata": used(4),
            "delta": {"type": "text", "text": "1"}}),
        json!({"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "2"}}),
    ] {
        reader.part(None, &part);
    }
    let usage = reader.facts().expect("a stream").usage;
    assert_eq!((usage.input, usage.output), (Some(8), Some(7)));
}

#[test]
fn a_failed_interaction_is_an_error() {
    let body = json!({"id": "v1_x", "status": "failed", "object": "interaction"});
    let facts = provider::response(&body, &Origin::default()).expect("a response");
    assert_eq!(
        facts.error.expect("an error").error_type.as_deref(),
        Some("failed")
    );
}

#[test]
fn a_request_goes_on_from_another() {
    let body = json!({"model": "gemini-x", "input": "Hi", "stream": true, "previous_interaction_id": "v1_w",
        "generation_config": {"temperature": 0.5, "thinking_level": "low", "max_output_tokens": 9}});
    let origin =
        Origin::default().url("https://generativelanguage.googleapis.com/v1beta/interactions");
    let facts = provider::request(&body, &origin.content(true)).expect("a request");
    assert_eq!(facts.model.as_deref(), Some("gemini-x"));
    assert_eq!(facts.previous_response_id.as_deref(), Some("v1_w"));
    assert_eq!(facts.reasoning_level.as_deref(), Some("low"));
    assert_eq!((facts.max_tokens, facts.stream), (Some(9), Some(true)));
    assert_eq!(
        facts.content.expect("content").input,
        Some(json!([{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]))
    );
}
