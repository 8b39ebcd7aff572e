//! The spans that a thread is in, innermost last; and what else a thread keeps for itself.

use std::cell::RefCell;
use std::sync::Arc;

use super::capture::Capture;
use super::context::SpanContext;
use super::frame::{Frame, Mailbox};
use super::ids::{IdGenerator, SpanId};
use super::items::Items;
use crate::metrics::{Measures, SymbolCache};
use crate::recorder;
use crate::recorder::port::Port;

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local::new()) };
}

/// Frames and mailboxes that ended spans leave for those that follow, at most so many a thread.
const MAX_SPARES: usize = 64;

/// What a thread keeps for itself.
pub(crate) struct Local {
    pub(super) frames: SpanStack,
    pub(super) thread: ThreadState,
}

/// The spans that a thread is in, innermost last.
// In boxes, since a frame moves often and is large.
#[allow(clippy::vec_box)]
#[derive(Debug, Default)]
pub(super) struct SpanStack(Vec<Box<Frame>>);

/// What a thread needs to begin and end spans.
#[allow(clippy::vec_box)]
pub(super) struct ThreadState {
    spares: Vec<Box<Frame>>,
    ids: Option<IdGenerator>,
    symbols: Option<SymbolCache>,
    port: Option<(u32, Arc<Port>)>,
    /// Mailboxes that no handle knows any more.
    mailboxes: Vec<Arc<Mailbox>>,
    /// The test that the thread runs.
    pub(super) capture: Option<Arc<Capture>>,
    /// The thread records nothing: it is the one that writes.
    is_silent: bool,
}

impl Local {
    const fn new() -> Self {
        Self {
            frames: SpanStack(Vec::new()),
            thread: ThreadState {
                spares: Vec::new(),
                ids: None,
                symbols: None,
                port: None,
                mailboxes: Vec::new(),
                capture: None,
                is_silent: false,
            },
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

    /// A frame for a span that begins. It is filled where it lies, and only its pointer moves: to the
    /// stack, to a future and back.
    #[inline]
    pub(super) fn frame(&mut self) -> Box<Frame> {
        self.spares.pop().unwrap_or_else(|| Box::new(Frame::new()))
    }

    #[inline]
    pub(super) fn is_silent(&self) -> bool {
        self.is_silent
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

    /// Keeps the frame of a span that has ended.
    #[inline]
    pub(super) fn give_back(&mut self, mut frame: Box<Frame>) {
        if self.spares.len() < MAX_SPARES {
            frame.recycle();
            self.spares.push(frame);
        }
    }
}

#[cold]
fn open_port(generation: u32) -> Option<Arc<Port>> {
    let recorder = recorder::current()?;
    (recorder.generation().get() == generation).then(|| recorder.open_port())
}

impl SpanStack {
    /// Enters a span; its depth.
    #[inline]
    pub(super) fn push(&mut self, frame: Box<Frame>) -> usize {
        self.0.push(frame);
        self.0.len() - 1
    }

    /// Leaves the span `id`, which was entered at `depth`; spans inside it that are still open stay.
    #[inline]
    pub(super) fn take(&mut self, depth: usize, id: SpanId) -> Option<Box<Frame>> {
        let index = self.find(depth, id)?;
        if index + 1 == self.0.len() {
            return self.0.pop();
        }
        Some(self.0.remove(index))
    }

    /// Leaves the innermost stand-in. It is the one that was entered last: what enters one leaves it
    /// before it returns.
    pub(super) fn take_stand_in(&mut self) -> Option<Box<Frame>> {
        let index = self.0.iter().rposition(|frame| frame.is_stand_in)?;
        Some(self.0.remove(index))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The innermost span.
    #[inline]
    pub(super) fn top(&mut self) -> Option<&mut Frame> {
        self.0.last_mut().map(Box::as_mut)
    }

    #[inline]
    fn find(&self, depth: usize, id: SpanId) -> Option<usize> {
        if self.0.get(depth).is_some_and(|frame| frame.owns(id)) {
            return Some(depth);
        }
        self.find_anywhere(id)
    }

    /// Guards that end out of order move the frames above them down.
    #[cold]
    fn find_anywhere(&self, id: SpanId) -> Option<usize> {
        self.0.iter().rposition(|frame| frame.owns(id))
    }

    /// Where the innermost span takes what is said of it.
    #[inline]
    fn innermost(&self) -> Option<Place> {
        let top = self.0.last()?;
        if top.is_stand_in {
            return self.stood_for(top);
        }
        Some(Place::Here(self.0.len() - 1))
    }

    #[cold]
    fn stood_for(&self, stand_in: &Frame) -> Option<Place> {
        match self.find_anywhere(stand_in.span_id) {
            Some(index) => Some(Place::Here(index)),
            None => stand_in.mailbox.clone().map(Place::Elsewhere),
        }
    }

    fn get_mut(&mut self, index: usize) -> Option<&mut Frame> {
        self.0.get_mut(index).map(Box::as_mut)
    }

    fn take_items(&mut self, index: usize) -> Option<Taken> {
        let frame = self.get_mut(index)?;
        frame.receive();
        let (id, items) = (frame.span_id, std::mem::take(&mut frame.items));
        Some(Taken { index, id, items })
    }
}

/// Where a span takes what is said of it.
enum Place {
    /// At this index of the thread's stack.
    Here(usize),
    /// In its mailbox: its owner is not on this stack.
    Elsewhere(Arc<Mailbox>),
}

/// What identifies the span `id` to others, where it is on this thread's stack.
pub(crate) fn context(id: SpanId) -> Option<SpanContext> {
    with(|local| {
        let index = local.frames.find_anywhere(id)?;
        local.frames.get_mut(index).map(|frame| frame.context())
    })
    .flatten()
}

/// Works on what the thread keeps; none while the thread ends, or where that is at work already.
/// No code of the user may run inside, since it might come back here.
#[inline]
pub(crate) fn with<T>(work: impl FnOnce(&mut Local) -> T) -> Option<T> {
    LOCAL
        .try_with(|local| {
            local
                .try_borrow_mut()
                .ok()
                .map(|mut local| work(&mut local))
        })
        .ok()
        .flatten()
}

/// Works on the items of the span `id`. The items are taken out meanwhile, so that `work` may run
/// any code.
///
/// # Errors
/// `work` itself, where the span is not on this thread's stack.
pub(crate) fn edit<W: FnOnce(&mut Items)>(id: SpanId, work: W) -> Result<(), W> {
    let taken = with(|local| {
        let index = local.frames.find_anywhere(id)?;
        local.frames.take_items(index)
    });
    match taken.flatten() {
        Some(taken) => {
            taken.edit(work);
            Ok(())
        }
        None => Err(work),
    }
}

/// Works on the items of the innermost span, wherever they are; not at all outside any span.
pub(crate) fn edit_innermost(work: impl FnOnce(&mut Items)) {
    let found = with(|local| match local.frames.innermost()? {
        Place::Here(index) => local.frames.take_items(index).map(Ok),
        Place::Elsewhere(mailbox) => Some(Err(mailbox)),
    });
    match found.flatten() {
        Some(Ok(taken)) => taken.edit(work),
        Some(Err(mailbox)) => mailbox.post(work),
        None => {}
    }
}

/// Items that were taken out of a frame; dropped, also by a panic, they go back.
struct Taken {
    index: usize,
    id: SpanId,
    items: Items,
}

impl Taken {
    fn edit(mut self, work: impl FnOnce(&mut Items)) {
        work(&mut self.items);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        with(|local| {
            let index = local.frames.find(self.index, self.id)?;
            let frame = local.frames.get_mut(index)?;
            if !frame.items.is_untouched() {
                self.items.append(&frame.items);
            }
            frame.items = std::mem::take(&mut self.items);
            frame.show_items();
            Some(())
        });
    }
}

/// From now on this thread records nothing: an exporter that is annotated itself would feed itself.
pub(crate) fn silence() {
    with(|local| local.thread.is_silent = true);
}

/// Whether this thread records nothing, since it is one that writes.
pub(crate) fn is_silent() -> bool {
    with(|local| local.thread.is_silent).unwrap_or(false)
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
