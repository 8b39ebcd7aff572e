//! What the limits on attributes leave of a span: of what is said at run time, and of the source.

use super::draft::{Draft, is_key};
use super::{ATTRIBUTE, COUNTED, Item, Items, MAX_BYTES, SOURCE};
use crate::span::attribute_value::AttributeValue;
use crate::span::callsite::{Callsite, StaticValue};
use crate::span::limits;
use crate::span::names;
use crate::span::value_bytes::ValueRef;
use crate::span::value_writer::{ValueWriter, first_chars};

impl Items {
    /// Says what the source has of the span.
    #[inline]
    pub(crate) fn belong_to(&mut self, source: &'static Callsite) {
        self.source = Some(source);
    }

    /// Whether the limits leave a span that has said nothing yet an attribute of any length.
    #[inline]
    pub(super) fn has_usual_room(&self) -> bool {
        !limits::reach_the_source()
            && self
                .source
                .is_none_or(|source| source.attributes().len() < limits::MOST_OF_SOURCE)
    }

    /// As what the attribute `key` may be written; none where it is left out.
    #[inline]
    pub(super) fn admit(&mut self, key: &str) -> Option<u8> {
        // At most: what the operation is, and its subject, stand beside the source's attributes.
        let most = self.attributes as usize
            + self
                .source
                .map_or(0, |source| source.attributes().len() + 2);
        let fits = most < limits::attributes() as usize;
        if fits && is_key(key) && self.bytes.len() <= MAX_BYTES {
            return Some(ATTRIBUTE);
        }
        self.admit_at_limit(key)
    }

    #[cold]
    fn admit_at_limit(&mut self, key: &str) -> Option<u8> {
        let has_room = is_key(key) && self.bytes.len() <= MAX_BYTES;
        let is_replaced = self.has_attribute(key) || self.source_says(key);
        if has_room && (is_replaced || key == names::ERROR_TYPE || self.has_place()) {
            return Some(ATTRIBUTE);
        }
        self.dropped.attributes = self.dropped.attributes.saturating_add(1);
        (has_room && names::is_counted(key)).then_some(COUNTED)
    }

    /// Writes an attribute of which only the metrics learn.
    pub(in crate::span) fn count_only<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        let write = |writer: &mut ValueWriter<'_>| value.write(writer);
        self.put(COUNTED, key, limits::UNLIMITED, write);
    }

    /// Whether one more attribute stays within the limit.
    fn has_place(&self) -> bool {
        let of_source = self
            .source
            .map_or(0, |source| self.shown_of(source).count());
        of_source + self.beside_source() < limits::attributes() as usize
    }

    /// How many attributes the span has that are not the source's.
    fn beside_source(&self) -> usize {
        let Some(source) = self.source else {
            return self.attributes as usize;
        };
        let operation = source.operation();
        let said = |key: &str| self.has_attribute(key);
        let own = operation.name().is_some_and(|_| !said(names::OPERATION));
        let subject =
            !source.subject().is_empty() && operation.subject_key().is_some_and(|key| !said(key));
        self.attributes as usize + usize::from(own) + usize::from(subject)
    }

    /// The attributes of the source for which nothing else stands.
    fn shown_of(
        &self,
        source: &'static Callsite,
    ) -> impl Iterator<Item = &'static (&'static str, StaticValue)> {
        let subject_key = source.operation().subject_key();
        let attributes = source.attributes().iter();
        attributes.filter(move |(key, _)| subject_key != Some(*key) && !self.has_attribute(key))
    }

    /// Whether the attribute `key` has a value, at run time or in the source.
    pub(in crate::span) fn says(&self, key: &str) -> bool {
        self.has_attribute(key)
            || self.source.is_some_and(|source| {
                source.attributes().iter().any(|(name, _)| *name == key)
                    || (source.operation().subject_key() == Some(key)
                        && !source.subject().is_empty())
            })
    }

    fn source_says(&self, key: &str) -> bool {
        self.source.is_some_and(|source| {
            let operation = source.operation();
            source.attributes().iter().any(|(name, _)| *name == key)
                || operation.subject_key() == Some(key)
                || (key == names::OPERATION && operation.name().is_some())
        })
    }

    /// Cuts what stands in the source down to the limits.
    #[cold]
    pub(crate) fn limit_source(&mut self) {
        let Some(source) = self.source else {
            return;
        };
        let most_chars = limits::value_length();
        let subject_key = source.operation().subject_key();
        let mut room = (limits::attributes() as usize).saturating_sub(self.beside_source());
        // How many stay as they stand in the source, before the first that is cut.
        let mut kept: u32 = 0;
        let (mut is_cut, mut is_full) = (false, false);
        for (key, value) in source.attributes() {
            // What is said at run time stands for what the source says.
            if subject_key == Some(*key) || self.has_attribute(key) {
                continue;
            }
            if room == 0 {
                is_full = true;
                self.dropped.attributes = self.dropped.attributes.saturating_add(1);
                continue;
            }
            room -= 1;
            let most_chars = match *key {
                names::ERROR_TYPE => limits::UNLIMITED,
                _ => most_chars,
            };
            is_cut |= matches!(value, StaticValue::Str(text)
                if first_chars(text, most_chars).len() < text.len());
            if is_cut {
                // Those behind it are said at run time as well, so that the order stays.
                let write = |writer: &mut ValueWriter<'_>| ValueRef::from(*value).write(writer);
                self.put(ATTRIBUTE, key, most_chars, write);
            } else {
                kept = kept.saturating_add(1);
            }
        }
        if is_full {
            let draft = Draft::begin(&mut self.bytes, SOURCE, 0, "");
            draft.bytes.extend_from_slice(&kept.to_le_bytes());
            draft.keep();
        }
    }

    /// What metrics may count: the attributes, those beyond the limit included.
    pub(crate) fn measured(&self) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        self.iter().filter_map(|item| match item {
            Item::Attribute(key, value) | Item::Counted(key, value) => Some((key.to_str(), value)),
            _ => None,
        })
    }
}
