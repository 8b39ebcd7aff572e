//! Items on their way into the bytes: written whole or not at all, replaced, removed.

use std::ops::Range;

use super::head::{HEAD, Head};
use super::{ATTRIBUTE, MAX_KEY_BYTES};

/// An item that is being written. Dropped before it is kept, by a panic of the user's code for
/// one, it leaves nothing: a torn item would hide all that follow.
pub(crate) struct Draft<'a> {
    pub(crate) bytes: &'a mut Vec<u8>,
    start: usize,
    head: Head,
    kept: bool,
}

impl<'a> Draft<'a> {
    pub(crate) fn begin(bytes: &'a mut Vec<u8>, tag: u8, value: u8, name: &str) -> Self {
        let head = Head::new(tag, value, name, 0);
        let start = bytes.len();
        bytes.extend_from_slice(&head.to_bytes());
        bytes.extend_from_slice(name.as_bytes());
        Self {
            bytes,
            start,
            head,
            kept: false,
        }
    }

    pub(crate) fn keep(mut self) {
        let before = self.start + HEAD + usize::from(self.head.name);
        self.head.body = u32::try_from(self.bytes.len() - before).unwrap_or(u32::MAX);
        if let Some(place) = self.bytes.get_mut(self.start..self.start + HEAD) {
            place.copy_from_slice(&self.head.to_bytes());
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

/// Where the attribute `key` lies among the items from `start` to `end`.
pub(super) fn find_attribute(
    bytes: &[u8],
    start: usize,
    end: usize,
    key: &str,
) -> Option<Range<usize>> {
    let mut start = start;
    while start < end {
        let rest = bytes.get(start..end)?;
        let (head, rest) = rest.split_first_chunk::<HEAD>()?;
        let head = Head::from_bytes(*head);
        let next = start + HEAD + head.rest()?;
        if head.tag == ATTRIBUTE && rest.get(..usize::from(head.name)) == Some(key.as_bytes()) {
            return Some(start..next);
        }
        start = next;
    }
    None
}

/// Removes the attribute `key` from the items from `start` to `end`; where it was.
pub(super) fn remove_attribute(
    bytes: &mut Vec<u8>,
    start: usize,
    end: usize,
    key: &str,
) -> Option<Range<usize>> {
    let place = find_attribute(bytes, start, end, key)?;
    bytes.drain(place.clone());
    Some(place)
}

/// A name must be there and must not be endless.
#[inline]
pub(crate) fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= MAX_KEY_BYTES
}
