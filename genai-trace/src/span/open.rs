//! A span that is open: how it begins, and the handle that ends it.

use std::marker::PhantomData;

use super::attribute_value::AttributeValue;
use super::callsite::Callsite;
use super::close::{close, lost};
use super::context::SpanContext;
use super::frame::Frame;
use super::ids::SpanId;
use super::items::Items;
use super::measure;
use super::opening::{Opening, Parent};
use super::outcome::{End, Outcome};
use super::scope::Scope;
use super::stack::{self, Local};
use crate::recorder;
use crate::sys::clock;

/// A span that has begun and not ended: the innermost one of the thread, or one that a future
/// holds and that has just become ready. Dropped without an end it ends as well, as a guard does.
#[derive(Debug)]
pub struct Open {
    place: Place,
    /// It stands on the stack of this thread.
    not_send: PhantomData<*const ()>,
}

// A box would be an allocation for each span of a future.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
enum Place {
    /// On the stack, entered at this depth.
    Stack(usize, SpanId),
    /// Taken off the stack.
    Held(Frame),
    /// Ended.
    Gone,
}

/// Begins a span with what `fill` says of it; nothing where nothing is installed.
#[inline]
pub fn begin(callsite: &'static Callsite, fill: impl FnOnce(&mut Opening)) -> Option<Open> {
    let generation = recorder::active()?;
    let mut opening = Opening::new(callsite);
    fill(&mut opening);
    enter(opening, generation.get())
}

/// Begins a span of which everything stands in the source.
#[inline]
pub fn begin_plain(callsite: &'static Callsite) -> Option<Open> {
    let generation = recorder::active()?;
    enter(Opening::new(callsite), generation.get())
}

/// Begins the span that `opening` describes, and enters it.
pub(crate) fn enter(opening: Opening, generation: u32) -> Option<Open> {
    let entered = stack::with(|local| {
        let frame = frame(local, opening, generation)?;
        let id = frame.span_id;
        Some(Open {
            place: Place::Stack(local.push(frame), id),
            not_send: PhantomData,
        })
    });
    if entered.is_none() {
        lost();
    }
    entered.flatten()
}

fn frame(local: &mut Local, opening: Opening, generation: u32) -> Option<Frame> {
    let Opening {
        callsite,
        items,
        parent,
        conversation,
    } = opening;
    let parent = match parent {
        Parent::Root => None,
        Parent::Said(context) => {
            let scope = context.scope().cloned();
            Some((context.trace_id(), context.span_id(), scope))
        }
        Parent::Current => local
            .top()
            .filter(|frame| frame.generation == generation)
            .map(|frame| (frame.trace_id, frame.span_id, frame.scope.clone())),
    };
    let operation = callsite.operation();
    let subject = measure::subject(callsite, &items, local.symbols());
    let (trace_id, parent, above) = match parent {
        Some((trace_id, span_id, scope)) => (trace_id, Some(span_id), scope),
        None => (local.ids().trace_id(), None, None),
    };
    let scope = match conversation {
        conversation if operation.is_agent() => Some(Scope::agent(above, subject, conversation)),
        Some(conversation) => Some(Scope::conversation(above, conversation)),
        None => above,
    };
    let span_id = local.ids().span_id();
    local.port(generation)?.begin(operation, subject);
    Some(Frame {
        callsite,
        trace_id,
        span_id,
        parent,
        // Read last, so that what came before is not counted as the span's time.
        start: clock::now(),
        subject,
        items,
        scope,
        mailbox: None,
        generation,
    })
}

impl Open {
    /// Takes the span off the stack, for a future to hold.
    pub(crate) fn detach(mut self) -> Option<Frame> {
        match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Stack(depth, id) => stack::with(|local| local.take(depth, id)).flatten(),
            Place::Held(frame) => Some(frame),
            Place::Gone => None,
        }
    }

    /// The span that a future has held.
    pub(crate) fn held(frame: Frame) -> Self {
        Self {
            place: Place::Held(frame),
            not_send: PhantomData,
        }
    }

    /// Sets an attribute.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.edit(|items| items.set(key, value));
    }

    pub(crate) fn edit(&mut self, work: impl FnOnce(&mut Items)) {
        match &mut self.place {
            // Only a thread that ends has lost its stack, and with it the span.
            Place::Stack(_, id) => {
                let _ = stack::edit(Some(*id), work);
            }
            Place::Held(frame) => work(&mut frame.items),
            Place::Gone => {}
        }
    }

    pub(crate) fn context(&self) -> Option<SpanContext> {
        match &self.place {
            Place::Stack(_, id) => stack::with(|local| local.context(*id)).flatten(),
            Place::Held(frame) => Some(frame.context()),
            Place::Gone => None,
        }
    }

    /// Ends the span.
    pub fn end(mut self, end: End) {
        let now = clock::now();
        let place = std::mem::replace(&mut self.place, Place::Gone);
        let ended = stack::with(|local| {
            let frame = match place {
                Place::Stack(depth, id) => local.take(depth, id),
                Place::Held(frame) => Some(frame),
                Place::Gone => None,
            };
            if let Some(frame) = frame {
                close(local, frame, end, now);
            }
        });
        if ended.is_none() {
            lost();
        }
    }
}

impl Drop for Open {
    /// A guard that is dropped ends its span: with a panic where the thread unwinds.
    fn drop(&mut self) {
        let place = std::mem::replace(&mut self.place, Place::Gone);
        if matches!(place, Place::Gone) {
            return;
        }
        let outcome = if std::thread::panicking() {
            Outcome::Panicked
        } else {
            Outcome::Ok
        };
        let not_send = PhantomData;
        Open { place, not_send }.end(End::of(outcome));
    }
}
