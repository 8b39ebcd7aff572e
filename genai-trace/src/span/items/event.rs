//! The attributes of an event, while it is written.

use super::MAX_ATTRIBUTES;
use super::draft::{Put, is_key, put_attribute, remove_attribute};
use crate::record::Dropped;
use crate::span::attribute_value::AttributeValue;

/// Takes the attributes of an event.
#[derive(Debug)]
pub struct EventAttributes<'a> {
    pub(super) bytes: &'a mut Vec<u8>,
    /// Where the event's attributes begin.
    pub(super) start: usize,
    /// How far the bytes may grow.
    pub(super) most: usize,
    pub(super) dropped: &'a mut Dropped,
    pub(super) count: u16,
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
            let replaced = remove_attribute(self.bytes, self.start, start, key).is_some();
            self.count += u16::from(!replaced);
            self.dropped.truncated = self.dropped.truncated.saturating_add(u32::from(truncated));
        }
        self
    }
}
