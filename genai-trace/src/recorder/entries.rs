//! A buffer of entries of fixed size.

use super::entry::Header;

/// A buffer of entries: bytes that were reserved at once, filled from the front. Pages that are
/// never used are never made.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    bytes: Box<[u8]>,
    len: usize,
}

impl Entries {
    /// An empty buffer of `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: vec![0; capacity].into(),
            len: 0,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Whether it is mostly empty, so that what is in it is sooner copied than kept.
    pub(crate) const fn is_mostly_empty(&self) -> bool {
        self.len < self.bytes.len() / 4
    }

    /// Writes an entry behind the others, if it ends within the first `room` bytes.
    #[inline]
    pub(crate) fn push(&mut self, header: &Header, items: &[u8], room: usize) -> bool {
        let end = self.len + Header::entry_len(items.len());
        if end > room {
            return false;
        }
        let Some(place) = self.bytes.get_mut(self.len..end) else {
            return false;
        };
        header.write(items, place);
        self.len = end;
        true
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}
