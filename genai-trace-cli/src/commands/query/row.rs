//! From the line of a span to the rows of the tables.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use genai_trace::LogRecord;
use rusqlite::types::Value;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::sql::{PICKED, Query};
use super::wants::Wants;
use crate::pricing::spent;
use crate::span::Brief;

/// A row of one of the tables.
pub(super) enum Row {
    /// In the order of [`Columns`].
    Span(Vec<Value>),
    /// Trace, span, name, time, severity, attributes, resource, whether it is on its span.
    Event([Value; 8]),
    /// Trace, span, the linked trace, the linked span, state, attributes.
    Link([Value; 6]),
}

/// What is kept of each span.
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    attributes: Members,
    resource: Members,
    has_events: bool,
    has_links: bool,
}

/// What is kept of a column with JSON.
enum Members {
    All,
    These(BTreeSet<String>),
}

/// The parts of a line that lists and sums do without, as they stand there.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parts<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    status_message: Cow<'a, str>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Vec<Event<'a>>,
    #[serde(borrow)]
    links: Vec<Link<'a>>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    trace_state: Option<String>,
    flags: Option<i64>,
    #[serde(borrow)]
    scope: Option<&'a RawValue>,
    #[serde(borrow)]
    dropped: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    time_unix_nano: u64,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Link<'a> {
    #[serde(borrow)]
    trace_id: Cow<'a, str>,
    #[serde(borrow)]
    span_id: Cow<'a, str>,
    #[serde(default)]
    trace_state: Option<String>,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
}

impl Columns {
    pub(super) fn new(query: &Query, wants: &Wants) -> Self {
        let members = |column: &str| match wants.spans.contains(column) {
            true => Members::All,
            false => {
                let keys = query.keys(column).into_iter();
                Members::These(keys.map(str::to_owned).collect())
            }
        };
        let names = wants
            .spans
            .iter()
            .map(|name| name.strip_prefix(PICKED).unwrap_or(name).to_owned())
            .chain(["trace_id".to_owned()])
            // Not that of a row without a name, nor what no column has.
            .filter(|name| !name.is_empty() && name != "ROWID")
            .collect::<BTreeSet<_>>();
        Self {
            names: names.into_iter().collect(),
            attributes: members("attributes"),
            resource: members("resource"),
            has_events: wants.has_events,
            has_links: wants.has_links,
        }
    }

    /// Whether a line is to be read once more, for what is not in a [`Brief`].
    fn need_parts(&self) -> bool {
        const OF_PARTS: [&str; 9] = [
            "kind",
            "status",
            "status_message",
            "attributes",
            "resource",
            "trace_state",
            "flags",
            "scope",
            "dropped",
        ];
        let is_part = |name: &String| OF_PARTS.contains(&name.as_str());
        self.has_events || self.has_links || self.names.iter().any(is_part)
    }

    /// Gives `out` the rows that a span is.
    pub(super) fn rows(&self, span: &Brief<'_>, line: &[u8], out: &mut Vec<Row>) {
        let parts = match self.need_parts() {
            // What a span has read so far is whole; a part that is odd is left out with the others.
            true => serde_json::from_slice(line).unwrap_or_default(),
            false => Parts::default(),
        };
        let values = self.names.iter().map(|name| self.value(name, span, &parts));
        out.push(Row::Span(values.collect()));
        if self.has_events {
            out.extend(parts.events.iter().map(|event| event.row(span)));
        }
        if self.has_links {
            out.extend(parts.links.iter().map(|link| link.row(span)));
        }
    }

    fn value(&self, name: &str, span: &Brief<'_>, parts: &Parts<'_>) -> Value {
        let facts = &span.facts;
        match name {
            "trace_id" => trace_id(span),
            "span_id" => id(span.span_id),
            "parent_span_id" if span.parent != 0 => id(span.parent),
            "name" => text(&span.name),
            "kind" => text(&parts.kind),
            "start_unix_nano" => integer(span.start),
            "end_unix_nano" => integer(span.end),
            "status" => text(&parts.status),
            "status_message" => text(&parts.status_message),
            "attributes" => self.attributes.of(parts.attributes),
            "resource" => self.resource.of(parts.resource),
            "trace_state" => parts.trace_state.clone().into(),
            "flags" => parts.flags.into(),
            "scope" => raw(parts.scope),
            "dropped" => raw(parts.dropped),
            "duration_ns" => integer(span.nanoseconds()),
            "duration_ms" => Value::Real(span.nanoseconds() as f64 / 1e6),
            "operation" => fact(facts.operation.as_deref()),
            "agent" => fact(facts.agent.as_deref()),
            "tool" => fact(facts.tool.as_deref()),
            "provider" => fact(facts.provider.as_deref()),
            "model" => fact(facts.any_model()),
            "input_tokens" => facts.input_tokens.map_or(Value::Null, integer),
            "output_tokens" => facts.output_tokens.map_or(Value::Null, integer),
            "cost_usd" => spent(span).dollars().into(),
            "conversation" => fact(facts.conversation.as_deref()),
            "error_type" => fact(facts.error_type.as_deref()),
            _ => Value::Null,
        }
    }
}

impl Members {
    fn of(&self, json: Option<&RawValue>) -> Value {
        let Some(json) = json else {
            return Value::Text("{}".to_owned());
        };
        match self {
            Members::All => Value::Text(json.get().to_owned()),
            Members::These(keys) => {
                let members: BTreeMap<Cow<'_, str>, &RawValue> =
                    serde_json::from_str(json.get()).unwrap_or_default();
                let wanted: BTreeMap<_, _> = members
                    .into_iter()
                    .filter(|(key, _)| keys.contains(key.as_ref()))
                    .collect();
                serde_json::to_string(&wanted).map_or(Value::Null, Value::Text)
            }
        }
    }
}

impl Event<'_> {
    fn row(&self, span: &Brief<'_>) -> Row {
        Row::Event([
            trace_id(span),
            id(span.span_id),
            text(&self.name),
            integer(self.time_unix_nano),
            Value::Null,
            raw(self.attributes),
            Value::Null,
            Value::Integer(1),
        ])
    }
}

impl Link<'_> {
    fn row(&self, span: &Brief<'_>) -> Row {
        Row::Link([
            trace_id(span),
            id(span.span_id),
            text(&self.trace_id),
            text(&self.span_id),
            self.trace_state.clone().into(),
            raw(self.attributes),
        ])
    }
}

/// The row of an event that is no part of a span.
pub(super) fn of_event(event: &LogRecord) -> Row {
    let json = |text: serde_json::Result<String>| text.map_or(Value::Null, Value::Text);
    Row::Event([
        event.trace_id.map(|id| id.to_string()).into(),
        event.span_id.map(|id| id.to_string()).into(),
        text(&event.event_name),
        integer(event.time_unix_nano),
        event.severity_number.map(i64::from).into(),
        json(serde_json::to_string(&event.attributes)),
        json(serde_json::to_string(&*event.resource)),
        Value::Integer(0),
    ])
}

fn trace_id(span: &Brief<'_>) -> Value {
    Value::Text(format!("{:032x}", span.trace_id))
}

fn id(id: u64) -> Value {
    Value::Text(format!("{id:016x}"))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn fact(said: Option<&str>) -> Value {
    said.map_or(Value::Null, text)
}

/// SQLite knows no integers beyond those of the year 2262.
fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn raw(json: Option<&RawValue>) -> Value {
    json.map_or(Value::Null, |json| text(json.get()))
}
