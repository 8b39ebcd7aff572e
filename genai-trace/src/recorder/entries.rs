//! A buffer of entries of fixed size.

use super::black_box::Segment;
use super::entry::{Header, write_head};
use super::in_flight::HEAD_WORDS;

/// A buffer of entries, filled from the front. Its bytes are reserved at once, and pages that are
/// never used are never made; a thread's first buffer grows to that size.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    home: Home,
    len: usize,
    /// How many bytes it may grow to.
    most: usize,
}

/// Bytes of a thread's first buffer: most threads that begin end again after a few spans.
const FIRST_BYTES: usize = 16 * 1024;
/// A buffer that grows becomes so many times as large. All at once would be a megabyte to be zeroed
/// between two spans.
const GROWTH: usize = 4;

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
            most: capacity,
        }
    }

    /// A small empty buffer, which grows up to `capacity` bytes.
    pub(crate) fn first(capacity: usize) -> Self {
        Self {
            most: capacity,
            ..Self::with_capacity(capacity.min(FIRST_BYTES))
        }
    }

    /// An empty buffer in the black box.
    pub(crate) fn in_segment(segment: Segment) -> Self {
        Self {
            home: Home::Segment(segment),
            len: 0,
            most: 0,
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
            return self.push_grown(header, items, room);
        };
        header.write(items, place);
        self.len = end;
        true
    }

    /// Writes the entry of a span that ended well at `end`, of which `head` says the rest.
    #[inline(always)]
    pub(crate) fn push_head(
        &mut self,
        head: &[u64; HEAD_WORDS],
        end: u64,
        items: &[u8],
        room: usize,
    ) -> bool {
        let place = self.len + Header::entry_len(items.len());
        if place > room {
            return false;
        }
        let Home::Heap(bytes) = &mut self.home else {
            return self.push_head_in_segment(head, end, items, place);
        };
        let Some(bytes) = bytes.get_mut(self.len..place) else {
            return self.push_head_grown(head, end, items, room);
        };
        write_head(head, end, items, bytes);
        self.len = place;
        true
    }

    #[cold]
    fn push_head_grown(
        &mut self,
        head: &[u64; HEAD_WORDS],
        end: u64,
        items: &[u8],
        room: usize,
    ) -> bool {
        let place = self.len + Header::entry_len(items.len());
        self.grow(place) && self.push_head(head, end, items, room)
    }

    #[inline(never)]
    fn push_head_in_segment(
        &mut self,
        head: &[u64; HEAD_WORDS],
        end: u64,
        items: &[u8],
        place: usize,
    ) -> bool {
        let Home::Segment(segment) = &mut self.home else {
            return false;
        };
        let Some(bytes) = segment.bytes_mut().get_mut(self.len..place) else {
            return false;
        };
        write_head(head, end, items, bytes);
        self.len = place;
        segment.commit(place);
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

    #[cold]
    fn push_grown(&mut self, header: &Header, items: &[u8], room: usize) -> bool {
        let end = self.len + Header::entry_len(items.len());
        self.grow(end) && self.push(header, items, room)
    }

    /// Makes room for `end` bytes in all, if it may become so large.
    fn grow(&mut self, end: usize) -> bool {
        if end > self.most {
            return false;
        }
        let capacity = (self.capacity() * GROWTH).clamp(end, self.most);
        let mut larger = Self {
            most: self.most,
            ..Self::with_capacity(capacity)
        };
        let is_copied = larger.append(self.as_slice());
        *self = larger;
        is_copied
    }

    /// Whether it is a thread's first buffer, which has not grown.
    pub(crate) fn is_first(&self) -> bool {
        self.capacity() == FIRST_BYTES && self.capacity() < self.most
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Symbol;
    use crate::span::ids::{SpanId, TraceId};
    use crate::span::outcome::Outcome;

    fn header(number: u32) -> Header {
        Header {
            callsite: number,
            trace_id: TraceId::from_bytes([1; 16]).unwrap(),
            span_id: SpanId::from_bytes([2; 8]).unwrap(),
            parent: None,
            start: 1,
            end: 2,
            offset: 0,
            agent: Symbol::NONE,
            is_local_root: false,
            outcome: Outcome::Ok,
        }
    }

    #[test]
    fn a_first_buffer_takes_as_many_entries_as_a_full_one() {
        const CAPACITY: usize = 100_000;
        let items = [7; 1000];
        let fill = |mut entries: Entries| {
            let pushed = (0..1000).take_while(|n| entries.push(&header(*n), &items, CAPACITY));
            (pushed.count(), entries)
        };
        let (full, _) = fill(Entries::with_capacity(CAPACITY));
        let (first, entries) = fill(Entries::first(CAPACITY));
        assert_eq!(first, full);
        assert_eq!(entries.capacity(), CAPACITY);
        let mut rest = entries.as_slice();
        let found = std::iter::from_fn(|| super::super::entry::take(&mut rest));
        let numbers = found.map(|(header, found)| {
            assert_eq!(found, items);
            header.callsite
        });
        assert!(numbers.eq(0..u32::try_from(first).unwrap()));
    }
}
