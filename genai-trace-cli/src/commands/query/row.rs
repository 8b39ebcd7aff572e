//! From the line of a span to the rows of the tables.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use genai_trace::LogRecord;
use rusqlite::types::Value;
use serde::Serialize;
use serde_json::value::RawValue;

use super::parts::{Event, Link, Parts};

use super::sql::{PICKED, Query};
use super::wants::Wants;
use crate::pricing::spent;
use crate::span::{Brief, records};

/// A row of one of the tables.
#[derive(Debug, PartialEq)]
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
        if !self.need_parts() {
            return self.rows_of(span, &Parts::default(), out);
        }
        if let Some(parts) = Parts::read(line) {
            return self.rows_of(span, &parts, out);
        }
        // Something in it is odd: it takes its record to know what it says.
        for record in records(line).into_iter().flatten() {
            let line = serde_json::to_vec(&record).unwrap_or_default();
            if let Some(parts) = Parts::read(&line) {
                self.rows_of(&Brief::of(&record), &parts, out);
            }
        }
    }

    fn rows_of(&self, span: &Brief<'_>, parts: &Parts<'_>, out: &mut Vec<Row>) {
        let values = self.names.iter().map(|name| self.value(name, span, parts));
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
            "kind" => text(parts.kind.as_str()),
            "start_unix_nano" => integer(span.start),
            "end_unix_nano" => integer(span.end),
            "status" => text(parts.status.as_str()),
            "status_message" => text(&parts.status_message),
            "attributes" => self.attributes.of(parts.attributes),
            "resource" => self.resource.of(parts.resource),
            "trace_state" => parts.trace_state.clone().into(),
            "flags" => parts.flags.map(i64::from).into(),
            "scope" => parts.scope.as_ref().map_or(Value::Null, json),
            "dropped" => parts.dropped.as_ref().map_or(Value::Null, json),
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
            Value::Text(self.trace_id.to_string()),
            Value::Text(self.span_id.to_string()),
            self.trace_state.clone().into(),
            raw(self.attributes),
        ])
    }
}

/// The row of an event that is no part of a span.
pub(super) fn of_event(event: &LogRecord) -> Row {
    Row::Event([
        event.trace_id.map(|id| id.to_string()).into(),
        event.span_id.map(|id| id.to_string()).into(),
        text(&event.event_name),
        integer(event.time_unix_nano),
        event.severity_number.map(i64::from).into(),
        json(&event.attributes),
        json(&*event.resource),
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

/// A value as it stands in a line.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_string(value).map_or(Value::Null, Value::Text)
}

fn raw(json: Option<&RawValue>) -> Value {
    json.map_or(Value::Null, |json| text(json.get()))
}

#[cfg(test)]
mod tests {
    use super::super::wants::wants;
    use super::*;

    const LINE: &str = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"chat m","kind":"CLIENT","start_unix_nano":1,"end_unix_nano":9,"status":"ERROR","status_message":"timed out","attributes":{"gen_ai.request.model":"m"},"events":[{"name":"exception","time_unix_nano":5,"attributes":{"n":1}}],"links":[{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4737","span_id":"00f067aa0ba902b8","attributes":{}}],"resource":{"service.name":"coder"},"trace_state":"a=1","flags":3,"scope":{"name":"lib"},"dropped":{"events":1}}"#;

    /// All that the tables get of a line.
    fn rows(line: &str) -> Vec<Row> {
        let query = "SELECT spans.*, events.name, links.span_id FROM spans JOIN events JOIN links";
        let query = Query::read(query).unwrap();
        let columns = Columns::new(&query, &wants(&query).unwrap());
        let mut out = Vec::new();
        let span = Brief::read(line.as_bytes()).expect(line);
        columns.rows(&span, line.as_bytes(), &mut out);
        out
    }

    #[test]
    fn whatever_is_odd_about_a_line_its_rows_are_those_of_its_record() {
        for (from, to, kept) in [
            ("", "", 3),
            (r#""kind":"CLIENT""#, r#""kind":null"#, 3),
            (r#""kind":"CLIENT""#, r#""kind":3"#, 3),
            (r#""kind":"CLIENT""#, r#""kind":"client""#, 3),
            (r#""kind":"CLIENT","#, "", 3),
            (r#""status":"ERROR","#, "", 3),
            (r#""events":["#, r#""events":null,"was":["#, 2),
            (r#""events":["#, r#""events":{},"was":["#, 2),
            (r#""events":["#, r#""was":["#, 2),
            (r#""links":["#, r#""links":null,"were":["#, 2),
            (r#""name":"exception""#, r#""name":null"#, 2),
            (r#""time_unix_nano":5"#, r#""time_unix_nano":"5""#, 3),
            (r#""time_unix_nano":5"#, r#""time_unix_nano":null"#, 3),
            (r#""attributes":{"n":1}"#, r#""attributes":null"#, 3),
            (r#","attributes":{"n":1}"#, "", 3),
            (r#""span_id":"00f067aa0ba902b8""#, r#""span_id":"0""#, 2),
            (r#""span_id":"00f067aa0ba902b8""#, r#""span_id":"B8""#, 3),
            (r#","attributes":{}}]"#, r#","attributes":[]}]"#, 3),
            (r#""flags":3"#, r#""flags":"3""#, 3),
            (r#""flags":3"#, r#""flags":257"#, 3),
            (r#""trace_state":"a=1""#, r#""trace_state":1"#, 3),
            (r#"{"name":"lib"}"#, "7", 3),
            (r#"{"events":1}"#, r#"{"events":"x"}"#, 3),
        ] {
            let line = LINE.replacen(from, to, 1);
            assert!(from.is_empty() || line != LINE, "{from} is not there");
            let records = records(line.as_bytes()).unwrap();
            let of_record = rows(&serde_json::to_string(&records.spans[0]).unwrap());
            assert_eq!(rows(&line), of_record, "{to}");
            assert_eq!(of_record.len(), kept, "{to}");
        }
    }
}
