//! The form of a line: its keys, ids, times, kind and status.

use serde_json::{Map, Value};

use super::Sheet;

/// The keys of every line.
const KEYS: [&str; 13] = [
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "kind",
    "start_unix_nano",
    "end_unix_nano",
    "status",
    "status_message",
    "attributes",
    "events",
    "links",
    "resource",
];
/// Those that follow where there is something to say.
const MORE_KEYS: [&str; 4] = ["trace_state", "flags", "scope", "dropped"];
const KINDS: [&str; 5] = ["INTERNAL", "CLIENT", "SERVER", "PRODUCER", "CONSUMER"];
/// 2020: whatever is earlier was not read from a clock.
pub(super) const EARLIEST: u64 = 1_577_836_800_000_000_000;

pub(super) fn check(sheet: &mut Sheet<'_>) {
    keys(sheet);
    ids(sheet);
    times(sheet);
    status(sheet);
    events(sheet);
    let kind = sheet.line("kind");
    sheet.expect(KINDS.contains(&kind), "kind", || format!("kind {kind:?}"));
    let name = sheet.name;
    sheet.expect(!name.is_empty(), "span_name", || "no name".to_owned());
    resource(sheet);
}

pub(super) fn resource(sheet: &mut Sheet<'_>) {
    let resource = sheet.span.get("resource").and_then(Value::as_object);
    let service = resource.and_then(|resource| resource.get("service.name"));
    let is_named = service
        .and_then(Value::as_str)
        .is_some_and(|name| !name.is_empty());
    sheet.expect(is_named, "resource", || "no service.name".to_owned());
}

fn keys(sheet: &mut Sheet<'_>) {
    let lacking = KEYS.iter().find(|key| !sheet.span.contains_key(**key));
    sheet.expect(lacking.is_none(), "keys", || format!("no key {lacking:?}"));
    let is_known =
        |key: &&String| KEYS.contains(&key.as_str()) || MORE_KEYS.contains(&key.as_str());
    let unknown = sheet.span.keys().find(|key| !is_known(key));
    sheet.expect(unknown.is_none(), "keys", || format!("key {unknown:?}"));
}

fn ids(sheet: &mut Sheet<'_>) {
    for (key, digits) in [("trace_id", 32), ("span_id", 16)] {
        let id = sheet.line(key);
        sheet.expect(is_id(id, digits), "id", || format!("{key} {id:?}"));
    }
    match sheet.span.get("parent_span_id") {
        None | Some(Value::Null) => {}
        Some(parent) => {
            let id = parent.as_str().unwrap_or_default();
            let is_another = id != sheet.line("span_id");
            sheet.expect(is_id(id, 16) && is_another, "id", || {
                format!("parent_span_id {parent}")
            });
        }
    }
    for link in list(sheet.span, "links") {
        let id = |key: &str| link.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_whole = is_id(id("trace_id"), 32) && is_id(id("span_id"), 16);
        sheet.expect(is_whole, "id", || format!("link {link}"));
    }
}

pub(super) fn is_id(id: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    id.len() == digits && id.bytes().all(is_digit) && id.bytes().any(|byte| byte != b'0')
}

fn times(sheet: &mut Sheet<'_>) {
    let time = |key: &str| sheet.span.get(key).and_then(Value::as_u64);
    match (time("start_unix_nano"), time("end_unix_nano")) {
        (Some(start), Some(end)) => {
            let holds = start >= EARLIEST && start <= end;
            sheet.expect(holds, "time", || format!("from {start} to {end}"));
        }
        (start, end) => sheet.find("time", format!("from {start:?} to {end:?}")),
    }
}

fn status(sheet: &mut Sheet<'_>) {
    let status = sheet.line("status");
    // `OK` is for applications to say.
    let is_known = ["UNSET", "ERROR"].contains(&status);
    sheet.expect(is_known, "status", || format!("status {status:?}"));
    let message = sheet.span.get("status_message").and_then(Value::as_str);
    let holds = match message {
        None => false,
        Some(message) => message.is_empty() || sheet.is_error(),
    };
    sheet.expect(holds, "status_message", || {
        format!("{message:?} with {status}")
    });
    let error = sheet.attributes.get("error.type");
    let holds = match error {
        None => !sheet.is_error(),
        Some(kind) => sheet.is_error() && kind.as_str().is_some_and(|kind| !kind.is_empty()),
    };
    sheet.expect(holds, "error_type", || {
        format!("error.type {error:?} with {status}")
    });
}

fn events(sheet: &mut Sheet<'_>) {
    let time = |key: &str| sheet.span.get(key).and_then(Value::as_u64).unwrap_or(0);
    let range = time("start_unix_nano")..=time("end_unix_nano");
    for event in list(sheet.span, "events") {
        let name = event
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        sheet.expect(!name.is_empty(), "event", || format!("no name: {event}"));
        let time = event.get("time_unix_nano").and_then(Value::as_u64);
        let is_within = time.is_some_and(|time| range.contains(&time));
        sheet.expect(is_within, "event", || format!("{name} at {time:?}"));
        let says = |key: &str| event.pointer(&format!("/attributes/{key}")).is_some();
        if name == "exception" {
            let holds = says("exception.type") || says("exception.message");
            sheet.expect(holds, "event", || {
                "an exception without type or message".to_owned()
            });
        }
    }
}

pub(super) fn list<'a>(span: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    span.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
