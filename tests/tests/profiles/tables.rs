//! What each profile makes of a run: goldens that were written by hand from what its reader reads, and what holds
//! for all of them.
//!
//! `profiles/recorded.jsonl` is the run as it is recorded. `profiles/NAME.json` says what the profile changes, and
//! where that is written: an attribute that is `null` is gone, and what is not named stays.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use genai_trace::Value::StringArray;
use genai_trace::{Attributes, Event, Profile, SpanRecord};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/profiles/goldens");
    fs::read_to_string(path.join(name)).unwrap()
}

fn recorded() -> Vec<SpanRecord> {
    let lines = file("recorded.jsonl");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A value, with JSON in a text read.
fn read(value: &genai_trace::Value) -> Value {
    match serde_json::to_value(value).unwrap() {
        Value::String(text) if text.starts_with(['[', '{']) => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        other => other,
    }
}

fn facts(attributes: &Attributes) -> Map<String, Value> {
    let all = attributes.iter();
    all.map(|(key, value)| (key.to_owned(), read(value)))
        .collect()
}

fn event(event: &Event) -> Value {
    json!({ event.name.as_str(): facts(&event.attributes) })
}

/// What the golden says of a span that was recorded.
fn expected(span: &SpanRecord, golden: &Value) -> Value {
    let mut attributes = facts(&span.attributes);
    for (key, value) in golden["changed"].as_object().unwrap() {
        match value {
            Value::Null => assert!(attributes.remove(key).is_some(), "{key} was not recorded"),
            value => _ = attributes.insert(key.clone(), value.clone()),
        }
    }
    let none = json!([]);
    json!({
        "name": golden["name"], "attributes": attributes,
        "events": golden.get("events").unwrap_or(&none),
    })
}

fn check(profile: Profile) {
    let golden: Value = serde_json::from_str(&file(&format!("{profile}.json"))).unwrap();
    let recorded = recorded();
    let goldens = golden["spans"].as_array().unwrap();
    assert_eq!(goldens.len(), recorded.len());
    for (golden, span) in goldens.iter().zip(recorded) {
        let mut spelt = span.clone();
        profile.apply(&mut spelt);
        let events: Vec<Value> = spelt.events.iter().map(event).collect();
        let is = json!({
            "name": spelt.name, "attributes": facts(&spelt.attributes), "events": events,
        });
        let expected = expected(&span, golden);
        assert_eq!(
            serde_json::to_string_pretty(&is).unwrap(),
            serde_json::to_string_pretty(&expected).unwrap(),
            "{profile}, {}",
            span.name
        );
    }
}

#[test]
fn version_1_41_has_other_names_for_what_is_cached() {
    check(Profile::GenAi1_41);
}

#[test]
fn version_1_36_has_an_event_for_each_message() {
    check(Profile::GenAi1_36);
}

#[test]
fn phoenix_gets_what_it_shows_best() {
    check(Profile::OpenInference);
}

#[test]
fn langfuse_gets_types_and_usage_in_classes_of_its_own() {
    check(Profile::Langfuse);
}

#[test]
fn mlflow_is_told_what_it_has_no_word_for() {
    check(Profile::Mlflow);
}

#[test]
fn datadog_gets_the_conventions_in_a_version_of_theirs() {
    check(Profile::Datadog);
}

#[test]
fn langsmith_gets_the_names_of_its_documentation() {
    check(Profile::LangSmith);
}

#[test]
fn the_lesson_that_writes_spans_of_its_own_is_spelt_as_it_is_there() {
    check(Profile::Seed000);
}

#[test]
fn the_workshop_has_messages_as_events() {
    check(Profile::Seed001);
}

#[test]
fn the_lesson_on_a_setup_of_ones_own_counts_tokens_under_llm() {
    check(Profile::Seed002);
}

#[test]
fn the_article_on_the_layer_has_latencies() {
    check(Profile::Seed003);
}

#[test]
fn the_page_on_instrumentation_has_parameters_beside_the_conventions() {
    check(Profile::Seed004);
}

#[test]
fn phoenix_sees_images_thoughts_and_who_spoke() {
    let mut span = recorded().remove(1);
    let messages = json!([{"role": "user", "name": "ada", "parts": [
        {"type": "text", "content": "what is it?"},
        {"type": "blob", "modality": "image", "mime_type": "image/gif", "content": "R0lGOD"},
        {"type": "uri", "modality": "image", "uri": "https://x.test/a.png"},
        {"type": "reasoning", "content": "hm"},
        {"type": "blob", "modality": "audio", "content": "UklG"},
    ]}]);
    span.attributes
        .insert("gen_ai.input.messages", messages.to_string());
    Profile::OpenInference.apply(&mut span);
    let said = |key: &str| {
        let key = format!("llm.input_messages.1.message.{key}");
        span.attributes.str(&key).map(str::to_owned)
    };
    assert_eq!(said("name").as_deref(), Some("ada"));
    let part = |index: usize, key: &str| said(&format!("contents.{index}.message_content.{key}"));
    let parts: Vec<_> = (0..5)
        .map(|index| {
            let text = part(index, "text").or(part(index, "image.image.url"));
            (part(index, "type").unwrap(), text.unwrap())
        })
        .collect();
    let parts: Vec<_> = parts
        .iter()
        .map(|(kind, text)| (kind.as_str(), text.as_str()))
        .collect();
    let audio = json!({"type": "blob", "modality": "audio", "content": "UklG"}).to_string();
    assert_eq!(
        parts,
        [
            ("text", "what is it?"),
            ("image", "data:image/gif;base64,R0lGOD"),
            ("image", "https://x.test/a.png"),
            ("reasoning", "hm"),
            ("text", audio.as_str()),
        ]
    );
}

#[test]
fn phoenix_is_told_of_formats_as_requests_have_them() {
    let mut span = recorded().remove(1);
    span.attributes.insert("gen_ai.output.type", "json");
    Profile::OpenInference.apply(&mut span);
    let parameters = span.attributes.get("llm.invocation_parameters").unwrap();
    assert_eq!(
        read(parameters)["response_format"],
        json!({"type": "json_object"})
    );
    let mut span = recorded().remove(1);
    span.attributes
        .insert("gen_ai.operation.name", "embeddings");
    span.attributes.insert(
        "gen_ai.request.encoding_formats",
        StringArray(vec!["base64".to_owned()]),
    );
    Profile::OpenInference.apply(&mut span);
    let parameters = span.attributes.get("embedding.invocation_parameters");
    assert_eq!(read(parameters.unwrap())["encoding_format"], "base64");
}

#[test]
fn mlflow_takes_an_answer_that_is_fetched_for_a_models() {
    let mut span = recorded().remove(1);
    span.attributes
        .insert("gen_ai.operation.name", "fetch_response");
    Profile::Mlflow.apply(&mut span);
    assert_eq!(span.attributes.str("mlflow.spanType"), Some("LLM"));
}

/// Texts and numbers in a value, wherever they stand in it.
fn leaves(value: &Value, leaves: &mut Vec<Value>) {
    match value {
        Value::Array(all) => all.iter().for_each(|value| self::leaves(value, leaves)),
        Value::Object(all) => all.values().for_each(|value| self::leaves(value, leaves)),
        leaf => leaves.push(leaf.clone()),
    }
}

/// Every text and number that is on `span` anywhere, and how many times.
fn said(span: &SpanRecord) -> BTreeMap<String, usize> {
    let mut all = Vec::new();
    let events = span.events.iter().map(|event| &event.attributes);
    for attributes in events.chain([&span.attributes]) {
        for (_, value) in attributes.iter() {
            leaves(&read(value), &mut all);
        }
    }
    let mut said = BTreeMap::new();
    for leaf in all {
        // A text in a text: arguments as OpenAI has them.
        let inner = leaf
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok());
        let mut inside = Vec::new();
        match inner {
            Some(inner @ (Value::Object(_) | Value::Array(_))) => leaves(&inner, &mut inside),
            _ => inside.push(leaf),
        }
        for leaf in inside {
            let leaf = match leaf.as_f64() {
                Some(number) => number.to_string(),
                None => leaf.to_string(),
            };
            *said.entry(leaf).or_default() += 1;
        }
    }
    said
}

/// Words of the form of messages, and how a version or a backend spells them.
fn is_of_the_form(leaf: &str) -> bool {
    let words = [
        "text",
        "tool_call",
        "tool_call_response",
        "tool",
        "user",
        "assistant",
        "system",
    ];
    words.iter().any(|word| leaf == format!("{word:?}"))
}

/// Attributes that mean something to some profile, and some that mean nothing to any.
fn key() -> impl Strategy<Value = String> {
    let known = [
        "gen_ai.provider.name",
        "gen_ai.system",
        "gen_ai.request.model",
        "llm.model",
        "llm.model_name",
        "gen_ai.request.temperature",
        "gen_ai.temperature",
        "gen_ai.request.top_k",
        "gen_ai.retrieval.top_k",
        "gen_ai.request.max_tokens",
        "llm.invocation_parameters",
        "gen_ai.request.stop_sequences",
        "gen_ai.conversation.id",
        "session.id",
        "user.id",
        "gen_ai.agent.name",
        "agent.name",
        "gen_ai.tool.name",
        "tool.name",
        "gen_ai.tool.call.arguments",
        "tool.arguments",
        "input.value",
        "gen_ai.tool.call.result",
        "tool.output",
        "output.value",
        "gen_ai.tool.definitions",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "llm.input_messages.0.message.role",
        "gen_ai.prompt.0.content",
        "gen_ai.retrieval.query.text",
        "gen_ai.retrieval.documents",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.reasoning.output_tokens",
        "total_tokens",
        "llm.cost.usd",
        "gen_ai.usage.cost",
        "gen_ai.prompt.name",
        "genai_trace.prompt.name",
        "prompt.key",
        "gen_ai.prompt.version",
        "genai_trace.prompt.version",
        "langfuse.observation.prompt.version",
        "genai_trace.input",
        "genai_trace.output",
        "genai_trace.result.bytes",
        "genai_trace.output.bytes",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.time_to_first_chunk",
        "latency_ms",
        "status",
        "error.type",
        "openinference.span.kind",
        "genai_trace.gate.decision",
        "genai_trace.record.kind",
    ];
    prop_oneof![
        8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => "app\\.[a-z]{1,3}",
    ]
}

fn value() -> impl Strategy<Value = genai_trace::Value> {
    // No two values are alike but by chance, so that none stands for another.
    let word = || "[a-z]{6,9}";
    let part = prop_oneof![
        word().prop_map(|said| json!({"type": "text", "content": said})),
        (word(), word()).prop_map(
            |(id, x)| json!({"type": "tool_call", "id": id, "name": "f", "arguments": {"x": x}})
        ),
        (word(), word())
            .prop_map(|(id, x)| json!({"type": "tool_call_response", "id": id, "response": x})),
        word().prop_map(|uri| json!({"type": "uri", "modality": "image", "uri": uri})),
        (word(), word())
            .prop_map(|(said, note)| json!({"type": "text", "content": said, "note": note})),
        word().prop_map(Value::from),
    ];
    let role = prop::sample::select(vec!["user", "assistant", "tool", "system"]);
    let message = prop_oneof![
        (
            role,
            prop::collection::vec(part.clone(), 0..3),
            any::<bool>()
        )
            .prop_map(|(role, parts, ends)| {
                let mut message = json!({"role": role, "parts": parts});
                if ends {
                    message["finish_reason"] = json!("stop");
                }
                message
            }),
        word().prop_map(|said| json!({"role": "user", "content": said})),
        word().prop_map(Value::from),
    ];
    prop_oneof![
        word().prop_map(Into::into),
        (1000_i64..1_000_000_000).prop_map(Into::into),
        (1.0_f64..1e6).prop_map(Into::into),
        prop::collection::vec(word(), 1..3).prop_map(genai_trace::Value::StringArray),
        prop::collection::vec(part, 1..3).prop_map(|all| json!(all).to_string().into()),
        prop::collection::vec(message, 1..4).prop_map(|all| json!(all).to_string().into()),
        (word(), word()).prop_map(
            |(id, said)| json!([{"id": id, "score": 0.25, "content": said}])
                .to_string()
                .into()
        ),
    ]
}

fn span() -> impl Strategy<Value = SpanRecord> {
    let operation = prop::sample::select(vec![
        "chat",
        "embeddings",
        "retrieval",
        "execute_tool",
        "invoke_agent",
        "invoke_workflow",
        "plan",
        "search_memory",
        "deploy",
    ]);
    let attributes = prop::collection::vec((key(), value()), 0..14);
    (operation, attributes, any::<bool>()).prop_map(|(operation, attributes, fails)| {
        let mut span = recorded().remove(if fails { 3 } else { 1 });
        span.name = format!("{operation} it");
        span.attributes = attributes.into_iter().collect();
        span.attributes.insert("gen_ai.operation.name", operation);
        span
    })
}

proptest! {
    #[test]
    fn no_profile_loses_what_an_attribute_says(span in span()) {
        for profile in Profile::ALL {
            let mut spelt = span.clone();
            profile.apply(&mut spelt);
            let after = said(&spelt);
            for (leaf, _) in said(&span) {
                let is_there = is_of_the_form(&leaf)
                    || after.contains_key(&leaf)
                    // Texts of one message are one there.
                    || after.keys().any(|said| said.contains(leaf.trim_matches('"')));
                prop_assert!(is_there, "{profile} has lost {leaf} of {span:#?}: {spelt:#?}");
            }
        }
    }

    #[test]
    fn a_profile_may_be_applied_again(span in span()) {
        for profile in Profile::ALL {
            let mut once = span.clone();
            profile.apply(&mut once);
            let mut twice = once.clone();
            profile.apply(&mut twice);
            prop_assert_eq!(&once, &twice, "{}", profile);
        }
    }

    #[test]
    fn what_no_profile_knows_stays(span in span()) {
        for profile in Profile::ALL {
            let mut spelt = span.clone();
            profile.apply(&mut spelt);
            for (key, value) in span.attributes.iter().filter(|(key, _)| key.starts_with("app.")) {
                prop_assert_eq!(spelt.attributes.get(key), Some(value), "{}", profile);
            }
        }
    }
}
