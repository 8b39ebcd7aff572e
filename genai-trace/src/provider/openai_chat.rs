//! The OpenAI chat-completions form, which many other providers speak too.
//!
//! Only what is said is a fact: what is absent, or has another type than the form gives it, stays unset.

use genai_trace_semconv::names as conventions;
use serde_json::Value as Json;

use crate::span::attribute_value::AttributeValue;
use crate::span::names;

/// Calls `set` with what a request's body asks for.
pub(crate) fn request(body: &Json, mut set: impl FnMut(&str, &dyn Fact)) {
    set(names::REQUEST_MODEL, &text(body.get("model")));
    let max_tokens = body.get("max_completion_tokens").or(body.get("max_tokens"));
    set(conventions::GEN_AI_REQUEST_MAX_TOKENS, &count(max_tokens));
    for (key, attribute) in [
        ("temperature", conventions::GEN_AI_REQUEST_TEMPERATURE),
        ("top_p", conventions::GEN_AI_REQUEST_TOP_P),
        (
            "frequency_penalty",
            conventions::GEN_AI_REQUEST_FREQUENCY_PENALTY,
        ),
        (
            "presence_penalty",
            conventions::GEN_AI_REQUEST_PRESENCE_PENALTY,
        ),
    ] {
        set(attribute, &body.get(key).and_then(Json::as_f64));
    }
    set(
        conventions::GEN_AI_REQUEST_SEED,
        &body.get("seed").and_then(Json::as_i64),
    );
    // The conventions want the count only where it is not one, and streaming only where it is asked for.
    let choices = count(body.get("n")).filter(|choices| *choices != 1);
    set(conventions::GEN_AI_REQUEST_CHOICE_COUNT, &choices);
    let stream = body
        .get("stream")
        .and_then(Json::as_bool)
        .filter(|stream| *stream);
    set(conventions::GEN_AI_REQUEST_STREAM, &stream);
    set(
        conventions::GEN_AI_REQUEST_STOP_SEQUENCES,
        &one_or_more(body.get("stop")),
    );
    set(
        conventions::GEN_AI_REQUEST_REASONING_LEVEL,
        &text(body.get("reasoning_effort")),
    );
    let format = text(body.pointer("/response_format/type")).map(|format| match format {
        "json_object" | "json_schema" => "json",
        other => other,
    });
    set(conventions::GEN_AI_OUTPUT_TYPE, &format);
}

/// Calls `set` with what a response says.
pub(crate) fn response(body: &Json, mut set: impl FnMut(&str, &dyn Fact)) {
    set(names::RESPONSE_ID, &text(body.get("id")));
    set(names::RESPONSE_MODEL, &text(body.get("model")));
    let reasons = body.get("choices").and_then(Json::as_array).map(|choices| {
        let reason = |choice: &Json| text(choice.get("finish_reason")).map(str::to_owned);
        choices.iter().filter_map(reason).collect::<Vec<_>>()
    });
    set(
        names::FINISH_REASONS,
        &reasons.filter(|reasons| !reasons.is_empty()),
    );
    for (pointer, attribute) in [
        ("/usage/prompt_tokens", names::INPUT_TOKENS),
        ("/usage/completion_tokens", names::OUTPUT_TOKENS),
        (
            "/usage/prompt_tokens_details/cached_tokens",
            names::CACHE_READ_TOKENS,
        ),
        (
            "/usage/completion_tokens_details/reasoning_tokens",
            names::REASONING_TOKENS,
        ),
    ] {
        set(attribute, &count(body.pointer(pointer)));
    }
}

/// What may be set: any attribute value, by reference.
pub(crate) trait Fact {
    /// Writes the value, or nothing where it was not said.
    fn write(&self, writer: &mut crate::span::value_writer::ValueWriter<'_>);
}

impl<T: AttributeValue> Fact for T {
    fn write(&self, writer: &mut crate::span::value_writer::ValueWriter<'_>) {
        AttributeValue::write(self, writer);
    }
}

fn text(json: Option<&Json>) -> Option<&str> {
    json.and_then(Json::as_str)
}

fn count(json: Option<&Json>) -> Option<u64> {
    json.and_then(Json::as_u64)
}

fn one_or_more(json: Option<&Json>) -> Option<Vec<String>> {
    match json? {
        Json::String(one) => Some(vec![one.clone()]),
        Json::Array(all) => all
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::{Attributes, Value};
    use crate::span::items::{Item, Items};

    fn said(read: impl FnOnce(&mut dyn FnMut(&str, &dyn Fact))) -> Attributes {
        let mut items = Items::default();
        read(&mut |key, fact| items.set_with(key, |writer| fact.write(writer)));
        items
            .iter()
            .filter_map(|item| match item {
                Item::Attribute(key, value) => Some((key.to_str().to_owned(), Value::from(value))),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_request_says_its_model_and_parameters() {
        let body = json!({
            "model": "gpt-4o", "max_completion_tokens": 100, "max_tokens": 7, "temperature": 0.5,
            "n": 1, "stop": "END", "stream": false, "seed": 7, "response_format": {"type": "json_schema"},
        });
        let facts = said(|set| request(&body, set));
        assert_eq!(
            serde_json::to_value(facts).unwrap(),
            json!({
                "gen_ai.request.model": "gpt-4o", "gen_ai.request.max_tokens": 100,
                "gen_ai.request.temperature": 0.5, "gen_ai.request.seed": 7,
                "gen_ai.request.stop_sequences": ["END"], "gen_ai.output.type": "json",
            })
        );
    }

    #[test]
    fn a_response_says_its_usage() {
        let body = json!({
            "id": "chatcmpl-1", "model": "gpt-4o-2024-08-06",
            "choices": [{"finish_reason": "stop"}, {"finish_reason": "length"}],
            "usage": {
                "prompt_tokens": 250, "completion_tokens": 130, "total_tokens": 380,
                "prompt_tokens_details": {"cached_tokens": 0},
            },
        });
        let facts = said(|set| response(&body, set));
        assert_eq!(
            serde_json::to_value(facts).unwrap(),
            json!({
                "gen_ai.response.id": "chatcmpl-1", "gen_ai.response.model": "gpt-4o-2024-08-06",
                "gen_ai.response.finish_reasons": ["stop", "length"],
                "gen_ai.usage.input_tokens": 250, "gen_ai.usage.output_tokens": 130,
                "gen_ai.usage.cache_read.input_tokens": 0,
            })
        );
    }

    #[test]
    fn what_is_absent_or_wrong_stays_unset() {
        for body in [
            json!(null),
            json!([1]),
            json!({"model": 3, "usage": {"prompt_tokens": -1}, "choices": {}, "stop": [1], "n": "2"}),
        ] {
            assert!(said(|set| request(&body, set)).is_empty());
            assert!(said(|set| response(&body, set)).is_empty());
        }
    }
}
