//! The place of one open span at a time.

use std::sync::Arc;

use super::Pages;
use super::chain::Chain;
use super::page::HEAD_WORDS;
use crate::metrics::Symbol;
use crate::recorder::entry::{Header, trace_id_of, words_of};
use crate::span::ids::{SpanId, TraceId};
use crate::span::outcome::Outcome;

/// A log may be so many bytes longer than twice what its span has to say.
const SLACK_BYTES: usize = 4 * 1024;

/// What identifies a span while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotHead {
    /// The callsite's number.
    pub(crate) callsite: u32,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent: Option<SpanId>,
    /// Nanoseconds on the process's line.
    pub(crate) start: u64,
    /// What is to be added for nanoseconds since 1970.
    pub(crate) offset: i64,
    /// The nearest agent above.
    pub(crate) agent: Symbol,
}

/// Bytes of the ids that name a span.
pub(super) const IDS: usize = 24;

/// The ids that name a span, as bytes.
pub(super) fn ids(trace_id: TraceId, span_id: SpanId) -> [u8; IDS] {
    let mut ids = [0; IDS];
    let (trace, span) = ids.split_at_mut(16);
    trace.copy_from_slice(&trace_id.to_bytes());
    span.copy_from_slice(&span_id.to_bytes());
    ids
}

impl SlotHead {
    /// What the header of an entry says of the span while it is open.
    pub(crate) const fn of(header: &Header) -> Self {
        Self {
            callsite: header.callsite,
            trace_id: header.trace_id,
            span_id: header.span_id,
            parent: header.parent,
            start: header.start,
            offset: header.offset,
            agent: header.agent,
        }
    }

    pub(super) fn ids(&self) -> [u8; IDS] {
        ids(self.trace_id, self.span_id)
    }

    /// The header of an entry for the span as it stands: it ends where it begins.
    pub(crate) const fn header(&self) -> Header {
        Header {
            callsite: self.callsite,
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent: self.parent,
            start: self.start,
            end: self.start,
            offset: self.offset,
            agent: self.agent,
            is_local_root: false,
            outcome: Outcome::Ok,
        }
    }

    #[inline(always)]
    pub(crate) fn words(&self) -> [u64; HEAD_WORDS] {
        let (low, high) = words_of(self.trace_id);
        [
            u64::from(self.agent.number()) << 32 | u64::from(self.callsite),
            low,
            high,
            self.span_id.word(),
            self.parent.map_or(0, SpanId::word),
            self.start,
            self.offset.cast_unsigned(),
        ]
    }

    /// The head that these words say; none where an id is missing.
    pub(in crate::recorder) fn from_words(words: [u64; HEAD_WORDS]) -> Option<Self> {
        let [numbers, low, high, span_id, parent, start, offset] = words;
        #[allow(clippy::cast_possible_truncation)]
        Some(Self {
            callsite: numbers as u32,
            trace_id: trace_id_of(low, high)?,
            span_id: SpanId::from_word(span_id)?,
            parent: SpanId::from_word(parent),
            start,
            offset: offset.cast_signed(),
            agent: Symbol::from_number((numbers >> 32) as u32),
        })
    }
}

/// The place of one open span at a time. It belongs to the frame of the span, and is used again by
/// the next; dropped, it goes back to the pool.
#[derive(Debug)]
pub(crate) struct Slot(Chain);

impl Slot {
    pub(super) fn new(chain: Chain) -> Self {
        Self(chain)
    }

    /// Whether it is a place in `pages`.
    #[inline]
    pub(crate) fn is_of(&self, pages: &Arc<Pages>) -> bool {
        self.0.is_of(pages)
    }

    /// The pages in which all that is said of the span is kept: only while it is open there, and only
    /// in a file.
    #[inline]
    pub(crate) fn keeper(&self) -> Option<&Arc<Pages>> {
        let pages = self.0.pages();
        (self.0.is_open() && pages.keeps_all()).then_some(pages)
    }

    /// From now on the span of `head` is open, of which `items` were said.
    #[inline(always)]
    pub(crate) fn begin(&mut self, head: &SlotHead, items: &[u8]) {
        self.0.begin(head.words(), items);
    }

    /// Adds `items` to what was said. An attribute that is said again is added again: the last holds.
    #[inline]
    pub(crate) fn append(&mut self, items: &[u8]) {
        self.0.append(items);
    }

    /// Whether so much was said again that it should be [rewritten](Slot::rewrite), where the span has
    /// `len` bytes to say.
    #[inline]
    pub(crate) fn is_bloated(&self, len: usize) -> bool {
        self.0.len() > 2 * len + SLACK_BYTES
    }

    /// Replaces what was said by `items`.
    pub(crate) fn rewrite(&mut self, items: &[u8]) {
        self.0.rewrite(items);
    }

    /// The span is no longer open: it has ended, and what it leaves lies elsewhere.
    #[inline]
    pub(crate) fn end(&mut self) {
        self.0.end();
    }
}
