//! A finished span as bytes without pointers: a header of fixed size, then what varies.
//!
//! Such an entry may lie in a thread's buffer or in a mapped file, and be read by another thread or
//! by another process that has the same callsites.

use crate::metrics::Symbol;
use crate::span::ids::{SpanId, TraceId};
use crate::span::outcome::Outcome;
use crate::span::value_bytes::Bytes;

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

impl Header {
    /// Writes an entry with `items` for what varies to the front of `place`, which is large enough.
    pub(crate) fn write(&self, items: &[u8], place: &mut [u8]) {
        let (mut rest, len) = (place, u32::try_from(items.len()).unwrap_or(u32::MAX));
        put(&mut rest, &len.to_le_bytes());
        put(&mut rest, &self.callsite.to_le_bytes());
        put(&mut rest, &self.trace_id.to_bytes());
        put(&mut rest, &self.span_id.to_bytes());
        put(&mut rest, &self.parent.map_or([0; 8], SpanId::to_bytes));
        put(&mut rest, &self.start.to_le_bytes());
        put(&mut rest, &self.end.to_le_bytes());
        put(&mut rest, &self.offset.to_le_bytes());
        put(&mut rest, &self.agent.number().to_le_bytes());
        let flags = u8::from(self.is_local_root);
        put(&mut rest, &[self.outcome as u8, flags, 0, 0]);
        if let Some(place) = rest.get_mut(..items.len()) {
            place.copy_from_slice(items);
        }
    }

    /// Errors and roots are dropped last.
    #[inline]
    pub(crate) const fn is_important(&self) -> bool {
        self.outcome.is_error() || self.parent.is_none()
    }

    /// How long an entry with so many bytes of what varies is.
    pub(crate) const fn entry_len(items: usize) -> usize {
        HEADER + items
    }
}

fn put<const N: usize>(rest: &mut &mut [u8], bytes: &[u8; N]) {
    if let Some((place, after)) = std::mem::take(rest).split_first_chunk_mut::<N>() {
        *place = *bytes;
        *rest = after;
    }
}

/// Takes the entry at the front of `bytes`: its header, and what varies. None at the end, or
/// where an entry is torn.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Option<(Header, &'a [u8])> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let mut header = Bytes(header);
    let len = usize::try_from(header.u32()?).ok()?;
    let (items, rest) = rest.split_at_checked(len)?;
    let decoded = Header {
        callsite: header.u32()?,
        trace_id: TraceId::from_bytes(header.array()?)?,
        span_id: SpanId::from_bytes(header.array()?)?,
        parent: SpanId::from_bytes(header.array()?),
        start: header.u64()?,
        end: header.u64()?,
        offset: header.i64()?,
        agent: Symbol::from_number(header.u32()?),
        outcome: Outcome::from_index(header.u8()?)?,
        is_local_root: header.u8()? != 0,
    };
    *bytes = rest;
    Some((decoded, items))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_torn_entry_is_none() {
        let mut bytes = vec![0; Header::entry_len(3)];
        header().write(b"abc", &mut bytes);
        for len in 0..bytes.len() {
            assert!(take(&mut bytes.get(..len).unwrap()).is_none(), "{len}");
        }
    }
}
