//! What varies from span to span, as bytes: attributes, events, links, the error's message.

pub(super) mod draft;
mod event;
pub(crate) mod head;
mod limited;
mod read;
mod replay;

pub(crate) use self::draft::is_key;
use self::draft::{Draft, find_attribute, remove_attribute};
pub use self::event::EventAttributes;
use self::head::Head;
pub(crate) use self::read::{EventRef, Item, ItemIter};
pub(crate) use self::replay::{replayed, torn};
use super::attribute_value::{AttributeValue, Plain};
use super::callsite::Callsite;
use super::context::SpanContext;
use super::ids::{SpanId, TraceId};
use super::limits;
use super::names;
use super::value_bytes::{BOOL, FLOAT, INT, STR};
use super::value_writer::{MAX_TEXT_BYTES, Put, ValueWriter};
use crate::content::{may_tell, scrub_attribute};
use crate::record::Dropped;
use crate::recorder::append::append;
use crate::recorder::in_flight::Slot;

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
const COUNTED: u8 = 7;
const SOURCE: u8 = 8;
const TRACE_STATE: u8 = 9;

/// Items with one attribute more, or with another value of it.
pub(crate) fn with_attribute<V: AttributeValue + ?Sized>(
    items: &[u8],
    key: &str,
    value: &V,
) -> Vec<u8> {
    let mut bytes = items.to_vec();
    let end = bytes.len();
    remove_attribute(&mut bytes, 0, end, key);
    let mut writer = ValueWriter::new(&mut bytes, ATTRIBUTE, key, limits::UNLIMITED);
    value.write(&mut writer);
    writer.done();
    bytes
}

/// The head of an attribute `key` with a value of this kind in so many bytes.
#[inline]
pub(super) const fn attribute_head(key: &str, kind: u8, len: usize) -> u64 {
    Head::new(ATTRIBUTE, kind, key, len).word()
}

/// Whether the attribute `key` is among the items in `bytes`.
pub(super) fn has_attribute(bytes: &[u8], key: &str) -> bool {
    find_attribute(bytes, 0, bytes.len(), key).is_some()
}

/// What varies from span to span; it grows while the span is open.
#[derive(Debug, Default)]
pub(crate) struct Items {
    bytes: Vec<u8>,
    attributes: u32,
    events: u32,
    links: u32,
    dropped: Dropped,
    /// What the source says of the span, which counts toward the limits.
    source: Option<&'static Callsite>,
    has_error_type: bool,
    /// Something was said that the metrics may count.
    is_measured: bool,
    /// How many of the bytes lie in the span's slot as well.
    shown: usize,
}

impl Items {
    /// Forgets everything, but keeps the buffer where it is no larger than `most`.
    #[inline]
    pub(crate) fn clear(&mut self, most: usize) {
        let Self {
            bytes,
            attributes,
            events,
            links,
            dropped,
            // Another is said before anything else is.
            source: _,
            has_error_type,
            is_measured,
            shown,
        } = self;
        bytes.clear();
        if bytes.capacity() > most {
            *bytes = Vec::new();
        }
        (*attributes, *events, *links) = (0, 0, 0);
        *dropped = Dropped::default();
        (*has_error_type, *is_measured) = (false, false);
        *shown = 0;
    }

    /// Takes over, where nothing was said yet, attributes that no metric counts, and links.
    pub(super) fn take_over(&mut self, bytes: &[u8]) {
        if !self.has_usual_room() {
            return self.append_items(ItemIter::new(bytes));
        }
        append(&mut self.bytes, [], bytes, &[]);
        let mut rest = bytes;
        while let Some((head, behind)) = rest.split_first_chunk() {
            let head = Head::from_bytes(*head);
            self.attributes += u32::from(head.tag == ATTRIBUTE);
            self.links += u32::from(head.tag == LINK);
            let next = head.rest().and_then(|len| behind.get(len..));
            rest = next.unwrap_or_default();
        }
    }

    /// All that there is lies in the span's slot.
    pub(super) fn is_shown(&mut self) {
        self.shown = self.bytes.len();
    }

    /// Puts what was said since into the span's slot.
    #[inline]
    pub(super) fn show_in(&mut self, slot: &mut Slot) {
        if slot.is_bloated(self.bytes.len()) {
            slot.rewrite(&self.bytes);
        } else if let Some(news) = self.bytes.get(self.shown..)
            && !news.is_empty()
        {
            slot.append(news);
        }
        self.is_shown();
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there is no buffer yet, and so nothing in it.
    pub(crate) fn is_untouched(&self) -> bool {
        self.bytes.capacity() == 0
    }

    /// Whether something was said that the metrics may count: most spans need not be searched.
    #[inline]
    pub(crate) fn is_measured(&self) -> bool {
        self.is_measured
    }

    /// Whether nothing was said that the metrics may count, and nothing was cut off.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        !self.is_measured && self.dropped.is_empty()
    }

    /// Whether someone has said what kind of error the span ended with.
    pub(crate) fn has_error_type(&self) -> bool {
        self.has_error_type
    }

    pub(crate) fn iter(&self) -> ItemIter<'_> {
        ItemIter::new(&self.bytes)
    }

    /// Sets an attribute; an earlier value under the same key is replaced.
    #[inline]
    pub(crate) fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        match value.__plain() {
            Some(Plain::Text(text)) => self.set_text(key, text),
            Some(Plain::Bool(truth)) => self.set_scalar(key, BOOL, &[u8::from(truth)]),
            Some(Plain::Int(number)) => self.set_scalar(key, INT, &number.to_le_bytes()),
            Some(Plain::Float(number)) => self.set_scalar(key, FLOAT, &number.to_le_bytes()),
            None => self.set_with(key, |writer| value.write(writer)),
        }
    }

    /// Sets an attribute to a value that is as long as all of its `kind`.
    pub(super) fn set_scalar(&mut self, key: &str, kind: u8, body: &[u8]) {
        let Some(tag) = self.admit(key) else {
            return;
        };
        let start = self.bytes.len();
        let head = Head::new(tag, kind, key, body.len());
        append(&mut self.bytes, [head.word()], key.as_bytes(), body);
        let truncated = false;
        self.keep(tag, key, Put { start, truncated });
    }

    /// Sets an attribute to a text.
    pub(crate) fn set_text(&mut self, key: &str, text: &str) {
        let is_first = self.attributes == 0 && self.bytes.is_empty();
        let is_plain = is_key(key) && text.len() <= MAX_TEXT_BYTES && !may_tell(key, text);
        if is_first && self.has_usual_room() && is_plain {
            // The first of a span's attributes replaces none.
            let head = [attribute_head(key, STR, text.len())];
            append(&mut self.bytes, head, key.as_bytes(), text.as_bytes());
            self.attributes = 1;
            self.note(key);
        } else {
            self.set_with(key, |writer| writer.str(text));
        }
    }

    /// Sets an attribute to what `write` writes.
    #[inline]
    pub(crate) fn set_with(&mut self, key: &str, write: impl FnOnce(&mut ValueWriter<'_>)) {
        if let Some(tag) = self.admit(key) {
            self.put(tag, key, limits::value_length(), |writer| {
                writer.scrub();
                write(writer);
            });
        }
    }

    /// Sets an attribute that the runtime itself has to say, whatever the user has filled up and
    /// whatever the limits are.
    pub(crate) fn set_own<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.put(ATTRIBUTE, key, limits::UNLIMITED, |writer| {
            value.write(writer);
        });
    }

    /// The same for what the user says in place of the runtime: it loses the credentials in it.
    pub(super) fn set_own_of_user<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.put(ATTRIBUTE, key, limits::UNLIMITED, |writer| {
            writer.scrub();
            value.write(writer);
        });
    }

    #[inline]
    fn put(
        &mut self,
        tag: u8,
        key: &str,
        most_chars: u32,
        write: impl FnOnce(&mut ValueWriter<'_>),
    ) {
        let mut writer = ValueWriter::new(&mut self.bytes, tag, key, most_chars);
        write(&mut writer);
        if let Some(put) = writer.done() {
            self.keep(tag, key, put);
        }
    }

    /// Keeps count of an attribute that was written.
    fn keep(&mut self, tag: u8, key: &str, put: Put) {
        if tag == ATTRIBUTE {
            let replaced = self.attributes > 0 && self.remove(put.start, key);
            self.attributes += u32::from(!replaced);
        }
        if put.truncated {
            self.dropped.truncated = self.dropped.truncated.saturating_add(1);
        }
        self.note(key);
    }

    /// Notes whether the metrics may count the attribute `key`.
    #[inline]
    fn note(&mut self, key: &str) {
        if names::is_measured(key) {
            self.is_measured = true;
            self.has_error_type |= key == names::ERROR_TYPE;
        }
    }

    /// Removes the attribute `key` from the items up to `end`; whether it was there.
    fn remove(&mut self, end: usize, key: &str) -> bool {
        let Some(place) = remove_attribute(&mut self.bytes, 0, end, key) else {
            return false;
        };
        if place.start < self.shown {
            // In the slot it stays: what is said later under the same key holds.
            self.shown -= place.len();
        }
        true
    }

    /// The text of the attribute `key`, as it was said or as it stands in the source.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let said = self.iter().find_map(|item| match item {
            Item::Attribute(name, value) if name == *key => value.as_text(),
            _ => None,
        });
        match said {
            Some(text) => Some(text.to_str().to_owned()),
            None => self.source?.text(key).map(str::to_owned),
        }
    }

    pub(crate) fn has_attribute(&self, key: &str) -> bool {
        has_attribute(&self.bytes, key)
    }

    /// Takes back what was said of the kind of error: there was none.
    pub(crate) fn remove_error_type(&mut self) {
        if self.remove(self.bytes.len(), names::ERROR_TYPE) {
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
        if self.events >= limits::events() || self.bytes.len() > MAX_BYTES || !is_key(name) {
            self.dropped.events = self.dropped.events.saturating_add(1);
            return;
        }
        let scrubbed = may_tell("", name).then(|| scrub_attribute("", name));
        let name = scrubbed
            .as_deref()
            .filter(|name| is_key(name))
            .unwrap_or(name);
        self.event_own(time, name, fill);
    }

    /// Adds an event that the runtime itself has to say, whatever the user has filled up.
    pub(crate) fn event_own(
        &mut self,
        time: u64,
        name: &str,
        fill: impl FnOnce(&mut EventAttributes<'_>),
    ) {
        let draft = Draft::begin(&mut self.bytes, EVENT, 0, name);
        draft.bytes.extend_from_slice(&time.to_le_bytes());
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
        self.link_as(to, "");
    }

    /// Adds a link of the type `kind` to another span.
    pub(crate) fn link_as(&mut self, to: &SpanContext, kind: &str) {
        let state = to.trace_state().unwrap_or_default();
        self.put_link(to.trace_id(), to.span_id(), kind, state);
    }

    fn put_link(&mut self, trace_id: TraceId, span_id: SpanId, kind: &str, trace_state: &str) {
        if self.links >= limits::links() {
            self.dropped.links = self.dropped.links.saturating_add(1);
            return;
        }
        self.links += 1;
        let kind = if is_key(kind) { kind } else { "" };
        let draft = Draft::begin(&mut self.bytes, LINK, 0, kind);
        draft.bytes.extend_from_slice(&trace_id.to_bytes());
        draft.bytes.extend_from_slice(&span_id.to_bytes());
        draft.bytes.extend_from_slice(trace_state.as_bytes());
        draft.keep();
    }

    /// Says what the error says of itself.
    pub(crate) fn message(&mut self, text: &str) {
        self.value(MESSAGE, text);
    }

    /// Says the `tracestate` that came with the trace.
    pub(crate) fn trace_state(&mut self, text: &str) {
        self.value(TRACE_STATE, text);
    }

    /// Says the subject where it is known only at run time.
    pub(crate) fn subject<V: AttributeValue + ?Sized>(&mut self, subject: &V) {
        self.is_measured = true;
        self.value(SUBJECT, subject);
    }

    /// Says another subject than was said before.
    #[cfg(feature = "tracing")]
    pub(crate) fn rename(&mut self, subject: &str) {
        let before = std::mem::take(self);
        self.source = before.source;
        self.subject(subject);
        self.append(&before);
        // Of another thread's record of a span these are not wanted; here it is the same one.
        for item in before.iter() {
            match item {
                Item::Message(text) => self.message(text.to_str()),
                Item::TraceState(text) => self.trace_state(text.to_str()),
                _ => {}
            }
        }
    }

    fn value<V: AttributeValue + ?Sized>(&mut self, tag: u8, value: &V) {
        let mut writer = ValueWriter::new(&mut self.bytes, tag, "", limits::UNLIMITED);
        if tag == SUBJECT {
            // The error's message has lost them already.
            writer.scrub();
        }
        value.write(&mut writer);
        if writer.done().is_some_and(|put| put.truncated) {
            self.dropped.truncated = self.dropped.truncated.saturating_add(1);
        }
    }

    /// Appends what another thread has recorded for the same span.
    pub(crate) fn append(&mut self, other: &Items) {
        self.append_items(other.iter());
        self.dropped.attributes += other.dropped.attributes;
        self.dropped.events += other.dropped.events;
        self.dropped.links += other.dropped.links;
        self.dropped.truncated += other.dropped.truncated;
    }

    fn append_items(&mut self, items: ItemIter<'_>) {
        for item in items {
            match item {
                Item::Attribute(key, value) => self.set(key.to_str(), &value),
                Item::Counted(key, value) => self.count_only(key.to_str(), &value),
                Item::Event(event) => self.event(event.time, event.name.to_str(), |attributes| {
                    for (key, value) in event.attributes() {
                        attributes.set(key.to_str(), &value);
                    }
                }),
                Item::Link(link) => {
                    if let Some((trace_id, span_id, state)) = link.parts() {
                        self.put_link(trace_id, span_id, link.kind.to_str(), state.to_str());
                    }
                }
                Item::Message(_)
                | Item::Subject(_)
                | Item::Dropped(_)
                | Item::Source(_)
                | Item::TraceState(_) => {}
            }
        }
    }

    /// Adds the count of what was cut off, if anything was: the last item.
    pub(crate) fn seal(&mut self) -> Option<Dropped> {
        if self.dropped.is_empty() {
            return None;
        }
        let Dropped {
            attributes,
            events,
            links,
            truncated,
        } = self.dropped;
        let draft = Draft::begin(&mut self.bytes, DROPPED, 0, "");
        for count in [attributes, events, links, truncated] {
            draft.bytes.extend_from_slice(&count.to_le_bytes());
        }
        draft.keep();
        Some(self.dropped)
    }
}
