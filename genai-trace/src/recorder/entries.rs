//! A buffer of entries of fixed size.

use super::append::{append, append_within};
use super::black_box::Segment;
use super::entry::{Header, WORDS, write};

/// A buffer of entries, filled from the front. Its bytes are reserved at once, and pages that are
/// never used are never made; a thread's first buffer grows to that size.
#[derive(Debug)]
pub(crate) struct Entries {
    home: Home,
    /// How many bytes it may grow to.
    most: usize,
    /// Bytes that have pages.
    paged: usize,
}

/// As small as pages are anywhere.
const PAGE: usize = 4096;
/// Bytes of a thread's first buffer: most threads that begin end again after a few spans.
const FIRST_BYTES: usize = 16 * 1024;
/// A buffer that grows becomes so many times as large.
const GROWTH: usize = 4;

/// What the entries lie in.
#[derive(Debug)]
enum Home {
    Heap(Vec<u8>),
    /// It survives the process.
    Segment {
        segment: Segment,
        /// Bytes of the entries.
        len: usize,
    },
}

impl Default for Entries {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Entries {
    /// An empty buffer of `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            home: Home::Heap(Vec::with_capacity(capacity)),
            most: capacity,
            paged: 0,
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
            most: segment.bytes().len(),
            home: Home::Segment { segment, len: 0 },
            paged: 0,
        }
    }

    /// Whether a crash leaves its entries.
    pub(crate) const fn survives(&self) -> bool {
        matches!(self.home, Home::Segment { .. })
    }

    /// Has the system find pages for the first `bytes` of an empty buffer: else each of them would take
    /// the thread that comes upon it some microseconds.
    pub(crate) fn find_pages(&mut self, bytes: usize) {
        let end = bytes.min(self.capacity());
        if let Home::Heap(empty) = &mut self.home
            && let Some(places) = empty.spare_capacity_mut().get_mut(self.paged..end)
        {
            for place in places.iter_mut().step_by(PAGE) {
                place.write(0);
            }
            self.paged = end;
        }
    }

    /// Bytes for which there are pages, as far as is known.
    pub(crate) const fn pages(&self) -> usize {
        self.paged
    }

    pub(crate) fn clear(&mut self) {
        self.paged = self.paged.max(self.len());
        match &mut self.home {
            Home::Heap(bytes) => bytes.clear(),
            Home::Segment { segment, len } => {
                *len = 0;
                segment.clear();
            }
        }
    }

    /// Whether it is mostly empty, so that what is in it is sooner copied than kept.
    pub(crate) fn is_mostly_empty(&self) -> bool {
        self.len() < self.capacity() / 4
    }

    /// Writes an entry behind the others, if it ends within the first `room` bytes.
    #[inline(always)]
    pub(crate) fn push(&mut self, header: &Header, items: &[u8], room: usize) -> bool {
        self.push_words(header.words(items.len()), items, room)
    }

    /// Puts a whole entry behind the others, if it ends within the first `easy` bytes, and is neither to
    /// survive nor to grow for it.
    #[inline(always)]
    pub(crate) fn push_easily(&mut self, entry: &[u8], easy: usize) -> bool {
        match &mut self.home {
            Home::Heap(bytes) => bytes.len() + entry.len() <= easy && append_within(bytes, entry),
            Home::Segment { .. } => false,
        }
    }

    /// Puts a whole entry behind the others, if it ends within the first `room` bytes.
    pub(crate) fn push_entry(&mut self, entry: &[u8], room: usize) -> bool {
        let end = self.len() + entry.len();
        if end > room {
            return false;
        }
        if let Home::Heap(bytes) = &mut self.home
            && end > bytes.capacity()
            && !grow(bytes, end, self.most)
        {
            return false;
        }
        self.append(entry)
    }

    #[inline(always)]
    fn push_words(&mut self, words: [u64; WORDS], items: &[u8], room: usize) -> bool {
        let Home::Heap(bytes) = &mut self.home else {
            return self.push_in_segment(words, items, room);
        };
        let end = bytes.len() + Header::entry_len(items.len());
        if end > room || (end > bytes.capacity() && !grow(bytes, end, self.most)) {
            return false;
        }
        append(bytes, words, items, &[]);
        true
    }

    #[inline(never)]
    fn push_in_segment(&mut self, words: [u64; WORDS], items: &[u8], room: usize) -> bool {
        let Home::Segment { segment, len } = &mut self.home else {
            return false;
        };
        let end = *len + Header::entry_len(items.len());
        let place = segment.bytes_mut().get_mut(*len..end);
        let Some(place) = place.filter(|_| end <= room) else {
            return false;
        };
        write(words, items, place);
        *len = end;
        segment.commit(end);
        true
    }

    /// Whether it is a thread's first buffer, which has not grown.
    pub(crate) fn is_first(&self) -> bool {
        self.capacity() == FIRST_BYTES && self.capacity() < self.most
    }

    /// Writes whole entries of another buffer behind the others, if they find room.
    pub(crate) fn append(&mut self, entries: &[u8]) -> bool {
        match &mut self.home {
            Home::Heap(bytes) => {
                if entries.len() > bytes.capacity() - bytes.len() {
                    return false;
                }
                bytes.extend_from_slice(entries);
            }
            Home::Segment { segment, len } => {
                let end = *len + entries.len();
                let Some(place) = segment.bytes_mut().get_mut(*len..end) else {
                    return false;
                };
                place.copy_from_slice(entries);
                *len = end;
                segment.commit(end);
            }
        }
        true
    }

    /// How many bytes it has room for.
    pub(crate) fn capacity(&self) -> usize {
        match &self.home {
            Home::Heap(bytes) => bytes.capacity(),
            Home::Segment { segment, .. } => segment.bytes().len(),
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match &self.home {
            Home::Heap(bytes) => bytes,
            Home::Segment { segment, len } => segment.bytes().get(..*len).unwrap_or_default(),
        }
    }

    pub(crate) const fn len(&self) -> usize {
        match &self.home {
            Home::Heap(bytes) => bytes.len(),
            Home::Segment { len, .. } => *len,
        }
    }
}

/// Makes room for `end` bytes in all, if there may be so many.
#[cold]
fn grow(bytes: &mut Vec<u8>, end: usize, most: usize) -> bool {
    if end > most {
        return false;
    }
    let capacity = (bytes.capacity() * GROWTH).clamp(end, most);
    bytes.reserve_exact(capacity - bytes.len());
    true
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
