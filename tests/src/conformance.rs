//! Whether spans and events are as the conventions have them, and as this project says that they are.
//!
//! The check is written from the tables of `genai-trace-semconv`, which come from the registry: names, types,
//! levels, kinds, values. What the registry says in words stands here by hand: names of spans, status,
//! parts of totals, the JSON of messages. It looks at lines of `traces.jsonl`, and of the files of events and
//! scores beside it, which is what others read.

mod attributes;
mod events;
mod line;
mod messages;
mod own;
mod spans;
mod tokens;
mod tree;

use std::fmt;

use genai_trace::{LogRecord, SpanRecord};
use serde_json::{Map, Value};

/// Something on a span or an event that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule it breaks.
    pub rule: &'static str,
    /// The name of the span or the event, or which line it is.
    pub span: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.span, self.what, self.rule)
    }
}

/// The namespaces of attributes that are the user's own.
#[derive(Clone, Copy, Debug)]
pub enum Namespaces<'a> {
    /// Whatever the conventions and this project do not use.
    Any,
    /// Names that begin so: `app.`.
    These(&'a [&'a str]),
}

/// What is wrong with the lines of files of traces, events and scores, which may stand in one text.
pub fn check(lines: &str, namespaces: Namespaces<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut spans, mut events) = (Vec::new(), Vec::new());
    for (index, text) in lines.lines().enumerate() {
        let place = format!("line {}", index + 1);
        match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(event) if event.contains_key("event_name") => events.push(event),
            Ok(span) => spans.push(span),
            Err(error) => findings.push(Finding {
                rule: "json",
                span: place,
                what: error.to_string(),
            }),
        }
    }
    for span in &spans {
        let mut sheet = Sheet::new(span, "name", namespaces, &mut findings);
        line::check(&mut sheet);
        events::check_within(&mut sheet);
        attributes::check(&mut sheet);
        own::check(&mut sheet);
        spans::check(&mut sheet);
        tokens::check(&mut sheet);
        messages::check(&mut sheet);
    }
    tree::check(&spans, &mut findings);
    for event in &events {
        let mut sheet = Sheet::new(event, "event_name", namespaces, &mut findings);
        events::check(&mut sheet, &spans);
        attributes::check(&mut sheet);
        own::check(&mut sheet);
        tokens::check(&mut sheet);
        messages::check(&mut sheet);
    }
    findings
}

/// What is wrong with spans that were kept in memory.
pub fn check_spans(spans: &[SpanRecord], namespaces: Namespaces<'_>) -> Vec<Finding> {
    let lines: Vec<String> = spans
        .iter()
        .map(|span| serde_json::to_string(span).expect("a record is JSON"))
        .collect();
    check(&lines.join("\n"), namespaces)
}

/// What is wrong with events, and with how they stand to the spans of theirs that are known.
pub fn check_events(
    spans: &[SpanRecord],
    events: &[LogRecord],
    namespaces: Namespaces<'_>,
) -> Vec<Finding> {
    let spans = spans.iter().map(serde_json::to_string);
    let events = events.iter().map(serde_json::to_string);
    let lines: Result<Vec<String>, _> = spans.chain(events).collect();
    check(&lines.expect("a record is JSON").join("\n"), namespaces)
}

/// A span or an event that is looked at, and what was found on it.
struct Sheet<'a> {
    span: &'a Map<String, Value>,
    is_event: bool,
    attributes: &'a Map<String, Value>,
    namespaces: Namespaces<'a>,
    name: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Sheet<'a> {
    fn new(
        span: &'a Map<String, Value>,
        name: &str,
        namespaces: Namespaces<'a>,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        Self {
            span,
            is_event: name == "event_name",
            attributes: span
                .get("attributes")
                .and_then(Value::as_object)
                .unwrap_or(&NONE),
            namespaces,
            name: span.get(name).and_then(Value::as_str).unwrap_or_default(),
            findings,
        }
    }

    fn find(&mut self, rule: &'static str, what: impl Into<String>) {
        self.findings.push(Finding {
            rule,
            span: self.name.to_owned(),
            what: what.into(),
        });
    }

    /// Says that `rule` is broken, unless `holds`.
    fn expect(&mut self, holds: bool, rule: &'static str, what: impl FnOnce() -> String) {
        if !holds {
            self.find(rule, what());
        }
    }

    fn text(&self, attribute: &str) -> Option<&'a str> {
        self.attributes.get(attribute).and_then(Value::as_str)
    }

    fn count(&self, attribute: &str) -> Option<u64> {
        self.attributes.get(attribute).and_then(Value::as_u64)
    }

    fn has(&self, attribute: &str) -> bool {
        self.attributes.contains_key(attribute)
    }

    /// A text of the line itself, beside the attributes.
    fn line(&self, key: &str) -> &'a str {
        self.span
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn is_error(&self) -> bool {
        self.line("status") == "ERROR" || self.is_event && self.has("error.type")
    }
}
