//! Spans as OTLP in JSON: a request a line, as the file exporter of the Collector writes them
//! (<https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/>).

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use genai_trace::{
    Attributes, Event, Link, Scope, SpanId, SpanKind, SpanRecord, Status, TraceId, Value,
};
use serde_json::{Map, Value as Json, json};

use super::Writer;
use crate::span::Brief;

/// So many spans at most go into a request: backends have limits.
const MOST_SPANS: usize = 512;

/// Spans of one process and one library that follow one another go into one request.
#[derive(Default)]
pub(super) struct Otlp {
    of: Option<(Arc<Attributes>, Option<Scope>)>,
    spans: Vec<Json>,
    /// Spans that have begun: they go when nothing more can say that they have ended.
    begun: HashMap<(TraceId, SpanId), SpanRecord>,
}

impl Writer for Otlp {
    fn span(&mut self, span: SpanRecord, out: &mut dyn Write) -> io::Result<()> {
        let id = (span.trace_id, span.span_id);
        if !Brief::who(&span).has_ended() {
            self.begun.entry(id).or_insert(span);
            return Ok(());
        }
        self.begun.remove(&id);
        self.add(&span, out)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let begun = std::mem::take(&mut self.begun).into_values();
        let mut begun: Vec<SpanRecord> = begun.collect();
        begun.sort_by_key(|span| (span.start_unix_nano, span.span_id.to_bytes()));
        for span in &begun {
            self.add(span, out)?;
        }
        self.send(out)
    }
}

impl Otlp {
    fn add(&mut self, span: &SpanRecord, out: &mut dyn Write) -> io::Result<()> {
        let is_same = |(resource, scope): &(Arc<Attributes>, Option<Scope>)| {
            *resource == span.resource && *scope == span.scope
        };
        if self.spans.len() >= MOST_SPANS || !self.of.as_ref().is_some_and(is_same) {
            self.send(out)?;
            self.of = Some((Arc::clone(&span.resource), span.scope.clone()));
        }
        self.spans.push(document(span));
        Ok(())
    }

    /// Writes a request of the spans that wait.
    fn send(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let spans = std::mem::take(&mut self.spans);
        let Some((resource, scope)) = self.of.take().filter(|_| !spans.is_empty()) else {
            return Ok(());
        };
        let mut of_scope = Map::new();
        if let Some(scope) = scope {
            let mut library = Map::new();
            library.insert("name".to_owned(), scope.name.into());
            if let Some(version) = scope.version {
                library.insert("version".to_owned(), version.into());
            }
            of_scope.insert("scope".to_owned(), library.into());
        }
        of_scope.insert("spans".to_owned(), spans.into());
        let request = json!({ "resourceSpans": [{
            "resource": { "attributes": pairs(&resource) },
            "scopeSpans": [of_scope],
        }]});
        serde_json::to_writer(&mut *out, &request)?;
        out.write_all(b"\n")
    }
}

/// A span as OTLP has it. What is not there is left out.
fn document(span: &SpanRecord) -> Json {
    let mut members = Map::new();
    let mut put = |key: &str, value: Json| {
        members.insert(key.to_owned(), value);
    };
    put("traceId", span.trace_id.to_string().into());
    put("spanId", span.span_id.to_string().into());
    if let Some(parent) = span.parent_span_id {
        put("parentSpanId", parent.to_string().into());
    }
    if let Some(state) = &span.trace_state {
        put("traceState", state.as_str().into());
    }
    // That of a sampled span, unless it says otherwise.
    put("flags", span.flags.unwrap_or(1).into());
    put("name", span.name.as_str().into());
    put("kind", kind(span.kind).into());
    put("startTimeUnixNano", span.start_unix_nano.to_string().into());
    put("endTimeUnixNano", span.end_unix_nano.to_string().into());
    put("attributes", pairs(&span.attributes));
    put("events", span.events.iter().map(event).collect());
    put("links", span.links.iter().map(link).collect());
    let dropped = span.dropped.unwrap_or_default();
    for (key, count) in [
        ("droppedAttributesCount", dropped.attributes),
        ("droppedEventsCount", dropped.events),
        ("droppedLinksCount", dropped.links),
    ] {
        if count > 0 {
            put(key, count.into());
        }
    }
    let mut status = Map::new();
    match span.status {
        Status::Unset => {}
        Status::Ok => _ = status.insert("code".to_owned(), 1.into()),
        Status::Error => _ = status.insert("code".to_owned(), 2.into()),
    }
    if !span.status_message.is_empty() {
        let message = span.status_message.as_str().into();
        status.insert("message".to_owned(), message);
    }
    put("status", status.into());
    members.into()
}

const fn kind(kind: SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

fn event(event: &Event) -> Json {
    json!({
        "timeUnixNano": event.time_unix_nano.to_string(),
        "name": event.name,
        "attributes": pairs(&event.attributes),
    })
}

fn link(link: &Link) -> Json {
    let mut members = Map::new();
    members.insert("traceId".to_owned(), link.trace_id.to_string().into());
    members.insert("spanId".to_owned(), link.span_id.to_string().into());
    if let Some(state) = &link.trace_state {
        members.insert("traceState".to_owned(), state.as_str().into());
    }
    members.insert("attributes".to_owned(), pairs(&link.attributes));
    members.into()
}

fn pairs(attributes: &Attributes) -> Json {
    let pair = |(key, value): (&str, &Value)| json!({ "key": key, "value": any_value(value) });
    attributes.iter().map(pair).collect()
}

/// A value with its type; integers of 64 bits stand in texts, as the JSON of protobuf has them.
fn any_value(value: &Value) -> Json {
    let list = |values: Vec<Json>| json!({ "arrayValue": { "values": values } });
    let int = |number: &i64| json!({ "intValue": number.to_string() });
    let text = |text: &String| json!({ "stringValue": text });
    let truth = |truth: &bool| json!({ "boolValue": truth });
    // A float that JSON cannot write is a text in our lines, and in the JSON of protobuf.
    let float = |number: &f64| json!({ "doubleValue": Value::Float(*number) });
    match value {
        Value::String(one) => text(one),
        Value::Bool(one) => truth(one),
        Value::Int(one) => int(one),
        Value::Float(one) => float(one),
        Value::StringArray(all) => list(all.iter().map(text).collect()),
        Value::BoolArray(all) => list(all.iter().map(truth).collect()),
        Value::IntArray(all) => list(all.iter().map(int).collect()),
        Value::FloatArray(all) => list(all.iter().map(float).collect()),
        // A kind of value that is newer than this command.
        other => json!({ "stringValue": other.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::records;

    const LINE: &str = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"00f067aa0ba902b6","name":"chat \"m\"","kind":"CLIENT","start_unix_nano":1790000000000000001,"end_unix_nano":1790000000012345678,"status":"ERROR","status_message":"timed out","attributes":{"float":2.0,"floats":[1.0,2.5],"most":1e+300,"no number":"NaN","text":"ä\n","texts":["a",""],"truth":true,"truths":[false],"whole":-9007199254740993,"wholes":[1,-2]},"events":[{"name":"exception","time_unix_nano":5,"attributes":{"exception.type":"E"}}],"links":[{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4737","span_id":"00f067aa0ba902b8","trace_state":"b=2","attributes":{"n":1}}],"resource":{"service.name":"coder"},"trace_state":"a=1","flags":3,"scope":{"name":"lib","version":"1"},"dropped":{"attributes":1,"events":2,"links":3}}"#;

    fn converted(lines: &[&str]) -> Vec<String> {
        let (mut otlp, mut out) = (Otlp::default(), Vec::new());
        for line in lines {
            let span = serde_json::from_str(line).unwrap();
            otlp.span(span, &mut out).unwrap();
        }
        otlp.end(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_span_comes_back_as_it_was() {
        let [request] = &converted(&[LINE])[..] else {
            panic!("one request");
        };
        let back = records(request.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&back.spans[0]).unwrap(), LINE);
    }

    #[test]
    fn spans_of_one_process_and_library_go_into_one_request() {
        let other = LINE.replace("coder", "reviewer");
        let requests = converted(&[LINE, LINE, &other, LINE]);
        let spans = requests.iter().map(|request| records(request.as_bytes()));
        let counts: Vec<_> = spans.map(|spans| spans.unwrap().spans.len()).collect();
        assert_eq!(counts, [2, 1, 1]);
        let many = vec![LINE; MOST_SPANS + 1];
        assert_eq!(converted(&many).len(), 2);
        assert_eq!(converted(&[]).len(), 0);
    }

    #[test]
    fn of_a_span_that_has_begun_and_ended_only_the_end_goes() {
        let begun = LINE.replace(
            "\"end_unix_nano\":1790000000012345678",
            "\"end_unix_nano\":0",
        );
        let open = begun.replace("00f067aa0ba902b7", "00f067aa0ba902b9");
        let ids = |lines: &[&str]| -> Vec<_> {
            let requests = converted(lines).into_iter();
            let spans = requests.flat_map(|request| records(request.as_bytes()).unwrap());
            let said = spans.map(|span| (span.span_id.to_string(), span.end_unix_nano != 0));
            said.collect()
        };
        let ended = || ("00f067aa0ba902b7".to_owned(), true);
        assert_eq!(ids(&[&begun, LINE]), [ended()]);
        let open_one = ("00f067aa0ba902b9".to_owned(), false);
        assert_eq!(ids(&[&begun, &open, &open, LINE]), [ended(), open_one]);
    }
}
