//! A span as a line, written from its entry without a record in between.
//!
//! The line is byte for byte what `serde_json` makes of the span's record; a test compares them.

mod digits;
mod resource;
mod template;
mod text;

use std::sync::Arc;

pub(crate) use self::resource::resource_json;
use self::template::Templates;
use self::text::{push_escaped, push_str};
use crate::export::view::SpanView;
use crate::record::{Attributes, Dropped};
use crate::span::ids::push_hex;
use crate::span::names;
use crate::span::value_bytes::{Text, ValueRef};

/// Writes spans as lines.
#[derive(Debug, Default)]
pub(crate) struct LineWriter {
    /// The process's attributes as JSON, the same on every line.
    resource: Vec<u8>,
    described: Option<Arc<Attributes>>,
    templates: Templates,
}

impl LineWriter {
    /// A writer of the spans of another process, of which `resource` says in JSON what is known.
    pub(crate) fn of_process(resource: Vec<u8>) -> Self {
        Self {
            resource,
            ..Self::default()
        }
    }

    /// Says what is known of the process.
    pub(crate) fn describe_process(&mut self, resource: &Arc<Attributes>) {
        if self
            .described
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, resource))
        {
            return;
        }
        self.resource = resource_json(resource);
        self.described = Some(Arc::clone(resource));
        // Their lines end with it.
        self.templates = Templates::default();
    }

    /// Writes the line of `span`, its end included.
    #[inline]
    pub(crate) fn write(&mut self, span: &SpanView<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        let written = self
            .templates
            .of(span, &self.resource)
            .and_then(|template| template.write(span, &self.resource, out));
        if written.is_none() {
            out.truncate(start);
            self.write_any(span, out);
        }
    }

    /// Writes the line of a span that may say anything.
    fn write_any(&mut self, span: &SpanView<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"trace_id\":\"");
        push_hex(&span.header.trace_id.to_bytes(), out);
        out.extend_from_slice(b"\",\"span_id\":\"");
        push_hex(&span.header.span_id.to_bytes(), out);
        match span.header.parent {
            None => out.extend_from_slice(b"\",\"parent_span_id\":null,"),
            Some(parent) => {
                out.extend_from_slice(b"\",\"parent_span_id\":\"");
                push_hex(&parent.to_bytes(), out);
                out.extend_from_slice(b"\",");
            }
        }
        let template = match span.is_as_in_source() {
            true => self.templates.of(span, &self.resource),
            false => None,
        };
        match &template {
            Some(template) => out.extend_from_slice(template.name()),
            None => push_head(span, out),
        }
        push_int(span.since_1970(span.header.start), out);
        out.extend_from_slice(b",\"end_unix_nano\":");
        push_int(span.since_1970(span.header.end), out);
        out.extend_from_slice(b",\"status\":\"");
        out.extend_from_slice(span.status().as_str().as_bytes());
        out.extend_from_slice(b"\",\"status_message\":");
        push_str(span.message(), out);
        out.extend_from_slice(b",\"attributes\":{");
        match template {
            Some(template) => {
                out.extend_from_slice(template.attributes());
                let mut first = template.attributes().is_empty();
                span.each_varying_attribute(&mut |key, value| {
                    push_attribute(&mut first, key, value, out)
                });
            }
            None => {
                let mut first = true;
                span.each_attribute(&mut |key, value| push_attribute(&mut first, key, value, out));
            }
        }
        out.extend_from_slice(b"},\"events\":[");
        push_events(span, out);
        out.extend_from_slice(b"],\"links\":[");
        push_links(span, out);
        out.extend_from_slice(b"],\"resource\":");
        out.extend_from_slice(&self.resource);
        if let Some(text) = span.trace_state() {
            out.extend_from_slice(b",\"trace_state\":");
            push_str(text, out);
        }
        if let Some(dropped) = span.dropped() {
            push_dropped(dropped, out);
        }
        out.extend_from_slice(b"}\n");
    }
}

/// From the name to the key of the start.
fn push_head(span: &SpanView<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"name\":\"");
    for (index, word) in span.name().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        push_escaped(word, out);
    }
    out.extend_from_slice(b"\",\"kind\":\"");
    out.extend_from_slice(span.callsite.kind().as_str().as_bytes());
    out.extend_from_slice(b"\",\"start_unix_nano\":");
}

fn push_attribute(first: &mut bool, key: Text<'_>, value: ValueRef<'_>, out: &mut Vec<u8>) {
    if !std::mem::take(first) {
        out.push(b',');
    }
    push_str(key, out);
    out.push(b':');
    push_value(value, out);
}

fn push_events(span: &SpanView<'_>, out: &mut Vec<u8>) {
    for (index, event) in span.events().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"name\":");
        push_str(event.name, out);
        out.extend_from_slice(b",\"time_unix_nano\":");
        push_int(span.since_1970(event.time), out);
        out.extend_from_slice(b",\"attributes\":{");
        let mut first = true;
        for (key, value) in event.attributes() {
            push_attribute(&mut first, key, value, out);
        }
        out.extend_from_slice(b"}}");
    }
}

fn push_links(span: &SpanView<'_>, out: &mut Vec<u8>) {
    for (index, link) in span.links().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"trace_id\":\"");
        push_hex(&link.trace_id.to_bytes(), out);
        out.extend_from_slice(b"\",\"span_id\":\"");
        push_hex(&link.span_id.to_bytes(), out);
        out.push(b'"');
        if !link.trace_state.is_empty() {
            out.extend_from_slice(b",\"trace_state\":");
            push_str(link.trace_state, out);
        }
        out.extend_from_slice(b",\"attributes\":{");
        if !link.kind.is_empty() {
            let kind = ValueRef::Str(link.kind);
            push_attribute(&mut true, names::LINK_TYPE.into(), kind, out);
        }
        out.extend_from_slice(b"}}");
    }
}

fn push_dropped(dropped: Dropped, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"dropped\":{");
    let counts = [
        ("attributes", dropped.attributes),
        ("events", dropped.events),
        ("links", dropped.links),
        ("truncated", dropped.truncated),
    ];
    let mut first = true;
    for (what, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        let count = ValueRef::Int(count.into());
        push_attribute(&mut first, what.into(), count, out);
    }
    out.push(b'}');
}

fn push_value(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Str(text) => push_str(text, out),
        ValueRef::Bool(truth) => push_bool(truth, out),
        ValueRef::Int(number) => push_int(number, out),
        ValueRef::Float(number) => push_float(number, out),
        ValueRef::Strs(bytes) => push_array(bytes.texts(), out, push_str),
        ValueRef::Bools(bytes) => push_array(bytes.bools(), out, push_bool),
        ValueRef::Ints(bytes) => push_array(bytes.ints(), out, push_int),
        ValueRef::Floats(bytes) => push_array(bytes.floats(), out, push_float),
    }
}

fn push_array<T>(
    elements: impl Iterator<Item = T>,
    out: &mut Vec<u8>,
    push: impl Fn(T, &mut Vec<u8>),
) {
    out.push(b'[');
    for (index, element) in elements.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push(element, out);
    }
    out.push(b']');
}

fn push_bool(truth: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if truth { b"true" } else { b"false" });
}

fn push_int(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn push_float(number: f64, out: &mut Vec<u8>) {
    if number.is_finite() && serde_json::to_writer(&mut *out, &number).is_ok() {
        return;
    }
    push_str(crate::record::non_finite(number).into(), out);
}

#[cfg(test)]
mod tests;
