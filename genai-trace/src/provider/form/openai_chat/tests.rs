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

fn output(facts: ChatFacts) -> Value {
    facts.content.unwrap().output.unwrap()
}

#[test]
fn a_response_says_its_choices_in_the_order_of_their_indexes() {
    let facts = facts(&json!({
        "id": "c-1", "model": "m", "object": "chat.completion", "system_fingerprint": "f", "service_tier": "default",
        "choices": [
            {"index": 1, "finish_reason": "length", "message": {"role": "assistant", "content": "b"}},
            {"index": 0, "finish_reason": "tool_calls", "message": {
                "role": "assistant", "content": null, "reasoning_content": "Hm.",
                "tool_calls": [{"id": "t-1", "type": "function", "function": {"name": "look", "arguments": "{\"a\":1}"}}],
            }},
        ],
    }));
    assert_eq!(raw(&facts), ["tool_calls", "length"]);
    assert_eq!(facts.tool_calls[0].name.as_deref(), Some("look"));
    assert_eq!(facts.system_fingerprint.as_deref(), Some("f"));
    assert_eq!(facts.service_tier.as_deref(), Some("default"));
    assert!(facts.usage.is_empty());
    assert_eq!(
        output(facts),
        json!([
            {"role": "assistant", "finish_reason": "tool_call", "parts": [
                {"type": "reasoning", "content": "Hm."},
                {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
            ]},
            {"role": "assistant", "finish_reason": "length", "parts": [{"type": "text", "content": "b"}]},
        ])
    );
}

#[test]
fn messages_are_left_out_unless_they_are_asked_for() {
    let body = json!({"choices": [{"message": {"role": "assistant", "content": "b"}}]});
    assert_eq!(response(&body, &Origin::default()).unwrap().content, None);
}

#[test]
fn what_is_empty_or_of_another_type_is_not_said() {
    let facts = facts(&json!({
        "id": "", "model": 7, "system_fingerprint": null, "service_tier": [], "usage": "none",
        "choices": [{"index": "x", "finish_reason": null, "message": {"content": 5, "tool_calls": {}}}],
    }));
    assert_eq!((facts.id, facts.model), (None, None));
    assert_eq!((facts.system_fingerprint, facts.service_tier), (None, None));
    assert!(facts.finish_reasons.is_empty());
    assert!(facts.usage.is_empty());
}

#[test]
fn foreign_choices_are_nobodys() {
    for body in [
        json!({"choices": ["a", "b"]}),
        json!({"choices": []}),
        json!({"choices": [{"label": "a"}]}),
        json!({"choices": {"message": {}}}),
        json!({"id": 1}),
        json!(["choices"]),
        json!(null),
        json!("choices"),
    ] {
        assert_eq!(response(&body, &Origin::default()), None, "{body}");
        let mut stream = StreamReader::new(&Origin::default());
        stream.part(None, &body);
        assert_eq!(stream.facts(), None, "{body}");
    }
}

#[test]
fn an_error_of_a_choice_is_that_of_the_response() {
    let facts = facts(&json!({
        "choices": [{"finish_reason": "error", "message": {"content": ""}, "error": {"code": 502, "message": "upstream"}}],
    }));
    assert_eq!(facts.error.unwrap().error_type.as_deref(), Some("502"));
}

#[test]
fn audio_images_and_refusals_are_parts() {
    let parts = output(facts(&json!({"choices": [{"message": {
        "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Hi"}],
        "refusal": "No.", "audio": {"data": "AA", "transcript": "Hi"},
        "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,BB"}}],
    }}]})));
    assert_eq!(
        parts[0]["parts"],
        json!([
            {"type": "reasoning", "content": "Hm."},
            {"type": "text", "content": "Hi"},
            {"type": "refusal", "content": "No."},
            {"type": "blob", "modality": "audio", "content": "AA"},
            {"type": "text", "content": "Hi"},
            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "BB"},
        ])
    );
}

fn asked(body: &Value) -> RequestFacts {
    request(body, &Origin::default().content(true)).unwrap()
}

#[test]
fn a_request_says_its_parameters() {
    let facts = asked(&json!({
        "model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_completion_tokens": 9, "max_tokens": 8,
        "temperature": 0.5, "top_p": 0.9, "frequency_penalty": 0.1, "presence_penalty": 0.2, "seed": -7, "n": 2,
        "stop": ["x", "y"], "stream": true, "reasoning_effort": "low", "service_tier": "flex",
        "response_format": {"type": "json_schema", "json_schema": {}},
    }));
    assert_eq!(
        (facts.operation, facts.model.as_deref()),
        (Some("chat"), Some("m"))
    );
    assert_eq!(
        (facts.max_tokens, facts.seed, facts.choice_count),
        (Some(9), Some(-7), Some(2))
    );
    assert_eq!((facts.temperature, facts.top_p), (Some(0.5), Some(0.9)));
    assert_eq!(
        (facts.frequency_penalty, facts.presence_penalty),
        (Some(0.1), Some(0.2))
    );
    assert_eq!(
        facts.stop_sequences,
        Some(vec!["x".to_owned(), "y".to_owned()])
    );
    assert_eq!((facts.stream, facts.message_count), (Some(true), Some(1)));
    assert_eq!(facts.reasoning_level.as_deref(), Some("low"));
    assert_eq!(facts.output_type.as_deref(), Some("json"));
    assert_eq!(facts.service_tier.as_deref(), Some("flex"));
}

#[test]
fn what_a_request_leaves_to_the_provider_is_not_said() {
    let facts = asked(
        &json!({"model": "m", "n": 1, "stream": false, "service_tier": "auto", "stop": null, "temperature": "hot"}),
    );
    assert_eq!((facts.choice_count, facts.stream), (None, None));
    assert_eq!((facts.service_tier, facts.stop_sequences), (None, None));
    assert_eq!((facts.temperature, facts.message_count), (None, None));
}

#[test]
fn the_messages_of_a_request_are_those_of_the_conventions() {
    let facts = asked(&json!({
        "model": "m",
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "name": "ann", "content": [
                {"type": "text", "text": "See:"},
                {"type": "image_url", "image_url": {"url": "https://host/a.png"}},
                {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
                {"type": "file", "file": {"file_id": "f-1"}},
            ]},
            {"role": "assistant", "tool_calls": [{"id": "t-1", "function": {"name": "look", "arguments": "{"}}]},
            {"role": "tool", "tool_call_id": "t-1", "content": "done"},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}}],
    }));
    let content = facts.content.unwrap();
    assert_eq!(
        content.input.unwrap(),
        json!([
            {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
            {"role": "user", "name": "ann", "parts": [
                {"type": "text", "content": "See:"},
                {"type": "uri", "modality": "image", "uri": "https://host/a.png"},
                {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "AA"},
                {"type": "file", "modality": "document", "file_id": "f-1"},
            ]},
            {"role": "assistant", "parts": [{"type": "tool_call", "id": "t-1", "name": "look", "arguments": "{"}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "t-1", "response": "done"}]},
        ])
    );
    assert_eq!(
        content.tools.unwrap(),
        json!([{"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}}])
    );
}

/// A chunk with one choice.
fn chunk(index: u64, delta: Value, reason: Value) -> Value {
    json!({"id": "c-1", "model": "m", "object": "chat.completion.chunk",
           "choices": [{"index": index, "delta": delta, "finish_reason": reason}]})
}

fn streamed(chunks: &[Value]) -> ChatFacts {
    let mut stream = StreamReader::new(&Origin::default().content(true));
    for chunk in chunks {
        stream.part(None, chunk);
    }
    stream.facts().unwrap()
}

#[test]
fn the_chunks_of_each_choice_are_one_message() {
    let facts = streamed(&[
        chunk(1, json!({"role": "assistant", "content": "B"}), json!(null)),
        chunk(0, json!({"reasoning": "Hm."}), json!(null)),
        chunk(0, json!({"content": "A"}), json!(null)),
        chunk(1, json!({"content": "b"}), json!("length")),
        chunk(0, json!({"content": "a"}), json!("stop")),
    ]);
    assert_eq!(raw(&facts), ["stop", "length"]);
    assert_eq!(
        output(facts),
        json!([
            {"role": "assistant", "finish_reason": "stop", "parts": [
                {"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "Aa"},
            ]},
            {"role": "assistant", "finish_reason": "length", "parts": [{"type": "text", "content": "Bb"}]},
        ])
    );
}

#[test]
fn the_last_usage_of_a_stream_is_the_usage() {
    let mut first = chunk(0, json!({"content": "A"}), json!(null));
    first["usage"] = json!({"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 2}});
    let mut last = chunk(0, json!({}), json!("stop"));
    last["x_groq"] = json!({"usage": {"prompt_tokens": 5, "completion_tokens": 3}});
    let facts = streamed(&[first.clone(), last]);
    assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(3)));
    assert_eq!(facts.usage.cache_read, None);
    let mut null = chunk(0, json!({}), json!("stop"));
    null["usage"] = json!(null);
    assert_eq!(streamed(&[first, null]).usage.output, Some(1));
}

#[test]
fn a_stream_may_begin_and_end_without_choices() {
    let facts = streamed(&[
        json!({"id": "", "model": "", "object": "", "choices": [], "prompt_filter_results": []}),
        chunk(0, json!({"content": "A"}), json!("stop")),
        json!({"id": "c-1", "object": "chat.completion.chunk", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 3}}),
    ]);
    assert_eq!(
        (facts.id.as_deref(), facts.model.as_deref()),
        (Some("c-1"), Some("m"))
    );
    assert_eq!(facts.usage.output, Some(3));
    assert_eq!(raw(&facts), ["stop"]);
}

#[test]
fn a_choice_that_breaks_off_has_an_error_in_its_place() {
    let facts = streamed(&[
        chunk(0, json!({"content": "A"}), json!(null)),
        chunk(1, json!({"content": "B"}), json!("stop")),
    ]);
    assert_eq!(raw(&facts), ["error", "stop"]);
}

#[test]
fn an_error_in_a_stream_is_one() {
    let mut failed = chunk(0, json!({"content": ""}), json!("error"));
    failed["error"] = json!({"code": "server_error", "message": "upstream"});
    let facts = streamed(&[chunk(0, json!({"content": "A"}), json!(null)), failed]);
    assert_eq!(
        facts.error.unwrap().error_type.as_deref(),
        Some("server_error")
    );
}

fn call(index: Value, id: Value, name: Value, arguments: &str) -> Value {
    let mut call = json!({"type": "function", "function": {"arguments": arguments}});
    call["index"] = index;
    call["id"] = id;
    call["function"]["name"] = name;
    chunk(0, json!({"tool_calls": [call]}), json!(null))
}

fn calls(chunks: &[Value]) -> Value {
    output(streamed(chunks))[0]["parts"].clone()
}

#[test]
fn the_pieces_of_a_call_are_joined_by_its_index() {
    let parts = calls(&[
        call(json!(0), json!("t-1"), json!("look"), ""),
        call(json!(1), json!("t-2"), json!("find"), ""),
        call(json!(0), json!(null), json!(null), "{\"a\""),
        call(json!(1), json!(null), json!(null), "{}"),
        call(json!(0), json!(""), json!(null), ":1}"),
    ]);
    assert_eq!(
        parts,
        json!([
            {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
            {"type": "tool_call", "id": "t-2", "name": "find", "arguments": {}},
        ])
    );
}

#[test]
fn calls_without_an_index_or_all_with_the_same_are_told_apart() {
    let expected = json!([
        {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
        {"type": "tool_call", "id": "t-2", "name": "look", "arguments": {}},
    ]);
    for index in [json!(0), json!(null)] {
        let parts = calls(&[
            call(index.clone(), json!("t-1"), json!("look"), "{\"a\":1}"),
            call(index, json!("t-2"), json!("look"), "{}"),
        ]);
        assert_eq!(parts, expected);
    }
    let nameless = calls(&[
        call(json!(null), json!(null), json!("look"), "{\"a\":"),
        call(json!(null), json!(null), json!(null), "1}"),
        call(json!(null), json!(null), json!("find"), "{}"),
    ]);
    assert_eq!(
        nameless,
        json!([
            {"type": "tool_call", "name": "look", "arguments": {"a": 1}},
            {"type": "tool_call", "name": "find", "arguments": {}},
        ])
    );
}

#[test]
fn a_choice_may_call_its_reason_a_stop_reason() {
    let body =
        json!({"choices": [{"index": 0, "message": {"content": "Hi"}, "stop_reason": "length"}]});
    assert_eq!(raw(&facts(&body)), ["length"]);
    // Where there is a reason, the other one is what stopped it.
    let body = json!({"choices": [{"message": {}, "finish_reason": null, "stop_reason": "END"}]});
    assert_eq!(raw(&facts(&body)), [""; 0]);
}

#[test]
fn an_empty_usage_takes_nothing_back() {
    let mut first = chunk(0, json!({"content": "a"}), json!("stop"));
    first["usage"] = json!({"prompt_tokens": 5, "completion_tokens": 2});
    let facts = streamed(&[first, json!({"choices": [], "usage": {}})]);
    assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(2)));
}

#[test]
fn calls_without_end_are_told_apart_up_to_a_number() {
    let call =
        |index: u64| json!({"index": index, "id": index.to_string(), "function": {"name": "f"}});
    let all: Vec<Value> = (0..5_000).map(call).collect();
    let facts = streamed(&[chunk(0, json!({"tool_calls": all}), json!("tool_calls"))]);
    assert_eq!(facts.tool_calls.len(), 1024);
    assert_eq!(facts.tool_calls[1023].id.as_deref(), Some("1023"));
}

#[test]
fn the_usage_of_a_stream_may_stand_in_its_choice() {
    let mut last = chunk(0, json!({}), json!("stop"));
    last["choices"][0]["usage"] =
        json!({"prompt_tokens": 5, "completion_tokens": 2, "cached_tokens": 1});
    let usage = streamed(&[last]).usage;
    assert_eq!(
        (usage.input, usage.output, usage.cache_read),
        (Some(5), Some(2), Some(1))
    );
}

#[test]
fn what_bedrock_counts_counts_where_the_model_says_nothing() {
    let mut stream = StreamReader::new(&Origin::default().provider("aws.bedrock"));
    for more in [
        json!({}),
        json!({"amazon-bedrock-invocationMetrics": {"inputTokenCount": 7, "outputTokenCount": 9}}),
    ] {
        let mut chunk = json!({"id": "c-1", "choices": [{"index": 0, "delta": {"content": "Hi"}}]});
        let members = chunk.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        stream.part(Some("chunk"), &chunk);
    }
    let usage = stream.facts().unwrap().usage;
    assert_eq!((usage.input, usage.output), (Some(7), Some(9)));
}
