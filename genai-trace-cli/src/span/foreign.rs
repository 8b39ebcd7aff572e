//! Spans in the shapes of others: OTLP in JSON, the console exporter of OpenTelemetry in Python, tutorials.

mod logs;
mod values;

use std::sync::Arc;

use genai_trace::{Dropped, SpanRecord};
use serde_json::{Map, Value as Json, json};

pub(crate) use self::logs::events_of;
use self::values::{attributes, put_floats};
use super::fault::{LeftOut, shown};

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
/// What the members are called that say which span it is.
pub(super) const TRACE_IDS: [&str; 2] = ["trace_id", "traceId"];
pub(super) const SPAN_IDS: [&str; 2] = ["span_id", "spanId"];

/// What was found in a line.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) spans: Vec<SpanRecord>,
    pub(crate) left_out: LeftOut,
}

impl IntoIterator for Records {
    type Item = SpanRecord;
    type IntoIter = std::vec::IntoIter<SpanRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.spans.into_iter()
    }
}

/// The spans in a line of JSON, in whatever shape; none where there is no span in it.
pub(crate) fn records(line: &[u8]) -> Option<Records> {
    let one = |record| Records {
        spans: vec![record],
        ..Records::default()
    };
    if let Ok(record) = serde_json::from_slice(line) {
        return Some(one(record));
    }
    let document: Json = serde_json::from_slice(line).ok()?;
    match document.get("resourceSpans").and_then(Json::as_array) {
        Some(resources) => Some(records_of(resources)),
        None => record(&document, None, None).ok().map(one),
    }
}

/// The spans of a request of OTLP, and what is none of them.
pub(crate) fn records_of(resources: &[Json]) -> Records {
    let mut records = Records::default();
    let Records { spans, left_out } = &mut records;
    for of_resource in resources {
        let resource = of_resource.pointer("/resource/attributes");
        for of_scope in list(of_resource, "scopeSpans", left_out) {
            let scope = of_scope.get("scope");
            for span in list(of_scope, "spans", left_out) {
                match record(span, resource, scope) {
                    Ok(record) => spans.push(record),
                    Err(why) => left_out.add(span, why),
                }
            }
        }
    }
    records
}

/// A list in which there are spans somewhere; what should be one and is none is left out as one span would be.
fn list<'a>(object: &'a Json, key: &str, left_out: &mut LeftOut) -> &'a [Json] {
    match object.get(key) {
        Some(Json::Array(list)) => return list,
        Some(Json::Null) => {}
        None if object.is_object() => {}
        Some(other) => left_out.add(other, format!("{key} is {}, expected a list", shown(other))),
        None => {
            let why = format!("{} stands where an object with {key} should", shown(object));
            left_out.add(object, why);
        }
    }
    &[]
}

fn elements<'a>(object: &'a Json, key: &str) -> &'a [Json] {
    let list = object.get(key).and_then(Json::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// The first of the members with these names.
pub(super) fn first<'a>(object: &'a Json, keys: &[&str]) -> Option<&'a Json> {
    let found = keys.iter().find_map(|key| object.get(key));
    found.filter(|value| !value.is_null())
}

/// A member that a span must have, with the name that it has.
fn said<'a, 'b>(
    object: &'a Json,
    keys: &[&'b str],
    what: &str,
) -> Result<(&'b str, &'a Json), String> {
    let found = keys.iter().find_map(|key| Some((*key, object.get(key)?)));
    found.ok_or_else(|| format!("it has no {what}"))
}

fn moment(span: &Json, keys: &[&str], what: &str) -> Result<u64, String> {
    let (key, value) = said(span, keys, what)?;
    time(value).ok_or_else(|| {
        let value = shown(value);
        format!("{key} is {value}, expected nanoseconds since 1970 or a time, until 2554-07-21")
    })
}

fn id(context: &Json, keys: &[&str], what: &str, digits: usize) -> Result<String, String> {
    let (key, value) = said(context, keys, what)?;
    let id = hexadecimal(value, digits).filter(|id| !is_zero(id));
    id.ok_or_else(|| {
        let value = shown(value);
        format!("{key} is {value}, expected {digits} hexadecimal digits, not all of them 0")
    })
}

/// A span in any shape, as a record; else why it is none.
pub(super) fn record(
    span: &Json,
    resource: Option<&Json>,
    scope: Option<&Json>,
) -> Result<SpanRecord, String> {
    if !span.is_object() {
        return Err(format!("{} is no object", shown(span)));
    }
    let context = span.get("context").unwrap_or(span);
    let start = moment(span, &STARTS, "time at which it began")?;
    let end = moment(span, &ENDS, "time at which it ended")?;
    let (key, name) = said(span, &["name"], "name")?;
    let wrong = || format!("{key} is {}, expected a text", shown(name));
    let name = name.as_str().ok_or_else(wrong)?;
    let parent = first(span, &["parent_span_id", "parentSpanId", "parent_id"]);
    // Some write zeros where there is none.
    let parent = parent.and_then(|id| hexadecimal(id, 16));
    let parent = parent.filter(|id| !is_zero(id));
    let (status, message) = status(span);
    let resource = resource.or_else(|| span.pointer("/resource/attributes"));
    let resource = resource.or_else(|| span.get("resource"));
    let scope = scope.and_then(|scope| {
        let [name, version] = ["name", "version"].map(|key| scope.get(key).and_then(Json::as_str));
        // An empty name is left out in the JSON of protobuf.
        let name = name.or(version.map(|_| ""))?;
        Some(json!({ "name": name, "version": version }))
    });
    let record = json!({
        "trace_id": id(context, &TRACE_IDS, "trace id", 32)?,
        "span_id": id(context, &SPAN_IDS, "id", 16)?,
        "parent_span_id": parent,
        "name": name,
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
    let mut record: SpanRecord =
        serde_json::from_value(record).map_err(|error| error.to_string())?;
    put_floats(span.get("attributes"), &mut record.attributes);
    put_floats(resource, Arc::make_mut(&mut record.resource));
    let said = elements(span, "events")
        .iter()
        .filter(|said| event(said).is_some());
    for (said, event) in said.zip(&mut record.events) {
        put_floats(said.get("attributes"), &mut event.attributes);
    }
    Ok(record)
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
    let trace = hexadecimal(first(context, &TRACE_IDS)?, 32)?;
    let span = hexadecimal(first(context, &SPAN_IDS)?, 16)?;
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
pub(super) fn hexadecimal(id: &Json, digits: usize) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use genai_trace::{SpanKind, Status, Value};

    fn one(line: &str) -> SpanRecord {
        let mut all = records(line.as_bytes()).unwrap().spans;
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
        let (all, left_out) = (all.spans, all.left_out);
        assert_eq!((all.len(), left_out.count), (2, 1));
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
    fn values_of_otlp_keep_their_types_where_protobuf_writes_them_as_texts_or_leaves_them_out() {
        let span = json!({
            "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "name": "chat m",
            "startTimeUnixNano": "1", "endTimeUnixNano": "2",
            "attributes": [
                {"key": "no list", "value": {"arrayValue": {}}},
                {"key": "an empty list", "value": {"arrayValue": {"values": []}}},
                {"key": "no object", "value": {"kvlistValue": {}}},
                {"key": "nothing", "value": {}},
                {"key": "no number", "value": {"doubleValue": "NaN"}},
                {"key": "least", "value": {"doubleValue": "-Infinity"}},
                {"key": "in a text", "value": {"doubleValue": "1e3"}},
                {"key": "a text", "value": {"stringValue": "NaN"}},
            ],
            "events": [
                {"timeUnixNano": "1"},
                {"name": "e", "attributes": [{"key": "x", "value": {"doubleValue": "Infinity"}}]},
            ],
        });
        let request = json!({"resourceSpans": [{"scopeSpans": [
            {"scope": {"version": "1"}, "spans": [span]},
        ]}]});
        let span = one(&request.to_string());
        let attribute = |key| span.attributes.get(key);
        let empty = Value::StringArray(Vec::new());
        assert_eq!(attribute("no list"), Some(&empty));
        assert_eq!(attribute("an empty list"), Some(&empty));
        assert_eq!(span.attributes.str("no object"), Some("{}"));
        assert_eq!(attribute("nothing"), None);
        assert!(span.attributes.float("no number").unwrap().is_nan());
        assert_eq!(span.attributes.float("least"), Some(f64::NEG_INFINITY));
        assert_eq!(span.attributes.float("in a text"), Some(1_000.0));
        assert_eq!(span.attributes.str("a text"), Some("NaN"));
        assert_eq!(span.events[0].attributes.float("x"), Some(f64::INFINITY));
        let scope = span.scope.unwrap();
        assert_eq!((&*scope.name, scope.version.as_deref()), ("", Some("1")));
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
    fn what_is_no_span_is_none() {
        for line in ["{}", "7", "[]", "{\"resourceSpans\":7}", "not json"] {
            assert!(records(line.as_bytes()).is_none(), "{line}");
        }
    }

    #[test]
    fn a_span_of_a_request_that_cannot_be_read_is_left_out_with_what_is_wrong_with_it() {
        let good = json!({
            "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "name": "x",
            "startTimeUnixNano": "1", "endTimeUnixNano": "2",
        });
        let ids = "hexadecimal digits, not all of them 0";
        let times = "expected nanoseconds since 1970 or a time, until 2554-07-21";
        for (key, value, why) in [
            (
                "traceId",
                json!("xyz"),
                format!("traceId is \"xyz\", expected 32 {ids}"),
            ),
            (
                "spanId",
                json!("0000000000000000"),
                format!("spanId is \"0000000000000000\", expected 16 {ids}"),
            ),
            (
                "spanId",
                json!(7),
                format!("spanId is 7, expected 16 {ids}"),
            ),
            ("name", json!({}), "name is {}, expected a text".to_owned()),
            (
                "startTimeUnixNano",
                json!("soon"),
                format!("startTimeUnixNano is \"soon\", {times}"),
            ),
            (
                "endTimeUnixNano",
                json!(-1),
                format!("endTimeUnixNano is -1, {times}"),
            ),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            let found = records_of(&[json!({"scopeSpans": [{"spans": [good, bad]}]})]);
            let faults: Vec<_> = found
                .left_out
                .faults
                .into_iter()
                .map(|fault| fault.why)
                .collect();
            assert_eq!((found.spans.len(), faults), (1, vec![why]));
            bad = good.clone();
            bad.as_object_mut().unwrap().remove(key);
            let found = records_of(&[json!({"scopeSpans": [{"spans": [bad]}]})]);
            assert!(
                found.left_out.faults[0].why.starts_with("it has no "),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_should_be_a_list_of_spans_and_is_none_is_left_out_and_said() {
        for (resource, why) in [
            (json!(7), "7 stands where an object with scopeSpans should"),
            (
                json!({"scopeSpans": "x"}),
                "scopeSpans is \"x\", expected a list",
            ),
            (
                json!({"scopeSpans": [{"spans": {}}]}),
                "spans is {}, expected a list",
            ),
            (
                json!({"scopeSpans": [{"spans": [null]}]}),
                "null is no object",
            ),
        ] {
            let found = records_of(&[resource]);
            assert_eq!(
                (found.left_out.count, found.left_out.faults[0].why.as_str()),
                (1, why)
            );
        }
        let nothing = json!({"scopeSpans": [{"spans": []}, {"spans": null}, {}]});
        assert_eq!(records_of(&[nothing, json!({})]).left_out.count, 0);
    }
}
