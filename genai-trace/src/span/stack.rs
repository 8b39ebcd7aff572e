//! The spans that a thread is in, innermost last; and what else a thread keeps for itself.

pub(crate) mod departed;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::capture::Capture;
use super::close::{close, close_late, lost};
use super::context::SpanContext;
use super::frame::Frame;
use super::ids::{IdGenerator, SpanId};
use super::items::Items;
use super::mailbox::Mailbox;
use super::outcome::{End, Outcome};
use super::short_way::Base;
use crate::metrics::{Measures, SymbolCache};
use crate::recorder;
use crate::recorder::port::Port;
use crate::sys::clock;

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local::new()) };
    /// The thread records nothing: it is one that writes. It says so to its end, when the others of its
    /// locals are gone.
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Frames and mailboxes that ended spans leave for those that follow, at most so many a thread.
const MAX_SPARES: usize = 64;
/// So many empty places among the spans do no harm.
const MOST_EMPTY: usize = 32;

/// What a thread keeps for itself.
pub(crate) struct Local {
    pub(super) base: Base,
    pub(super) frames: SpanStack,
    pub(super) thread: ThreadState,
}

/// The spans that a thread is in, innermost last.
#[derive(Debug, Default)]
pub(super) struct SpanStack {
    /// Each under a number, which grows from place to place. Whoever leaves a span that is not the
    /// innermost leaves its place empty; the last one never is.
    // In boxes, since a frame moves often and is large.
    places: Vec<(usize, Option<Box<Frame>>)>,
    /// The number of the next place.
    next: usize,
    /// How many places are empty.
    empty: usize,
    /// Spans that have ended while their items were out, which are still to be written.
    parked: Vec<Parked>,
}

/// A span that has ended while its items were out.
#[derive(Debug)]
struct Parked {
    frame: Box<Frame>,
    end: End,
    now: u64,
}

/// What a thread needs to begin and end spans.
#[allow(clippy::vec_box)]
pub(super) struct ThreadState {
    /// The frame of the span that ended last.
    spare: Option<Box<Frame>>,
    spares: Vec<Box<Frame>>,
    ids: Option<IdGenerator>,
    symbols: Option<SymbolCache>,
    port: Option<(u32, Arc<Port>)>,
    /// Mailboxes that no handle knows any more.
    mailboxes: Vec<Arc<Mailbox>>,
    /// The test that the thread runs.
    pub(super) capture: Option<Arc<Capture>>,
}

impl Local {
    const fn new() -> Self {
        Self {
            base: Base::new(),
            frames: SpanStack::new(),
            thread: ThreadState {
                spare: None,
                spares: Vec::new(),
                ids: None,
                symbols: None,
                port: None,
                mailboxes: Vec::new(),
                capture: None,
            },
        }
    }
}

impl Local {
    /// Ends the span `id`, which stands at `place`, and has not taken the short way.
    pub(super) fn end_long(&mut self, place: usize, id: SpanId, end: End, now: u64) {
        self.settle();
        if let Some(frame) = self.frames.take(place, id) {
            self.end(frame, end, now);
        }
    }

    /// Ends a span that was taken off the stack: at once, or when its items are back.
    #[inline(always)]
    fn end(&mut self, frame: Box<Frame>, end: End, now: u64) {
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
            self.frames.abandon(&mut self.thread);
        }
    }
}

impl ThreadState {
    #[inline]
    pub(super) fn ids(&mut self) -> &mut IdGenerator {
        self.ids.get_or_insert_with(IdGenerator::new)
    }

    #[inline]
    pub(super) fn symbols(&mut self) -> &mut SymbolCache {
        self.symbols.get_or_insert_default()
    }

    /// The thread's port to the recorder with the number `generation`; none once that is gone.
    #[inline]
    pub(super) fn port(&mut self, generation: u32) -> Option<&Port> {
        if self.port.as_ref().is_none_or(|(of, _)| *of != generation) {
            self.port = Some((generation, open_port(generation)?));
        }
        self.port.as_ref().map(|(_, port)| &**port)
    }

    /// The port that was asked for last.
    #[inline]
    pub(super) fn open_port(&self) -> Option<&Port> {
        self.port.as_ref().map(|(_, port)| &**port)
    }

    /// A frame for a span that begins. It is filled where it lies, and only its pointer moves: to the
    /// stack, to a future and back.
    #[inline]
    pub(super) fn frame(&mut self) -> Box<Frame> {
        match self.spare.take() {
            Some(spare) => spare,
            None => self.frame_from_further_back(),
        }
    }

    #[cold]
    fn frame_from_further_back(&mut self) -> Box<Frame> {
        self.spares.pop().unwrap_or_else(|| Box::new(Frame::new()))
    }

    #[inline]
    pub(super) fn mailbox(&mut self) -> Arc<Mailbox> {
        self.mailboxes.pop().unwrap_or_default()
    }

    /// Keeps the mailbox of a span that has ended, unless a handle still knows it.
    pub(super) fn give_back_mailbox(&mut self, mut mailbox: Arc<Mailbox>) {
        if self.mailboxes.len() < MAX_SPARES
            && let Some(unknown) = Arc::get_mut(&mut mailbox)
        {
            unknown.reopen();
            self.mailboxes.push(mailbox);
        }
    }

    #[inline]
    fn keep_spare(&mut self, frame: Box<Frame>) {
        match self.spare {
            None => self.spare = Some(frame),
            Some(_) => self.keep_further_back(frame),
        }
    }

    #[cold]
    fn keep_further_back(&mut self, frame: Box<Frame>) {
        if self.spares.len() < MAX_SPARES {
            self.spares.push(frame);
        }
    }

    /// Keeps the frame of a span that has ended.
    #[inline]
    pub(super) fn give_back(&mut self, mut frame: Box<Frame>) {
        frame.recycle();
        self.keep_spare(frame);
    }
}

#[cold]
fn open_port(generation: u32) -> Option<Arc<Port>> {
    let recorder = recorder::current()?;
    (recorder.generation().get() == generation).then(|| recorder.open_port())
}

impl SpanStack {
    pub(super) const fn new() -> Self {
        Self {
            places: Vec::new(),
            next: 0,
            empty: 0,
            parked: Vec::new(),
        }
    }

    /// Enters a span; the number of its place.
    #[inline]
    pub(super) fn push(&mut self, frame: Box<Frame>) -> usize {
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.places.push((number, Some(frame)));
        number
    }

    /// The number that the next span gets.
    #[inline]
    pub(super) const fn next_place(&self) -> usize {
        self.next
    }

    /// Leaves the span `id`, which was entered as `number`; spans inside it that are still open stay.
    #[inline]
    pub(super) fn take(&mut self, number: usize, id: SpanId) -> Option<Box<Frame>> {
        let place = self.places.last_mut();
        if let Some((last, frame)) = place
            && *last == number
            && frame.as_ref().is_some_and(|frame| frame.owns(id))
        {
            let frame = frame.take();
            self.places.pop();
            if self.empty > 0 {
                self.trim();
            }
            return frame;
        }
        self.take_below(number, id)
    }

    /// Guards that end out of order leave an empty place, so that no other place is moved for each.
    #[cold]
    fn take_below(&mut self, number: usize, id: SpanId) -> Option<Box<Frame>> {
        let index = self.find(number, id)?;
        self.leave(index)
    }

    /// Takes the span out of the place at `index`.
    fn leave(&mut self, index: usize) -> Option<Box<Frame>> {
        let frame = self.places.get_mut(index)?.1.take()?;
        self.empty += 1;
        self.trim();
        // As rarely as to cost each span that left nothing to speak of.
        if self.empty > MOST_EMPTY && self.empty > self.places.len() / 2 {
            self.places.retain(|(_, frame)| frame.is_some());
            self.empty = 0;
        }
        Some(frame)
    }

    /// Takes empty places off the top, where there never are any.
    #[cold]
    fn trim(&mut self) {
        while self.empty > 0 && matches!(self.places.last(), Some((_, None))) {
            self.places.pop();
            self.empty -= 1;
        }
    }

    /// Leaves the innermost stand-in. It is the one that was entered last: what enters one leaves it
    /// before it returns.
    pub(super) fn take_stand_in(&mut self) -> Option<Box<Frame>> {
        let is_stand_in = |frame: &Frame| frame.is_stand_in;
        let mut places = self.places.iter();
        let index = places.rposition(|(_, frame)| frame.as_deref().is_some_and(is_stand_in))?;
        self.leave(index)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether nothing is to be done any more.
    fn is_at_rest(&self) -> bool {
        self.places.is_empty() && self.parked.is_empty()
    }

    /// The innermost span.
    #[inline]
    pub(super) fn top(&mut self) -> Option<&mut Frame> {
        self.places.last_mut()?.1.as_deref_mut()
    }

    /// Where the span `id` stands that was entered as `number`.
    fn find(&self, number: usize, id: SpanId) -> Option<usize> {
        let places = &self.places;
        let index = places
            .binary_search_by_key(&number, |(number, _)| *number)
            .ok()?;
        let frame = places.get(index)?.1.as_deref()?;
        frame.owns(id).then_some(index)
    }

    /// The frame of the span `id`, which was entered as `number`.
    #[inline]
    fn get_mut(&mut self, number: usize, id: SpanId) -> Option<&mut Frame> {
        let index = match self.places.last() {
            Some((last, _)) if *last == number => self.places.len() - 1,
            _ => self.find(number, id)?,
        };
        let frame = self.places.get_mut(index)?.1.as_deref_mut()?;
        frame.owns(id).then_some(frame)
    }

    /// The number of the place of the span `id`, and its frame.
    fn find_anywhere(&mut self, id: SpanId) -> Option<(usize, &mut Frame)> {
        let mut places = self.places.iter_mut().rev();
        places.find_map(|(number, frame)| {
            let frame = frame.as_deref_mut().filter(|frame| frame.owns(id))?;
            Some((*number, frame))
        })
    }

    /// Takes out the items of the span `id`, wherever it stands.
    fn take_items_of(&mut self, id: SpanId) -> Option<Taken> {
        let (number, frame) = self.find_anywhere(id)?;
        Some(Taken::out_of(number, frame))
    }

    /// Takes out the items of the innermost span, or finds the mailbox of a span that is owned
    /// elsewhere.
    #[inline]
    fn take_items(&mut self) -> Option<Result<Taken, Arc<Mailbox>>> {
        let (number, frame) = self.places.last_mut()?;
        let frame = frame.as_deref_mut()?;
        if !frame.is_stand_in {
            return Some(Ok(Taken::out_of(*number, frame)));
        }
        let (id, mailbox) = (frame.span_id, frame.mailbox.clone());
        match self.take_items_of(id) {
            Some(taken) => Some(Ok(taken)),
            None => mailbox.map(Err),
        }
    }

    /// Ends every span, the innermost first: no guard of theirs is left to do it.
    fn abandon(&mut self, thread: &mut ThreadState) {
        let now = clock::now();
        while let Some((_, frame)) = self.places.pop() {
            if let Some(frame) = frame.filter(|frame| !frame.is_stand_in) {
                close_late(thread, frame, End::of(Outcome::Abandoned), now);
            }
        }
        self.empty = 0;
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

/// Works on the items of the span `id`. The items are taken out meanwhile, so that `work` may run
/// any code.
///
/// # Errors
/// `work` itself, where the span is not on this thread's stack.
pub(crate) fn edit<W: FnOnce(&mut Items)>(id: SpanId, work: W) -> Result<(), W> {
    match take_items_of(id) {
        Some(taken) => {
            taken.edit(work);
            Ok(())
        }
        None => Err(work),
    }
}

/// Works on the items of the innermost span, wherever they are; not at all outside any span.
pub(crate) fn edit_innermost(work: impl FnOnce(&mut Items)) {
    match take_items() {
        Some(Ok(taken)) => taken.edit(work),
        Some(Err(mailbox)) => mailbox.post(work),
        None => {}
    }
}

// Not generic, and so compiled once and not for each place where something is recorded.

fn take_items_of(id: SpanId) -> Option<Taken> {
    with(|local| local.frames.take_items_of(id)).flatten()
}

fn take_items() -> Option<Result<Taken, Arc<Mailbox>>> {
    with(|local| local.frames.take_items()).flatten()
}

/// Items that were taken out of a frame; dropped, also by a panic, they go back.
struct Taken {
    number: usize,
    id: SpanId,
    items: Items,
}

impl Taken {
    /// The items of the span in `frame`, which stands in the place `number`.
    fn out_of(number: usize, frame: &mut Frame) -> Self {
        frame.receive();
        frame.lent += 1;
        Self {
            number,
            id: frame.span_id,
            items: std::mem::take(&mut frame.items),
        }
    }

    fn edit(mut self, work: impl FnOnce(&mut Items)) {
        work(&mut self.items);
    }

    /// Puts the items back into `frame`.
    fn return_to(&mut self, frame: &mut Frame) {
        if !frame.items.is_untouched() {
            self.items.append(&frame.items);
        }
        frame.items = std::mem::take(&mut self.items);
        frame.show_items();
        frame.lent -= 1;
    }

    /// Puts the items back into a span that has ended meanwhile, which is written with them.
    #[cold]
    fn return_to_parked(&mut self, local: &mut Local) {
        let parked = &mut local.frames.parked;
        let position = parked
            .iter()
            .position(|parked| parked.frame.span_id == self.id);
        let Some(mut parked) = position.map(|position| parked.swap_remove(position)) else {
            return;
        };
        self.return_to(&mut parked.frame);
        let Parked { frame, end, now } = parked;
        match frame.lent {
            0 => close_late(&mut local.thread, frame, end, now),
            _ => local.frames.parked.push(Parked { frame, end, now }),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        with(|local| match local.frames.get_mut(self.number, self.id) {
            Some(frame) => self.return_to(frame),
            None => self.return_to_parked(local),
        });
    }
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
    let Some(generation) = recorder::active() else {
        return;
    };
    with(|local| {
        let mut symbols = std::mem::take(local.thread.symbols());
        let port = local.thread.port(generation.get())?;
        port.with_shard(|shard| measures.record_into(shard, &mut symbols));
        *local.thread.symbols() = symbols;
        Some(())
    });
}
