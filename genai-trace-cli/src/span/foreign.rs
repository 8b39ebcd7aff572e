//! Spans in the shapes of others: OTLP in JSON, the console exporter of OpenTelemetry in Python, tutorials.

mod logs;

use genai_trace::{Dropped, SpanRecord, Value};
use serde_json::{Map, Value as Json, json};

pub(crate) use self::logs::events_of;

/// What the members are called that say when a span began, and when it ended.
pub(super) const STARTS: [&str; 4] = [
    "start_unix_nano",
    "startTimeUnixNano",
    "start_time_unix_nano",
    "start_time",
];
pub(super) const ENDS: [&str; 4] = [
    "end_unix_nano",
    "endTimeUnixNano",
    "end_time_unix_nano",
    "end_time",
];

/// The spans in a line of JSON, in whatever shape; none where there is no span in it.
pub(crate) fn records(line: &[u8]) -> Option<Vec<SpanRecord>> {
    if let Ok(record) = serde_json::from_slice(line) {
        return Some(vec![record]);
    }
    let document: Json = serde_json::from_slice(line).ok()?;
    match document.get("resourceSpans").and_then(Json::as_array) {
        Some(resources) => Some(records_of(resources)),
        None => Some(vec![record(&document, None, None)?]),
    }
}

/// The spans of a request of OTLP; what is none of them is left out.
pub(crate) fn records_of(resources: &[Json]) -> Vec<SpanRecord> {
    let mut records = Vec::new();
    for of_resource in resources {
        let resource = of_resource.pointer("/resource/attributes");
        for of_scope in elements(of_resource, "scopeSpans") {
            let scope = of_scope.get("scope");
            let spans = elements(of_scope, "spans").iter();
            records.extend(spans.filter_map(|span| record(span, resource, scope)));
        }
    }
    records
}

fn elements<'a>(object: &'a Json, key: &str) -> &'a [Json] {
    let list = object.get(key).and_then(Json::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// The first of the members with these names.
fn first<'a>(object: &'a Json, keys: &[&str]) -> Option<&'a Json> {
    let found = keys.iter().find_map(|key| object.get(key));
    found.filter(|value| !value.is_null())
}

/// A span in any shape, as a record.
fn record(span: &Json, resource: Option<&Json>, scope: Option<&Json>) -> Option<SpanRecord> {
    let context = span.get("context").unwrap_or(span);
    let start = time(first(span, &STARTS)?)?;
    let end = time(first(span, &ENDS)?)?;
    let parent = first(span, &["parent_span_id", "parentSpanId", "parent_id"]);
    // Some write zeros where there is none.
    let parent = parent.and_then(|id| hexadecimal(id, 16));
    let parent = parent.filter(|id| !is_zero(id));
    let (status, message) = status(span);
    let resource = resource.or_else(|| span.pointer("/resource/attributes"));
    let resource = resource.or_else(|| span.get("resource"));
    let scope = scope.and_then(|scope| {
        let version = scope.get("version").and_then(Json::as_str);
        Some(json!({ "name": scope.get("name")?.as_str()?, "version": version }))
    });
    let record = json!({
        "trace_id": hexadecimal(first(context, &["trace_id", "traceId"])?, 32)?,
        "span_id": hexadecimal(first(context, &["span_id", "spanId"])?, 16)?,
        "parent_span_id": parent,
        "name": span.get("name")?.as_str()?,
        "kind": kind(span.get("kind")),
        "start_unix_nano": start,
        "end_unix_nano": end,
        "status": status,
        "status_message": message,
        "attributes": attributes(span.get("attributes")),
        "events": elements(span, "events").iter().filter_map(event).collect::<Vec<_>>(),
        "links": elements(span, "links").iter().filter_map(link).collect::<Vec<_>>(),
        "resource": attributes(resource),
        "scope": scope,
        "trace_state": state(first(context, &["trace_state", "traceState"])),
        "flags": flags(span),
        "dropped": dropped(span),
    });
    serde_json::from_value(record).ok()
}

fn event(event: &Json) -> Option<Json> {
    let at = first(
        event,
        &["time_unix_nano", "timeUnixNano", "timestamp", "time"],
    );
    Some(json!({
        "name": event.get("name")?.as_str()?,
        "time_unix_nano": at.and_then(time).unwrap_or_default(),
        "attributes": attributes(event.get("attributes")),
    }))
}

fn link(link: &Json) -> Option<Json> {
    let context = link.get("context").unwrap_or(link);
    let trace = hexadecimal(first(context, &["trace_id", "traceId"])?, 32)?;
    let span = hexadecimal(first(context, &["span_id", "spanId"])?, 16)?;
    if is_zero(&trace) || is_zero(&span) {
        return None;
    }
    Some(json!({
        "trace_id": trace,
        "span_id": span,
        "trace_state": state(first(context, &["trace_state", "traceState"])),
        "attributes": attributes(link.get("attributes")),
    }))
}

/// A `tracestate` that says something; Python's console writes an empty one as `[]`.
fn state(state: Option<&Json>) -> Option<&str> {
    let state = state.and_then(Json::as_str);
    state.filter(|state| !matches!(*state, "" | "[]"))
}

/// The flags of the trace, where they differ from those of a sampled span. OTLP has more in the bits above, and 0 where
/// nobody knows.
fn flags(span: &Json) -> Option<u64> {
    let flags = span.get("flags").and_then(Json::as_u64)? & 0xff;
    (!matches!(flags, 0 | 1)).then_some(flags)
}

/// How much the limits cut off, where they did.
fn dropped(span: &Json) -> Option<Json> {
    if let Some(dropped) = span.get("dropped")
        && serde_json::from_value::<Dropped>(dropped.clone()).is_ok()
    {
        return Some(dropped.clone());
    }
    let mut all = Map::new();
    for (key, called) in [
        ("attributes", "droppedAttributesCount"),
        ("events", "droppedEventsCount"),
        ("links", "droppedLinksCount"),
    ] {
        let count = span.get(called).and_then(Json::as_u64);
        if let Some(count) = count.filter(|count| *count > 0) {
            all.insert(key.to_owned(), count.into());
        }
    }
    (!all.is_empty()).then_some(Json::Object(all))
}

/// An id of so many digits: of a longer one the end, a shorter one with zeros in front.
fn hexadecimal(id: &Json, digits: usize) -> Option<String> {
    let id = id.as_str()?.trim();
    let id = id.strip_prefix("0x").unwrap_or(id);
    let is_one = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let end = id.get(id.len().saturating_sub(digits)..)?;
    is_one.then(|| format!("{end:0>digits$}").to_ascii_lowercase())
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|digit| digit == b'0')
}

/// Nanoseconds since 1970, from a number, a number in a text, or a time as ISO 8601 has it.
pub(super) fn time(time: &Json) -> Option<u64> {
    match time {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => match text.parse() {
            Ok(nanoseconds) => Some(nanoseconds),
            Err(_) => {
                let time: jiff::Timestamp = text.parse().ok()?;
                time.as_nanosecond().try_into().ok()
            }
        },
        _ => None,
    }
}

fn kind(kind: Option<&Json>) -> &'static str {
    let number = kind.and_then(Json::as_u64);
    let word = kind.and_then(Json::as_str).unwrap_or_default();
    let word = word
        .trim_start_matches("SpanKind.")
        .trim_start_matches("SPAN_KIND_");
    match (number, word) {
        (Some(2), _) | (_, "SERVER") => "SERVER",
        (Some(3), _) | (_, "CLIENT") => "CLIENT",
        (Some(4), _) | (_, "PRODUCER") => "PRODUCER",
        (Some(5), _) | (_, "CONSUMER") => "CONSUMER",
        _ => "INTERNAL",
    }
}

/// Whether a span failed, and what it says of it.
fn status(span: &Json) -> (&'static str, &str) {
    let status = span.get("status").unwrap_or(&Json::Null);
    let code = first(status, &["status_code", "code"]).unwrap_or(status);
    let message = first(status, &["description", "message"])
        .or_else(|| span.get("status_message"))
        .and_then(Json::as_str);
    let word = code.as_str().unwrap_or_default();
    let word = word.trim_start_matches("STATUS_CODE_").to_ascii_uppercase();
    let is = match (code.as_u64(), word.as_str()) {
        (Some(2), _) | (_, "ERROR") => "ERROR",
        (Some(1), _) | (_, "OK") => "OK",
        _ => "UNSET",
    };
    (is, message.unwrap_or_default())
}

/// Attributes as a record has them, from an object or from the pairs of OTLP.
fn attributes(said: Option<&Json>) -> Json {
    let mut all = Map::new();
    match said {
        Some(Json::Object(members)) => {
            // What has no value says nothing.
            for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                all.insert(key.clone(), flat(value.clone()));
            }
        }
        Some(Json::Array(pairs)) => {
            for pair in pairs {
                let value = pair.get("value").map(any_value);
                if let Some(key) = pair.get("key").and_then(Json::as_str)
                    && let Some(value) = value.filter(|value| !value.is_null())
                {
                    all.insert(key.to_owned(), flat(value));
                }
            }
        }
        _ => {}
    }
    Json::Object(all)
}

/// A value of OTLP as JSON.
fn any_value(value: &Json) -> Json {
    if let Some(number) = value.get("intValue") {
        // As the specification wants it a number stands in a text.
        let in_text = number.as_str().and_then(|text| text.parse::<i64>().ok());
        return in_text.map_or_else(|| number.clone(), Json::from);
    }
    if let Some(number) = value.get("doubleValue").and_then(Json::as_f64) {
        // Whole ones may be written without a point, and are floats all the same.
        return Json::from(number);
    }
    if let Some(plain) = first(
        value,
        &["stringValue", "boolValue", "doubleValue", "bytesValue"],
    ) {
        return plain.clone();
    }
    if let Some(list) = value.pointer("/arrayValue/values").and_then(Json::as_array) {
        return list.iter().map(any_value).collect();
    }
    match value.get("kvlistValue") {
        Some(list) => structure(list.get("values")),
        None => Json::Null,
    }
}

/// The pairs of OTLP within a value, as they are: only the whole of it becomes a text.
fn structure(pairs: Option<&Json>) -> Json {
    let mut members = Map::new();
    for pair in pairs.and_then(Json::as_array).into_iter().flatten() {
        if let Some(key) = pair.get("key").and_then(Json::as_str) {
            let value = pair.get("value").map_or(Json::Null, any_value);
            members.insert(key.to_owned(), value);
        }
    }
    members.into()
}

/// A value as an attribute may be: what has structure stands in a text.
fn flat(value: Json) -> Json {
    let is_one = match &value {
        Json::Array(_) => serde_json::from_value::<Value>(value.clone()).is_ok(),
        other => !other.is_object(),
    };
    match is_one {
        true => value,
        false => Json::String(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use genai_trace::{SpanKind, Status};

    fn one(line: &str) -> SpanRecord {
        let mut all = records(line.as_bytes()).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn a_request_of_otlp_is_as_many_spans_as_stand_in_it() {
        let span = |id: &str| {
            json!({
                "traceId": "4BF92F3577B34DA6A3CE929D0E0E4736", "spanId": id, "name": "chat m", "kind": 3,
                "startTimeUnixNano": "1790000000000000000", "endTimeUnixNano": "1790000001000000000",
                "status": {"code": 2, "message": "no"},
                "attributes": [
                    {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "7"}},
                    {"key": "tags", "value": {"arrayValue": {"values": [{"stringValue": "a"}]}}},
                    {"key": "deep", "value": {"kvlistValue": {"values": [{"key": "a", "value": {"boolValue": true}}]}}},
                ],
                "events": [{"name": "exception", "timeUnixNano": "5", "attributes": []}],
            })
        };
        let request = json!({"resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "coder"}}]},
            "scopeSpans": [{
                "scope": {"name": "lib", "version": "1"},
                "spans": [span("00f067aa0ba902b7"), span("00f067aa0ba902b8"), {"name": "none"}],
            }],
        }]});
        let all = records(request.to_string().as_bytes()).unwrap();
        assert_eq!(all.len(), 2);
        let first = &all[0];
        assert_eq!(
            (first.kind, first.status),
            (SpanKind::Client, Status::Error)
        );
        assert_eq!(first.status_message, "no");
        assert_eq!(first.attributes.int("gen_ai.usage.input_tokens"), Some(7));
        assert_eq!(first.attributes.str("deep"), Some("{\"a\":true}"));
        assert_eq!(first.resource.str("service.name"), Some("coder"));
        assert_eq!(first.scope.as_ref().unwrap().name, "lib");
        assert_eq!(first.events[0].time_unix_nano, 5);
    }

    #[test]
    fn what_pythons_console_prints_is_read() {
        let span = one(
            r#"{"name":"tool.weather","context":{"trace_id":"0x4bf92f3577b34da6a3ce929d0e0e4736","span_id":"0x00f067aa0ba902b7","trace_state":"[]"},"kind":"SpanKind.INTERNAL","parent_id":"0x00f067aa0ba902b6","start_time":"2026-11-22T10:00:00.000001Z","end_time":"2026-11-22T10:00:01.500000Z","status":{"status_code":"ERROR","description":"no"},"attributes":{"tool.name":"weather"},"events":[],"links":[],"resource":{"attributes":{"service.name":"x"},"schema_url":""}}"#,
        );
        assert_eq!(span.duration().as_micros(), 1_499_999);
        assert_eq!(span.parent_span_id.unwrap().to_string(), "00f067aa0ba902b6");
        assert_eq!(
            (span.status, span.status_message.as_str()),
            (Status::Error, "no")
        );
        assert_eq!(span.resource.str("service.name"), Some("x"));
    }

    #[test]
    fn a_lesson_that_has_long_ids_and_few_keys_is_read() {
        let span = one(
            r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"ffffffffffffffff00f067aa0ba902b7","parent_span_id":null,"name":"gen_ai.chat","start_unix_nano":1,"end_unix_nano":3,"status":"OK","attributes":{"messages":[{"role":"user"}]},"events":[]}"#,
        );
        assert_eq!(span.span_id.to_string(), "00f067aa0ba902b7");
        assert_eq!(
            span.attributes.str("messages"),
            Some("[{\"role\":\"user\"}]")
        );
    }

    #[test]
    fn structure_within_structure_is_written_once() {
        let mut value = serde_json::json!({"stringValue": "\""});
        for _ in 0..30 {
            value = serde_json::json!({"kvlistValue": {"values": [{"key": "k", "value": value}]}});
        }
        let pairs = serde_json::json!([{"key": "a", "value": value}]);
        let text = attributes(Some(&pairs)).to_string();
        assert!(text.len() < 1_000, "{}", text.len());
    }

    #[test]
    fn what_is_no_span_is_none() {
        for line in ["{}", "7", "[]", "{\"resourceSpans\":7}", "not json"] {
            assert_eq!(records(line.as_bytes()), None, "{line}");
        }
    }
}
