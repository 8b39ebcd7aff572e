//! A finished span as a message of OTLP: pure functions.

use opentelemetry_proto::tonic::trace::v1::{self as proto, span};
use prost::Message;

use super::request::Item;
use super::value::attributes;
use crate::record::{Event, Link, SpanKind, SpanRecord, Status};

/// The W3C flags of a span that is sampled: what a record means that says nothing of them.
pub(super) const SAMPLED: u32 = 1;

/// The span as it stands in a request.
pub(super) fn item<'a>(record: &'a SpanRecord, schema_url: &'static str) -> Item<'a> {
    Item {
        resource: &record.resource,
        scope: record.scope.as_ref(),
        schema_url,
        body: span(record).encode_to_vec(),
    }
}

fn span(record: &SpanRecord) -> proto::Span {
    let dropped = record.dropped.unwrap_or_default();
    proto::Span {
        trace_id: record.trace_id.to_bytes().to_vec(),
        span_id: record.span_id.to_bytes().to_vec(),
        trace_state: record.trace_state.clone().unwrap_or_default(),
        parent_span_id: record
            .parent_span_id
            .map(|id| id.to_bytes().to_vec())
            .unwrap_or_default(),
        flags: record.flags.map_or(SAMPLED, u32::from),
        name: record.name.clone(),
        kind: i32::from(kind(record.kind)),
        start_time_unix_nano: record.start_unix_nano,
        end_time_unix_nano: record.end_unix_nano,
        attributes: attributes(&record.attributes),
        dropped_attributes_count: dropped.attributes,
        events: record.events.iter().map(event).collect(),
        dropped_events_count: dropped.events,
        links: record.links.iter().map(link).collect(),
        dropped_links_count: dropped.links,
        status: Some(status(record)),
    }
}

pub(super) const fn kind(kind: SpanKind) -> i8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// The status; only an error has a message, as the specification wants it.
fn status(record: &SpanRecord) -> proto::Status {
    let (code, message) = match record.status {
        Status::Unset => (0, ""),
        Status::Ok => (1, ""),
        Status::Error => (2, record.status_message.as_str()),
    };
    proto::Status {
        message: message.to_owned(),
        code,
    }
}

fn event(event: &Event) -> span::Event {
    span::Event {
        time_unix_nano: event.time_unix_nano,
        name: event.name.clone(),
        attributes: attributes(&event.attributes),
        dropped_attributes_count: 0,
    }
}

fn link(link: &Link) -> span::Link {
    span::Link {
        trace_id: link.trace_id.to_bytes().to_vec(),
        span_id: link.span_id.to_bytes().to_vec(),
        trace_state: link.trace_state.clone().unwrap_or_default(),
        attributes: attributes(&link.attributes),
        dropped_attributes_count: 0,
        flags: 0,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::span::ids::{SpanId, TraceId};

    /// A span with one of everything.
    pub(in crate::export::otlp) fn record() -> SpanRecord {
        let line = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"00f067aa0ba902b6","name":"chat gpt-4o","kind":"CLIENT","start_unix_nano":1790000000000000001,"end_unix_nano":1790000000012345678,"status":"ERROR","status_message":"timed out","attributes":{"text":"{\"a\":1}","yes":true,"int":-7,"float":0.5,"texts":["a","b"],"truths":[true,false],"ints":[1,9007199254740993],"floats":[0.5,2.0]},"events":[{"name":"exception","time_unix_nano":1790000000000000002,"attributes":{"exception.type":"timeout"}}],"links":[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","trace_state":"a=1","attributes":{"why":"handoff"}}],"resource":{"service.name":"coder"},"trace_state":"b=2","flags":0,"dropped":{"attributes":1,"events":2,"links":3}}"#;
        let mut record: SpanRecord = serde_json::from_str(line).unwrap();
        record.attributes.insert("nan", f64::NAN);
        record
    }

    #[test]
    fn all_that_a_record_says_is_in_the_message() {
        let record = record();
        let span = span(&record);
        assert_eq!(
            TraceId::from_bytes(span.trace_id.try_into().unwrap()),
            Some(record.trace_id)
        );
        assert_eq!(
            SpanId::from_bytes(span.span_id.try_into().unwrap()),
            Some(record.span_id)
        );
        assert_eq!(
            SpanId::from_bytes(span.parent_span_id.try_into().unwrap()),
            record.parent_span_id
        );
        assert_eq!(
            (span.kind, span.flags, span.trace_state.as_str()),
            (3, 0, "b=2")
        );
        assert_eq!(span.start_time_unix_nano, 1_790_000_000_000_000_001);
        assert_eq!(span.end_time_unix_nano, 1_790_000_000_012_345_678);
        let status = span.status.unwrap();
        assert_eq!((status.code, status.message.as_str()), (2, "timed out"));
        let dropped = (
            span.dropped_attributes_count,
            span.dropped_events_count,
            span.dropped_links_count,
        );
        assert_eq!(dropped, (1, 2, 3));
        assert_eq!(span.attributes.len(), record.attributes.len());
        assert_eq!(
            (
                span.events[0].name.as_str(),
                span.events[0].attributes.len()
            ),
            ("exception", 1)
        );
        let link = &span.links[0];
        assert_eq!(
            (link.trace_state.as_str(), link.attributes.len()),
            ("a=1", 1)
        );
        assert_eq!((link.trace_id.len(), link.span_id.len()), (16, 8));
    }

    #[test]
    fn a_message_without_an_error_is_not_sent() {
        let mut record = record();
        record.status = Status::Unset;
        assert_eq!(status(&record), proto::Status::default());
        record.flags = None;
        record.parent_span_id = None;
        let span = span(&record);
        assert_eq!(span.flags, 1);
        assert!(span.parent_span_id.is_empty());
    }
}
