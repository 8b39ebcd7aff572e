use serde_json::{Value, json};

use crate::provider::{ChatFacts, Origin, RequestFacts, StreamReader, request, response};

fn facts(body: &Value) -> ChatFacts {
    response(body, &Origin::default().content(true)).unwrap()
}

fn raw(facts: &ChatFacts) -> Vec<&str> {
    facts
        .finish_reasons
        .iter()
        .map(|reason| reason.raw.as_str())
        .collect()
}

fn with_status(status: &str, more: &Value) -> ChatFacts {
    let mut body = json!({"object": "response", "id": "r-1", "status": status, "output": []});
    let members = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    facts(&body)
}

#[test]
fn a_response_says_its_usage_its_calls_and_its_messages() {
    let facts = facts(&json!({
        "object": "response", "id": "r-1", "model": "m", "status": "completed", "service_tier": "flex",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"type": "message", "status": "completed", "content": [{"type": "output_text", "text": "Hi"}]},
            {"type": "function_call", "status": "completed", "call_id": "c-1", "id": "f-1", "name": "look", "arguments": "{\"a\":1}"},
            {"type": "web_search_call", "id": "w-1", "status": "completed"},
        ],
        "usage": {
            "input_tokens": 20, "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
            "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 4},
        },
    }));
    assert_eq!(raw(&facts), ["stop", "tool_call"]);
    assert_eq!(facts.usage.input, Some(20));
    assert_eq!(
        (facts.usage.cache_read, facts.usage.cache_write),
        (Some(5), Some(3))
    );
    assert_eq!(
        (facts.usage.output, facts.usage.reasoning),
        (Some(9), Some(4))
    );
    assert_eq!(facts.service_tier.as_deref(), Some("flex"));
    assert_eq!(facts.tool_calls.len(), 1);
    assert_eq!(facts.tool_calls[0].id.as_deref(), Some("c-1"));
    assert_eq!(
        facts.content.unwrap().output.unwrap(),
        json!([{"role": "assistant", "finish_reason": "tool_call", "parts": [
            {"type": "reasoning", "content": "Hm."},
            {"type": "text", "content": "Hi"},
            {"type": "tool_call", "id": "c-1", "name": "look", "arguments": {"a": 1}},
            {"type": "server_tool_call", "id": "w-1", "name": "web_search",
             "server_tool_call": {"type": "web_search_call", "id": "w-1", "status": "completed"}},
        ]}])
    );
}

#[test]
fn the_status_says_why_it_ended() {
    let reason = |reason: &str| json!({"incomplete_details": {"reason": reason}});
    for (status, more, expected) in [
        ("incomplete", reason("max_output_tokens"), &["length"][..]),
        ("incomplete", reason("content_filter"), &["content_filter"]),
        ("failed", json!({}), &["error"]),
        ("cancelled", json!({}), &["error"]),
        ("queued", json!({}), &[]),
        ("in_progress", json!({}), &[]),
        ("completed", json!({}), &[]),
    ] {
        let facts = with_status(status, &more);
        assert_eq!(raw(&facts), expected, "{status} {more}");
        assert_eq!(facts.status.as_deref(), Some(status));
    }
}

#[test]
fn a_call_that_is_not_finished_is_no_reason() {
    let output =
        json!({"output": [{"type": "function_call", "status": "incomplete", "name": "look"}]});
    assert_eq!(raw(&with_status("completed", &output)), [""; 0]);
}

#[test]
fn a_response_that_failed_says_what_went_wrong() {
    let error = json!({"error": {"code": "server_error", "message": "no"}});
    let fault = with_status("failed", &error).error.unwrap();
    assert_eq!(fault.error_type.as_deref(), Some("server_error"));
    assert_eq!(
        with_status("completed", &json!({"error": null})).error,
        None
    );
}

#[test]
fn what_only_looks_like_a_response_is_none() {
    for body in [
        json!({"output": ["a"]}),
        json!({"output": [{"type": "chart"}]}),
        json!({"object": "response"}),
        json!({"object": "list", "output": [{"type": "message"}]}),
        json!({"status": "completed"}),
    ] {
        assert_eq!(response(&body, &Origin::default()), None, "{body}");
    }
}

fn asked(body: &Value) -> RequestFacts {
    request(body, &Origin::default().content(true)).unwrap()
}

#[test]
fn a_request_says_its_parameters_and_its_messages() {
    let facts = asked(&json!({
        "model": "m", "instructions": "Be brief.", "max_output_tokens": 50, "temperature": 0.5,
        "previous_response_id": "r-0", "conversation": {"id": "conv-1"}, "stream": true,
        "reasoning": {"effort": "low"}, "text": {"format": {"type": "json_schema", "name": "x"}},
        "service_tier": "priority", "tools": [{"type": "function", "name": "look", "parameters": {"type": "object"}}, {"type": "web_search"}],
        "input": [
            {"role": "user", "content": [
                {"type": "input_text", "text": "See:"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA"},
                {"type": "input_file", "file_id": "f-1"},
            ]},
            {"type": "function_call", "call_id": "c-1", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c-1", "output": "done"},
        ],
    }));
    assert_eq!(facts.operation, Some("chat"));
    assert_eq!((facts.max_tokens, facts.temperature), (Some(50), Some(0.5)));
    assert_eq!(facts.previous_response_id.as_deref(), Some("r-0"));
    assert_eq!(facts.conversation_id.as_deref(), Some("conv-1"));
    assert_eq!(facts.reasoning_level.as_deref(), Some("low"));
    assert_eq!(facts.output_type.as_deref(), Some("json"));
    assert_eq!(facts.service_tier.as_deref(), Some("priority"));
    assert_eq!((facts.stream, facts.message_count), (Some(true), Some(3)));
    let content = facts.content.unwrap();
    assert_eq!(
        content.system.unwrap(),
        json!([{"type": "text", "content": "Be brief."}])
    );
    assert_eq!(
        content.tools.unwrap(),
        json!([
            {"type": "function", "name": "look", "parameters": {"type": "object"}},
            {"type": "web_search", "name": "web_search"},
        ])
    );
    assert_eq!(
        content.input.unwrap(),
        json!([
            {"role": "user", "parts": [
                {"type": "text", "content": "See:"},
                {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AA"},
                {"type": "file", "modality": "document", "file_id": "f-1"},
            ]},
            {"role": "assistant", "parts": [{"type": "tool_call", "id": "c-1", "name": "look", "arguments": {}}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c-1", "response": "done"}]},
        ])
    );
}

#[test]
fn a_tier_that_the_provider_is_to_choose_is_not_said() {
    let facts =
        asked(&json!({"model": "m", "input": "Hi", "service_tier": "auto", "stream": false}));
    assert_eq!((facts.service_tier, facts.stream), (None, None));
    assert_eq!(facts.message_count, Some(1));
}

fn events(all: &[Value]) -> ChatFacts {
    let mut stream = StreamReader::new(&Origin::default().content(true));
    for event in all {
        stream.part(event["type"].as_str(), event);
    }
    stream.facts().unwrap()
}

fn begun() -> Value {
    json!({"type": "response.created", "response": {"object": "response", "id": "r-1", "model": "m", "status": "in_progress", "output": []}})
}

fn said_hi() -> [Value; 4] {
    let item = |kind: &str, status: &str| json!({"type": kind, "output_index": 0, "item": {"type": "message", "status": status}});
    [
        item("response.output_item.added", "in_progress"),
        json!({"type": "response.output_text.delta", "output_index": 0, "delta": "H"}),
        json!({"type": "response.output_text.delta", "output_index": 0, "delta": "i"}),
        item("response.output_item.done", "completed"),
    ]
}

#[test]
fn a_stream_that_breaks_off_keeps_what_was_seen() {
    let mut all = vec![begun()];
    all.extend(said_hi());
    let facts = events(&all);
    assert_eq!(
        (facts.id.as_deref(), facts.model.as_deref()),
        (Some("r-1"), Some("m"))
    );
    assert_eq!(raw(&facts), ["error"]);
    assert_eq!(
        facts.content.unwrap().output.unwrap(),
        json!([{"role": "assistant", "finish_reason": "error", "parts": [{"type": "text", "content": "Hi"}]}])
    );
}

#[test]
fn the_last_response_of_a_stream_is_what_counts() {
    let mut all = vec![begun()];
    all.extend(said_hi());
    all.push(json!({"type": "response.completed", "response": {
        "object": "response", "id": "r-1", "model": "m-2", "status": "completed",
        "output": [{"type": "message", "status": "completed", "content": [{"type": "output_text", "text": "Hi"}]}],
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }}));
    let facts = events(&all);
    assert_eq!(facts.model.as_deref(), Some("m-2"));
    assert_eq!(raw(&facts), ["stop"]);
    assert_eq!((facts.usage.input, facts.usage.output), (Some(1), Some(2)));
}

#[test]
fn a_last_response_without_output_has_what_came_before() {
    let mut all = vec![begun()];
    all.extend(said_hi());
    all.push(json!({"type": "response.completed", "response": {"object": "response", "id": "r-1", "status": "completed", "output": []}}));
    let facts = events(&all);
    assert_eq!(raw(&facts), ["stop"]);
    assert_eq!(
        facts.content.unwrap().output.unwrap()[0]["parts"][0]["content"],
        "Hi"
    );
}

#[test]
fn an_error_in_a_stream_is_one() {
    let error = json!({"type": "error", "code": "rate_limit_exceeded", "message": "slow down", "param": null});
    let facts = events(&[begun(), error]);
    let fault = facts.error.clone().unwrap();
    assert_eq!(fault.error_type.as_deref(), Some("rate_limit_exceeded"));
    assert_eq!(raw(&facts), ["error"]);
    let failed = json!({"type": "response.failed", "response": {
        "object": "response", "id": "r-1", "status": "failed", "error": {"code": "server_error", "message": "no"},
    }});
    let facts = events(&[begun(), failed]);
    assert_eq!(
        facts.error.unwrap().error_type.as_deref(),
        Some("server_error")
    );
    assert_eq!(facts.status.as_deref(), Some("failed"));
}
