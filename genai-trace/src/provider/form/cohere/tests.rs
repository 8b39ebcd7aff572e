use serde_json::{Value, json};

use crate::provider::{ChatFacts, Origin, StreamReader, request, response};

fn facts(body: &Value) -> ChatFacts {
    response(body, &Origin::default().content(true)).unwrap()
}

#[test]
fn what_was_billed_is_what_counts() {
    let facts = facts(&json!({
        "id": "c-1", "finish_reason": "TOOL_CALL",
        "message": {
            "role": "assistant", "tool_plan": "I look.",
            "tool_calls": [{"id": "t-1", "type": "function", "function": {"name": "look", "arguments": "{\"a\":1}"}}],
        },
        "usage": {
            "billed_units": {"input_tokens": 5.0, "output_tokens": 2.0},
            "tokens": {"input_tokens": 90.0, "output_tokens": 4.0}, "cached_tokens": 64.0,
        },
    }));
    assert_eq!(facts.id.as_deref(), Some("c-1"));
    assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(2)));
    assert_eq!(facts.usage.cache_read, Some(64));
    assert_eq!(facts.usage.uncached_input(), Some(0));
    assert_eq!(facts.finish_reasons[0].normalized(), Some("tool_call"));
    assert_eq!(
        facts.content.unwrap().output.unwrap(),
        json!([{"role": "assistant", "finish_reason": "tool_call", "parts": [
            {"type": "reasoning", "content": "I look."},
            {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
        ]}])
    );
}

#[test]
fn the_first_version_is_known_by_its_generation() {
    let facts = facts(&json!({
        "response_id": "r-1", "generation_id": "g-1", "text": "Hi", "finish_reason": "COMPLETE",
        "meta": {"billed_units": {"input_tokens": 5, "output_tokens": 2}},
    }));
    assert_eq!(facts.id.as_deref(), Some("g-1"));
    assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(2)));
    assert_eq!(facts.finish_reasons[0].normalized(), Some("stop"));
}

#[test]
fn embeddings_and_rankings_have_what_was_billed_for_them() {
    let meta = json!({"billed_units": {"input_tokens": 5}});
    let embedded = facts(&json!({"id": "e-1", "embeddings": {"float": [[0.5]]}, "meta": meta}));
    assert_eq!(
        (embedded.id.as_deref(), embedded.usage.input),
        (Some("e-1"), Some(5))
    );
    let ranked = facts(&json!({
        "id": "k-1", "results": [{"index": 0, "relevance_score": 0.5}], "meta": {"billed_units": {"search_units": 1}},
    }));
    assert_eq!(
        (ranked.id.as_deref(), ranked.usage.input),
        (Some("k-1"), None)
    );
}

fn events(all: &[Value]) -> ChatFacts {
    let mut stream = StreamReader::new(&Origin::default().content(true));
    for event in all {
        stream.part(None, event);
    }
    stream.facts().unwrap()
}

#[test]
fn a_stream_of_events_is_one_message() {
    let message = |kind: &str, message: Value| json!({"type": kind, "index": 0, "delta": {"message": message}});
    let mut all = vec![
        json!({"type": "message-start", "id": "c-1", "delta": {"message": {"role": "assistant"}}}),
        message("content-delta", json!({"content": {"text": "H"}})),
        message("content-delta", json!({"content": {"text": "i"}})),
        message(
            "tool-call-start",
            json!({"tool_calls": {"id": "t-1", "function": {"name": "look", "arguments": ""}}}),
        ),
        message(
            "tool-call-delta",
            json!({"tool_calls": {"function": {"arguments": "{\"a\""}}}),
        ),
        message(
            "tool-call-delta",
            json!({"tool_calls": {"function": {"arguments": ":1}"}}}),
        ),
    ];
    let broken = events(&all);
    assert_eq!(broken.finish_reasons[0].raw, "error");
    assert_eq!(broken.id.as_deref(), Some("c-1"));
    all.push(json!({"type": "message-end", "delta": {
        "finish_reason": "COMPLETE", "usage": {"billed_units": {"input_tokens": 1, "output_tokens": 2}},
    }}));
    let whole = events(&all);
    assert_eq!((whole.usage.input, whole.usage.output), (Some(1), Some(2)));
    assert_eq!(whole.tool_calls[0].name.as_deref(), Some("look"));
    assert_eq!(
        whole.content.unwrap().output.unwrap()[0]["parts"],
        json!([
            {"type": "text", "content": "Hi"},
            {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
        ])
    );
}

#[test]
fn the_last_event_of_the_first_version_has_the_response() {
    let facts = events(&[
        json!({"is_finished": false, "event_type": "stream-start", "generation_id": "g-1"}),
        json!({"is_finished": false, "event_type": "text-generation", "text": "Hi"}),
        json!({"is_finished": true, "event_type": "stream-end", "finish_reason": "MAX_TOKENS", "response": {
            "generation_id": "g-1", "text": "Hi", "meta": {"billed_units": {"input_tokens": 1, "output_tokens": 2}},
        }}),
    ]);
    assert_eq!(facts.id.as_deref(), Some("g-1"));
    assert_eq!(facts.usage.output, Some(2));
    assert_eq!(facts.finish_reasons[0].raw, "MAX_TOKENS");
    assert_eq!(
        facts.content.unwrap().output.unwrap()[0]["parts"][0]["content"],
        "Hi"
    );
}

#[test]
fn a_request_names_its_parameters_in_its_own_way() {
    let body = json!({
        "model": "m", "p": 0.5, "k": 3, "stop_sequences": ["x"],
        "messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "tool_call_id": "t-1", "content": "done"}],
    });
    let facts = request(&body, &Origin::default().content(true)).unwrap();
    assert_eq!(
        (facts.top_p, facts.top_k, facts.message_count),
        (Some(0.5), Some(3), Some(2))
    );
    assert_eq!(
        facts.content.unwrap().input.unwrap(),
        json!([
            {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "t-1", "response": "done"}]},
        ])
    );
    let body = json!({"model": "e", "texts": ["a", "b"], "input_type": "search_query", "embedding_types": ["float"]});
    let facts = request(&body, &Origin::default()).unwrap();
    assert_eq!(
        (facts.operation, facts.message_count),
        (Some("embeddings"), Some(2))
    );
    assert_eq!(facts.encoding_formats, Some(vec!["float".to_owned()]));
}

#[test]
fn a_foreign_finish_is_nobodys() {
    for body in [
        json!({"finish_reason": "x", "message": "y"}),
        json!({"finish_reason": "x", "message": {"text": "y"}}),
        json!({"results": [{"index": "a"}]}),
        json!({"embeddings": [1]}),
    ] {
        assert_eq!(response(&body, &Origin::default()), None, "{body}");
    }
}

#[test]
fn texts_that_are_generated_without_a_chat_have_a_reason_each() {
    let body = json!({
        "id": "g-1", "prompt": "Hi",
        "generations": [
            {"id": "a", "text": "x", "finish_reason": "COMPLETE"},
            {"id": "b", "text": "y", "finish_reason": "MAX_TOKENS"},
        ],
        "meta": {"billed_units": {"input_tokens": 6, "output_tokens": 9}},
    });
    let facts = response(&body, &Origin::default().content(true)).unwrap();
    assert_eq!(facts.id.as_deref(), Some("g-1"));
    let reasons = facts
        .finish_reasons
        .iter()
        .map(|reason| reason.normalized());
    assert!(reasons.eq([Some("stop"), Some("length")]));
    assert_eq!((facts.usage.input, facts.usage.output), (Some(6), Some(9)));
    let output = facts.content.unwrap().output.unwrap();
    assert_eq!(output[1]["parts"][0]["content"], "y");
}

#[test]
fn a_stream_without_a_chat_has_the_name_of_what_it_ends_with() {
    let facts = events(&[
        json!({"is_finished": false, "event_type": "text-generation", "text": "Hi"}),
        json!({"is_finished": true, "event_type": "stream-end", "finish_reason": "COMPLETE", "response": {
            "id": "g-1", "generations": [{"id": "o-1", "text": "Hi", "finish_reason": "COMPLETE"}],
            "meta": {"billed_units": {"input_tokens": 5, "output_tokens": 55}},
        }}),
    ]);
    assert_eq!(facts.id.as_deref(), Some("g-1"));
    assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(55)));
}

#[test]
fn a_prompt_without_a_chat_has_coheres_parameters() {
    let body = json!({"model": "m", "prompt": "Hi", "p": 0.5, "k": 3, "num_generations": 2});
    let origin = Origin::default()
        .url("https://api.cohere.com/v1/generate")
        .content(true);
    let facts = request(&body, &origin).unwrap();
    assert_eq!(facts.operation, Some("text_completion"));
    assert_eq!(
        (facts.top_p, facts.top_k, facts.choice_count),
        (Some(0.5), Some(3), Some(2))
    );
    assert_eq!(
        facts.content.unwrap().input.unwrap(),
        json!([{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}])
    );
}
