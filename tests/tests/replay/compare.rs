//! What a span says, beside what it is to say.

use genai_trace::provider::{ChatFacts, FinishReason};
use genai_trace::{SpanRecord, Status};
use serde_json::{Map, Value, json};

/// The attributes that are compared, by the names under which the corpus expects them.
const ATTRIBUTES: [(&str, &str); 8] = [
    ("response_model", "gen_ai.response.model"),
    ("response_id", "gen_ai.response.id"),
    ("finish_reasons", "gen_ai.response.finish_reasons"),
    ("input_tokens", "gen_ai.usage.input_tokens"),
    ("output_tokens", "gen_ai.usage.output_tokens"),
    (
        "cache_read_input_tokens",
        "gen_ai.usage.cache_read.input_tokens",
    ),
    (
        "cache_creation_input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
    ),
    (
        "reasoning_output_tokens",
        "gen_ai.usage.reasoning.output_tokens",
    ),
];

/// Where `span` does not say what is expected of it.
pub fn differences(span: &SpanRecord, expect: &Map<String, Value>) -> Vec<String> {
    let said = |attribute: &str| match span.attributes.get(attribute) {
        None => Value::Null,
        Some(value) => json!(value),
    };
    let mut differences = Vec::new();
    let mut compare = |what: &str, said: Value, expected: Value| {
        if said != expected {
            differences.push(format!("{what} is {said}, not {expected}"));
        }
    };
    for (key, attribute) in ATTRIBUTES {
        let expected = expect.get(key).unwrap_or(&Value::Null);
        compare(attribute, said(attribute), in_words(expected));
    }
    // They stand there only where they say more than the raw ones, and that of each.
    let normalized = expect.get("finish_reasons_normalized");
    let normalized = in_words(normalized.unwrap_or(&Value::Null));
    let own = said("genai_trace.response.finish_reasons");
    let own = match own {
        Value::Null => said("gen_ai.response.finish_reasons"),
        own => own,
    };
    compare("the normalised reasons", own, normalized);
    let error = expect.get("error_type").unwrap_or(&Value::Null);
    compare("error.type", said("error.type"), error.clone());
    let status = match error {
        Value::Null => Status::Unset,
        _ => Status::Error,
    };
    compare("the status", json!(span.status), json!(status));
    differences
}

/// Reasons that a provider gives as numbers are texts on a span.
fn in_words(expected: &Value) -> Value {
    match expected {
        Value::Array(list) => list.iter().map(in_a_word).collect(),
        other => other.clone(),
    }
}

fn in_a_word(reason: &Value) -> Value {
    match reason {
        Value::String(_) => reason.clone(),
        number => number.to_string().into(),
    }
}

/// What a span is to say where `facts` are all that is known.
pub fn expect_of(facts: &ChatFacts) -> Map<String, Value> {
    let reasons = |word: fn(&FinishReason) -> &str| {
        let reasons: Vec<&str> = facts.finish_reasons.iter().map(word).collect();
        match reasons.is_empty() {
            true => Value::Null,
            false => json!(reasons),
        }
    };
    let usage = &facts.usage;
    let mut expect = json!({
        "response_model": facts.model,
        "response_id": facts.id,
        "finish_reasons": reasons(|reason| &reason.raw),
        "finish_reasons_normalized": reasons(|reason| reason.normalized().unwrap_or(&reason.raw)),
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_write,
        "reasoning_output_tokens": usage.reasoning,
    });
    if let Some(error) = &facts.error {
        expect["error_type"] = json!(error.error_type.as_deref().unwrap_or("_OTHER"));
    }
    expect.as_object().cloned().expect("an object")
}
