//! The attributes of an event, while it is written.

use super::ATTRIBUTE;
use super::draft::{find_attribute, is_key, remove_attribute};
use crate::record::Dropped;
use crate::span::attribute_value::AttributeValue;
use crate::span::limits;
use crate::span::value_writer::{Put, ValueWriter};

/// Takes the attributes of an event.
#[derive(Debug)]
pub struct EventAttributes<'a> {
    pub(super) bytes: &'a mut Vec<u8>,
    /// Where the event's attributes begin.
    pub(super) start: usize,
    /// How far the bytes may grow.
    pub(super) most: usize,
    pub(super) dropped: &'a mut Dropped,
    pub(super) count: u32,
}

impl EventAttributes<'_> {
    /// Sets an attribute of the event; an earlier value under the same key is replaced.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) -> &mut Self {
        if self.is_full_for(key) || !is_key(key) || self.bytes.len() > self.most {
            self.dropped.attributes = self.dropped.attributes.saturating_add(1);
            return self;
        }
        self.put(key, limits::value_length(), |writer| {
            writer.scrub();
            value.write(writer);
        });
        self
    }

    /// Sets an attribute that the runtime itself has to say, whatever the limits on their number.
    pub(crate) fn set_own<V: AttributeValue + ?Sized>(
        &mut self,
        key: &str,
        most_chars: u32,
        value: &V,
    ) {
        self.put(key, most_chars, |writer| value.write(writer));
    }

    fn is_full_for(&self, key: &str) -> bool {
        let end = self.bytes.len();
        self.count >= limits::attributes_per_event()
            && find_attribute(self.bytes, self.start, end, key).is_none()
    }

    fn put(&mut self, key: &str, most_chars: u32, write: impl FnOnce(&mut ValueWriter<'_>)) {
        let mut writer = ValueWriter::new(self.bytes, ATTRIBUTE, key, most_chars);
        write(&mut writer);
        if let Some(Put { start, truncated }) = writer.done() {
            let replaced = remove_attribute(self.bytes, self.start, start, key).is_some();
            self.count += u32::from(!replaced);
            self.dropped.truncated = self.dropped.truncated.saturating_add(u32::from(truncated));
        }
    }
}
