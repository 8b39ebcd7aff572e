//! What varies from span to span, as bytes: attributes, events, links, the error's message.

mod draft;
mod event;
mod read;
mod replay;

use self::draft::{Draft, find_attribute, is_key, put_attribute, remove_attribute};
pub use self::event::EventAttributes;
pub(crate) use self::read::{EventRef, Item, ItemIter};
pub(crate) use self::replay::replayed;
use super::attribute_value::AttributeValue;
use super::context::SpanContext;
use super::names;
use super::value_bytes::{MAX_TEXT_BYTES, ValueWriter, push_str};
use crate::record::Dropped;

/// Most attributes of a span, as the OpenTelemetry specification has it; an event has the same.
pub(crate) const MAX_ATTRIBUTES: u16 = 128;
/// Most events of a span.
pub(crate) const MAX_EVENTS: u16 = 128;
/// Most links of a span.
pub(crate) const MAX_LINKS: u16 = 128;
/// Longest name of an attribute or event, in bytes; a longer attribute is not kept.
pub(crate) const MAX_KEY_BYTES: usize = 1024;
/// Most bytes of one span; attributes and events beyond are not kept.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

const ATTRIBUTE: u8 = 1;
const EVENT: u8 = 2;
const LINK: u8 = 3;
const MESSAGE: u8 = 4;
const SUBJECT: u8 = 5;
const DROPPED: u8 = 6;

/// Tag and length before each item.
const HEADER: usize = 5;

/// What varies from span to span; it grows while the span is open.
#[derive(Debug, Default)]
pub(crate) struct Items {
    bytes: Vec<u8>,
    attributes: u16,
    events: u16,
    links: u16,
    dropped: Dropped,
    has_error_type: bool,
    /// Something was said that the metrics may count.
    is_measured: bool,
}

impl Items {
    /// Forgets everything, but keeps the buffer where it is no larger than `most`.
    pub(crate) fn clear(&mut self, most: usize) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        if bytes.capacity() > most {
            bytes = Vec::new();
        }
        *self = Self {
            bytes,
            ..Self::default()
        };
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there is no buffer yet, and so nothing in it.
    pub(crate) fn is_untouched(&self) -> bool {
        self.bytes.capacity() == 0
    }

    /// Whether something was said that the metrics may count: most spans need not be searched.
    pub(crate) fn is_measured(&self) -> bool {
        self.is_measured
    }

    /// Whether someone has said what kind of error the span ended with.
    pub(crate) fn has_error_type(&self) -> bool {
        self.has_error_type
    }

    pub(crate) fn iter(&self) -> ItemIter<'_> {
        ItemIter::new(&self.bytes)
    }

    /// Sets an attribute; an earlier value under the same key is replaced.
    pub(crate) fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.set_with(key, |writer| value.write(writer));
    }

    /// Sets an attribute to what `write` writes.
    pub(crate) fn set_with(&mut self, key: &str, write: impl FnOnce(&mut ValueWriter<'_>)) {
        let full = self.attributes >= MAX_ATTRIBUTES && !self.has_attribute(key);
        if full || !is_key(key) || self.bytes.len() > MAX_BYTES {
            self.dropped.attributes = self.dropped.attributes.saturating_add(1);
            return;
        }
        self.put(key, write);
    }

    /// Sets an attribute that the runtime itself has to say, whatever the user has filled up.
    pub(crate) fn set_own<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.put(key, |writer| value.write(writer));
    }

    fn put(&mut self, key: &str, write: impl FnOnce(&mut ValueWriter<'_>)) {
        let Some(put) = put_attribute(&mut self.bytes, key, write) else {
            return;
        };
        let replaced = self.attributes > 0 && remove_attribute(&mut self.bytes, 0, put.start, key);
        self.attributes += u16::from(!replaced);
        self.dropped.truncated = self
            .dropped
            .truncated
            .saturating_add(u32::from(put.truncated));
        self.has_error_type |= key == names::ERROR_TYPE;
        self.is_measured |= names::is_measured(key);
    }

    pub(crate) fn has_attribute(&self, key: &str) -> bool {
        find_attribute(&self.bytes, 0, self.bytes.len(), key).is_some()
    }

    /// Takes back what was said of the kind of error: there was none.
    pub(crate) fn remove_error_type(&mut self) {
        let end = self.bytes.len();
        if remove_attribute(&mut self.bytes, 0, end, names::ERROR_TYPE) {
            self.attributes -= 1;
        }
        self.has_error_type = false;
    }

    /// Adds an event with the attributes that `fill` sets.
    pub(crate) fn event(
        &mut self,
        time: u64,
        name: &str,
        fill: impl FnOnce(&mut EventAttributes<'_>),
    ) {
        if self.events >= MAX_EVENTS || self.bytes.len() > MAX_BYTES || !is_key(name) {
            self.dropped.events = self.dropped.events.saturating_add(1);
            return;
        }
        self.event_own(time, name, fill);
    }

    /// Adds an event that the runtime itself has to say, whatever the user has filled up.
    pub(crate) fn event_own(
        &mut self,
        time: u64,
        name: &str,
        fill: impl FnOnce(&mut EventAttributes<'_>),
    ) {
        let draft = Draft::begin(&mut self.bytes, EVENT);
        draft.bytes.extend_from_slice(&time.to_le_bytes());
        push_str(draft.bytes, name);
        let start = draft.bytes.len();
        fill(&mut EventAttributes {
            bytes: draft.bytes,
            start,
            // Even where the user has filled up the span there is room for an exception's message.
            most: MAX_BYTES.max(start + 2 * MAX_TEXT_BYTES),
            dropped: &mut self.dropped,
            count: 0,
        });
        draft.keep();
        self.events = self.events.saturating_add(1);
    }

    /// Adds a link to another span.
    pub(crate) fn link(&mut self, to: &SpanContext) {
        if self.links == MAX_LINKS {
            self.dropped.links = self.dropped.links.saturating_add(1);
            return;
        }
        self.links += 1;
        let draft = Draft::begin(&mut self.bytes, LINK);
        draft.bytes.extend_from_slice(&to.trace_id().to_bytes());
        draft.bytes.extend_from_slice(&to.span_id().to_bytes());
        draft.keep();
    }

    /// Says what the error says of itself.
    pub(crate) fn message(&mut self, text: &str) {
        self.value(MESSAGE, text);
    }

    /// Says the subject where it is known only at run time.
    pub(crate) fn subject<V: AttributeValue + ?Sized>(&mut self, subject: &V) {
        self.is_measured = true;
        self.value(SUBJECT, subject);
    }

    fn value<V: AttributeValue + ?Sized>(&mut self, tag: u8, value: &V) {
        let draft = Draft::begin(&mut self.bytes, tag);
        let mut writer = ValueWriter::new(draft.bytes);
        value.write(&mut writer);
        if writer.is_written() {
            let truncated = u32::from(writer.is_truncated());
            self.dropped.truncated = self.dropped.truncated.saturating_add(truncated);
            draft.keep();
        }
    }

    /// Appends what another thread has recorded for the same span.
    pub(crate) fn append(&mut self, other: &Items) {
        for item in other.iter() {
            match item {
                Item::Attribute(key, value) => self.set(key.to_str(), &value),
                Item::Event(event) => self.event(event.time, event.name.to_str(), |attributes| {
                    for (key, value) in event.attributes() {
                        attributes.set(key.to_str(), &value);
                    }
                }),
                Item::Link(trace_id, span_id) => self.link(&SpanContext::new(trace_id, span_id)),
                Item::Message(_) | Item::Subject(_) | Item::Dropped(_) => {}
            }
        }
        self.dropped.attributes += other.dropped.attributes;
        self.dropped.events += other.dropped.events;
        self.dropped.links += other.dropped.links;
        self.dropped.truncated += other.dropped.truncated;
    }

    /// Adds the count of what was cut off, if anything was: the last item.
    pub(crate) fn seal(&mut self) {
        if self.dropped.is_empty() {
            return;
        }
        let Dropped {
            attributes,
            events,
            links,
            truncated,
        } = self.dropped;
        let draft = Draft::begin(&mut self.bytes, DROPPED);
        for count in [attributes, events, links, truncated] {
            draft.bytes.extend_from_slice(&count.to_le_bytes());
        }
        draft.keep();
    }
}
