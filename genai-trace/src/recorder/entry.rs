//! A finished span as bytes without pointers: a header of fixed size, then what varies.
//!
//! Such an entry may lie in a thread's buffer or in a mapped file, and be read by another thread or
//! by another process that has the same callsites.

use super::in_flight::HEAD_WORDS;
use crate::metrics::Symbol;
use crate::span::ids::{SpanId, TraceId};
use crate::span::outcome::Outcome;

/// Bytes of a header.
pub(crate) const HEADER: usize = 72;

/// What every entry has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// The callsite's number.
    pub(crate) callsite: u32,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent: Option<SpanId>,
    /// Nanoseconds on the process's line.
    pub(crate) start: u64,
    /// Nanoseconds on the process's line.
    pub(crate) end: u64,
    /// What is to be added for nanoseconds since 1970.
    pub(crate) offset: i64,
    /// The nearest agent above.
    pub(crate) agent: Symbol,
    pub(crate) outcome: Outcome,
    /// It has no parent, or one in another process.
    pub(crate) is_local_root: bool,
}

/// Words of a header.
pub(super) const WORDS: usize = HEADER / 8;

impl Header {
    /// Writes an entry with `items` for what varies to the front of `place`, which is large enough.
    pub(crate) fn write(&self, items: &[u8], place: &mut [u8]) {
        write(self.words(items.len()), items, place);
    }

    /// The words of the header of an entry with so many bytes of `items`.
    #[inline(always)]
    pub(super) fn words(&self, items: usize) -> [u64; WORDS] {
        let (low, high) = words_of(self.trace_id);
        let len = u32::try_from(items).unwrap_or(u32::MAX);
        [
            u64::from(self.is_local_root) << 40 | (self.outcome as u64) << 32 | u64::from(len),
            self.end,
            u64::from(self.agent.number()) << 32 | u64::from(self.callsite),
            low,
            high,
            self.span_id.word(),
            self.parent.map_or(0, SpanId::word),
            self.start,
            self.offset.cast_unsigned(),
        ]
    }

    /// Errors and roots are dropped last.
    #[inline]
    pub(crate) const fn is_important(&self) -> bool {
        self.outcome.is_error() || self.parent.is_none()
    }

    /// How long an entry with so many bytes of what varies is.
    #[inline]
    pub(crate) const fn entry_len(items: usize) -> usize {
        HEADER + items
    }
}

/// Writes an entry with the words of its header and `items` to the front of `place`, which is large enough.
pub(super) fn write(words: [u64; WORDS], items: &[u8], place: &mut [u8]) {
    let Some((head, rest)) = place.split_first_chunk_mut::<HEADER>() else {
        return;
    };
    for (place, word) in head.as_chunks_mut().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
    if let Some(place) = rest.get_mut(..items.len()) {
        place.copy_from_slice(items);
    }
}

/// The words of the header of a span that ended well at `end` and has a parent in this process, of which
/// `head` says the rest, with so many bytes of `items`.
#[inline(always)]
pub(super) fn head_words(head: &[u64; HEAD_WORDS], end: u64, items: usize) -> [u64; WORDS] {
    let [numbers, low, high, span_id, parent, start, offset] = *head;
    [
        // A span has little more than 1 MiB.
        items as u64,
        end,
        numbers,
        low,
        high,
        span_id,
        parent,
        start,
        offset,
    ]
}

/// What a span that ended well tells beside its entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShortEnd {
    /// Those of its agent, above, and of its callsite.
    pub(super) numbers: u64,
    pub(super) parent: Option<SpanId>,
    /// Nanoseconds.
    pub(super) duration: u64,
}

/// Says in an entry that stood open that its span ended at `end`.
#[inline(always)]
pub(super) fn end_entry(entry: &mut [u8], end: u64) -> Option<ShortEnd> {
    let (header, _) = entry.split_first_chunk_mut::<HEADER>()?;
    let [_, place, numbers, _, _, _, parent, start, _] = header.as_chunks_mut::<8>().0 else {
        return None;
    };
    let start = u64::from_le_bytes(*start);
    let end = end.max(start);
    *place = end.to_le_bytes();
    Some(ShortEnd {
        numbers: u64::from_le_bytes(*numbers),
        parent: SpanId::from_word(u64::from_le_bytes(*parent)),
        duration: end - start,
    })
}

/// The two words of a trace id.
#[inline]
#[allow(clippy::cast_possible_truncation)]
pub(crate) const fn words_of(trace_id: TraceId) -> (u64, u64) {
    let both = u128::from_le_bytes(trace_id.to_bytes());
    (both as u64, (both >> 64) as u64)
}

/// The trace id of two words; none where both are zero.
#[inline]
pub(crate) fn trace_id_of(low: u64, high: u64) -> Option<TraceId> {
    TraceId::from_bytes((u128::from(high) << 64 | u128::from(low)).to_le_bytes())
}

/// Takes the entry at the front of `bytes`: its header, and what varies. None at the end, or
/// where an entry is torn.
#[inline]
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Option<(Header, &'a [u8])> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let mut words = [0; WORDS];
    for (word, bytes) in words.iter_mut().zip(header.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    let [
        facts,
        end,
        numbers,
        low,
        high,
        span_id,
        parent,
        start,
        offset,
    ] = words;
    let (items, rest) = rest.split_at_checked(usize::try_from(facts as u32).ok()?)?;
    let decoded = Header {
        callsite: numbers as u32,
        trace_id: trace_id_of(low, high)?,
        span_id: SpanId::from_word(span_id)?,
        parent: SpanId::from_word(parent),
        start,
        end,
        offset: offset.cast_signed(),
        agent: Symbol::from_number((numbers >> 32) as u32),
        outcome: Outcome::from_index((facts >> 32) as u8)?,
        is_local_root: facts >> 40 & 1 != 0,
    };
    *bytes = rest;
    Some((decoded, items))
}

/// How many entries lie in `bytes`, by their lengths alone.
pub(crate) fn count(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let Some((header, rest)) = bytes.split_first_chunk::<HEADER>()
        && let Some(len) = header.first_chunk()
        && let Ok(len) = usize::try_from(u32::from_le_bytes(*len))
        && let Some(rest) = rest.get(len..)
    {
        bytes = rest;
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::in_flight::SlotHead;

    fn header() -> Header {
        Header {
            callsite: 7,
            trace_id: TraceId::from_bytes([1; 16]).unwrap(),
            span_id: SpanId::from_bytes([2; 8]).unwrap(),
            parent: None,
            start: 10,
            end: 20,
            offset: -5,
            agent: Symbol::NONE,
            outcome: Outcome::Cancelled,
            is_local_root: true,
        }
    }

    #[test]
    fn an_entry_reads_back_as_written() {
        let mut bytes = vec![7; Header::entry_len(3)];
        header().write(b"abc", &mut bytes);
        let mut rest = bytes.as_slice();
        let (read, items) = take(&mut rest).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", header()));
        assert_eq!((items, rest), (b"abc".as_slice(), [].as_slice()));
        assert!(take(&mut rest).is_none());
    }

    #[test]
    fn a_head_and_an_end_are_the_entry_of_a_span_that_ended_well() {
        let head = SlotHead {
            callsite: 7,
            trace_id: TraceId::from_bytes([1; 16]).unwrap(),
            span_id: SpanId::from_bytes([2; 8]).unwrap(),
            parent: SpanId::from_bytes([3; 8]),
            start: 10,
            offset: -5,
            agent: Symbol::from_number(9),
        };
        let mut bytes = vec![7; Header::entry_len(3)];
        write(head_words(&head.words(), 20, 3), b"abc", &mut bytes);
        let mut rest = bytes.as_slice();
        let (read, items) = take(&mut rest).unwrap();
        let wanted = Header {
            end: 20,
            ..head.header()
        };
        assert_eq!(format!("{read:?}"), format!("{wanted:?}"));
        assert_eq!((items, rest), (b"abc".as_slice(), [].as_slice()));
    }

    #[test]
    fn entries_are_counted_as_they_are_taken() {
        let mut bytes = Vec::new();
        for items in [b"abc".as_slice(), b"", &[0; 500]] {
            let start = bytes.len();
            bytes.resize(start + Header::entry_len(items.len()), 0);
            header().write(items, &mut bytes[start..]);
        }
        assert_eq!(count(&bytes), 3);
        assert_eq!(count(&bytes[..bytes.len() - 1]), 2);
        assert_eq!(count(&[]), 0);
    }

    #[test]
    fn a_torn_entry_is_none() {
        let mut bytes = vec![0; Header::entry_len(3)];
        header().write(b"abc", &mut bytes);
        for len in 0..bytes.len() {
            assert!(take(&mut bytes.get(..len).unwrap()).is_none(), "{len}");
        }
    }
}
