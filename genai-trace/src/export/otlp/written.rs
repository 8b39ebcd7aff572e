//! A finished span as the bytes of its message, written from its entry without a record or a message in between.
//!
//! The bytes say what the [message](super::span) of the span's record says; a test compares them.

use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use super::request::Item;
use super::span::{SAMPLED, kind};
use crate::export::SpanBatch;
use crate::export::view::SpanView;
use crate::record::Status;
use crate::span::ids::{SpanId, TraceId};
use crate::span::items::EventRef;
use crate::span::names;
use crate::span::value_bytes::{Text, ValueRef};

/// Most spans have fewer bytes.
const ROOM: usize = 512;

/// The span as it stands in a request.
pub(super) fn item<'a>(batch: &SpanBatch<'a>, span: &SpanView<'_>) -> Item<'a> {
    Item {
        resource: batch.resource(),
        scope: None,
        schema_url: batch.schema_url(),
        body: body(span),
    }
}

fn body(span: &SpanView<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(ROOM);
    let header = &span.header;
    put_ids(&mut out, header.trace_id, header.span_id);
    if let Some(text) = span.trace_state() {
        put_text(&mut out, 3, text);
    }
    if let Some(parent) = header.parent {
        put_bytes(&mut out, 4, &parent.to_bytes());
    }
    nest(&mut out, 5, |out| {
        for (index, word) in span.name().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(word.to_str().as_bytes());
        }
    });
    put_number(
        &mut out,
        6,
        kind(span.callsite.kind()).unsigned_abs().into(),
    );
    put_fixed64(&mut out, 7, span.since_1970(header.start));
    put_fixed64(&mut out, 8, span.since_1970(header.end));
    span.each_attribute(&mut |key, value| put_attribute(&mut out, 9, key, value));
    let dropped = span.dropped().unwrap_or_default();
    put_number(&mut out, 10, dropped.attributes.into());
    for event in span.events() {
        nest(&mut out, 11, |out| put_event(out, span, event));
    }
    put_number(&mut out, 12, dropped.events.into());
    for link in span.links() {
        nest(&mut out, 13, |out| {
            put_ids(out, link.trace_id, link.span_id);
            if !link.trace_state.is_empty() {
                put_text(out, 3, link.trace_state);
            }
            if !link.kind.is_empty() {
                put_attribute(out, 4, names::LINK_TYPE.into(), ValueRef::Str(link.kind));
            }
        });
    }
    put_number(&mut out, 14, dropped.links.into());
    nest(&mut out, 15, |out| put_status(out, span));
    encode_key(16, WireType::ThirtyTwoBit, &mut out);
    out.extend_from_slice(&SAMPLED.to_le_bytes());
    out
}

fn put_ids(out: &mut Vec<u8>, trace_id: TraceId, span_id: SpanId) {
    put_bytes(out, 1, &trace_id.to_bytes());
    put_bytes(out, 2, &span_id.to_bytes());
}

/// Only an error has a message, as the specification wants it.
fn put_status(out: &mut Vec<u8>, span: &SpanView<'_>) {
    if span.status() == Status::Error {
        let message = span.message();
        if !message.is_empty() {
            put_text(out, 2, message);
        }
        put_number(out, 3, 2);
    }
}

fn put_event(out: &mut Vec<u8>, span: &SpanView<'_>, event: EventRef<'_>) {
    put_fixed64(out, 1, span.since_1970(event.time));
    put_text(out, 2, event.name);
    for (key, value) in event.attributes() {
        put_attribute(out, 3, key, value);
    }
}

fn put_attribute(out: &mut Vec<u8>, tag: u32, key: Text<'_>, value: ValueRef<'_>) {
    nest(out, tag, |out| {
        put_text(out, 1, key);
        nest(out, 2, |out| put_value(out, value));
    });
}

/// What is one of several is there even where it is 0, false or empty.
fn put_value(out: &mut Vec<u8>, value: ValueRef<'_>) {
    let array = |out: &mut Vec<u8>, put: &mut dyn FnMut(&mut Vec<u8>)| nest(out, 5, |out| put(out));
    match value {
        ValueRef::Str(text) => put_text(out, 1, text),
        ValueRef::Bool(truth) => put_bool(out, truth),
        ValueRef::Int(number) => put_int(out, number),
        ValueRef::Float(number) => put_float(out, number),
        ValueRef::Strs(bytes) => array(out, &mut |out| {
            bytes
                .texts()
                .for_each(|text| nest(out, 1, |out| put_text(out, 1, text)));
        }),
        ValueRef::Bools(bytes) => array(out, &mut |out| {
            bytes
                .bools()
                .for_each(|truth| nest(out, 1, |out| put_bool(out, truth)));
        }),
        ValueRef::Ints(bytes) => array(out, &mut |out| {
            bytes
                .ints()
                .for_each(|number| nest(out, 1, |out| put_int(out, number)));
        }),
        ValueRef::Floats(bytes) => array(out, &mut |out| {
            bytes
                .floats()
                .for_each(|number| nest(out, 1, |out| put_float(out, number)));
        }),
    }
}

fn put_bool(out: &mut Vec<u8>, truth: bool) {
    encode_key(2, WireType::Varint, out);
    out.push(truth.into());
}

fn put_int(out: &mut Vec<u8>, number: i64) {
    encode_key(3, WireType::Varint, out);
    encode_varint(number.cast_unsigned(), out);
}

fn put_float(out: &mut Vec<u8>, number: f64) {
    encode_key(4, WireType::SixtyFourBit, out);
    out.extend_from_slice(&number.to_le_bytes());
}

/// A number, which is left out where it is 0.
fn put_number(out: &mut Vec<u8>, tag: u32, number: u64) {
    if number > 0 {
        encode_key(tag, WireType::Varint, out);
        encode_varint(number, out);
    }
}

fn put_fixed64(out: &mut Vec<u8>, tag: u32, number: u64) {
    encode_key(tag, WireType::SixtyFourBit, out);
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, tag: u32, text: Text<'_>) {
    put_bytes(out, tag, text.to_str().as_bytes());
}

fn put_bytes(out: &mut Vec<u8>, tag: u32, bytes: &[u8]) {
    encode_key(tag, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Puts what `put` puts behind its length, for which there is mostly one byte.
fn nest(out: &mut Vec<u8>, tag: u32, put: impl FnOnce(&mut Vec<u8>)) {
    encode_key(tag, WireType::LengthDelimited, out);
    let place = out.len();
    out.push(0);
    put(out);
    let len = (out.len() - place - 1) as u64;
    if let (Some(place), Ok(len @ ..0x80)) = (out.get_mut(place), u8::try_from(len)) {
        *place = len;
        return;
    }
    let mut bytes = Vec::with_capacity(encoded_len_varint(len));
    encode_varint(len, &mut bytes);
    out.splice(place..=place, bytes);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry_proto::tonic::trace::v1 as proto;
    use proptest::prelude::*;
    use prost::Message;

    use super::*;
    use crate::export::view::random::span;
    use crate::record::Attributes;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_says_what_the_message_of_the_record_says(span in span()) {
            span.viewed(|view| {
                let record = view.record(&Arc::new(Attributes::default()));
                let written = body(view);
                let message = crate::export::otlp::span::item(&record, "").body;
                // As text, since what is no number equals nothing.
                let read = |bytes: &[u8]| format!("{:?}", proto::Span::decode(bytes));
                prop_assert_eq!(read(&written), read(&message));
                Ok(())
            })?;
        }
    }
}
