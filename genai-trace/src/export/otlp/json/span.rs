//! A span as the JSON of OTLP.

use opentelemetry_proto::tonic::trace::v1::{Span, span};
use serde_json::Value as Json;

use super::Object;

pub(super) fn json(span: &Span) -> Json {
    let mut object = Object::default();
    object.hex("traceId", &span.trace_id);
    object.hex("spanId", &span.span_id);
    object.text("traceState", &span.trace_state);
    object.hex("parentSpanId", &span.parent_span_id);
    object.count("flags", span.flags);
    object.text("name", &span.name);
    object.put("kind", span.kind.into());
    object.nanos("startTimeUnixNano", span.start_time_unix_nano);
    object.nanos("endTimeUnixNano", span.end_time_unix_nano);
    object.attributes(&span.attributes);
    object.count("droppedAttributesCount", span.dropped_attributes_count);
    object.list("events", &span.events, event);
    object.count("droppedEventsCount", span.dropped_events_count);
    object.list("links", &span.links, link);
    object.count("droppedLinksCount", span.dropped_links_count);
    if let Some(status) = &span.status {
        let mut about = Object::default();
        about.text("message", &status.message);
        if status.code != 0 {
            about.put("code", status.code.into());
        }
        object.put("status", about.into_json());
    }
    object.into_json()
}

fn event(event: &span::Event) -> Json {
    let mut object = Object::default();
    object.nanos("timeUnixNano", event.time_unix_nano);
    object.text("name", &event.name);
    object.attributes(&event.attributes);
    object.count("droppedAttributesCount", event.dropped_attributes_count);
    object.into_json()
}

fn link(link: &span::Link) -> Json {
    let mut object = Object::default();
    object.hex("traceId", &link.trace_id);
    object.hex("spanId", &link.span_id);
    object.text("traceState", &link.trace_state);
    object.attributes(&link.attributes);
    object.count("droppedAttributesCount", link.dropped_attributes_count);
    object.count("flags", link.flags);
    object.into_json()
}
