use serde_json::{Value as Json, json};

use crate::provider::{self, ChatFacts, Origin, StreamReader};

const URL: &str = "https://bedrock-runtime.us-east-1.amazonaws.com/model/x.y-v1%3A0/invoke";

/// Text, reason and counts of a response.
fn read(body: &Json) -> (Vec<String>, Option<u64>, Option<u64>) {
    let facts = provider::response(body, &Origin::default().url(URL)).expect("a response");
    let reasons = facts
        .finish_reasons
        .into_iter()
        .map(|reason| reason.raw)
        .collect();
    (reasons, facts.usage.input, facts.usage.output)
}

#[test]
fn every_family_says_its_reason_and_its_counts() {
    for (body, reason, input, output) in [
        (
            json!({"inputTextTokenCount": 6, "results":
            [{"tokenCount": 26, "outputText": "Hi", "completionReason": "FINISH"}]}),
            "FINISH",
            6,
            26,
        ),
        (
            json!({"generation": "Hi", "prompt_token_count": 8, "generation_token_count": 35,
            "stop_reason": "stop"}),
            "stop",
            8,
            35,
        ),
        (
            json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"},
            "stop_reason": "length"}], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
            "length",
            3,
            4,
        ),
        (
            json!({"id": 1, "prompt": {"text": "a", "tokens": [{}, {}]}, "completions":
            [{"data": {"text": "Hi"}, "finishReason": {"reason": "endoftext"}}]}),
            "endoftext",
            2,
            0,
        ),
    ] {
        let output = (output > 0).then_some(output);
        assert_eq!(
            read(&body),
            (vec![reason.to_owned()], Some(input), output),
            "{body}"
        );
    }
}

#[test]
fn a_whole_body_says_as_bytes_what_it_says_as_json() {
    for body in [
        json!({"inputTextTokenCount": 6, "results":
            [{"tokenCount": 26, "outputText": "Hi", "completionReason": "FINISH"}]}),
        json!({"id": "r1", "prompt": "a", "generations":
            [{"id": "g1", "text": "Hi", "finish_reason": "COMPLETE"}]}),
        json!({"id": 1, "prompt": {"text": "a", "tokens": [{}, {}]}, "completions":
            [{"data": {"text": "Hi"}, "finishReason": {"reason": "endoftext"}}]}),
        json!({"outputs": [{"text": "Hi", "stop_reason": "length"}]}),
        json!({"generation": "Hi", "prompt_token_count": 8, "generation_token_count": 35,
            "stop_reason": "stop"}),
        json!({"embedding": [0.1, 0.2], "inputTextTokenCount": 5}),
    ] {
        let origin = Origin::default().provider("aws.bedrock").content(true);
        let mut reader = StreamReader::new(&origin);
        reader.bytes(body.to_string().as_bytes());
        reader.end();
        let facts = provider::response(&body, &origin);
        assert_eq!(reader.facts(), facts, "{body}");
    }
}

#[test]
fn headers_count_where_the_body_does_not() {
    let headers = [
        ("X-Amzn-Bedrock-Input-Token-Count", "6"),
        ("x-amzn-bedrock-output-token-count", "10"),
    ];
    let origin = Origin::default().url(URL).headers(&headers);
    let body = json!({"outputs": [{"text": "Hi", "stop_reason": "length"}]});
    let usage = provider::response(&body, &origin)
        .expect("a response")
        .usage;
    assert_eq!((usage.input, usage.output), (Some(6), Some(10)));
    let body = json!({"generation": "Hi", "prompt_token_count": 8, "generation_token_count": 35});
    let usage = provider::response(&body, &origin)
        .expect("a response")
        .usage;
    assert_eq!((usage.input, usage.output), (Some(8), Some(35)));
    let headers = [
        ("x-amzn-bedrock-input-token-count", "-6"),
        ("x-amzn-bedrock-output-token-count", "1e9"),
    ];
    let origin = Origin::default().url(URL).headers(&headers);
    let body = json!({"outputs": [{"text": "Hi"}]});
    assert!(
        provider::response(&body, &origin)
            .expect("a response")
            .usage
            .is_empty()
    );
}

#[test]
fn embeddings_count_their_input_alone() {
    let body = json!({"embedding": [0.1, 0.2], "inputTextTokenCount": 5});
    assert_eq!(read(&body), (Vec::new(), Some(5), None));
}

#[test]
fn the_choices_of_a_response_are_messages() {
    let body = json!({"id": "r1", "generations": [{"text": "Hi", "finish_reason": "COMPLETE"}]});
    let origin = Origin::default().url(URL).content(true);
    let facts = provider::response(&body, &origin).expect("a response");
    assert_eq!(facts.id.as_deref(), Some("r1"));
    assert_eq!(
        facts.content.expect("content").output,
        Some(json!([{"role": "assistant", "finish_reason": "stop",
            "parts": [{"type": "text", "content": "Hi"}]}]))
    );
}

#[test]
fn a_foreign_json_is_no_response() {
    for body in [
        json!({"generation": 1}),
        json!({"results": [{"text": "a"}]}),
        json!({"completion": "a"}),
        json!({"embedding": [0.1]}),
        json!({"generations": ["a"]}),
        json!({"outputs": [{"text": "a"}]}),
    ] {
        let facts = provider::response(&body, &Origin::default());
        assert_eq!(facts, None, "{body}");
    }
}

#[test]
fn an_error_is_named_by_its_type() {
    let body = json!({"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}});
    let facts = provider::response(&body, &Origin::default()).expect("a response");
    let error = facts.error.expect("an error");
    assert_eq!(
        error.error_type.as_deref(),
        Some("UnknownOperationException")
    );
}

fn streamed(parts: &[Json]) -> ChatFacts {
    let mut reader = StreamReader::new(&Origin::default().content(true));
    for part in parts {
        reader.part(Some("chunk"), part);
    }
    reader.facts().expect("a stream")
}

#[test]
fn the_counts_of_a_stream_are_those_that_bedrock_adds() {
    let metrics = json!({"inputTokenCount": 7, "outputTokenCount": 9, "invocationLatency": 1});
    let llama = |text: &str, reason: Json| json!({"generation": text, "stop_reason": reason});
    let mut last = llama("", json!("stop"));
    last["amazon-bedrock-invocationMetrics"] = metrics;
    let facts = streamed(&[llama("He", Json::Null), llama("llo", Json::Null), last]);
    assert_eq!((facts.usage.input, facts.usage.output), (Some(7), Some(9)));
    assert_eq!(facts.finish_reasons[0].raw, "stop");
    let output = facts.content.expect("content").output.expect("output");
    assert_eq!(
        output[0]["parts"],
        json!([{"type": "text", "content": "Hello"}])
    );
}

#[test]
fn a_stream_that_breaks_ends_in_error_where_a_reason_was_to_come() {
    let facts = streamed(&[json!({"completion": "He", "stop_reason": null, "stop": null})]);
    assert_eq!(facts.finish_reasons[0].raw, "error");
    let facts = streamed(&[json!({"outputText": "He", "inputTextTokenCount": 6.0})]);
    assert!(facts.finish_reasons.is_empty() && facts.usage.is_empty());
}

#[test]
fn every_family_says_its_parameters() {
    let request =
        |body: Json| provider::request(&body, &Origin::default().url(URL)).expect("a request");
    let titan = request(json!({"inputText": "Hi", "textGenerationConfig":
        {"maxTokenCount": 100, "temperature": 0.7, "topP": 0.9, "stopSequences": ["x"]}}));
    assert_eq!(titan.operation, Some("text_completion"));
    assert_eq!(titan.model.as_deref(), Some("x.y-v1:0"));
    assert_eq!((titan.max_tokens, titan.top_p), (Some(100), Some(0.9)));
    assert_eq!(titan.stop_sequences, Some(vec!["x".to_owned()]));
    let cohere =
        request(json!({"prompt": "Hi", "max_tokens": 5, "p": 0.9, "k": 2, "num_generations": 3}));
    assert_eq!(
        (cohere.top_p, cohere.top_k, cohere.choice_count),
        (Some(0.9), Some(2), Some(3))
    );
    let llama = request(json!({"prompt": "Hi", "max_gen_len": 9}));
    assert_eq!((llama.max_tokens, llama.message_count), (Some(9), Some(1)));
    let chat = request(
        json!({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5, "stop": "x"}),
    );
    assert_eq!(chat.operation, Some("chat"));
    assert_eq!(chat.stop_sequences, Some(vec!["x".to_owned()]));
    let embeddings =
        request(json!({"inputText": "Hi", "dimensions": 256, "embeddingTypes": ["float"]}));
    assert_eq!(embeddings.operation, Some("embeddings"));
    assert_eq!(embeddings.dimension_count, Some(256));
}

#[test]
fn a_stream_in_openais_form_says_what_was_cached_and_thought() {
    let facts = streamed(&[
        json!({"id": "c-1", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}),
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        json!({
            "choices": [],
            "usage": {
                "prompt_tokens": 22, "completion_tokens": 15,
                "prompt_tokens_details": {"cached_tokens": 7, "cache_write_tokens": 3},
                "completion_tokens_details": {"reasoning_tokens": 5},
            },
            "amazon-bedrock-invocationMetrics": {"inputTokenCount": 22, "outputTokenCount": 15},
        }),
    ]);
    let usage = facts.usage;
    assert_eq!((usage.input, usage.output), (Some(22), Some(15)));
    assert_eq!((usage.cache_read, usage.cache_write), (Some(7), Some(3)));
    assert_eq!(usage.reasoning, Some(5));
}

#[test]
fn what_anthropic_gave_before_messages_has_a_name_and_a_model() {
    let part = |text, reason: Json| {
        json!({"type": "completion", "id": "compl_1", "model": "claude-2.1",
            "completion": text, "stop_reason": reason})
    };
    let mut stream = StreamReader::new(&Origin::default());
    stream.part(Some("completion"), &part("Hi", json!(null)));
    stream.part(Some("completion"), &part("", json!("stop_sequence")));
    let facts = stream.facts().expect("a stream");
    assert_eq!(facts.id.as_deref(), Some("compl_1"));
    assert_eq!(facts.model.as_deref(), Some("claude-2.1"));
    assert_eq!(facts.finish_reasons[0].normalized(), Some("stop"));
    stream.part(
        Some("error"),
        &json!({"type": "error", "error": {"type": "overloaded_error", "message": "no"}}),
    );
    let error = stream.facts().expect("a stream").error;
    assert_eq!(
        error.expect("an error").error_type.as_deref(),
        Some("overloaded_error")
    );
}

#[test]
fn a_chat_of_coheres_has_the_name_that_cohere_gives_it() {
    let body = json!({"response_id": "r/1", "generation_id": "g-1", "text": "Hi",
        "finish_reason": "COMPLETE"});
    let facts = provider::response(&body, &Origin::default().url(URL)).expect("a response");
    assert_eq!(facts.id.as_deref(), Some("g-1"));
}

#[test]
fn messages_are_as_openai_writes_them_and_tools_too() {
    let body = json!({
        "messages": [
            {"role": "assistant", "content": "", "tool_calls": [
                {"id": "c-1", "function": {"name": "look", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c-1", "content": "done"},
        ],
        "tools": [{"type": "function", "function": {"name": "look"}}],
        "response_format": {"type": "json_object"},
    });
    let origin = Origin::default().url(URL).content(true);
    let facts = provider::request(&body, &origin).expect("a request");
    assert_eq!(facts.output_type.as_deref(), Some("json"));
    let content = facts.content.expect("content");
    assert_eq!(
        content.input,
        Some(json!([
            {"role": "assistant", "parts": [
                {"type": "tool_call", "id": "c-1", "name": "look", "arguments": {}},
            ]},
            {"role": "tool", "parts": [
                {"type": "tool_call_response", "id": "c-1", "response": "done"},
            ]},
        ]))
    );
    assert_eq!(content.tools.expect("tools")[0]["name"], "look");
}

#[test]
fn a_prompt_for_anthropic_itself_has_its_model_beside_it() {
    let body = json!({"model": "claude-2", "prompt": "Hi", "max_tokens_to_sample": 9});
    let facts = provider::request(&body, &Origin::default()).expect("a request");
    assert_eq!(facts.model.as_deref(), Some("claude-2"));
    assert_eq!(facts.operation, Some("text_completion"));
}
