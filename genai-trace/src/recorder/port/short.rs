//! The spans that have taken the short way and are open: what they are to leave when they end.

use super::{LARGE_BYTES, Port, PortState};
use crate::metrics::{DropReason, Labels, LeftOut, Symbol};
use crate::recorder::append::append;
use crate::recorder::entry::{ShortEnd, end_entry, head_words, take};
use crate::recorder::in_flight::{HEAD_WORDS, Slot, SlotHead};
use crate::recorder::latch::Latched;
use crate::span::callsite::Callsite;
use crate::span::ids::SpanId;

/// The spans that have taken the short way and are open.
#[derive(Debug, Default)]
pub(super) struct Shorts {
    /// The innermost last: of which callsite, and where its entry begins.
    spans: Vec<(&'static Callsite, usize)>,
    /// The entries that they will leave, one after the other: all of it stands there but when they end.
    entries: Vec<u8>,
    /// They leave none: they are sampled out, and nobody sees that they are open.
    are_out: bool,
}

impl Port {
    /// Counts a span that begins, of a kind that no view tells apart by name, and keeps the entry that it
    /// will leave, with `items` for what varies; none where it `is_out`. How many stand below it.
    #[inline(always)]
    pub(crate) fn begin_short(
        &self,
        callsite: &'static Callsite,
        head: &[u64; HEAD_WORDS],
        items: &[u8],
        is_out: bool,
    ) -> usize {
        self.begin_unnamed(callsite.operation());
        let Shorts {
            spans,
            entries,
            are_out,
        } = &mut self.lock().shorts;
        *are_out = is_out;
        let below = spans.len();
        spans.push((callsite, entries.len()));
        append(entries, head_words(head, 0, items.len()), items, &[]);
        below
    }

    /// How many spans have [begun](Port::begin_short) here and not ended.
    pub(crate) fn shorts(&self) -> usize {
        self.lock().shorts.spans.len()
    }

    /// Ends the innermost of the spans that have [begun](Port::begin_short) here, at `end`: counts it, and
    /// leaves its entry for the drain thread, as [`Port::end`] does. Its callsite and its parent; none where none
    /// has begun.
    #[inline(always)]
    pub(crate) fn end_short(
        &self,
        end: u64,
        labels: impl FnOnce(&'static Callsite, Symbol) -> Labels,
        slots: &mut [Option<Box<Slot>>],
    ) -> Option<(&'static Callsite, Option<SpanId>)> {
        let mut latched = self.lock();
        let state = &mut *latched;
        let (callsite, first) = state.shorts.spans.pop()?;
        let entry = state.shorts.entries.get_mut(first..)?;
        let ShortEnd {
            numbers,
            parent,
            duration,
        } = end_entry(entry, end)?;
        if !state.closed {
            let operation = callsite.operation();
            let labels = |agent| labels(callsite, agent);
            let shard = &mut state.shard;
            shard.end_short(operation, numbers, duration, labels);
        }
        if !state.shorts.are_out && state.entries.push_easily(entry, state.easy) {
            state.shorts.entries.truncate(first);
        } else {
            self.leave_otherwise(latched, first, end, slots);
        }
        Some((callsite, parent))
    }

    /// Leaves the entry where there is more to it: the buffer is to grow, nearly full or in the black box, or
    /// the span is sampled out.
    #[inline(never)]
    fn leave_otherwise(
        &self,
        mut latched: Latched<'_, PortState>,
        first: usize,
        end: u64,
        slots: &mut [Option<Box<Slot>>],
    ) {
        let state = &mut *latched;
        let mut open = std::mem::take(&mut state.shorts.entries);
        if state.closed {
            // Nothing is taken any more.
        } else if state.shorts.are_out {
            state.shard.leave_out(LeftOut::Sampler, 1);
        } else if let Some(mut entry) = open.get(first..) {
            let start = state.entries.len();
            let is_usual = entry.len() < LARGE_BYTES;
            let is_pushed = (is_usual && state.entries.push_entry(entry, self.room))
                || take(&mut entry).is_some_and(|(header, items)| {
                    state.push_elsewhere(&header, items, self.capacity, &self.pages)
                });
            if !is_pushed {
                state.shard.drop_span(DropReason::BufferFull);
            }
            if self.keeps_all {
                state.keep_from(start, &self.pages);
            }
        }
        open.truncate(first);
        state.shorts.entries = open;
        let below = state.shorts.spans.len();
        if let Some(Some(slot)) = slots.get_mut(below) {
            slot.end();
        }
        self.look_at_room(state);
        let crowded = state.is_crowded(self.crowded);
        drop(latched);
        if crowded {
            self.wakeup.hasten(end, self.soon());
        }
    }

    /// Works on what is known of the span that has [begun](Port::begin_short) here below which stand so many
    /// others that have not ended.
    pub(crate) fn with_short<T>(
        &self,
        below: usize,
        work: impl FnOnce(&'static Callsite, &SlotHead, &[u8]) -> T,
    ) -> Option<T> {
        let state = self.lock();
        let (callsite, first) = state.shorts.spans.get(below)?;
        let (header, items) = take(&mut state.shorts.entries.get(*first..)?)?;
        Some(work(callsite, &SlotHead::of(&header), items))
    }

    /// Forgets the spans that have [begun](Port::begin_short) and not ended: they stand elsewhere now.
    pub(crate) fn forget_shorts(&self) {
        let shorts = &mut self.lock().shorts;
        shorts.spans.clear();
        shorts.entries.clear();
    }

    /// What is known of the spans that have [begun](Port::begin_short) and not ended.
    pub(crate) fn shown(&self) -> Vec<SlotHead> {
        let mut heads = Vec::new();
        loop {
            // Nothing is allocated under the latch: an allocator that is annotated would want it too.
            let room = heads.capacity();
            let state = self.lock();
            let Shorts {
                spans,
                entries,
                are_out,
            } = &state.shorts;
            if *are_out {
                return Vec::new();
            }
            if spans.len() <= room {
                let mut rest = entries.as_slice();
                let entries = std::iter::from_fn(|| take(&mut rest));
                heads.extend(entries.map(|(header, _)| SlotHead::of(&header)));
                return heads;
            }
            let wanted = spans.len();
            drop(state);
            heads.reserve(wanted);
        }
    }
}
