//! A line that is no record.

use std::fmt;

use crate::export::utc::iso_micros;
use crate::record::{Attributes, SpanRecord};

/// An object of JSON that is being written, key by key.
///
/// Written by hand: what serde derives for every shape would be a good part of the program.
pub(in crate::profile) struct Object<'a>(&'a mut Vec<u8>);

impl<'a> Object<'a> {
    pub(in crate::profile) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self(out)
    }

    pub(in crate::profile) fn end(self) {
        self.0.push(b'}');
    }

    /// What follows is the value of `key`.
    pub(in crate::profile) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.0.ends_with(b"{") {
            self.0.push(b',');
        }
        push_text(key, self.0);
        self.0.push(b':');
        self.0
    }

    pub(in crate::profile) fn text(&mut self, key: &str, text: &str) {
        push_text(text, self.key(key));
    }

    /// What something shows itself as.
    #[inline(never)] // As `attributes`.
    pub(in crate::profile) fn shown(&mut self, key: &str, said: &dyn fmt::Display) {
        self.text(key, &said.to_string());
    }

    pub(in crate::profile) fn number(&mut self, key: &str, number: u64) {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(number);
        self.key(key).extend_from_slice(digits.as_bytes());
    }

    /// A moment as text.
    #[inline(never)] // As `attributes`.
    pub(in crate::profile) fn time(&mut self, key: &str, unix_nano: u64) {
        self.text(key, &iso_micros(unix_nano));
    }

    pub(in crate::profile) fn nothing(&mut self, key: &str) {
        self.key(key).extend_from_slice(b"null");
    }

    pub(in crate::profile) fn object(&mut self, key: &str) -> Object<'_> {
        Object::begin(self.key(key))
    }

    /// A list, of which `each` writes the elements.
    pub(in crate::profile) fn list(
        &mut self,
        key: &str,
        len: usize,
        each: &mut dyn FnMut(usize, Object<'_>),
    ) {
        let out = self.key(key);
        out.push(b'[');
        for index in 0..len {
            if index > 0 {
                out.push(b',');
            }
            each(index, Object::begin(out));
        }
        out.push(b']');
    }

    #[inline(never)] // It is long, and every shape has it.
    pub(in crate::profile) fn attributes(&mut self, key: &str, attributes: &Attributes) {
        // Nothing in them can fail to be JSON.
        let _ = serde_json::to_writer(self.key(key), attributes);
    }

    /// The events as a record has them.
    pub(in crate::profile) fn events(&mut self, span: &SpanRecord) {
        self.list("events", span.events.len(), &mut |index, mut object| {
            if let Some(event) = span.events.get(index) {
                object.text("name", &event.name);
                object.number("time_unix_nano", event.time_unix_nano);
                object.attributes("attributes", &event.attributes);
            }
            object.end();
        });
    }
}

#[inline(never)]
fn push_text(text: &str, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, text);
}
