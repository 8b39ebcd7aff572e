//! What varies from span to span, as bytes: attributes, events, links, the error's message.

use std::ops::Range;

use super::attribute_value::AttributeValue;
use super::context::SpanContext;
use super::ids::{SpanId, TraceId};
use super::names;
use super::value_bytes::{Bytes, MAX_TEXT_BYTES, Text, ValueRef, ValueWriter, push_str};
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

/// An item that is being written. Dropped before it is kept, by a panic of the user's code for
/// one, it leaves nothing: a torn item would hide all that follow.
struct Draft<'a> {
    bytes: &'a mut Vec<u8>,
    start: usize,
    kept: bool,
}

impl<'a> Draft<'a> {
    fn begin(bytes: &'a mut Vec<u8>, tag: u8) -> Self {
        let start = bytes.len();
        bytes.extend_from_slice(&[tag, 0, 0, 0, 0]);
        Self {
            bytes,
            start,
            kept: false,
        }
    }

    fn keep(mut self) {
        let len = u32::try_from(self.bytes.len() - self.start - HEADER).unwrap_or(u32::MAX);
        if let Some(place) = self.bytes.get_mut(self.start + 1..self.start + HEADER) {
            place.copy_from_slice(&len.to_le_bytes());
        }
        self.kept = true;
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.bytes.truncate(self.start);
        }
    }
}

/// An attribute that was written.
struct Put {
    start: usize,
    truncated: bool,
}

/// Writes an attribute to the end of `bytes`; nothing where `write` writes nothing.
fn put_attribute(
    bytes: &mut Vec<u8>,
    key: &str,
    write: impl FnOnce(&mut ValueWriter<'_>),
) -> Option<Put> {
    let draft = Draft::begin(bytes, ATTRIBUTE);
    push_str(draft.bytes, key);
    let mut writer = ValueWriter::new(draft.bytes);
    write(&mut writer);
    let truncated = writer.is_truncated();
    writer.is_written().then(|| {
        let start = draft.start;
        draft.keep();
        Put { start, truncated }
    })
}

/// Where the attribute `key` lies among the items from `start` to `end`.
fn find_attribute(bytes: &[u8], start: usize, end: usize, key: &str) -> Option<Range<usize>> {
    let mut start = start;
    while start < end {
        let mut rest = Bytes(bytes.get(start..end)?);
        let (tag, len) = (rest.u8()?, rest.u32()?);
        let next = start + HEADER + usize::try_from(len).ok()?;
        if tag == ATTRIBUTE && rest.text() == Some(Text::from(key)) {
            return Some(start..next);
        }
        start = next;
    }
    None
}

/// Removes the attribute `key` from the items from `start` to `end`; whether it was there.
fn remove_attribute(bytes: &mut Vec<u8>, start: usize, end: usize, key: &str) -> bool {
    let Some(place) = find_attribute(bytes, start, end, key) else {
        return false;
    };
    bytes.drain(place);
    true
}

/// A name must be there and must not be endless.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= MAX_KEY_BYTES
}

/// Takes the attributes of an event.
#[derive(Debug)]
pub struct EventAttributes<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where the event's attributes begin.
    start: usize,
    /// How far the bytes may grow.
    most: usize,
    dropped: &'a mut Dropped,
    count: u16,
}

impl EventAttributes<'_> {
    /// Sets an attribute of the event; an earlier value under the same key is replaced.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) -> &mut Self {
        if self.count == MAX_ATTRIBUTES || !is_key(key) || self.bytes.len() > self.most {
            self.dropped.attributes = self.dropped.attributes.saturating_add(1);
            return self;
        }
        let put = put_attribute(self.bytes, key, |writer| value.write(writer));
        if let Some(Put { start, truncated }) = put {
            let replaced = remove_attribute(self.bytes, self.start, start, key);
            self.count += u16::from(!replaced);
            self.dropped.truncated = self.dropped.truncated.saturating_add(u32::from(truncated));
        }
        self
    }
}

/// One item, as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Attribute(Text<'a>, ValueRef<'a>),
    Event(EventRef<'a>),
    Link(TraceId, SpanId),
    Message(Text<'a>),
    Subject(Text<'a>),
    Dropped(Dropped),
}

/// An event, as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventRef<'a> {
    pub(crate) time: u64,
    pub(crate) name: Text<'a>,
    attributes: &'a [u8],
}

impl<'a> EventRef<'a> {
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (Text<'a>, ValueRef<'a>)> + use<'a> {
        ItemIter::new(self.attributes).filter_map(|item| match item {
            Item::Attribute(key, value) => Some((key, value)),
            _ => None,
        })
    }
}

/// Goes through items; ends at the first that is torn.
#[derive(Clone, Debug)]
pub(crate) struct ItemIter<'a>(Bytes<'a>);

impl<'a> ItemIter<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Bytes(bytes))
    }
}

impl<'a> Iterator for ItemIter<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let tag = self.0.u8()?;
        let len = self.0.u32()?;
        let mut body = Bytes(self.0.take(usize::try_from(len).ok()?)?);
        Some(match tag {
            ATTRIBUTE => Item::Attribute(body.text()?, ValueRef::read(body.0)?),
            EVENT => Item::Event(EventRef {
                time: body.u64()?,
                name: body.text()?,
                attributes: body.0,
            }),
            LINK => Item::Link(
                TraceId::from_bytes(body.array()?)?,
                SpanId::from_bytes(body.array()?)?,
            ),
            MESSAGE => Item::Message(ValueRef::read(body.0)?.as_text()?),
            SUBJECT => Item::Subject(ValueRef::read(body.0)?.as_text()?),
            DROPPED => Item::Dropped(Dropped {
                attributes: body.u32()?,
                events: body.u32()?,
                links: body.u32()?,
                truncated: body.u32()?,
            }),
            _ => return None,
        })
    }
}

/// A value that was read is written again as it is.
impl AttributeValue for ValueRef<'_> {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        match *self {
            ValueRef::Str(text) => writer.text(text),
            ValueRef::Bool(truth) => writer.bool(truth),
            ValueRef::Int(number) => writer.int(number),
            ValueRef::Float(number) => writer.float(number),
            ValueRef::Strs(bytes) => writer.strs(bytes.texts().map(Text::to_str)),
            ValueRef::Bools(bytes) => writer.bools(bytes.bools()),
            ValueRef::Ints(bytes) => writer.ints(bytes.ints()),
            ValueRef::Floats(bytes) => writer.floats(bytes.floats()),
        }
    }
}
