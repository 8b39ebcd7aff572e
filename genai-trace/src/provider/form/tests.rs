use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::provider::{Origin, StreamReader, request, response};

#[test]
fn a_form_that_one_provider_has_tells_that_it_is_him() {
    let converse = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
        "stopReason": "end_turn", "usage": {"inputTokens": 1, "outputTokens": 2},
    });
    let message = |id: &str, model: &str| json!({"type": "message", "role": "assistant", "content": [], "id": id, "model": model});
    let gemini =
        |usage: Json| json!({"candidates": [{"finishReason": "STOP"}], "usageMetadata": usage});
    for (body, provider) in [
        (converse, Some("aws.bedrock")),
        (
            json!({"generation": "Hi", "generation_token_count": 1}),
            Some("aws.bedrock"),
        ),
        (message("msg_01", "claude-opus-5"), Some("anthropic")),
        (message("msg_bdrk_01", "claude-opus-5"), Some("aws.bedrock")),
        (
            message("msg_vrtx_01", "claude-opus-5"),
            Some("gcp.vertex_ai"),
        ),
        // Others speak this form as well.
        (message("msg_01", "qwen3"), None),
        (message("gen-1", "claude-opus-5"), None),
        (gemini(json!({"promptTokenCount": 1})), Some("gcp.gen_ai")),
        (
            gemini(json!({"trafficType": "ON_DEMAND"})),
            Some("gcp.vertex_ai"),
        ),
        (
            json!({"model": "m", "done": true, "response": "Hi"}),
            Some("ollama"),
        ),
        (
            json!({"id": "c", "finish_reason": "COMPLETE", "message": {"role": "assistant"}, "usage": {"billed_units": {}}}),
            Some("cohere"),
        ),
        // As Bedrock gives it.
        (
            json!({"generation_id": "g", "text": "Hi", "finish_reason": "COMPLETE"}),
            None,
        ),
        (
            json!({"outputs": [{"text": "Hi", "stop_reason": "stop"}]}),
            Some("aws.bedrock"),
        ),
        (
            json!({"completion": "Hi", "stop_reason": "stop_sequence", "stop": "x"}),
            None,
        ),
    ] {
        let facts = response(&body, &Origin::default()).expect("a response");
        assert_eq!(facts.provider.as_deref(), provider, "{body}");
    }
}

#[test]
fn a_request_tells_the_provider_where_no_other_takes_it() {
    let claude = |version: Json| json!({"model": "claude-opus-5", "max_tokens": 9, "anthropic_version": version, "messages": [], "system": "x"});
    for (body, provider) in [
        (claude(json!(null)), Some("anthropic")),
        (claude(json!("bedrock-2023-05-31")), Some("aws.bedrock")),
        (claude(json!("vertex-2023-10-16")), Some("gcp.vertex_ai")),
        (
            json!({"model": "grok-4", "messages": [{"role": "ROLE_USER"}]}),
            Some("x_ai"),
        ),
        (
            json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}),
            None,
        ),
    ] {
        let facts = request(&body, &Origin::default()).expect("a request");
        assert_eq!(facts.provider.as_deref(), provider, "{body}");
    }
    let url = "https://api.deepseek.com/chat/completions";
    let body = json!({"model": "m", "messages": []});
    let facts = request(&body, &Origin::default().url(url)).expect("a request");
    assert_eq!(facts.provider.as_deref(), Some("deepseek"));
}

#[test]
fn the_first_part_of_a_stream_tells_the_provider() {
    let mut stream = StreamReader::new(&Origin::default());
    stream.part(None, &json!({"type": "ping"}));
    stream.part(None, &json!({"type": "message_start", "message": {"id": "msg_01", "model": "claude-x", "role": "assistant"}}));
    stream.part(
        None,
        &json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
    );
    let facts = stream.facts().expect("facts");
    assert_eq!(facts.provider.as_deref(), Some("anthropic"));
}

/// What each recorded exchange tells of its provider by itself is right, or nothing.
#[test]
fn no_recorded_exchange_is_taken_for_that_of_another_provider() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let Ok(manifest) = fs::read_to_string(corpus.join("manifest.json")) else {
        println!("skipped: no corpus");
        return;
    };
    let manifest: Vec<Json> = serde_json::from_str(&manifest).expect("a manifest");
    let (mut wrong, mut told) = (Vec::new(), 0);
    for file in &manifest {
        let file = file["file"].as_str().expect("a name");
        let exchange = fs::read_to_string(corpus.join(file)).expect("an exchange");
        let exchange: Json = serde_json::from_str(&exchange).expect("an exchange");
        let mut stream = StreamReader::new(&Origin::default());
        match (
            &exchange["sse"],
            &exchange["inner_events"],
            &exchange["response"],
        ) {
            (Json::String(body), _, _) => stream.bytes(body.as_bytes()),
            (_, Json::Array(parts), _) => parts.iter().for_each(|part| stream.part(None, part)),
            (_, _, body) => stream.part(None, body),
        }
        stream.end();
        let Some(said) = stream.facts().and_then(|facts| facts.provider) else {
            continue;
        };
        told += 1;
        let expected = exchange["provider"].as_str().expect("a provider");
        let is_googles = said == "gcp.gen_ai" && expected.starts_with("gcp.");
        if said != expected && !is_googles {
            wrong.push(format!("{file}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(told > manifest.len() / 3, "only {told} tell it");
}
