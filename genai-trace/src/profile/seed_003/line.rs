//! A span as OpenTelemetry's exporter to the console in Python prints it.

use crate::profile::shape::Object;
use crate::record::{Attributes, SpanRecord};
use crate::span::ids::{SpanId, TraceId};

/// Writes a line: these keys and no other.
pub(in crate::profile) fn write(span: &SpanRecord, attributes: &Attributes, mut line: Object<'_>) {
    line.text("name", &span.name);
    let state = span.trace_state.as_deref();
    context(&mut line, span.trace_id, span.span_id, state);
    line.shown("kind", &format_args!("SpanKind.{}", span.kind.as_str()));
    match span.parent_span_id {
        Some(parent) => line.shown("parent_id", &format_args!("0x{parent}")),
        None => line.nothing("parent_id"),
    }
    line.time("start_time", span.start_unix_nano);
    line.time("end_time", span.end_unix_nano);
    let mut status = line.object("status");
    status.text("status_code", span.status.as_str());
    if !span.status_message.is_empty() {
        status.text("description", &span.status_message);
    }
    status.end();
    line.attributes("attributes", attributes);
    line.list("events", span.events.len(), &mut |index, mut object| {
        if let Some(event) = span.events.get(index) {
            object.text("name", &event.name);
            object.time("timestamp", event.time_unix_nano);
            object.attributes("attributes", &event.attributes);
        }
        object.end();
    });
    line.list("links", span.links.len(), &mut |index, mut object| {
        if let Some(link) = span.links.get(index) {
            let state = link.trace_state.as_deref();
            context(&mut object, link.trace_id, link.span_id, state);
            object.attributes("attributes", &link.attributes);
        }
        object.end();
    });
    let mut resource = line.object("resource");
    resource.attributes("attributes", &span.resource);
    resource.text("schema_url", "");
    resource.end();
    line.end();
}

fn context(object: &mut Object<'_>, trace_id: TraceId, span_id: SpanId, state: Option<&str>) {
    let mut context = object.object("context");
    context.shown("trace_id", &format_args!("0x{trace_id}"));
    context.shown("span_id", &format_args!("0x{span_id}"));
    context.text("trace_state", &trace_state(state.unwrap_or_default()));
    context.end();
}

/// A `tracestate` as Python shows it: `['{key=a, value=b}']`.
fn trace_state(state: &str) -> String {
    let mut shown = String::from("[");
    for member in state.split(',') {
        if let Some((key, value)) = member.trim().split_once('=') {
            let comma = if shown.len() > 1 { ", " } else { "" };
            shown += &format!("{comma}'{{key={key}, value={value}}}'");
        }
    }
    shown + "]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_state_is_shown_as_python_shows_it() {
        assert_eq!(trace_state(""), "[]");
        assert_eq!(
            trace_state("a=1,b=x=y"),
            "['{key=a, value=1}', '{key=b, value=x=y}']"
        );
    }
}
