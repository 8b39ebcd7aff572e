//! How spans are spelt for those who read older names.

use std::fs;

use genai_trace::content::ContentMode;
use genai_trace::{Event, Profile, SpanReader, genai_chat, genai_tool};
use genai_trace_tests::{Recorded, recorded_as};
use serde_json::{Value, json};

#[genai_chat(provider = "azure.ai.openai", request = body)]
fn chat(body: &Value) -> Value {
    json!({
        "id": "c-2", "object": "chat.completion", "model": "gpt-4o", "system_fingerprint": "fp_1",
        "choices": [{
            "index": 0, "finish_reason": "tool_calls",
            "message": {"role": "assistant", "content": null, "tool_calls": [
                {"id": "call_2", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Rome\"}"}}
            ]},
        }],
        "usage": {"prompt_tokens": 40, "completion_tokens": 9, "total_tokens": 49},
    })
}

#[genai_tool(args)]
fn weather(city: &str) {}

fn talk() {
    chat(&json!({"model": "gpt-4o", "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "the weather in Oslo, then in Rome?"},
        {"role": "assistant", "content": "first Oslo", "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}}
        ]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ]}));
    weather("Rome");
}

fn spelt(profile: Profile) -> Recorded {
    recorded_as(
        |it| it.content(ContentMode::SpanOnly).profile("memory", profile),
        |_| talk(),
    )
}

#[test]
fn before_messages_were_attributes_each_was_an_event() {
    // Not held against the conventions of today.
    let recorded = genai_trace_tests::recorded_unchecked_as(
        |it| {
            it.content(ContentMode::SpanOnly)
                .profile("memory", Profile::GenAi1_36)
        },
        |_| talk(),
    );
    let chat = recorded.span("chat gpt-4o");
    let said: Vec<Value> = chat.events.iter().map(read).collect();
    let call = |id: &str, city: &str| {
        let arguments = format!("{{\"city\":\"{city}\"}}");
        json!({"id": id, "type": "function", "function": {"name": "weather", "arguments": arguments}})
    };
    let system = "azure.ai.openai";
    assert_eq!(
        said,
        [
            json!({"gen_ai.system.message": {"gen_ai.system": system, "role": "system", "content": "be brief"}}),
            json!({"gen_ai.user.message": {
                "gen_ai.system": system, "role": "user", "content": "the weather in Oslo, then in Rome?",
            }}),
            json!({"gen_ai.assistant.message": {
                "gen_ai.system": system, "role": "assistant", "content": "first Oslo",
                "tool_calls": [call("call_1", "Oslo")],
            }}),
            json!({"gen_ai.tool.message": {"gen_ai.system": system, "id": "call_1", "content": "rain"}}),
            json!({"gen_ai.choice": {
                "gen_ai.system": system, "index": 0, "finish_reason": "tool_calls",
                "message": {"role": "assistant", "tool_calls": [call("call_2", "Rome")]},
            }}),
        ]
    );
    assert_eq!(chat.events[0].time_unix_nano, chat.start_unix_nano);
    assert_eq!(chat.events[4].time_unix_nano, chat.end_unix_nano);
    for key in [
        "gen_ai.provider.name",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
    ] {
        assert_eq!(chat.attributes.get(key), None, "{key}");
    }
    assert_eq!(
        chat.attributes
            .str("gen_ai.openai.response.system_fingerprint"),
        Some("fp_1")
    );
    // What had no other name keeps the one it has.
    assert_eq!(chat.attributes.int("gen_ai.usage.input_tokens"), Some(40));
    let tool = recorded.span("execute_tool weather");
    assert_eq!(
        tool.attributes.str("gen_ai.tool.call.arguments"),
        Some("{\"city\":\"Rome\"}")
    );
}

/// An event, with what has structure read.
fn read(event: &Event) -> Value {
    let facts = event.attributes.iter().map(|(key, value)| {
        let value = match serde_json::to_value(value).unwrap() {
            Value::String(text) if text.starts_with(['[', '{']) => {
                serde_json::from_str(&text).unwrap()
            }
            other => other,
        };
        (key.to_owned(), value)
    });
    let facts: serde_json::Map<String, Value> = facts.collect();
    json!({ event.name.as_str(): facts })
}

#[test]
fn the_newest_names_are_those_that_were_recorded() {
    let recorded = spelt(Profile::Latest);
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(
        chat.attributes.str("gen_ai.provider.name"),
        Some("azure.ai.openai")
    );
    assert!(chat.events.is_empty());
}

#[test]
fn each_exporter_has_its_own_spelling() {
    let path =
        std::env::temp_dir().join(format!("genai-trace-profiles-{}.jsonl", std::process::id()));
    let recorded = recorded_as(
        |it| {
            it.content(ContentMode::SpanOnly)
                .jsonl(&path)
                .profile("jsonl", Profile::GenAi1_36)
        },
        |_| talk(),
    );
    let lines: Vec<_> = SpanReader::open(&path)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    fs::remove_file(&path).unwrap();
    assert_eq!(lines.len(), 2);
    let names: Vec<_> = lines[0]
        .events
        .iter()
        .map(|event| event.name.as_str())
        .collect();
    assert_eq!(names.len(), 5);
    assert_eq!(names[1], "gen_ai.user.message");
    assert!(recorded.span("chat gpt-4o").events.is_empty());
}

#[test]
fn content_that_is_only_a_hash_stays_where_it_is() {
    let recorded = genai_trace_tests::recorded_unchecked_as(
        |it| {
            let limits = genai_trace::content::ContentLimits::default().hash_above(10);
            it.content(ContentMode::SpanOnly)
                .content_limits(limits)
                .profile("memory", Profile::GenAi1_36)
        },
        |_| talk(),
    );
    let chat = recorded.span("chat gpt-4o");
    assert!(chat.events.is_empty());
    assert!(
        chat.attributes
            .str("gen_ai.input.messages")
            .unwrap()
            .contains("sha256")
    );
}

#[test]
fn a_profile_of_no_exporter_is_refused() {
    let refused = genai_trace::Telemetry::builder()
        .exporter_as("archive", genai_trace::MemoryExporter::new())
        .profile("jsonl", Profile::GenAi1_36)
        .install();
    assert_eq!(
        refused.unwrap_err().to_string(),
        "profile(jsonl=gen_ai_1_36): expected the name of an exporter: archive"
    );
}
