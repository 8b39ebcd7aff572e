//! Events that are no part of a span leave the process by OTLP, as log records.

use std::io;

use crate::LONG;
use crate::backend::{Answer, Backend};
use crate::folder::Folder;
use genai_trace::content::ContentMode;
use genai_trace::{
    MemoryExporter, OtlpOptions, OtlpProtocol, Score, Telemetry, TraceId, genai_chat,
};
use genai_trace_tests::turn;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use serde_json::json;

fn options(backend: &Backend, folder: &Folder) -> OtlpOptions {
    OtlpOptions::default()
        .endpoint(backend.url_of("logs"))
        .spool(folder.path())
}

fn install(memory: &MemoryExporter, options: OtlpOptions) -> Telemetry {
    Telemetry::builder()
        .memory(memory)
        .content(ContentMode::EventOnly)
        .flush_timeout(LONG)
        .events_otlp_with(options)
        .install()
        .unwrap()
}

fn trace() -> TraceId {
    "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap()
}

fn score(name: &str) {
    Score::new(name, 0.5).trace(trace()).record();
}

/// The names of the scores that have arrived.
fn names(backend: &Backend) -> Vec<String> {
    let events = backend.everything().events;
    let name = |event: &LogRecord| match attribute(event, "gen_ai.evaluation.name") {
        Some(Value::StringValue(name)) => name,
        other => panic!("{other:?} is no name"),
    };
    events.iter().map(name).collect()
}

fn attribute(event: &LogRecord, key: &str) -> Option<Value> {
    let mut attributes = event.attributes.iter();
    let pair = attributes.find(|pair| pair.key == key)?;
    pair.value.clone()?.value
}

fn member(value: &Value, key: &str) -> Option<Value> {
    let Value::KvlistValue(list) = value else {
        panic!("{value:?} is no object");
    };
    let mut members = list.values.iter();
    let pair = members.find(|pair| pair.key == key)?;
    pair.value.clone()?.value
}

fn first(value: &Value) -> Value {
    let Value::ArrayValue(array) = value else {
        panic!("{value:?} is no array");
    };
    array.values[0].value.clone().unwrap()
}

#[genai_chat(provider = "openai", request = body)]
fn chat(body: &serde_json::Value) -> io::Result<serde_json::Value> {
    Ok(json!({
        "id": "c-1", "object": "chat.completion", "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8},
    }))
}

#[test]
fn the_details_of_a_call_arrive_with_their_structure_over_each_protocol() {
    let _turn = turn();
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::HttpJson] {
        let (backend, folder) = (Backend::new(), Folder::new("otlp-events"));
        let memory = MemoryExporter::new();
        let telemetry = install(&memory, options(&backend, &folder).protocol(protocol));
        let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]});
        chat(&body).unwrap();
        assert!(telemetry.shutdown(LONG).complete);

        let events = backend.everything().events;
        let [event] = events.as_slice() else {
            panic!("{events:?} is not one event");
        };
        let span = &memory.spans()[0];
        assert_eq!(
            event.event_name,
            "gen_ai.client.inference.operation.details"
        );
        assert_eq!(event.trace_id, span.trace_id.to_bytes());
        assert_eq!(event.span_id, span.span_id.to_bytes());
        assert!((span.start_unix_nano..=span.end_unix_nano).contains(&event.time_unix_nano));
        let messages = attribute(event, "gen_ai.input.messages").unwrap();
        let part = first(&member(&first(&messages), "parts").unwrap());
        let text = |text: &str| Some(Value::StringValue(text.to_owned()));
        assert_eq!(member(&part, "content"), text("hi"));
        let tokens = attribute(event, "gen_ai.usage.input_tokens");
        assert_eq!(tokens, Some(Value::IntValue(7)));
        let head = &backend.seen()[0].head;
        assert!(head.starts_with("post /v1/logs http/1.1\r\n"), "{head}");
    }
}

#[test]
fn events_wait_for_a_backend_that_is_down_and_arrive_in_order_and_once() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-events-503"));
    backend.answer([503, 502].map(|status| Answer::Status(status, "")));
    let telemetry = install(&MemoryExporter::new(), options(&backend, &folder));
    score("a");
    assert!(telemetry.flush(LONG).complete);
    score("b");
    assert!(telemetry.flush(LONG).complete);
    backend.wait_for_events(2);
    drop(telemetry);
    assert_eq!(names(&backend), ["a", "b"]);
}

#[test]
fn the_next_start_sends_the_events_that_wait_on_disk_even_if_it_has_none() {
    let _turn = turn();
    let folder = Folder::new("otlp-events-next");
    let backend = Backend::new();
    let (port, options) = (backend.port(), options(&backend, &folder));
    drop(backend);
    let telemetry = install(&MemoryExporter::new(), options.clone());
    score("a");
    drop(telemetry);
    let backend = Backend::at(port);
    let telemetry = install(&MemoryExporter::new(), options);
    backend.wait_for_events(1);
    drop(telemetry);
    assert_eq!(names(&backend), ["a"]);
}

#[test]
fn what_a_backend_rejects_is_counted() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-events-partly"));
    backend.answer([Answer::Partly(2, "too old"), Answer::Status(400, "")]);
    let telemetry = install(&MemoryExporter::new(), options(&backend, &folder));
    for name in ["a", "b", "c"] {
        score(name);
    }
    assert!(telemetry.flush(LONG).complete);
    score("d");
    let report = telemetry.flush(LONG);
    assert_eq!((report.events[0].written, report.events[0].failed), (1, 3));
    assert!(
        report.has_losses()
            && report
                .to_string()
                .contains("1 events written, 0 dropped, 3 failed")
    );
    let text = telemetry.metrics_text();
    for line in [
        "genai_trace_exported_events_total{exporter=\"otlp\"} 1",
        "genai_trace_export_failed_events_total{exporter=\"otlp\"} 3",
    ] {
        assert!(
            text.lines().any(|said| said == line),
            "{line} is not in\n{text}"
        );
    }
}
