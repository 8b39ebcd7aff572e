//! A span while it is open.

use std::sync::Arc;

use super::callsite::{Callsite, Registered};
use super::capture::Capture;
use super::chunks::Chunks;
use super::contents::Contents;
use super::context::SpanContext;
use super::ids::{SpanId, TraceId};
use super::items::Items;
use super::mailbox::Mailbox;
use super::nested::Nested;
use super::opening::Wishes;
use super::operation::Operation;
use super::outcome::Outcome;
use super::sampling::Sampling;
use super::scope::Scope;
use super::shown::Shown;
use super::stack::ThreadState;
use crate::metrics::Symbol;
use crate::recorder::capturing::CAPTURED;
use crate::recorder::entry::Header;
use crate::recorder::in_flight::{Pages, Slot, SlotHead};
use crate::sys::clock;

/// What is more is not copied once more than it has to be, as the short way does.
const MAX_SHORT_BYTES: usize = 1024;
/// Largest buffer that a frame keeps for the next span.
const MAX_KEPT_BYTES: usize = 16 * 1024;

/// A span while it is open: on the stack of the thread that runs it, or, between two polls, in the
/// future that it belongs to. A [stand-in](super::stand_in) for such a span is a frame as well.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) callsite: &'static Callsite,
    pub(super) registered: &'static Registered,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent: Option<SpanId>,
    /// Nanoseconds on the process's line.
    pub(crate) start: u64,
    /// What is to be added for nanoseconds since 1970: the same for all spans of a trace.
    pub(crate) offset: i64,
    /// Whether it leaves a record.
    pub(crate) sampling: Sampling,
    /// It begins what this process knows of its trace: it has no parent, or one in another process.
    pub(crate) is_local_root: bool,
    /// The subject under which it was counted as open.
    pub(crate) subject: Symbol,
    pub(crate) items: Items,
    /// The agent and conversation that it works for; an agent's own.
    pub(crate) scope: Option<Arc<Scope>>,
    /// What others record for it while it is not at hand.
    pub(crate) mailbox: Option<Arc<Mailbox>>,
    /// The chunks of the stream that it follows.
    pub(crate) chunks: Option<Box<Chunks>>,
    /// What was said in it.
    pub(super) contents: Option<Box<Contents>>,
    /// The span that it belongs to, where it is a call inside a call.
    pub(super) nested: Option<Box<Nested>>,
    /// How many calls were made inside it that belong to it.
    pub(super) attempts: u32,
    /// When the call was over, where that is known before the span ends.
    pub(super) over: Option<u64>,
    /// Where others can read what is known of the span while it is open.
    pub(super) slot: Option<Box<Slot>>,
    /// That others are shown the span. Taken out before the frame goes.
    pub(super) shown: Shown,
    /// The recorder that it belongs to, or that it is captured.
    pub(crate) generation: u32,
    /// How often its items are out, for the user's code to write to: it is written when they are back.
    pub(super) lent: u32,
    /// Another frame owns the span: this one is never ended, and nothing is written into it.
    pub(super) is_stand_in: bool,
    /// Something is in `wishes`.
    pub(super) has_wishes: bool,
    /// What was said of it before it began.
    pub(super) wishes: Wishes,
}

impl Frame {
    /// A frame that is not in use yet.
    pub(super) fn new() -> Self {
        static NOTHING: Callsite = Callsite::new(Operation::Step, "");
        Self {
            callsite: &NOTHING,
            registered: Registered::of_nothing(),
            trace_id: TraceId::NONE,
            span_id: SpanId::NONE,
            parent: None,
            start: 0,
            offset: 0,
            sampling: Sampling::CERTAIN,
            is_local_root: false,
            subject: Symbol::NONE,
            items: Items::default(),
            scope: None,
            mailbox: None,
            chunks: None,
            contents: None,
            nested: None,
            attempts: 0,
            over: None,
            slot: None,
            shown: Shown::NONE,
            generation: 0,
            lent: 0,
            is_stand_in: false,
            has_wishes: false,
            wishes: Wishes::default(),
        }
    }

    /// Whether what was said of its span is little, and nothing but attributes that no metric counts, and
    /// links.
    pub(super) fn may_be_short(&self) -> bool {
        !self.has_wishes
            && self.contents.is_none()
            && self.items.is_plain()
            && self.items.bytes().len() <= MAX_SHORT_BYTES
    }

    /// What was wished is done.
    #[cold]
    pub(super) fn forget_wishes(&mut self) {
        self.has_wishes = false;
        self.wishes = Wishes::default();
    }

    /// Gives the span its place below that of `parent`.
    #[inline]
    pub(super) fn stand_below(&mut self, parent: &Frame) {
        self.trace_id = parent.trace_id;
        self.parent = Some(parent.span_id);
        self.scope.clone_from(&parent.scope);
        self.offset = parent.offset;
        self.sampling = parent.sampling;
    }

    /// Gives the span its place below one that is known by its context.
    pub(super) fn stand_below_context(&mut self, parent: &SpanContext) {
        self.trace_id = parent.trace_id();
        self.parent = Some(parent.span_id());
        self.scope = parent.scope().cloned();
        self.offset = parent.offset().unwrap_or_else(clock::offset);
        self.sampling = parent.sampling();
    }

    /// Lets the span begin a trace.
    pub(super) fn begin_trace(&mut self, thread: &mut ThreadState) {
        self.trace_id = thread.ids().trace_id();
        self.parent = None;
        self.scope = None;
        self.offset = clock::offset();
        self.sampling = Sampling::OF_ROOT;
    }

    /// Says of which callsite the span is.
    #[inline]
    pub(super) fn belong_to(&mut self, callsite: &'static Callsite) {
        self.callsite = callsite;
        self.registered = callsite.registered();
        self.items.belong_to(callsite);
    }

    /// From now on others can read that the span is open.
    #[inline]
    pub(super) fn show_in(&mut self, pages: &Arc<Pages>) {
        let scope = self.scope.as_ref();
        let head = SlotHead {
            callsite: self.registered.id,
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent: self.parent,
            start: self.start,
            offset: self.offset,
            agent: scope.map_or(Symbol::NONE, |scope| scope.nearest_agent().label),
        };
        self.show_head_in(pages, &head);
    }

    /// From now on others can read that the span of `head` is open.
    #[inline(always)]
    pub(super) fn show_head_in(&mut self, pages: &Arc<Pages>, head: &SlotHead) {
        if !self.slot.as_ref().is_some_and(|slot| slot.is_of(pages)) {
            self.find_slot_in(pages);
        }
        let Some(slot) = &mut self.slot else {
            return;
        };
        if pages.keeps_all() || !self.registered.is_named {
            // Without a name in the source it is called by what was said.
            slot.begin(head, self.items.bytes());
            self.items.is_shown();
        } else {
            slot.begin(head, &[]);
        }
    }

    #[cold]
    fn find_slot_in(&mut self, pages: &Arc<Pages>) {
        self.slot = pages.slot().map(Box::new);
    }

    /// Shows to others what was said since.
    #[inline]
    pub(super) fn show_items(&mut self) {
        if let Some(slot) = &mut self.slot
            && slot.keeper().is_some()
        {
            self.items.show_in(slot);
        }
    }

    /// What its entry says first, where it ends now.
    #[inline]
    pub(super) fn header(&self, end: u64, agent: Symbol, outcome: Outcome) -> Header {
        Header {
            callsite: self.registered.id,
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent: self.parent,
            start: self.start,
            end,
            offset: self.offset,
            agent,
            outcome,
            is_local_root: self.is_local_root,
        }
    }

    /// The span is no longer open.
    #[inline]
    pub(super) fn hide(&mut self) {
        if let Some(slot) = &mut self.slot {
            slot.end();
        }
    }

    /// Forgets its span, but keeps the buffer that it has grown, unless a large value has blown it up.
    #[inline]
    pub(super) fn recycle(&mut self) {
        self.items.clear(MAX_KEPT_BYTES);
        self.scope = None;
        if self.mailbox.is_some() || self.chunks.is_some() {
            self.mailbox = None;
            self.chunks = None;
        }
        (self.over, self.contents) = (None, None);
        (self.attempts, self.lent) = (0, 0);
        self.is_stand_in = false;
        self.is_local_root = false;
        // Of a stand-in: another knows the span as well, and so nobody is told of anything.
        self.shown.take();
    }

    /// Whether this is the frame of the span `id`, and no stand-in for it.
    #[inline]
    pub(super) fn owns(&self, id: SpanId) -> bool {
        self.span_id == id && !self.is_stand_in
    }

    /// Whether spans that begin for the recorder `generation` find it: it is that recorder's, or a
    /// capture's, which are there beside any.
    #[inline]
    pub(super) fn belongs_to(&self, generation: u32) -> bool {
        self.generation == generation || self.generation == CAPTURED.get()
    }

    /// What begins outside any span is in, where the frame stands for there being none.
    pub(super) fn aside(&self) -> Option<&Arc<Scope>> {
        // No recorder has this number.
        let is_none = self.is_stand_in && self.generation == 0;
        self.scope.as_ref().filter(|_| is_none)
    }

    /// The test that the span belongs to.
    #[inline]
    pub(super) fn capture(&self) -> Option<&Arc<Capture>> {
        if self.generation != CAPTURED.get() {
            return None;
        }
        self.scope.as_ref().and_then(|scope| scope.capture())
    }

    #[inline]
    pub(crate) fn context(&self) -> SpanContext {
        SpanContext::of_span(
            self.trace_id,
            self.span_id,
            self.offset,
            self.scope.clone(),
            self.sampling,
            self.shown.faint(),
        )
    }

    /// The mailbox, for a handle.
    #[inline]
    pub(super) fn mailbox(&mut self, thread: &mut ThreadState) -> Arc<Mailbox> {
        if let Some(mailbox) = &self.mailbox {
            return Arc::clone(mailbox);
        }
        let mailbox = thread.mailbox();
        if let Some(pages) = self.slot.as_deref().and_then(Slot::keeper) {
            mailbox.keep_in(pages, self.trace_id, self.span_id);
        }
        self.mailbox = Some(Arc::clone(&mailbox));
        mailbox
    }

    /// Takes over what lies in the mailbox, so that what is said next is said later.
    pub(super) fn receive(&mut self) {
        if let Some(mailbox) = &self.mailbox
            && let Some((items, log)) = mailbox.empty()
        {
            self.items.append(&items);
            self.show_items();
            // Only now: a crash in between finds it in both.
            drop(log);
        }
    }

    /// Closes the mailbox, after what lies in it was taken over.
    pub(super) fn close_mailbox(&mut self, thread: &mut ThreadState) {
        if let Some(mailbox) = self.mailbox.take() {
            if let Some((items, inner)) = mailbox.close() {
                self.items.append(&items);
                self.items.fill_from(&inner);
            }
            thread.give_back_mailbox(mailbox);
        }
    }
}
