//! Events: lines of their own, and those within a span; which attributes stand on which.

use genai_trace_semconv::{EVENTS, Event, Level};
use serde_json::{Map, Value};

use super::line::{EARLIEST, is_id, list, resource};
use super::spans::is_of_template;
use super::{Sheet, own};

const DETAILS: &str = "gen_ai.client.inference.operation.details";
const EXCEPTION: &str = "gen_ai.client.operation.exception";
const EVALUATION: &str = "gen_ai.evaluation.result";

/// The keys of every line.
const KEYS: [&str; 6] = [
    "event_name",
    "time_unix_nano",
    "trace_id",
    "span_id",
    "attributes",
    "resource",
];

/// Where content stands, which an event may have and its span has not.
const CONTENT: [&str; 4] = [
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
];

/// Looks at an event that is a line of its own, among `spans`.
pub(super) fn check(sheet: &mut Sheet<'_>, spans: &[Map<String, Value>]) {
    let lacking = KEYS.iter().find(|key| !sheet.span.contains_key(**key));
    sheet.expect(lacking.is_none(), "keys", || format!("no key {lacking:?}"));
    let is_known = |key: &&String| KEYS.contains(&key.as_str()) || *key == "severity_number";
    let unknown = sheet.span.keys().find(|key| !is_known(key));
    sheet.expect(unknown.is_none(), "keys", || format!("key {unknown:?}"));
    resource(sheet);
    let time = time(sheet.span, "time_unix_nano");
    sheet.expect(time >= EARLIEST, "time", || format!("at {time}"));
    let Some(event) = EVENTS.iter().find(|event| event.name == sheet.name) else {
        return sheet.find("event_name", "no event of the conventions");
    };
    severity(sheet, event);
    ids(sheet);
    let attributes = sheet.attributes;
    said(sheet, event, attributes);
    if sheet.name != EVALUATION {
        beside_its_span(sheet, spans);
    }
}

/// Looks at the events of the conventions that stand within a span.
pub(super) fn check_within(sheet: &mut Sheet<'_>) {
    for inner in list(sheet.span, "events") {
        let name = inner.get("name").and_then(Value::as_str);
        let event = EVENTS.iter().find(|event| Some(event.name) == name);
        let attributes = inner.get("attributes").and_then(Value::as_object);
        if let (Some(event), Some(attributes)) = (event, attributes) {
            said(sheet, event, attributes);
        }
    }
}

fn severity(sheet: &mut Sheet<'_>, event: &Event) {
    let number = sheet.span.get("severity_number").and_then(Value::as_u64);
    let holds = match event.severity {
        Some("DEBUG") => number == Some(5),
        Some("WARN") => number == Some(13),
        _ => number.is_none_or(|number| (1..=24).contains(&number)),
    };
    sheet.expect(holds, "severity", || {
        format!("severity {number:?}, not {:?}", event.severity)
    });
}

/// An event belongs to its span; an evaluation to a trace at least, or to a response.
fn ids(sheet: &mut Sheet<'_>) {
    let (trace, span) = (sheet.line("trace_id"), sheet.line("span_id"));
    let has_span = is_id(trace, 32) && is_id(span, 16);
    let is_late = sheet.name == EVALUATION && span.is_empty();
    let holds = has_span
        || is_late && (is_id(trace, 32) || trace.is_empty() && sheet.has("gen_ai.response.id"));
    sheet.expect(holds, "id", || {
        format!("trace_id {trace:?}, span_id {span:?}")
    });
}

/// Looks at what `event` says.
fn said(sheet: &mut Sheet<'_>, event: &Event, attributes: &Map<String, Value>) {
    let name = event.name;
    for requirement in event.attributes {
        let attribute = requirement.attribute;
        let holds = requirement.level != Level::Required || attributes.contains_key(attribute);
        sheet.expect(holds, "required", || format!("no {attribute} on {name}"));
    }
    let theirs = ["gen_ai.", "error.", "exception."];
    let is_allowed = |key: &str| {
        let mut known = event.attributes.iter().map(|known| known.attribute);
        known.any(|known| known == key || is_of_template(key, known))
    };
    for key in attributes.keys() {
        let is_theirs = theirs.iter().any(|space| key.starts_with(space));
        let key = own::referenced(key).unwrap_or(key);
        sheet.expect(!is_theirs || is_allowed(key), "misplaced", || {
            format!("{key} does not belong on {name}")
        });
    }
    let has = |keys: &[&str]| keys.iter().any(|key| attributes.contains_key(*key));
    let holds = match name {
        EXCEPTION => has(&["exception.type", "exception.message"]),
        EVALUATION => has(&[
            "gen_ai.evaluation.score.value",
            "gen_ai.evaluation.score.label",
            "error.type",
        ]),
        _ => true,
    };
    sheet.expect(holds, "says_nothing", || {
        format!("{name} says nothing: {attributes:?}")
    });
}

/// An event of a call lies within the call's span; the details of one say what that says.
fn beside_its_span(sheet: &mut Sheet<'_>, spans: &[Map<String, Value>]) {
    let id = |span: &Map<String, Value>, key: &str| span.get(key).cloned();
    let mut its = spans
        .iter()
        .filter(|span| id(span, "span_id") == id(sheet.span, "span_id"));
    let Some(span) = its.next() else {
        // It may stand in another file.
        return;
    };
    let same = id(span, "trace_id") == id(sheet.span, "trace_id");
    sheet.expect(same, "event_span", || {
        "another trace than its span's".to_owned()
    });
    let range = time(span, "start_unix_nano")..=time(span, "end_unix_nano");
    let at = time(sheet.span, "time_unix_nano");
    sheet.expect(range.contains(&at), "event_span", || {
        format!("at {at}, outside its span")
    });
    if sheet.name != DETAILS {
        let kind = span.get("kind").and_then(Value::as_str);
        let holds = kind == Some("CLIENT") && span.get("status") == Some(&"ERROR".into());
        return sheet.expect(holds, "event_span", || {
            "an exception of a span that is no failed call".to_owned()
        });
    }
    let said = span.get("attributes").and_then(Value::as_object);
    for (key, value) in said.into_iter().flatten() {
        let is_content = CONTENT.contains(&own::referenced(key).unwrap_or(key));
        let here = sheet.attributes.get(key);
        sheet.expect(is_content || here == Some(value), "event_span", || {
            format!("{key} is {here:?}, and {value} on the span")
        });
    }
}

fn time(line: &Map<String, Value>, key: &str) -> u64 {
    line.get(key).and_then(Value::as_u64).unwrap_or(0)
}
