//! A span as a line, written from its entry without a record in between.
//!
//! The line is byte for byte what `serde_json` makes of the span's record; a test compares them.

use std::sync::Arc;

use crate::export::view::SpanView;
use crate::record::{Attributes, Dropped};
use crate::span::ids::push_hex;
use crate::span::value_bytes::{Text, ValueRef};

/// Writes spans as lines.
#[derive(Debug, Default)]
pub(crate) struct LineWriter {
    /// The process's attributes as JSON, the same on every line.
    resource: Vec<u8>,
    described: Option<Arc<Attributes>>,
    /// What the lines of a callsite have in common, by its number.
    templates: Vec<Option<Template>>,
}

/// What the lines of a callsite have in common, rendered once.
#[derive(Debug)]
struct Template {
    /// From the name to the key of the start.
    head: Vec<u8>,
    /// The attributes of the source.
    attributes: Vec<u8>,
}

impl Template {
    fn of(span: &SpanView<'_>) -> Self {
        let mut template = Self {
            head: Vec::new(),
            attributes: Vec::new(),
        };
        push_head(span, &mut template.head);
        let bare = SpanView::of_source(span);
        let mut first = true;
        bare.each_attribute(|key, value| {
            push_attribute(&mut first, key, value, &mut template.attributes);
        });
        template
    }
}

impl LineWriter {
    /// Says what is known of the process.
    pub(crate) fn describe_process(&mut self, resource: &Arc<Attributes>) {
        if self
            .described
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, resource))
        {
            return;
        }
        self.resource = serde_json::to_vec(resource).unwrap_or_else(|_| b"{}".to_vec());
        self.described = Some(Arc::clone(resource));
    }

    /// The template of the span's callsite, where the span is as its source says.
    fn template(&mut self, span: &SpanView<'_>) -> Option<&Template> {
        if !span.is_as_in_source() {
            return None;
        }
        let index = usize::try_from(span.header.callsite).ok()?;
        if index >= self.templates.len() {
            self.templates.resize_with(index + 1, || None);
        }
        let template = self.templates.get_mut(index)?;
        Some(template.get_or_insert_with(|| Template::of(span)))
    }

    /// Writes the line of `span`, its end included.
    pub(crate) fn write(&mut self, span: &SpanView<'_>, out: &mut Vec<u8>) {
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
        let template = self.template(span);
        match template {
            Some(template) => out.extend_from_slice(&template.head),
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
                out.extend_from_slice(&template.attributes);
                let mut first = template.attributes.is_empty();
                span.each_varying_attribute(|key, value| {
                    push_attribute(&mut first, key, value, out)
                });
            }
            None => {
                let mut first = true;
                span.each_attribute(|key, value| push_attribute(&mut first, key, value, out));
            }
        }
        out.extend_from_slice(b"},\"events\":[");
        push_events(span, out);
        out.extend_from_slice(b"],\"links\":[");
        push_links(span, out);
        out.extend_from_slice(b"],\"resource\":");
        out.extend_from_slice(&self.resource);
        if let Some(dropped) = span.dropped() {
            push_dropped(dropped, out);
        }
        out.extend_from_slice(b"}\n");
    }
}

/// From the name to the key of the start.
fn push_head(span: &SpanView<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"name\":\"");
    let (prefix, subject) = span.name();
    let halves = prefix.map(Text::from).into_iter().chain(subject);
    for (index, half) in halves.enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        push_escaped(half, out);
    }
    out.extend_from_slice(b"\",\"kind\":\"");
    out.extend_from_slice(span.callsite.operation().kind().as_str().as_bytes());
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
    for (index, (trace_id, span_id)) in span.links().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"trace_id\":\"");
        push_hex(&trace_id.to_bytes(), out);
        out.extend_from_slice(b"\",\"span_id\":\"");
        push_hex(&span_id.to_bytes(), out);
        out.extend_from_slice(b"\",\"attributes\":{}}");
    }
}

fn push_dropped(dropped: Dropped, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"dropped\":");
    // Rare, and the record's own form.
    out.extend_from_slice(&serde_json::to_vec(&dropped).unwrap_or_else(|_| b"{}".to_vec()));
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

fn push_str(text: Text<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    push_escaped(text, out);
    out.push(b'"');
}

/// Writes `text` with what JSON does not allow in a string escaped, as `serde_json` does.
fn push_escaped(text: Text<'_>, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    loop {
        let (clean, after) = rest.split_at(clean_prefix(rest));
        out.extend_from_slice(clean);
        let Some((byte, after)) = after.split_first() else {
            return;
        };
        push_escape(*byte, out);
        rest = after;
    }
}

/// How many bytes from the front need no escape; eight are looked at at once.
fn clean_prefix(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut clean = 0;
    for word in words {
        if may_need_escape(u64::from_le_bytes(*word))
            && let Some(place) = word.iter().position(|byte| needs_escape(*byte))
        {
            return clean + place;
        }
        clean += word.len();
    }
    clean
        + rest
            .iter()
            .position(|byte| needs_escape(*byte))
            .unwrap_or(rest.len())
}

/// Whether one of eight bytes may need an escape; sometimes yes where none does, never the reverse
/// (Sean Eron Anderson, Bit Twiddling Hacks: "determine if a word has a byte less than n").
const fn may_need_escape(word: u64) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    const fn has_less(word: u64, n: u64) -> u64 {
        word.wrapping_sub(ONES * n) & !word & HIGH
    }
    let (quote, slash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    has_less(word, 0x20) | has_less(quote, 1) | has_less(slash, 1) != 0
}

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn push_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' => b"\\\"",
        b'\\' => b"\\\\",
        0x08 => b"\\b",
        0x0c => b"\\f",
        b'\n' => b"\\n",
        b'\r' => b"\\r",
        b'\t' => b"\\t",
        other => {
            out.extend_from_slice(b"\\u00");
            push_hex(&[other], out);
            return;
        }
    };
    out.extend_from_slice(short);
}

#[cfg(test)]
mod tests;
