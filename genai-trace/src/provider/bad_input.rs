//! Bad input: whatever is sent, nothing panics, and what is wrong at one place says nothing of others.

use serde_json::{Value as Json, json};

use super::{ChatFacts, Origin, StreamReader, request, request_bytes, response, response_bytes};

/// A response of each form that is here.
fn responses() -> Vec<Json> {
    vec![
        json!({"type": "message", "id": "m", "role": "assistant", "model": "c", "stop_reason": "tool_use",
            "content": [{"type": "text", "text": "Hi"}, {"type": "thinking", "thinking": "hm"},
                {"type": "tool_use", "id": "t", "name": "read", "input": {"a": [1]}}],
            "usage": {"input_tokens": 1, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 3,
                "cache_creation": {"ephemeral_1h_input_tokens": 3}, "output_tokens": 4,
                "output_tokens_details": {"thinking_tokens": 1}, "service_tier": "standard"}}),
        json!({"candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts":
                [{"text": "Hi"}, {"functionCall": {"name": "read", "args": {}}}]}}],
            "modelVersion": "g", "responseId": "r", "usageMetadata": {"promptTokenCount": 1,
                "candidatesTokenCount": 2, "thoughtsTokenCount": 3, "cachedContentTokenCount": 1,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}]}}),
        json!({"id": "v", "object": "interaction", "status": "completed", "model": "g",
            "usage": {"total_input_tokens": 1, "total_output_tokens": 2, "total_thought_tokens": 3},
            "steps": [{"type": "model_output", "content": [{"type": "text", "text": "Hi"}]}]}),
        json!({"output": {"message": {"role": "assistant", "content": [{"text": "Hi"},
                {"toolUse": {"toolUseId": "t", "name": "read", "input": {}}}]}}, "stopReason": "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": 2, "cacheReadInputTokens": 3}}),
        json!({"generation": "Hi", "prompt_token_count": 1, "generation_token_count": 2,
            "stop_reason": "stop"}),
        json!({"inputTextTokenCount": 1, "results": [{"tokenCount": 2, "outputText": "Hi",
            "completionReason": "FINISH"}]}),
        json!({"embeddings": [{"values": [0.5]}], "usageMetadata": {"promptTokenCount": 1}}),
        json!({"id": "c", "object": "chat.completion", "model": "o", "choices": [{"index": 0,
                "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi",
                "tool_calls": [{"id": "t", "type": "function",
                    "function": {"name": "read", "arguments": "{}"}}]}}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 1}}}),
        json!({"id": "r", "object": "response", "status": "completed", "model": "o", "output":
                [{"type": "message", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": "Hi"}]}],
            "usage": {"input_tokens": 1, "output_tokens": 2}}),
        json!({"type": "error", "error": {"type": "a", "message": "b"}}),
        json!([{"error": {"code": 404, "message": "b", "status": "NOT_FOUND"}}]),
    ]
}

/// A request of each form that is here.
fn requests() -> Vec<Json> {
    vec![
        json!({"model": "claude-x", "max_tokens": 1, "temperature": 0.5, "top_k": 1, "stream": true,
            "system": [{"type": "text", "text": "s"}], "stop_sequences": ["a"], "tools":
                [{"name": "read", "input_schema": {}}], "output_config": {"effort": "low"},
            "messages": [{"role": "user", "content": [{"type": "image", "source":
                {"type": "url", "url": "u"}}]}]}),
        json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "tools":
                [{"functionDeclarations": [{"name": "read"}]}], "systemInstruction": {"parts": [{"text": "s"}]},
            "generationConfig": {"temperature": 0.5, "stopSequences": ["a"],
                "thinkingConfig": {"thinkingLevel": "low"}, "responseModalities": ["TEXT"]}}),
        json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "inferenceConfig":
                {"maxTokens": 1}, "system": [{"text": "s"}], "toolConfig":
                {"tools": [{"toolSpec": {"name": "read", "inputSchema": {"json": {}}}}]}}),
        json!({"inputText": "Hi", "textGenerationConfig": {"maxTokenCount": 1, "stopSequences": ["a"]}}),
        json!({"model": "gpt-x", "messages": [{"role": "user", "content": "Hi"}], "stop": "a",
            "tools": [{"type": "function", "function": {"name": "read"}}]}),
    ]
}

/// Parts of a stream of each form that is here.
fn streams() -> Vec<Vec<Json>> {
    vec![
        vec![
            json!({"type": "message_start", "message": {"id": "m", "model": "c",
                "usage": {"input_tokens": 1, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0,
                "content_block": {"type": "tool_use", "id": "t", "name": "read", "input": {}}}),
            json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "input_json_delta", "partial_json": "{}"}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": 5}}),
        ],
        vec![
            json!({"candidates": [{"index": 0, "content": {"parts": [{"text": "Hi"}]}}],
                "usageMetadata": {"promptTokenCount": 1}, "modelVersion": "g", "responseId": "r"}),
            json!({"candidates": [{"index": 0, "finishReason": "STOP", "content": {"parts":
                [{"functionCall": {"name": "read", "args": {}}}]}}]}),
        ],
        vec![
            json!({"messageStart": {"role": "assistant"}}),
            json!({"contentBlockStart": {"contentBlockIndex": 0,
                "start": {"toolUse": {"toolUseId": "t", "name": "read"}}}}),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{}"}}}}),
            json!({"messageStop": {"stopReason": "end_turn"}}),
            json!({"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2}}}),
        ],
        vec![
            json!({"generation": "Hi", "generation_token_count": 1, "stop_reason": null}),
            json!({"generation": "", "generation_token_count": 2, "stop_reason": "stop",
                "amazon-bedrock-invocationMetrics": {"inputTokenCount": 1, "outputTokenCount": 2}}),
        ],
        vec![
            json!({"event_type": "interaction.created", "interaction": {"id": "v", "model": "g"}}),
            json!({"event_type": "step.start", "index": 0, "step": {"type": "function_call", "name": "read"}}),
            json!({"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "Hi"}}),
            json!({"event_type": "interaction.completed", "interaction": {"status": "completed",
                "usage": {"total_input_tokens": 1}}}),
        ],
    ]
}

/// What may stand at a place instead.
fn others() -> [Json; 11] {
    [
        Json::Null,
        json!(true),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!(""),
        json!("é"),
        json!([[]]),
        json!({"": {}}),
    ]
}

/// `body` with each value at any depth replaced by each other, one at a time.
fn changed(body: &Json) -> Vec<Json> {
    let others = || others().into_iter();
    let mut all: Vec<_> = others().collect();
    match body {
        Json::Object(members) => {
            for (key, value) in members {
                all.extend(changed(value).into_iter().map(|value| {
                    let mut body = body.clone();
                    body[key] = value;
                    body
                }));
                let mut without = members.clone();
                without.remove(key);
                all.push(without.into());
            }
        }
        Json::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                all.extend(changed(value).into_iter().map(|value| {
                    let mut body = body.clone();
                    body[at] = value;
                    body
                }));
            }
        }
        _ => {}
    }
    all
}

/// Counts are none that the conventions' integers cannot hold.
fn check(facts: &ChatFacts) {
    let usage = &facts.usage;
    let counts = [
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_write,
        usage.cache_write_1h,
        usage.reasoning,
        usage.input_by.text,
        usage.output_by.text,
    ];
    for count in counts.into_iter().flatten() {
        assert!(i64::try_from(count).is_ok(), "{facts:?}");
    }
}

#[test]
fn any_other_type_at_any_place_of_a_response_is_no_fault_of_ours() {
    for content in [false, true] {
        for body in responses().iter().flat_map(changed) {
            if let Some(facts) = response(&body, &Origin::default().content(content)) {
                check(&facts);
            }
        }
    }
}

#[test]
fn any_other_type_at_any_place_of_a_request_is_no_fault_of_ours() {
    for content in [false, true] {
        for body in requests().iter().flat_map(changed) {
            let _ = request(&body, &Origin::default().content(content));
        }
    }
}

#[test]
fn any_other_type_at_any_place_of_a_stream_is_no_fault_of_ours() {
    for stream in streams() {
        for body in changed(&Json::Array(stream)) {
            let mut reader = StreamReader::new(&Origin::default().content(true));
            for part in body.as_array().into_iter().flatten() {
                reader.part(None, part);
            }
            if let Some(facts) = reader.facts() {
                check(&facts);
            }
        }
    }
}

#[test]
fn a_count_of_another_type_leaves_all_other_facts() {
    let origin = Origin::default();
    for body in responses()
        .iter()
        .filter(|body| body.get("usage").is_some())
    {
        let facts = response(body, &origin).expect("a response");
        for key in body["usage"].as_object().expect("counts").keys() {
            let mut other = body.clone();
            other["usage"][key] = json!("many");
            let read = response(&other, &origin).expect("a response");
            assert_eq!(
                (read.id, read.model),
                (facts.id.clone(), facts.model.clone()),
                "{other}"
            );
            assert_eq!(read.finish_reasons, facts.finish_reasons, "{other}");
            assert_eq!(read.tool_calls, facts.tool_calls, "{other}");
        }
    }
}

#[test]
fn a_body_that_is_cut_off_is_none() {
    for body in responses() {
        let text = body.to_string();
        for end in 0..text.len() {
            let cut = text.as_bytes().get(..end).unwrap_or_default();
            assert_eq!(
                response_bytes(cut, &Origin::default()),
                None,
                "{end} of {text}"
            );
        }
        assert!(
            response_bytes(text.as_bytes(), &Origin::default()).is_some(),
            "{text}"
        );
    }
}

#[test]
fn a_failure_is_one_whatever_its_body_is() {
    for body in [&b""[..], b"<html>", b"\xff", b"{", b"[]", b"{\"a\": 1}"] {
        let facts = response_bytes(body, &Origin::default().status(502)).expect("an error");
        let error = facts.error.expect("an error");
        assert_eq!(error.error_type.as_deref(), Some("502"));
        assert_eq!(response_bytes(body, &Origin::default().status(200)), None);
    }
}

#[test]
fn ten_thousand_levels_and_more_leave_the_facts_beside_them() {
    for levels in [10_000, 100_000] {
        let deep = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        for body in responses().iter().filter(|body| body.is_object()) {
            let text = body.to_string();
            let text = format!("{{\"deep\": {deep}, {}", text.trim_start_matches('{'));
            let read = response_bytes(text.as_bytes(), &Origin::default());
            assert_eq!(read, response(body, &Origin::default()));
        }
        let text = format!("{{\"contents\": [{{\"parts\": [{deep}]}}]}}");
        assert!(request_bytes(text.as_bytes(), &Origin::default().content(true)).is_some());
    }
}

#[test]
fn a_hundred_megabytes_leave_the_facts_beside_them() {
    let body = json!({"type": "message", "role": "assistant", "content": [], "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 2}});
    let text = body.to_string();
    let long = "x\\n".repeat(100_000_000 / 3);
    let text = format!("{{\"a\": \"{long}\", {}", text.trim_start_matches('{'));
    let read = response_bytes(text.as_bytes(), &Origin::default());
    assert_eq!(read, response(&body, &Origin::default()));
}
