//! Items on their way into the bytes: written whole or not at all, replaced, removed.

use std::ops::Range;

use super::{ATTRIBUTE, HEADER, MAX_KEY_BYTES};
use crate::span::value_bytes::{Bytes, Text, ValueWriter, push_str};

/// An item that is being written. Dropped before it is kept, by a panic of the user's code for
/// one, it leaves nothing: a torn item would hide all that follow.
pub(super) struct Draft<'a> {
    pub(super) bytes: &'a mut Vec<u8>,
    start: usize,
    kept: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn begin(bytes: &'a mut Vec<u8>, tag: u8) -> Self {
        let start = bytes.len();
        bytes.extend_from_slice(&[tag, 0, 0, 0, 0]);
        Self {
            bytes,
            start,
            kept: false,
        }
    }

    pub(super) fn keep(mut self) {
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
pub(super) struct Put {
    pub(super) start: usize,
    pub(super) truncated: bool,
}

/// Writes an attribute, with at most `most_chars` characters of a text, to the end of `bytes`; nothing
/// where `write` writes nothing.
pub(super) fn put_attribute(
    bytes: &mut Vec<u8>,
    tag: u8,
    key: &str,
    most_chars: u32,
    write: impl FnOnce(&mut ValueWriter<'_>),
) -> Option<Put> {
    let draft = Draft::begin(bytes, tag);
    push_str(draft.bytes, key);
    let mut writer = ValueWriter::limited(draft.bytes, most_chars);
    write(&mut writer);
    let truncated = writer.is_truncated();
    writer.is_written().then(|| {
        let start = draft.start;
        draft.keep();
        Put { start, truncated }
    })
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
pub(super) fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= MAX_KEY_BYTES
}
