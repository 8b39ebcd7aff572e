use serde_json::{Value as Json, json};

use crate::provider::{self, ChatFacts, Origin, StreamReader};

const URL: &str = "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.a%3A0/converse";

fn body() -> Json {
    json!({
        "output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
            {"text": "Hi"},
            {"toolUse": {"toolUseId": "t1", "name": "read", "input": {"a": 1}}},
            {"toolUse": {"toolUseId": "t2", "name": "code", "type": "server_tool_use", "input": {}}},
        ]}},
        "stopReason": "tool_use", "metrics": {"latencyMs": 1}, "serviceTier": {"type": "default"},
        "usage": {"inputTokens": 3, "outputTokens": 9, "totalTokens": 2380,
            "cacheReadInputTokens": 2071, "cacheWriteInputTokens": 297,
            "cacheDetails": [{"inputTokens": 290, "ttl": "1h"}, {"inputTokens": 7, "ttl": "5m"}]},
    })
}

#[test]
fn cached_tokens_are_part_of_the_input() {
    let usage = provider::response(&body(), &Origin::default())
        .expect("a response")
        .usage;
    assert_eq!((usage.input, usage.output), (Some(2371), Some(9)));
    assert_eq!(
        (usage.cache_read, usage.cache_write),
        (Some(2071), Some(297))
    );
    assert_eq!(usage.cache_write_1h, Some(290));
}

#[test]
fn a_response_has_neither_id_nor_model() {
    let origin = Origin::default().url(URL).content(true);
    let facts = provider::response(&body(), &origin).expect("a response");
    assert_eq!((facts.id, facts.model), (None, None));
    assert_eq!(facts.finish_reasons[0].normalized(), Some("tool_call"));
    assert_eq!(facts.service_tier.as_deref(), Some("default"));
    assert_eq!(facts.tool_calls.len(), 1);
    assert_eq!(facts.tool_calls[0].id.as_deref(), Some("t1"));
    assert_eq!(
        facts.content.expect("content").output,
        Some(
            json!([{"role": "assistant", "finish_reason": "tool_call", "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "text", "content": "Hi"},
                {"type": "tool_call", "id": "t1", "name": "read", "arguments": {"a": 1}},
                {"type": "server_tool_call", "id": "t2", "name": "code",
                    "server_tool_call": {"type": "code", "arguments": {}}},
            ]}])
        )
    );
}

#[test]
fn counts_that_are_missing_stay_unset() {
    let mut body = body();
    body["usage"] = json!({"outputTokens": 50, "cacheReadInputTokens": 4});
    let usage = provider::response(&body, &Origin::default())
        .expect("a response")
        .usage;
    assert_eq!((usage.input, usage.output), (None, Some(50)));
    assert_eq!(usage.cache_read, Some(4));
}

#[test]
fn a_foreign_json_is_no_response() {
    for body in [
        json!({"output": "text", "stopReason": "x"}),
        json!({"output": {"message": {"content": []}}}),
        json!({"output": {"message": "text"}, "usage": {"inputTokens": 1}}),
        json!({"usage": {"inputTokens": 1, "outputTokens": 1}}),
    ] {
        assert_eq!(
            provider::response(&body, &Origin::default()),
            None,
            "{body}"
        );
    }
}

fn parts() -> Vec<(&'static str, Json)> {
    vec![
        ("messageStart", json!({"role": "assistant", "p": "ab"})),
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"text": "He"}}),
        ),
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"text": "llo"}}),
        ),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        (
            "contentBlockStart",
            json!({"contentBlockIndex": 1,
            "start": {"toolUse": {"toolUseId": "t1", "name": "read"}}}),
        ),
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": "{\"a\":"}}}),
        ),
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": "1}"}}}),
        ),
        ("messageStop", json!({"stopReason": "tool_use"})),
        (
            "metadata",
            json!({"usage": {"inputTokens": 5, "outputTokens": 6, "totalTokens": 11}}),
        ),
    ]
}

fn streamed(parts: &[(Option<&str>, Json)]) -> ChatFacts {
    let mut reader = StreamReader::new(&Origin::default().content(true));
    for (event, part) in parts {
        reader.part(*event, part);
    }
    reader.facts().expect("a stream")
}

#[test]
fn a_stream_reads_the_same_by_its_events_and_by_its_members() {
    let by_event: Vec<_> = parts()
        .into_iter()
        .map(|(event, part)| (Some(event), part))
        .collect();
    let by_member: Vec<_> = parts()
        .into_iter()
        .map(|(event, part)| (Some("chunk"), json!({event: part})))
        .collect();
    let facts = streamed(&by_event);
    assert_eq!(facts, streamed(&by_member));
    assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(6)));
    assert_eq!(facts.tool_calls[0].name.as_deref(), Some("read"));
    assert_eq!(
        facts.content.expect("content").output,
        Some(
            json!([{"role": "assistant", "finish_reason": "tool_call", "parts": [
                {"type": "text", "content": "Hello"},
                {"type": "tool_call", "id": "t1", "name": "read", "arguments": {"a": 1}},
            ]}])
        )
    );
}

#[test]
fn an_exception_in_a_stream_is_an_error() {
    let slow = json!({"__type": "throttlingException", "message": "slow down"});
    for error in [
        (Some("exception"), slow.clone()),
        (Some("throttlingException"), json!({"message": "slow down"})),
        (
            None,
            json!({"throttlingException": {"message": "slow down"}}),
        ),
    ] {
        let begun = parts().into_iter().take(3);
        let mut parts: Vec<_> = begun.map(|(event, part)| (Some(event), part)).collect();
        parts.push(error);
        let facts = streamed(&parts);
        let error = facts.error.expect("an error");
        assert_eq!(error.error_type.as_deref(), Some("throttlingException"));
        assert_eq!(error.message.as_deref(), Some("slow down"));
        assert_eq!(facts.finish_reasons[0].raw, "error");
    }
}

#[test]
fn a_request_says_its_parameters_and_its_path_the_model() {
    let body = json!({
        "messages": [{"role": "user", "content": [{"text": "Hi"},
            {"image": {"format": "png", "source": {"bytes": "AA=="}}}, {"cachePoint": {"type": "default"}},
            {"toolResult": {"toolUseId": "t1", "content": [{"json": {"a": 1}}]}}]}],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 10, "temperature": 0.8, "topP": 1, "stopSequences": ["|"]},
        "additionalModelRequestFields": {"top_k": 7, "output_config": {"effort": "low"}},
        "toolConfig": {"tools": [{"toolSpec": {"name": "read", "inputSchema": {"json": {"type": "object"}}}},
            {"systemTool": {"name": "code"}}, {"cachePoint": {"type": "default"}}]},
    });
    let url = format!("{URL}-stream");
    let origin = Origin::default().url(&url).content(true);
    let facts = provider::request(&body, &origin).expect("a request");
    assert_eq!(facts.operation, Some("chat"));
    assert_eq!(facts.model.as_deref(), Some("us.a:0"));
    assert_eq!((facts.max_tokens, facts.top_k), (Some(10), Some(7)));
    assert_eq!((facts.temperature, facts.top_p), (Some(0.8), Some(1.0)));
    assert_eq!(facts.stop_sequences, Some(vec!["|".to_owned()]));
    assert_eq!((facts.stream, facts.message_count), (Some(true), Some(1)));
    assert_eq!(facts.reasoning_level.as_deref(), Some("low"));
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
            {"type": "tool_call_response", "id": "t1", "response": [{"json": {"a": 1}}]},
        ]}]))
    );
    assert_eq!(
        content.tools,
        Some(
            json!([{"type": "function", "name": "read", "parameters": {"type": "object"}},
            {"type": "systemTool", "name": "code"}])
        )
    );
}

#[test]
fn what_nova_cached_is_part_of_the_input() {
    let usage = |read: u64, write: u64| {
        let mut body = body();
        body["usage"] = json!({"inputTokens": 3, "outputTokens": 9,
            "cacheReadInputTokenCount": read, "cacheWriteInputTokenCount": write});
        provider::response(&body, &Origin::default())
            .expect("a response")
            .usage
    };
    let cached = usage(70, 0);
    assert_eq!(
        (cached.input, cached.cache_read, cached.cache_write),
        (Some(73), Some(70), None)
    );
    assert_eq!(usage(0, 20).input, Some(23));
    let plain = usage(0, 0);
    assert_eq!(
        (plain.input, plain.cache_read, plain.cache_write),
        (Some(3), None, None)
    );
}
