//! The spans that a thread is in, innermost last; and what else a thread keeps for itself.

pub(crate) mod departed;
mod places;
mod taken;
mod thread_state;

use std::cell::{Cell, RefCell};

use self::places::Parked;
pub(super) use self::places::SpanStack;
pub(crate) use self::taken::{edit, edit_innermost};
pub(super) use self::thread_state::ThreadState;
use super::close::{close, lost};
use super::context::SpanContext;
use super::frame::Frame;
use super::ids::SpanId;
use super::outcome::End;
use super::short_way::Base;
use super::shown::Ended;
use crate::metrics::{Measures, Shard, SymbolCache};
use crate::prices::Costs;
use crate::recorder;

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local::new()) };
    /// The thread records nothing: it is one that writes. It says so to its end, when the others of its
    /// locals are gone.
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
}

/// What a thread keeps for itself.
pub(crate) struct Local {
    pub(super) base: Base,
    pub(super) frames: SpanStack,
    pub(super) thread: ThreadState,
}

impl Local {
    const fn new() -> Self {
        Self {
            base: Base::new(),
            frames: SpanStack::new(),
            thread: ThreadState::new(),
        }
    }
}

impl Local {
    /// Ends the span `id`, which stands at `place`, and has not taken the short way.
    pub(super) fn end_long(
        &mut self,
        place: usize,
        id: SpanId,
        end: End,
        now: u64,
    ) -> Option<Ended> {
        self.settle();
        let mut frame = self.frames.take(place, id)?;
        let ended = frame.shown.take_at(&end);
        self.end(frame, end, now);
        Some(ended)
    }

    /// Ends a span that was taken off the stack: at once, or when its items are back.
    #[inline(always)]
    fn end(&mut self, frame: Box<Frame>, end: End, now: u64) {
        if frame.nested.is_some() {
            return self.end_nested(frame, end, now);
        }
        if frame.lent > 0 {
            return self.frames.parked.push(Parked { frame, end, now });
        }
        close(&mut self.thread, frame, end, now);
    }
}

impl Drop for Local {
    /// A thread that ends is in no span any more: what a guard was to end that was forgotten, or
    /// that is dropped later still, has no end of its own.
    fn drop(&mut self) {
        self.settle();
        if !self.frames.is_empty() {
            let ended = self.frames.abandon(&mut self.thread);
            ended.into_iter().for_each(Ended::leave);
        }
    }
}

/// What identifies the span `id` to others, where it is on this thread's stack.
pub(crate) fn context(id: SpanId) -> Option<SpanContext> {
    with(|local| {
        let (_, frame) = local.frames.find_anywhere(id)?;
        Some(frame.context())
    })
    .flatten()
}

/// Works on what the thread keeps; none where that is at work already. No code of the user may run
/// inside, since it might come back here.
#[inline]
pub(crate) fn with<T>(work: impl FnOnce(&mut Local) -> T) -> Option<T> {
    with_unsettled(|local| {
        local.settle();
        work(local)
    })
}

/// Works on what the thread keeps, of which some frames may be filled only in part.
#[inline]
pub(super) fn with_unsettled<T>(work: impl FnOnce(&mut Local) -> T) -> Option<T> {
    let mut work = Some(work);
    let done = LOCAL.try_with(|local| {
        let mut local = local.try_borrow_mut().ok()?;
        work.take().map(|work| work(&mut local))
    });
    match done {
        Ok(done) => done,
        // A destructor of a thread-local runs after ours has.
        Err(_) => work.and_then(departed::with),
    }
}

/// Works on what the thread keeps, of which some spans may have no frame; where that is at work already, the
/// span is lost that `work` is about.
#[inline(always)]
pub(super) fn with_or_lost<T>(work: impl FnOnce(&mut Local) -> Option<T>) -> Option<T> {
    let mut work = Some(work);
    let done = LOCAL.try_with(|local| match (local.try_borrow_mut(), work.take()) {
        (Ok(mut local), Some(work)) => work(&mut local),
        _ => {
            lost();
            None
        }
    });
    match (done, work) {
        (Err(_), Some(work)) => departed_or_lost(work),
        (done, _) => done.ok().flatten(),
    }
}

#[cold]
fn departed_or_lost<T>(work: impl FnOnce(&mut Local) -> Option<T>) -> Option<T> {
    departed::with(work).unwrap_or_else(|| {
        lost();
        None
    })
}

/// From now on this thread records nothing: an exporter that is annotated itself would feed itself.
pub(crate) fn silence() {
    IS_SILENT.set(true);
}

/// Whether this thread records nothing, since it is one that writes.
#[inline]
pub(crate) fn is_silent() -> bool {
    IS_SILENT.get()
}

/// Forgets the spans that the thread is in, and all else that belongs to the parent of this process:
/// ids come from a new seed, and the first span opens a port. Nothing is dropped, since it may be
/// locked by threads that are not here.
pub(crate) fn leave_to_parent() {
    // As it is: a latch that would be taken to fill a frame may be another thread's for ever.
    with_unsettled(|local| std::mem::forget(std::mem::replace(local, Local::new())));
}

/// Feeds measures that come without a span to the thread's cells.
pub(crate) fn record_measures(measures: &Measures<'_>) {
    with_shard(|shard, symbols, costs| measures.record_into(shard, symbols, costs));
}

/// Works on what the thread has counted, without a span.
pub(crate) fn with_shard(work: impl FnOnce(&mut Shard, &mut SymbolCache, Option<&Costs>)) {
    let Some(generation) = recorder::active() else {
        return;
    };
    with(|local| {
        let mut symbols = std::mem::take(local.thread.symbols());
        if let Some(port) = local.thread.port(generation.get()) {
            let costs = port.costs().cloned();
            port.with_shard(|shard| work(shard, &mut symbols, costs.as_ref()));
        }
        *local.thread.symbols() = symbols;
    });
}
