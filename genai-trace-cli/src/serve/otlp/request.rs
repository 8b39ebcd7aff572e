//! What stands in a request.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;
use std::slice;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};
use flate2::read::MultiGzDecoder;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::reply::Form;
use super::{json, protobuf};
use crate::span::{LeftOut, events_of, records_of};

/// The longest body once it is no longer compressed: as a Collector takes it, and servers for gRPC take 4 MiB.
const LONGEST_PLAIN: u64 = 20 << 20;
/// The longest that all spans may be, each with its resource, as the lines have them that are made of it.
const MOST_WEIGHT: usize = 64 << 20;
/// More attributes, events and what is in them one span does not have, nor a resource; a text is one of them.
pub(super) const MOST_VALUES: usize = 1 << 16;
/// More resources, scopes and spans one request does not have: exporters send some hundreds at once.
const MOST_PIECES: usize = 1 << 18;

/// What a request sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Spans,
    /// Events of spans, among whatever else is logged.
    Logs,
}

/// The spans of a request as lines of a traces file, or the events as lines of that beside it, and the spans that are none.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) signal: Signal,
    pub(super) lines: Vec<u8>,
    pub(super) left_out: LeftOut,
    pieces: usize,
    weight: usize,
}

/// Why a request is not taken.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

impl Refused {
    pub(super) const fn new(status: StatusCode, why: String) -> Self {
        Self { status, why }
    }

    /// It may be sent again.
    pub(super) const fn for_now(why: String) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, why)
    }

    pub(super) fn no_request(error: &dyn fmt::Display) -> Self {
        Self::wrong(format!("the body is no request of OTLP: {error}"))
    }

    const fn wrong(why: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, why)
    }
}

/// A body as it was before it was compressed.
pub(super) fn plain(encoding: Option<&HeaderValue>, body: Bytes) -> Result<Bytes, Refused> {
    let said = encoding.map(|encoding| encoding.to_str().unwrap_or_default());
    let said = said.unwrap_or_default().trim().to_ascii_lowercase();
    match said.as_str() {
        "identity" | "" => Ok(body),
        "gzip" => {
            let mut plain = Vec::new();
            let read = MultiGzDecoder::new(&*body)
                .take(LONGEST_PLAIN + 1)
                .read_to_end(&mut plain);
            read.map_err(|error| Refused::wrong(format!("the body is no gzip: {error}")))?;
            match u64::try_from(plain.len()).is_ok_and(|length| length <= LONGEST_PLAIN) {
                true => Ok(plain.into()),
                false => Err(Refused::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    format!(
                        "the body has more than {LONGEST_PLAIN} bytes once it is no longer compressed"
                    ),
                )),
            }
        }
        other => Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("the content encoding is {other:?}: expected gzip or none"),
        )),
    }
}

/// What is in a body.
pub(super) fn read(signal: Signal, form: Form, body: &[u8]) -> Result<Sent, Refused> {
    let mut sent = Sent {
        signal,
        lines: Vec::new(),
        left_out: LeftOut::default(),
        pieces: 0,
        weight: 0,
    };
    match form {
        Form::Protobuf => protobuf::read(body, &mut sent)?,
        Form::Json => json::read(body, &mut sent)?,
    }
    Ok(sent)
}

impl Signal {
    /// What the members are called that have what is of a scope, and the items in that.
    const fn members(self) -> (&'static str, &'static str) {
        match self {
            Signal::Spans => ("scopeSpans", "spans"),
            Signal::Logs => ("scopeLogs", "logRecords"),
        }
    }
}

impl Sent {
    /// Counts a resource, a scope or a span.
    pub(super) fn count(&mut self) -> Result<(), Refused> {
        self.pieces += 1;
        match self.pieces <= MOST_PIECES {
            true => Ok(()),
            false => Err(Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the request has more than {MOST_PIECES} resources, scopes and spans"),
            )),
        }
    }

    fn write(&mut self, records: &[impl Serialize]) -> Result<(), Refused> {
        for record in records {
            serde_json::to_writer(&mut self.lines, record)
                .map_err(|error| Refused::for_now(error.to_string()))?;
            self.lines.push(b'\n');
        }
        Ok(())
    }

    /// For what is of this resource.
    pub(super) fn of(&mut self, resource: &str) -> Result<OfResource<'_>, Refused> {
        self.count()?;
        let (scopes, items) = self.signal.members();
        let of_scope = json!({ "scope": null, items: [null] });
        let length = resource.len();
        let resource = value(resource).map_err(|why| Refused::no_request(&why))?;
        Ok(OfResource {
            document: json!({ "resource": resource, scopes: [of_scope] }),
            length,
            sent: self,
        })
    }
}

/// What is of one resource.
#[derive(Debug)]
pub(super) struct OfResource<'a> {
    /// What would say one item alone.
    document: Json,
    /// Of the resource, as it is written.
    length: usize,
    sent: &'a mut Sent,
}

impl OfResource<'_> {
    /// The scope of what comes.
    pub(super) fn scope(&mut self, scope: &str) -> Result<(), Refused> {
        self.sent.count()?;
        let scope = value(scope).map_err(|why| Refused::no_request(&why))?;
        let (scopes, _) = self.sent.signal.members();
        if let Some(place) = self.document.pointer_mut(&format!("/{scopes}/0/scope")) {
            *place = scope;
        }
        Ok(())
    }

    /// A span or a record of a log, written as OTLP writes it in JSON.
    pub(super) fn add(&mut self, item: Cow<'_, str>) -> Result<(), Refused> {
        self.sent.count()?;
        self.sent.weight += self.length + item.len();
        if self.sent.weight > MOST_WEIGHT {
            return Err(Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the spans, each with its resource, are more than {MOST_WEIGHT} bytes"),
            ));
        }
        let parsed = value(&item);
        // It may be long, and what is made of it is long as well.
        drop(item);
        match parsed {
            Ok(item) => self.put(item),
            Err(why) => {
                self.sent.left_out.add(&Json::Null, why);
                return Ok(());
            }
        }
        let document = slice::from_ref(&self.document);
        match self.sent.signal {
            Signal::Spans => {
                let found = records_of(document);
                self.put(Json::Null);
                self.sent.left_out.merge(found.left_out);
                self.sent.write(&found.spans)
            }
            // What is logged besides is left aside.
            Signal::Logs => self.sent.write(&events_of(document)),
        }
    }

    /// Has the document say this item.
    fn put(&mut self, item: Json) {
        let (scopes, items) = self.sent.signal.members();
        if let Some(place) = self.document.pointer_mut(&format!("/{scopes}/0/{items}/0")) {
            *place = item;
        }
    }

    /// One with more in it than is read.
    pub(super) fn reject(&mut self, why: String) -> Result<(), Refused> {
        self.sent.left_out.add(&Json::Null, why);
        self.sent.count()
    }
}

/// What a text in JSON says; else what is wrong with it.
fn value(text: &str) -> Result<Json, String> {
    match has_few_values(text) {
        true => serde_json::from_str(text).map_err(|error| error.to_string()),
        false => Err(format!("it has more than {MOST_VALUES} values in it")),
    }
}

/// Whether a text in JSON has no more values in it than are read.
fn has_few_values(json: &str) -> bool {
    let (mut values, mut is_text, mut is_escaped) = (0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => values += 1,
            _ => {}
        }
    }
    values <= MOST_VALUES
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;

    use super::*;

    fn request(attributes: &str) -> String {
        format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{
                "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"x",
                "startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[{attributes}]}}],
                "scope":{{"name":"s","version":"1"}}}}],
              "resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"me"}}}}]}}}}]}}"#
        )
    }

    #[test]
    fn both_forms_say_the_same_in_whatever_order_members_come() {
        let body = request(r#"{"key":"a","value":{"intValue":"7"}}"#);
        let found = read(Signal::Spans, Form::Json, body.as_bytes()).unwrap();
        let line: Json = serde_json::from_slice(&found.lines).unwrap();
        assert_eq!(
            (&line["resource"]["service.name"], &line["scope"]["name"]),
            (&json!("me"), &json!("s"))
        );
        assert_eq!(line["attributes"]["a"], 7);
        let message: ExportTraceServiceRequest = serde_json::from_str(&body).unwrap();
        let same = read(Signal::Spans, Form::Protobuf, &message.encode_to_vec()).unwrap();
        assert_eq!(serde_json::from_slice::<Json>(&same.lines).unwrap(), line);
    }

    #[test]
    fn a_span_of_more_values_than_anybody_means_is_left_out() {
        let mut attributes = "0".to_owned();
        for _ in 0..=MOST_VALUES {
            attributes.push_str(",0");
        }
        let found = read(Signal::Spans, Form::Json, request(&attributes).as_bytes()).unwrap();
        assert_eq!((found.left_out.count, found.lines.len()), (1, 0));
        let text = format!("\"{}\\\"\"", ",[{".repeat(MOST_VALUES));
        assert!(has_few_values(&text));
    }

    #[test]
    fn a_resource_that_stands_on_each_of_many_spans_has_a_limit() {
        let big = "r".repeat(1 << 20);
        let mut spans_of_it = String::new();
        for id in 1..200 {
            let _ = write!(
                spans_of_it,
                r#"{{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"{id:016x}","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}},"#
            );
        }
        let body = format!(
            r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"r","value":{{"stringValue":"{big}"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
            spans_of_it.trim_end_matches(',')
        );
        let refused = read(Signal::Spans, Form::Json, body.as_bytes()).unwrap_err();
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
