//! A thread's side of the hand-over: its buffer of entries and its share of the metrics.
//!
//! Each thread writes only into its own port, so the lock is free but for the moment in which the
//! drain thread swaps the full buffer for an empty one, or an exposition adds up the cells.

mod short;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use self::short::Shorts;
use super::entries::Entries;
use super::entry::Header;
use super::in_flight::{Kind, Log, Pages, Slot};
use super::latch::{Latch, Latched};
use super::wakeup::Wakeup;
use crate::metrics::{DropReason, LeftOut, Shard, Symbol, is_named};
use crate::prices::Costs;
use crate::process::sampler::Head;
use crate::span::context::Neighbour;
use crate::span::operation::Operation;

/// Entries with so much to say are kept outside the buffer, so that one does not empty it of others.
const LARGE_BYTES: usize = 16 * 1024;
/// Most bytes of large entries that wait in one port.
const MAX_LARGE_BYTES: usize = 16 * 1024 * 1024;

/// A thread's side of the hand-over.
#[derive(Debug)]
pub(crate) struct Port {
    state: Latch<PortState>,
    /// Spans that began, by operation: only one thread at a time adds to them, so a load and a
    /// store will do, and a span that begins takes no lock.
    begun: [AtomicU64; Operation::ALL.len()],
    /// Most bytes of entries that wait in the buffer.
    capacity: usize,
    /// With more of them the drain thread should come before its time.
    crowded: usize,
    /// How many of them may be neither of errors nor of roots.
    room: usize,
    /// Whether what is said survives a crash.
    keeps_all: bool,
    sampler: Head,
    /// Finds the span of another library that a trace goes on with.
    neighbour: Option<Neighbour>,
    costs: Option<Costs>,
    wakeup: Arc<Wakeup>,
    /// Where the thread's open spans stand.
    pages: Arc<Pages>,
}

#[derive(Debug)]
struct PortState {
    entries: Entries,
    /// An entry that ends within so many bytes is put behind the others, and nothing else is to be done.
    easy: usize,
    large: Vec<Large>,
    large_bytes: usize,
    /// The entries in the black box, where the buffer itself is not there.
    log: Option<Log>,
    shard: Shard,
    /// The spans that have taken the short way and are open.
    shorts: Shorts,
    /// After the last round nothing is taken any more: what ends then is neither counted nor written.
    closed: bool,
}

/// Entries taken out of a port.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) entries: Entries,
    pub(crate) large: Vec<Large>,
    /// The entries in the black box, where the buffer itself is not there.
    pub(crate) log: Option<Log>,
}

/// An entry outside the buffer.
#[derive(Debug)]
pub(crate) struct Large {
    pub(crate) entry: Box<[u8]>,
    /// The same in the black box.
    pub(crate) log: Option<Log>,
}

impl Port {
    pub(crate) fn new(
        entries: Entries,
        capacity: usize,
        sampler: Head,
        neighbour: Option<Neighbour>,
        costs: Option<Costs>,
        wakeup: Arc<Wakeup>,
        pages: Arc<Pages>,
    ) -> Self {
        let crowded = capacity / 2;
        let keeps_all = pages.keeps_all();
        Self {
            state: Latch::new(PortState {
                easy: easy(&entries, crowded, keeps_all),
                entries,
                large: Vec::new(),
                large_bytes: 0,
                log: None,
                shard: Shard::default(),
                shorts: Shorts::default(),
                closed: false,
            }),
            begun: Default::default(),
            capacity,
            crowded,
            room: capacity - capacity / 8,
            keeps_all,
            sampler,
            neighbour,
            costs,
            wakeup,
            pages,
        }
    }

    /// Whether what is said survives a crash.
    #[inline]
    pub(crate) fn keeps_all(&self) -> bool {
        self.keeps_all
    }

    /// Where the thread's open spans stand.
    #[inline]
    pub(crate) fn pages(&self) -> &Arc<Pages> {
        &self.pages
    }

    #[inline(always)]
    fn lock(&self) -> Latched<'_, PortState> {
        self.state.lock()
    }

    /// Counts a span that begins.
    #[inline]
    pub(crate) fn begin(&self, operation: Operation, subject: Symbol) {
        if is_named(operation, subject) {
            self.lock().shard.begin(operation, subject);
        } else {
            self.begin_unnamed(operation);
        }
    }

    /// Counts a span that begins, of a kind that no view tells apart by name.
    #[inline]
    pub(crate) fn begin_unnamed(&self, operation: Operation) {
        if let Some(begun) = self.begun.get(operation.index()) {
            begun.store(begun.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
    }

    /// Counts a span that ended, by `count`, and leaves its entry for the drain thread. Metrics count
    /// it even where the buffer has no room left for it. The `slot` of the span ends before the drain
    /// thread can take the entry.
    #[inline(always)]
    pub(crate) fn end(
        &self,
        count: impl FnOnce(&mut Shard),
        header: &Header,
        items: &[u8],
        slot: Option<&mut Slot>,
    ) {
        let mut state = self.lock();
        if state.closed {
            if let Some(slot) = slot {
                slot.end();
            }
            return;
        }
        count(&mut state.shard);
        let start = state.entries.len();
        // The last eighth is left to errors and roots.
        let is_pushed = (items.len() < LARGE_BYTES && state.entries.push(header, items, self.room))
            || state.push_elsewhere(header, items, self.capacity, &self.pages);
        if !is_pushed {
            state.shard.drop_span(DropReason::BufferFull);
        }
        if self.keeps_all {
            state.keep_from(start, &self.pages);
        }
        if let Some(slot) = slot {
            slot.end();
        }
        let crowded = state.is_crowded(self.crowded);
        self.look_at_room(&mut state);
        drop(state);
        if crowded {
            self.wakeup.hasten(header.end, self.soon());
        }
    }

    /// In so many nanoseconds a thread neither fills the rest of a crowded buffer nor comes by too many large
    /// entries, whose bytes are bounded whatever the buffer has.
    fn soon(&self) -> u64 {
        self.capacity.min(1024 * 1024) as u64 / 16
    }

    /// Counts a span that ended, by `count`, and was sampled out.
    #[inline]
    pub(crate) fn end_sampled_out(&self, count: impl FnOnce(&mut Shard)) {
        let mut state = self.lock();
        if !state.closed {
            count(&mut state.shard);
            state.shard.leave_out(LeftOut::Sampler, 1);
        }
    }

    /// What decides which traces are recorded.
    #[inline]
    pub(crate) fn sampler(&self) -> Head {
        self.sampler
    }

    /// Finds the span of another library that a trace goes on with, where these are heeded.
    #[cfg_attr(
        not(feature = "opentelemetry"),
        expect(dead_code, reason = "no other library's spans are known")
    )]
    #[inline]
    pub(crate) fn neighbour(&self) -> Option<Neighbour> {
        self.neighbour
    }

    /// What is to be known of costs.
    #[inline]
    pub(crate) fn costs(&self) -> Option<&Costs> {
        self.costs.as_ref()
    }

    /// Works on the metrics without a span.
    pub(crate) fn with_shard<T>(&self, work: impl FnOnce(&mut Shard) -> T) -> T {
        work(&mut self.lock().shard)
    }

    /// Adds what the port has counted to `sum`.
    pub(crate) fn add_to(&self, sum: &mut Shard) {
        sum.merge(&self.lock().shard);
        for (operation, begun) in Operation::ALL.into_iter().zip(&self.begun) {
            sum.add_begun(operation, begun.load(Ordering::Relaxed));
        }
    }

    /// Takes all entries, and leaves `spare` in their place; for the last time where `last`.
    pub(crate) fn take(&self, spare: Entries, last: bool) -> Taken {
        let mut state = self.lock();
        state.closed |= last;
        state.large_bytes = 0;
        Taken {
            entries: self.exchange(&mut state, spare),
            large: std::mem::take(&mut state.large),
            log: state.log.take(),
        }
    }

    /// Takes the buffer of a port that nobody writes to any more, and leaves `spare` in its place.
    pub(crate) fn take_buffer(&self, spare: Entries) -> Entries {
        self.exchange(&mut self.lock(), spare)
    }

    fn exchange(&self, state: &mut PortState, spare: Entries) -> Entries {
        let full = std::mem::replace(&mut state.entries, spare);
        self.look_at_room(state);
        full
    }

    /// Finds out how much is easily put into the buffer that is there now.
    fn look_at_room(&self, state: &mut PortState) {
        state.easy = match state.closed {
            true => 0,
            false => easy(&state.entries, self.crowded, self.keeps_all),
        };
    }

    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.look_at_room(&mut state);
    }

    /// Bytes of entries that wait to be taken.
    pub(crate) fn waiting_bytes(&self) -> usize {
        let state = self.lock();
        state.entries.len() + state.large_bytes
    }
}

/// Up to where entries are easily put into the buffer: it is there, and is not so full that the drain thread
/// should come before its time.
fn easy(entries: &Entries, crowded: usize, keeps_all: bool) -> usize {
    match keeps_all {
        true => 0,
        false => entries.capacity().min(crowded),
    }
}

impl PortState {
    /// Pushes an entry for which the buffer has no usual place: it is too large, or there is only the
    /// room left that is kept for errors and roots.
    #[cold]
    fn push_elsewhere(
        &mut self,
        header: &Header,
        items: &[u8],
        capacity: usize,
        pages: &Arc<Pages>,
    ) -> bool {
        if items.len() >= LARGE_BYTES.min(capacity / 2) {
            return self.push_large(header, items, pages);
        }
        header.is_important() && self.entries.push(header, items, capacity)
    }

    /// Whether the drain thread should come before its time.
    #[inline(always)]
    fn is_crowded(&self, crowded: usize) -> bool {
        self.entries.len() > crowded || self.large_bytes > MAX_LARGE_BYTES / 2
    }

    /// Puts what lies in the buffer from `start` on into the black box, unless the buffer lies there.
    fn keep_from(&mut self, start: usize, pages: &Arc<Pages>) {
        if self.entries.survives() {
            return;
        }
        if self.log.is_none() {
            self.log = pages.log(Kind::Entry);
        }
        let entry = self.entries.as_slice().get(start..).unwrap_or_default();
        if entry.is_empty() {
            return;
        }
        let is_kept = self.log.as_mut().is_some_and(|log| log.append(entry));
        if !is_kept {
            pages.count_untracked();
        }
    }

    #[cold]
    fn push_large(&mut self, header: &Header, items: &[u8], pages: &Arc<Pages>) -> bool {
        let len = Header::entry_len(items.len());
        if self.large_bytes + len > MAX_LARGE_BYTES {
            return false;
        }
        let mut entry = vec![0; len];
        header.write(items, &mut entry);
        let mut log = match pages.keeps_all() {
            true => pages.log(Kind::Entry),
            false => None,
        };
        let is_kept = log.as_mut().is_some_and(|log| log.append(&entry));
        if pages.keeps_all() && !is_kept {
            pages.count_untracked();
        }
        self.large_bytes += len;
        self.large.push(Large {
            entry: entry.into(),
            log,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::sampler::Sampler;
    use crate::recorder::in_flight;
    use crate::span::ids::{SpanId, TraceId};
    use crate::span::outcome::Outcome;

    fn header(outcome: Outcome, parent: Option<SpanId>) -> Header {
        Header {
            callsite: 0,
            trace_id: TraceId::from_bytes([1; 16]).unwrap(),
            span_id: SpanId::from_bytes([2; 8]).unwrap(),
            parent,
            start: 1,
            end: 2,
            offset: 0,
            agent: Symbol::NONE,
            is_local_root: false,
            outcome,
        }
    }

    #[test]
    fn when_others_find_no_room_errors_and_roots_still_do() {
        const CAPACITY: usize = 8 * 1024;
        let port = Port::new(
            Entries::with_capacity(CAPACITY),
            CAPACITY,
            Sampler::always_on().checked().unwrap(),
            None,
            None,
            Arc::default(),
            Pages::on_heap(in_flight::MOST_BYTES),
        );
        let parent = SpanId::from_bytes([3; 8]);
        let end = |header: &Header| port.end(|_| {}, header, &[], None);
        let dropped = || port.with_shard(|shard| shard.dropped());
        for _ in 0..1000 {
            end(&header(Outcome::Ok, parent));
        }
        let others = dropped();
        assert!(others > 0);
        for _ in 0..5 {
            end(&header(Outcome::Error, parent));
            end(&header(Outcome::Ok, None));
        }
        assert_eq!(dropped(), others);
    }
}
