use serde_json::{Value as Json, json};

use crate::provider::{self, ChatFacts, Origin, StreamReader};

fn body() -> Json {
    json!({
        "candidates": [
            {"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
                {"text": "hm", "thought": true},
                {"text": "Hi"},
                {"functionCall": {"name": "read", "args": {"a": 1}}},
                {"executableCode": {"language": "PYTHON", "code": "1"}},
                {"inlineData": {"mimeType": "image/png", "data": "AA=="}},
            ]}},
            {"index": 1, "finishReason": "MAX_TOKENS", "content": {"role": "model"}},
        ],
        "modelVersion": "gemini-x", "responseId": "r1",
        "usageMetadata": {
            "promptTokenCount": 100, "toolUsePromptTokenCount": 20, "candidatesTokenCount": 5,
            "thoughtsTokenCount": 7, "cachedContentTokenCount": 60, "totalTokenCount": 132,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 40},
                {"modality": "AUDIO", "tokenCount": 10}, {"modality": "DOCUMENT", "tokenCount": 50}],
            "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 20}],
            "candidatesTokensDetails": [{"modality": 2, "tokenCount": 5}],
            "cacheTokensDetails": [{"modality": "VIDEO", "tokenCount": 60}],
            "serviceTier": "standard",
        },
    })
}

fn read(body: &Json, origin: Origin<'_>) -> ChatFacts {
    provider::response(body, &origin).expect("a response")
}

#[test]
fn thoughts_and_the_prompts_of_tools_are_added_to_the_totals() {
    let usage = read(&body(), Origin::default()).usage;
    assert_eq!((usage.input, usage.output), (Some(120), Some(12)));
    assert_eq!((usage.cache_read, usage.cache_write), (Some(60), None));
    assert_eq!(usage.reasoning, Some(7));
}

#[test]
fn documents_and_videos_are_in_no_class_of_the_split() {
    let usage = read(&body(), Origin::default()).usage;
    assert_eq!(
        (usage.input_by.text, usage.input_by.audio),
        (Some(60), Some(10))
    );
    assert_eq!(usage.output_by.image, Some(5));
    assert_eq!(usage.cache_read_by, Default::default());
}

#[test]
fn each_candidate_has_its_reason_and_its_message() {
    let facts = read(&body(), Origin::default().content(true));
    let reasons: Vec<_> = facts
        .finish_reasons
        .iter()
        .map(|reason| reason.normalized())
        .collect();
    assert_eq!(reasons, [Some("stop"), Some("length")]);
    assert_eq!(facts.tool_calls[0].name.as_deref(), Some("read"));
    assert_eq!(facts.id.as_deref(), Some("r1"));
    assert_eq!(facts.model.as_deref(), Some("gemini-x"));
    assert_eq!(
        facts.content.expect("content").output,
        Some(json!([
            {"role": "assistant", "finish_reason": "stop", "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "text", "content": "Hi"},
                {"type": "tool_call", "name": "read", "arguments": {"a": 1}},
                {"type": "server_tool_call", "name": "code_execution",
                    "server_tool_call": {"type": "code_execution", "language": "PYTHON", "code": "1"}},
                {"type": "blob", "mime_type": "image/png", "modality": "image", "content": "AA=="},
            ]},
            {"role": "assistant", "finish_reason": "length", "parts": []},
        ]))
    );
}

#[test]
fn a_number_for_a_reason_is_kept_as_it_is() {
    let body = json!({"candidates": [{"content": {"role": "model"}, "finishReason": 2}]});
    let facts = read(&body, Origin::default());
    assert_eq!(facts.finish_reasons[0].raw, "2");
    assert_eq!(facts.finish_reasons[0].normalized(), None);
}

#[test]
fn a_refused_prompt_has_no_reason() {
    let body = json!({"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "gemini-x",
        "usageMetadata": {"trafficType": "ON_DEMAND"}});
    let facts = read(&body, Origin::default().content(true));
    assert_eq!(facts.model.as_deref(), Some("gemini-x"));
    assert!(facts.finish_reasons.is_empty());
    assert!(facts.usage.is_empty());
    assert_eq!(facts.error, None);
    assert_eq!(facts.content, None);
}

#[test]
fn a_foreign_json_is_no_response() {
    for body in [
        json!({"candidates": []}),
        json!({"candidates": ["a", "b"]}),
        json!({"candidates": [{"name": "a"}]}),
        json!({"usageMetadata": {}}),
        json!({"promptFeedback": {}}),
        json!([]),
        json!([{"candidates": [{"content": {}}]}, 1]),
    ] {
        assert_eq!(
            provider::response(&body, &Origin::default()),
            None,
            "{body}"
        );
    }
}

#[test]
fn an_error_body_is_named_by_its_status() {
    let error = json!({"error": {"code": 404, "message": "no model", "status": "NOT_FOUND"}});
    for body in [error.clone(), json!([error])] {
        let facts = read(&body, Origin::default());
        assert!(facts.finish_reasons.is_empty(), "{body}");
        let error = facts.error.expect("an error");
        assert_eq!(error.error_type.as_deref(), Some("NOT_FOUND"));
        assert_eq!(error.message.as_deref(), Some("no model"));
    }
}

fn chunks() -> Vec<Json> {
    let chunk = |text: &str, more: Json| {
        let mut chunk = json!({"responseId": "r1", "modelVersion": "gemini-x", "candidates":
            [{"index": 0, "content": {"role": "model", "parts": [{"text": text}]}}]});
        for (key, value) in more.as_object().expect("an object") {
            chunk[key] = value.clone();
        }
        chunk
    };
    vec![
        chunk(
            "He",
            json!({"usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 1, "thoughtsTokenCount": 3}}),
        ),
        chunk(
            "llo",
            json!({"usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 4}}),
        ),
        json!({"candidates": [{"index": 0, "finishReason": "STOP", "content": {"parts": [
            {"functionCall": {"id": "c", "name": "read", "args": {}}}]}}]}),
    ]
}

fn streamed(chunks: &[Json]) -> ChatFacts {
    let mut reader = StreamReader::new(&Origin::default().content(true));
    for chunk in chunks {
        reader.part(None, chunk);
    }
    reader.facts().expect("a stream")
}

#[test]
fn the_last_usage_of_a_stream_replaces_the_others() {
    let usage = streamed(&chunks()).usage;
    assert_eq!(
        (usage.input, usage.output, usage.reasoning),
        (Some(8), Some(4), None)
    );
}

#[test]
fn the_texts_of_a_stream_are_joined() {
    let facts = streamed(&chunks());
    assert_eq!(facts.tool_calls[0].id.as_deref(), Some("c"));
    assert_eq!(
        facts.content.expect("content").output,
        Some(
            json!([{"role": "assistant", "finish_reason": "stop", "parts": [
                {"type": "text", "content": "Hello"},
                {"type": "tool_call", "id": "c", "name": "read", "arguments": {}},
            ]}])
        )
    );
}

#[test]
fn a_list_of_chunks_reads_as_their_stream() {
    let list = Json::Array(chunks());
    let facts = read(&list, Origin::default().content(true));
    assert_eq!(facts, streamed(&chunks()));
}

#[test]
fn a_stream_that_breaks_ends_in_error() {
    let facts = streamed(&chunks()[..2]);
    assert_eq!(facts.finish_reasons[0].raw, "error");
    let mut chunks = chunks();
    chunks[2] = json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}});
    let facts = streamed(&chunks);
    assert_eq!(
        facts.error.expect("an error").error_type.as_deref(),
        Some("UNAVAILABLE")
    );
    assert_eq!(facts.finish_reasons[0].raw, "error");
}

#[test]
fn a_request_says_its_parameters() {
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": "Hi"},
            {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://a"}}]},
            {"role": "model", "parts": [{"functionCall": {"name": "read", "args": {}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "read", "response": {"a": 1}}}]}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "tools": [{"functionDeclarations": [{"name": "read", "description": "d"}]}, {"googleSearch": {}}],
        "generationConfig": {"temperature": 0.2, "topP": 0.9, "topK": 2.0, "maxOutputTokens": 5,
            "stopSequences": ["x"], "presencePenalty": -1.5, "frequencyPenalty": 1.0, "seed": 7,
            "candidateCount": 2, "responseMimeType": "application/json",
            "thinkingConfig": {"thinkingLevel": "HIGH"}},
    });
    let url = "https://a.googleapis.com/v1beta/models/gemini-x:streamGenerateContent?alt=sse";
    let facts =
        provider::request(&body, &Origin::default().url(url).content(true)).expect("a request");
    assert_eq!(facts.operation, Some("generate_content"));
    assert_eq!(facts.model.as_deref(), Some("gemini-x"));
    assert_eq!(
        (facts.max_tokens, facts.top_k, facts.seed),
        (Some(5), Some(2), Some(7))
    );
    assert_eq!((facts.temperature, facts.top_p), (Some(0.2), Some(0.9)));
    assert_eq!(
        (facts.presence_penalty, facts.frequency_penalty),
        (Some(-1.5), Some(1.0))
    );
    assert_eq!((facts.choice_count, facts.stream), (Some(2), Some(true)));
    assert_eq!(facts.output_type.as_deref(), Some("json"));
    assert_eq!(facts.reasoning_level.as_deref(), Some("high"));
    assert_eq!(facts.message_count, Some(3));
    let content = facts.content.expect("content");
    assert_eq!(
        content.system,
        Some(json!([{"type": "text", "content": "Be brief."}]))
    );
    assert_eq!(
        content.input,
        Some(json!([
            {"role": "user", "parts": [{"type": "text", "content": "Hi"},
                {"type": "uri", "mime_type": "video/mp4", "modality": "video", "uri": "gs://a"}]},
            {"role": "assistant", "parts": [{"type": "tool_call", "name": "read", "arguments": {}}]},
            {"role": "user", "parts": [{"type": "tool_call_response", "response": {"a": 1}}]},
        ]))
    );
    assert_eq!(
        content.tools,
        Some(
            json!([{"type": "function", "name": "read", "description": "d"},
            {"type": "googleSearch", "name": "googleSearch"}])
        )
    );
}

#[test]
fn embeddings_count_their_input_alone() {
    let body = json!({"embeddings": [{"values": [0.1]}], "usageMetadata": {"promptTokenCount": 7}});
    let usage = read(&body, Origin::default()).usage;
    assert_eq!((usage.input, usage.output), (Some(7), None));
    let body = json!({"predictions": [
        {"embeddings": {"values": [0.1], "statistics": {"token_count": 4.0}}},
        {"embeddings": {"values": [0.1], "statistics": {"token_count": 3}}}]});
    assert_eq!(read(&body, Origin::default()).usage.input, Some(7));
}

#[test]
fn a_request_for_embeddings_says_how_many_and_how_long() {
    let body = json!({"requests": [
        {"model": "models/e", "content": {"parts": [{"text": "a"}]}, "outputDimensionality": 64},
        {"model": "models/e", "content": {"parts": [{"text": "b"}]}}]});
    let facts = provider::request(&body, &Origin::default()).expect("a request");
    assert_eq!(facts.operation, Some("embeddings"));
    assert_eq!(facts.model.as_deref(), Some("e"));
    assert_eq!(
        (facts.dimension_count, facts.message_count),
        (Some(64), Some(2))
    );
}
