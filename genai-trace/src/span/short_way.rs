//! The short way of spans that are like most: below a span of this thread, with nothing asked of them
//! between their beginning and their end.
//!
//! The frame of such a span is filled only in part. What it has in common with the span below which it
//! stands lies in the thread's [`Base`], once for all of them. Whoever wants anything else of the stack
//! finds every frame [filled](Local::settle).

use std::sync::Arc;

use super::frame::Frame;
use super::ids::{SpanId, TraceId};
use super::limits;
use super::measure;
use super::open::Open;
use super::operation::Operation;
use super::sampling::Sampling;
use super::scope::Scope;
use super::stack::{self, Local};
use crate::metrics::Symbol;
use crate::recorder::in_flight::SlotHead;
use crate::sys::clock;

/// What the spans that take the short way have in common with the span that they stand below.
#[derive(Debug)]
pub(super) struct Base {
    /// The recorder for which spans may take the short way now; 0 where none may.
    ready: u32,
    /// How many of the innermost frames are filled only in part.
    open: usize,
    /// The span that was entered last.
    top: SpanId,
    /// The span that they all stand below.
    owner: SpanId,
    /// The recorder of all of them.
    generation: u32,
    trace_id: TraceId,
    offset: i64,
    agent: Symbol,
    scope: Option<Arc<Scope>>,
}

impl Base {
    pub(super) const fn new() -> Self {
        Self {
            ready: 0,
            open: 0,
            top: SpanId::NONE,
            owner: SpanId::NONE,
            generation: 0,
            trace_id: TraceId::NONE,
            offset: 0,
            agent: Symbol::NONE,
            scope: None,
        }
    }
}

/// Whether there is nothing about a span that the short way leaves out.
#[inline]
fn is_like_most(frame: &Frame) -> bool {
    frame.registered.may_be_short && !frame.has_wishes && frame.items.is_plain()
}

impl Local {
    /// Fills the frames that are filled only in part: from now on the stack is as it seems.
    #[inline]
    pub(super) fn settle(&mut self) {
        self.base.ready = 0;
        if self.base.open > 0 {
            self.fill();
        }
    }

    #[cold]
    fn fill(&mut self) {
        let base = &mut self.base;
        let frames = self.frames.innermost(std::mem::take(&mut base.open));
        let Some(port) = self.thread.open_port() else {
            return;
        };
        for (index, frame) in frames.enumerate() {
            let Some(head) = port.short(index) else {
                continue;
            };
            frame.trace_id = head.trace_id;
            frame.parent = head.parent;
            frame.start = head.start;
            frame.offset = head.offset;
            frame.sampling = Sampling::CERTAIN;
            frame.subject = frame.registered.opened_as;
            frame.scope.clone_from(&base.scope);
            frame.generation = base.generation;
            if !port.keeps_all() {
                frame.show_in(port.pages());
            }
        }
        port.forget_short();
    }

    /// Whether a span may take the short way that begins now for the recorder `generation`.
    #[inline]
    pub(super) fn has_short_way(&mut self, frame: &Frame, generation: u32) -> bool {
        is_like_most(frame) && (self.base.ready == generation || self.prepare(generation))
    }

    /// Looks whether spans may take the short way below the innermost one.
    fn prepare(&mut self, generation: u32) -> bool {
        self.settle();
        let Some(above) = self.frames.top() else {
            return false;
        };
        let is_plain = |scope: &Arc<Scope>| scope.is_plain();
        let is_open = above.generation == generation
            && above.sampling.is_certain()
            && above.scope.as_ref().is_none_or(is_plain)
            && !limits::reach_the_source()
            && !stack::is_silent();
        if !is_open || self.thread.port(generation).is_none() {
            return false;
        }
        let base = &mut self.base;
        base.top = above.span_id;
        if base.owner != above.span_id || base.generation != generation {
            base.owner = above.span_id;
            base.generation = generation;
            base.trace_id = above.trace_id;
            base.offset = above.offset;
            base.scope.clone_from(&above.scope);
            let scope = above.scope.as_ref();
            base.agent = scope.map_or(Symbol::NONE, |scope| scope.nearest_agent().label);
        }
        base.ready = generation;
        true
    }

    /// Begins a span that [may](Local::has_short_way) take the short way.
    #[inline(always)]
    pub(super) fn begin_short(&mut self, mut frame: Box<Frame>) -> Option<Open> {
        let Self {
            base,
            frames,
            thread,
        } = self;
        let id = thread.ids().span_id();
        let port = thread.open_port()?;
        let operation = frame.callsite.operation();
        frame.span_id = id;
        let head = SlotHead {
            callsite: frame.registered.id,
            trace_id: base.trace_id,
            span_id: id,
            parent: Some(base.top),
            // Read late, so that what came before is not counted as the span's time.
            start: clock::now(),
            offset: base.offset,
            agent: base.agent,
        };
        port.begin_short(operation, &head);
        if port.keeps_all() {
            frame.show_head_in(port.pages(), &head);
        }
        base.top = id;
        base.open += 1;
        Some(Open::at(frames.push(frame), id))
    }

    /// Ends the span `id`, which stands at `place`, if it is the innermost and has taken the short way;
    /// whether it has.
    #[inline(always)]
    pub(super) fn end_short(&mut self, place: usize, id: SpanId, now: u64) -> bool {
        let Self {
            base,
            frames,
            thread,
        } = self;
        // A test that captures may have changed the limits meanwhile.
        if base.open == 0 || limits::reach_the_source() {
            return false;
        }
        let Some(mut frame) = frames.take_innermost(place, id) else {
            return false;
        };
        base.open -= 1;
        let callsite = frame.callsite;
        let operation = callsite.operation();
        if operation == Operation::Tool
            && let Some(scope) = &base.scope
        {
            scope.count_tool();
        }
        let opened_as = frame.registered.opened_as;
        let labels = |agent| measure::plain_labels(callsite, opened_as, agent);
        let Frame { items, slot, .. } = &mut *frame;
        if let Some(port) = thread.open_port() {
            let slot = match port.keeps_all() {
                false => None,
                true => slot.as_deref_mut(),
            };
            let parent = port.end_short(operation, now, labels, items.bytes(), slot);
            base.top = parent.unwrap_or(base.owner);
        }
        thread.give_back_short(frame);
        true
    }
}
