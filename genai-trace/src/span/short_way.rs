//! The short way of spans that are like most: below a span of this thread, with nothing asked of them
//! between their beginning and their end.
//!
//! Such a span has no frame: what its entry will say lies in the thread's port, where it ends. What it has
//! in common with the span below which it stands lies in the thread's [`Base`], once for all of them.
//! Whoever wants anything else of the stack finds every span [in a frame](Local::settle).

use std::sync::Arc;

use super::callsite::{Callsite, Registered};
use super::ids::{SpanId, TraceId};
use super::limits;
use super::measure;
use super::open::Open;
use super::operation::Operation;
use super::sampling::Sampling;
use super::scope::Scope;
use super::stack::{self, Local};
use crate::metrics::Symbol;
use crate::recorder::in_flight::{Slot, SlotHead};
use crate::recorder::port::Port;
use crate::sys::clock;

/// So many slots a thread keeps for the spans that it begins next.
const MOST_SLOTS: usize = 64;

/// What the spans that take the short way have in common with the span that they stand below.
#[derive(Debug)]
pub(super) struct Base {
    /// The recorder for which spans may take the short way now; 0 where none may.
    ready: u32,
    /// The span that was entered last.
    top: SpanId,
    /// Tools that have ended and are not counted yet for the agent that they belong to.
    tools: u64,
    /// The span that they all stand below.
    owner: SpanId,
    /// The recorder of all of them.
    generation: u32,
    trace_id: TraceId,
    offset: i64,
    /// Whether all of them leave a record, or none.
    sampling: Sampling,
    agent: Symbol,
    scope: Option<Arc<Scope>>,
    /// Where spans can be read that stand in the port, by how many stand below: only in a black box.
    slots: Vec<Option<Box<Slot>>>,
}

impl Base {
    pub(super) const fn new() -> Self {
        Self {
            ready: 0,
            top: SpanId::NONE,
            tools: 0,
            owner: SpanId::NONE,
            generation: 0,
            trace_id: TraceId::NONE,
            offset: 0,
            sampling: Sampling::CERTAIN,
            agent: Symbol::NONE,
            scope: None,
            slots: Vec::new(),
        }
    }
}

impl Local {
    /// Gives all spans their frames: from now on the stack is as it seems.
    #[inline]
    pub(super) fn settle(&mut self) {
        // Only then has a span taken the short way since.
        if self.base.ready != 0 {
            self.leave_short_way();
        }
    }

    #[cold]
    fn leave_short_way(&mut self) {
        let Self {
            base,
            frames,
            thread,
        } = self;
        base.ready = 0;
        let tools = std::mem::take(&mut base.tools);
        if tools > 0
            && let Some(scope) = &base.scope
        {
            scope.count_tools(tools);
        }
        let open = thread.open_port().map_or(0, Port::shorts);
        for below in 0..open {
            let mut frame = thread.frame();
            let Some(port) = thread.open_port() else {
                return;
            };
            port.with_short(below, |callsite, head, items| {
                frame.belong_to(callsite);
                frame.items.take_over(items);
                frame.trace_id = head.trace_id;
                frame.span_id = head.span_id;
                frame.parent = head.parent;
                frame.start = head.start;
                frame.offset = head.offset;
            });
            frame.sampling = base.sampling;
            frame.subject = frame.registered.opened_as;
            frame.scope.clone_from(&base.scope);
            frame.generation = base.generation;
            match base.slots.get_mut(below) {
                // Nobody sees it.
                _ if base.sampling.is_out() => {}
                Some(slot) if port.keeps_all() => {
                    std::mem::swap(&mut frame.slot, slot);
                    frame.items.is_shown();
                }
                _ => frame.show_in(port.pages()),
            }
            frames.push(frame);
        }
        // What a deep recursion has taken of the black box goes back to it.
        base.slots.truncate(MOST_SLOTS);
        if open > 0
            && let Some(port) = thread.open_port()
        {
            port.forget_shorts();
        }
    }

    /// Whether spans may take the short way that begin now for the recorder `generation`.
    #[inline]
    pub(super) fn has_short_way(&mut self, generation: u32) -> bool {
        self.base.ready == generation || self.prepare(generation)
    }

    /// Looks whether spans may take the short way below the innermost one.
    fn prepare(&mut self, generation: u32) -> bool {
        self.settle();
        if cfg!(feature = "tracing") && self.frames.outer_of(Operation::Tool).is_some() {
            // A tool may be the one that a framework says it runs, with steps in between.
            return false;
        }
        let Some(above) = self.frames.top() else {
            return false;
        };
        let is_plain = |scope: &Arc<Scope>| scope.is_plain();
        let is_open = above.generation == generation
            && above.sampling.is_simple()
            && above.scope.as_ref().is_none_or(is_plain)
            && !above.is_stand_in
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
            base.sampling = above.sampling;
            base.scope.clone_from(&above.scope);
            let scope = above.scope.as_ref();
            base.agent = scope.map_or(Symbol::NONE, |scope| scope.nearest_agent().label);
        }
        base.ready = generation;
        true
    }

    /// Begins a span, of which `items` were said, that [may](Local::has_short_way) take the short way.
    #[inline(always)]
    pub(super) fn begin_short(
        &mut self,
        callsite: &'static Callsite,
        registered: &Registered,
        items: &[u8],
    ) -> Option<Open> {
        let Self {
            base,
            frames,
            thread,
        } = self;
        let id = thread.ids().span_id();
        let port = thread.open_port()?;
        // Read late, so that what came before is not counted as the span's time.
        let start = clock::now();
        let head = SlotHead {
            callsite: registered.id,
            trace_id: base.trace_id,
            span_id: id,
            parent: Some(base.top),
            start,
            offset: base.offset,
            agent: base.agent,
        };
        let is_out = base.sampling.is_out();
        let below = port.begin_short(callsite, &head.words(), items, is_out);
        if port.keeps_all() && !is_out {
            show(&mut base.slots, below, port);
        }
        base.top = id;
        // Where its frame would stand.
        Some(Open::at(frames.next_place().wrapping_add(below), id))
    }

    /// Ends the span `id`, if it is the innermost and has taken the short way; whether it has.
    #[inline(always)]
    pub(super) fn end_short(&mut self, id: SpanId, now: u64) -> bool {
        let Self { base, thread, .. } = self;
        // A test that captures may have changed the limits meanwhile.
        if base.top != id || limits::reach_the_source() {
            return false;
        }
        let Some(port) = thread.open_port() else {
            return false;
        };
        let labels = |callsite: &'static Callsite, agent| {
            measure::plain_labels(callsite, callsite.registered().opened_as, agent)
        };
        let Some((callsite, parent)) = port.end_short(now, labels, &mut base.slots) else {
            return false;
        };
        base.tools += u64::from(callsite.operation() == Operation::Tool);
        base.top = parent.unwrap_or(base.owner);
        true
    }
}

/// Shows the innermost span in the black box.
#[inline(never)]
fn show(slots: &mut Vec<Option<Box<Slot>>>, below: usize, port: &Port) {
    let pages = port.pages();
    if below >= slots.len() {
        slots.resize_with(below + 1, || None);
    }
    let Some(slot) = slots.get_mut(below) else {
        return;
    };
    if !slot.as_ref().is_some_and(|slot| slot.is_of(pages)) {
        *slot = pages.slot().map(Box::new);
    }
    if let Some(slot) = slot {
        port.with_short(below, |_, head, items| slot.begin(head, items));
    }
}
