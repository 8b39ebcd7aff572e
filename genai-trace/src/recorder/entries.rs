//! A buffer of entries of fixed size.

use super::black_box::Segment;
use super::entry::Header;

/// A buffer of entries: bytes that were reserved at once, filled from the front. Pages that are
/// never used are never made.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    home: Home,
    len: usize,
}

/// What the entries lie in.
#[derive(Debug)]
enum Home {
    Heap(Box<[u8]>),
    /// It survives the process.
    Segment(Segment),
}

impl Default for Home {
    fn default() -> Self {
        Home::Heap(Box::default())
    }
}

impl Entries {
    /// An empty buffer of `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            home: Home::Heap(vec![0; capacity].into()),
            len: 0,
        }
    }

    /// An empty buffer in the black box.
    pub(crate) fn in_segment(segment: Segment) -> Self {
        Self {
            home: Home::Segment(segment),
            len: 0,
        }
    }

    /// Whether a crash leaves its entries.
    pub(crate) const fn survives(&self) -> bool {
        matches!(self.home, Home::Segment(_))
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
        if let Home::Segment(segment) = &mut self.home {
            segment.clear();
        }
    }

    /// Whether it is mostly empty, so that what is in it is sooner copied than kept.
    pub(crate) fn is_mostly_empty(&self) -> bool {
        self.len < self.capacity() / 4
    }

    /// Writes an entry behind the others, if it ends within the first `room` bytes.
    #[inline(always)]
    pub(crate) fn push(&mut self, header: &Header, items: &[u8], room: usize) -> bool {
        let end = self.len + Header::entry_len(items.len());
        if end > room {
            return false;
        }
        let Home::Heap(bytes) = &mut self.home else {
            return self.push_in_segment(header, items, end);
        };
        let Some(place) = bytes.get_mut(self.len..end) else {
            return false;
        };
        header.write(items, place);
        self.len = end;
        true
    }

    #[inline(never)]
    fn push_in_segment(&mut self, header: &Header, items: &[u8], end: usize) -> bool {
        let Home::Segment(segment) = &mut self.home else {
            return false;
        };
        let Some(place) = segment.bytes_mut().get_mut(self.len..end) else {
            return false;
        };
        header.write(items, place);
        self.len = end;
        segment.commit(end);
        true
    }

    /// Writes whole entries of another buffer behind the others, if they find room.
    pub(crate) fn append(&mut self, entries: &[u8]) -> bool {
        let end = self.len + entries.len();
        let bytes = match &mut self.home {
            Home::Heap(bytes) => bytes,
            Home::Segment(segment) => segment.bytes_mut(),
        };
        let Some(place) = bytes.get_mut(self.len..end) else {
            return false;
        };
        place.copy_from_slice(entries);
        self.len = end;
        if let Home::Segment(segment) = &mut self.home {
            segment.commit(end);
        }
        true
    }

    /// How many bytes it has room for.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes().len()
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes().get(..self.len).unwrap_or_default()
    }

    fn bytes(&self) -> &[u8] {
        match &self.home {
            Home::Heap(bytes) => bytes,
            Home::Segment(segment) => segment.bytes(),
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}
