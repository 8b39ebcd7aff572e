//! A finished span as the exporters of the SDK take it: pure functions.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::opentelemetry::trace::{
    Event as TheirEvent, Link as TheirLink, SpanContext as TheirSpanContext, SpanId as TheirSpanId,
    SpanKind as TheirSpanKind, Status as TheirStatus, TraceFlags, TraceId as TheirTraceId,
    TraceState,
};
use ::opentelemetry::{Array, InstrumentationScope, Key, KeyValue, StringValue, Value as Theirs};
use genai_trace_semconv::SCHEMA_URL;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::record::{Attributes, Event, Link, Scope, SpanKind, SpanRecord, Status, Value};
use crate::span::ids::{SpanId, TraceId};

/// The W3C flags of a span that is sampled: what a record means that says nothing of them.
const SAMPLED: u8 = 1;

/// The span, with all that its record says, spelt by the conventions of this address. Whether the parent is in another process it does not say.
pub(super) fn span_data(record: &SpanRecord, schema_url: &'static str) -> SpanData {
    let dropped = record.dropped.unwrap_or_default();
    let mut events = SpanEvents::default();
    events.events = record.events.iter().map(event).collect();
    events.dropped_count = dropped.events;
    let mut links = SpanLinks::default();
    links.links = record.links.iter().map(link).collect();
    links.dropped_count = dropped.links;
    SpanData {
        span_context: span_context(
            record.trace_id,
            record.span_id,
            record.flags.unwrap_or(SAMPLED),
            record.trace_state.as_deref(),
        ),
        parent_span_id: record.parent_span_id.map_or(TheirSpanId::INVALID, |id| {
            TheirSpanId::from_bytes(id.to_bytes())
        }),
        parent_span_is_remote: false,
        span_kind: kind(record.kind),
        name: record.name.clone().into(),
        start_time: time(record.start_unix_nano),
        end_time: time(record.end_unix_nano),
        attributes: attributes(&record.attributes),
        dropped_attributes_count: dropped.attributes,
        events,
        links,
        status: status(record),
        instrumentation_scope: scope(record.scope.as_ref(), schema_url),
    }
}

/// What is known of the process, and which library says so.
pub(super) fn resource(said: &Attributes) -> Resource {
    let own = [
        ("telemetry.sdk.name", env!("CARGO_PKG_NAME")),
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    let own = own.map(|(key, value)| KeyValue::new(key, value));
    let all = own.into_iter().chain(attributes(said));
    Resource::builder_empty()
        .with_schema_url(all, SCHEMA_URL)
        .build()
}

fn span_context(
    trace_id: TraceId,
    span_id: SpanId,
    flags: u8,
    trace_state: Option<&str>,
) -> TheirSpanContext {
    let state = trace_state.map(TraceState::from_str);
    TheirSpanContext::new(
        TheirTraceId::from_bytes(trace_id.to_bytes()),
        TheirSpanId::from_bytes(span_id.to_bytes()),
        TraceFlags::new(flags),
        false,
        state.and_then(Result::ok).unwrap_or_default(),
    )
}

const fn kind(kind: SpanKind) -> TheirSpanKind {
    match kind {
        SpanKind::Internal => TheirSpanKind::Internal,
        SpanKind::Client => TheirSpanKind::Client,
        SpanKind::Server => TheirSpanKind::Server,
        SpanKind::Producer => TheirSpanKind::Producer,
        SpanKind::Consumer => TheirSpanKind::Consumer,
    }
}

fn status(record: &SpanRecord) -> TheirStatus {
    match record.status {
        Status::Unset => TheirStatus::Unset,
        Status::Ok => TheirStatus::Ok,
        Status::Error => TheirStatus::error(record.status_message.clone()),
    }
}

/// None is this library.
fn scope(said: Option<&Scope>, schema_url: &'static str) -> InstrumentationScope {
    match said {
        None => {
            let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
                .with_version(env!("CARGO_PKG_VERSION"));
            match schema_url {
                "" => scope.build(),
                url => scope.with_schema_url(url).build(),
            }
        }
        Some(Scope { name, version }) => {
            let scope = InstrumentationScope::builder(name.clone());
            match version {
                Some(version) => scope.with_version(version.clone()).build(),
                None => scope.build(),
            }
        }
    }
}

fn event(event: &Event) -> TheirEvent {
    let attributes = attributes(&event.attributes);
    TheirEvent::new(
        event.name.clone(),
        time(event.time_unix_nano),
        attributes,
        0,
    )
}

fn link(link: &Link) -> TheirLink {
    // Whether the other span was sampled is not known.
    let state = link.trace_state.as_deref();
    let to = span_context(link.trace_id, link.span_id, 0, state);
    TheirLink::new(to, attributes(&link.attributes), 0)
}

fn time(unix_nano: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(unix_nano)
}

fn attributes(attributes: &Attributes) -> Vec<KeyValue> {
    let pairs = attributes.iter();
    pairs
        .map(|(key, said)| KeyValue::new(Key::from(key.to_owned()), value(said)))
        .collect()
}

fn value(value: &Value) -> Theirs {
    match value {
        Value::String(text) => Theirs::String(text.clone().into()),
        Value::Bool(truth) => Theirs::Bool(*truth),
        Value::Int(number) => Theirs::I64(*number),
        Value::Float(number) => Theirs::F64(*number),
        Value::StringArray(texts) => {
            let texts = texts.iter().cloned().map(StringValue::from);
            Theirs::Array(Array::String(texts.collect()))
        }
        Value::BoolArray(truths) => Theirs::Array(Array::Bool(truths.clone())),
        Value::IntArray(numbers) => Theirs::Array(Array::I64(numbers.clone())),
        Value::FloatArray(numbers) => Theirs::Array(Array::F64(numbers.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A span with one of everything.
    const LINE: &str = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"00f067aa0ba902b6","name":"chat gpt-4o","kind":"CLIENT","start_unix_nano":1790000000000000001,"end_unix_nano":1790000000012345678,"status":"ERROR","status_message":"timed out","attributes":{"text":"a","yes":true,"int":-7,"float":0.5,"texts":["a","b"],"truths":[true,false],"ints":[1,9007199254740993],"floats":[0.5,2.0]},"events":[{"name":"exception","time_unix_nano":1790000000000000002,"attributes":{"exception.type":"timeout"}}],"links":[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","trace_state":"a=1","attributes":{"why":"handoff"}}],"resource":{"service.name":"coder"},"trace_state":"b=2,c=3","flags":0,"scope":{"name":"rig","version":"1.2"},"dropped":{"attributes":1,"events":2,"links":3}}"#;

    #[test]
    fn all_that_a_record_says_is_in_the_data() {
        let record: SpanRecord = serde_json::from_str(LINE).unwrap();
        let mut events = SpanEvents::default();
        events.events = vec![TheirEvent::new(
            "exception",
            UNIX_EPOCH + Duration::from_nanos(1_790_000_000_000_000_002),
            vec![KeyValue::new("exception.type", "timeout")],
            0,
        )];
        events.dropped_count = 2;
        let mut links = SpanLinks::default();
        links.links = vec![TheirLink::new(
            TheirSpanContext::new(
                TheirTraceId::from_hex("0af7651916cd43dd8448eb211c80319c").unwrap(),
                TheirSpanId::from_hex("b7ad6b7169203331").unwrap(),
                TraceFlags::NOT_SAMPLED,
                false,
                TraceState::from_str("a=1").unwrap(),
            ),
            vec![KeyValue::new("why", "handoff")],
            0,
        )];
        links.dropped_count = 3;
        let texts = vec![StringValue::from("a"), StringValue::from("b")];
        let wanted = SpanData {
            span_context: TheirSpanContext::new(
                TheirTraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap(),
                TheirSpanId::from_hex("00f067aa0ba902b7").unwrap(),
                TraceFlags::NOT_SAMPLED,
                false,
                TraceState::from_str("b=2,c=3").unwrap(),
            ),
            parent_span_id: TheirSpanId::from_hex("00f067aa0ba902b6").unwrap(),
            parent_span_is_remote: false,
            span_kind: TheirSpanKind::Client,
            name: "chat gpt-4o".into(),
            start_time: UNIX_EPOCH + Duration::from_nanos(1_790_000_000_000_000_001),
            end_time: UNIX_EPOCH + Duration::from_nanos(1_790_000_000_012_345_678),
            attributes: vec![
                KeyValue::new("text", "a"),
                KeyValue::new("yes", true),
                KeyValue::new("int", -7_i64),
                KeyValue::new("float", 0.5),
                KeyValue::new("texts", Theirs::Array(Array::String(texts))),
                KeyValue::new("truths", Theirs::Array(Array::Bool(vec![true, false]))),
                KeyValue::new(
                    "ints",
                    Theirs::Array(Array::I64(vec![1, 9_007_199_254_740_993])),
                ),
                KeyValue::new("floats", Theirs::Array(Array::F64(vec![0.5, 2.0]))),
            ],
            dropped_attributes_count: 1,
            events,
            links,
            status: TheirStatus::error("timed out"),
            instrumentation_scope: InstrumentationScope::builder("rig")
                .with_version("1.2")
                .build(),
        };
        assert_eq!(span_data(&record, SCHEMA_URL), wanted);
    }

    #[test]
    fn what_a_record_leaves_out_is_what_most_spans_are() {
        let mut record: SpanRecord = serde_json::from_str(LINE).unwrap();
        (record.flags, record.trace_state, record.scope) = (None, None, None);
        (record.parent_span_id, record.dropped) = (None, None);
        let data = span_data(&record, SCHEMA_URL);
        assert!(data.span_context.is_sampled());
        assert_eq!(data.parent_span_id, TheirSpanId::INVALID);
        assert_eq!(data.instrumentation_scope.name(), "genai-trace");
        assert_eq!(data.dropped_attributes_count, 0);
    }

    #[test]
    fn every_kind_and_status_has_its_own() {
        let mut record: SpanRecord = serde_json::from_str(LINE).unwrap();
        for (kind, theirs) in [
            (SpanKind::Internal, TheirSpanKind::Internal),
            (SpanKind::Client, TheirSpanKind::Client),
            (SpanKind::Server, TheirSpanKind::Server),
            (SpanKind::Producer, TheirSpanKind::Producer),
            (SpanKind::Consumer, TheirSpanKind::Consumer),
        ] {
            record.kind = kind;
            assert_eq!(span_data(&record, SCHEMA_URL).span_kind, theirs);
        }
        for (status, theirs) in [
            (Status::Unset, TheirStatus::Unset),
            (Status::Ok, TheirStatus::Ok),
        ] {
            record.status = status;
            assert_eq!(span_data(&record, SCHEMA_URL).status, theirs);
        }
    }

    #[test]
    fn a_process_is_told_by_what_was_said_of_it_and_who_says_it() {
        let said = Attributes::from_iter([("service.name", "coder")]);
        let told = resource(&said);
        let text = |key| told.get(&Key::new(key)).map(|value| value.to_string());
        assert_eq!(text("service.name").as_deref(), Some("coder"));
        assert_eq!(text("telemetry.sdk.name").as_deref(), Some("genai-trace"));
        assert_eq!(told.schema_url(), Some(SCHEMA_URL));
    }
}
