//! The life of a span on the caller's thread: what is said before it begins, its beginning, its end.

use std::marker::PhantomData;
use std::sync::Arc;

use super::attribute_value::AttributeValue;
use super::callsite::Callsite;
use super::context::SpanContext;
use super::frame::Frame;
use super::ids::SpanId;
use super::items::Items;
use super::measure::{self, Measured};
use super::names;
use super::outcome::{End, Outcome};
use super::scope::Scope;
use super::stack::{self, Local};
use super::value_bytes::ValueWriter;
use crate::metrics::{DropReason, Symbol};
use crate::recorder;
use crate::recorder::entry::Header;
use crate::sys::clock;

/// What is said of a span before it begins: its options and the values of its fields.
#[derive(Debug)]
pub struct Opening {
    callsite: &'static Callsite,
    items: Items,
    parent: Parent,
    conversation: Option<Arc<str>>,
}

#[derive(Debug)]
enum Parent {
    /// The span that the thread is in.
    Current,
    /// None: the span begins a trace.
    Root,
    /// The one that was said.
    Said(SpanContext),
}

impl Opening {
    pub(crate) fn new(callsite: &'static Callsite) -> Self {
        Self {
            callsite,
            items: Items::default(),
            parent: Parent::Current,
            conversation: None,
        }
    }

    /// Moves the span to another callsite.
    pub(crate) fn at(&mut self, callsite: &'static Callsite) {
        self.callsite = callsite;
    }

    fn items(&mut self) -> &mut Items {
        if self.items.is_untouched()
            && let Some(spare) = stack::with(Local::spare)
        {
            self.items = Items::reuse(spare);
        }
        &mut self.items
    }

    /// Sets an attribute.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.items().set(key, value);
    }

    /// Sets an attribute to what `write` writes.
    pub(crate) fn set_with(&mut self, key: &str, write: impl FnOnce(&mut ValueWriter<'_>)) {
        self.items().set_with(key, write);
    }

    /// Says the subject (the tool, the agent, the model ...) where it is known only now.
    pub fn subject<V: AttributeValue + ?Sized>(&mut self, subject: &V) {
        match self.callsite.operation().subject_key() {
            Some(key) => self.set(key, subject),
            None => self.items().subject(subject),
        }
    }

    /// Puts the span under `parent`, wherever the thread is.
    pub fn parent(&mut self, parent: &SpanContext) {
        self.parent = Parent::Said(parent.clone());
    }

    /// Begins a trace with the span.
    pub fn root(&mut self) {
        self.parent = Parent::Root;
    }

    /// Links the span to another.
    pub fn link(&mut self, to: &SpanContext) {
        self.items().link(to);
    }

    /// Links the span to others.
    pub fn links(&mut self, to: impl IntoIterator<Item = SpanContext>) {
        for to in to {
            self.link(&to);
        }
    }

    /// Says the conversation that the span, and every span below it, belongs to.
    pub fn conversation_id<V: AsRef<str> + ?Sized>(&mut self, id: &V) {
        self.conversation = Some(Arc::from(id.as_ref()));
    }
}

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
    if entered.is_none()
        && let Some(recorder) = recorder::current()
    {
        recorder.count_lost(DropReason::NoThread);
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
    pub fn end(self, end: End) {
        if let Some(frame) = self.detach() {
            finish(frame, end);
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

/// Ends a span: counts it, and leaves its entry to the drain thread.
pub(crate) fn finish(mut frame: Frame, mut end: End) {
    let now = clock::now().max(frame.start);
    frame.collect();
    describe_failure(&mut frame.items, &mut end, now);
    if let Some(scope) = &frame.scope
        && measure::belongs_to_conversations(frame.callsite.operation())
        && let Some(conversation) = scope.conversation_id()
    {
        frame.items.set(names::CONVERSATION_ID, conversation);
    }
    frame.items.seal();
    let done = stack::with(|local| {
        let header = Header {
            callsite: frame.callsite.registered().id,
            trace_id: frame.trace_id,
            span_id: frame.span_id,
            parent: frame.parent,
            start: frame.start,
            end: now,
            agent: frame
                .scope
                .as_ref()
                .map_or(Symbol::NONE, |scope| scope.agent_name()),
            outcome: end.outcome,
        };
        let measured = Measured::of(&frame, end.outcome, local.symbols());
        if let Some(port) = local.port(frame.generation) {
            let ended = measured.ended(frame.subject, now - frame.start);
            port.end(&ended, &header, frame.items.bytes());
        }
        local.give_back(frame.items);
    });
    if done.is_none()
        && let Some(recorder) = recorder::current()
    {
        recorder.count_lost(DropReason::NoThread);
    }
}

/// Writes what is known of an error: its message, an exception event, `error.type`.
fn describe_failure(items: &mut Items, end: &mut End, now: u64) {
    if end.outcome == Outcome::Ok && items.has_error_type() {
        // Whoever names the kind of an error says that there was one.
        end.outcome = Outcome::Error;
    }
    let Some(failure) = end.failure.take() else {
        if end.outcome.is_error() && !items.has_error_type() {
            let kind = if end.outcome == Outcome::Panicked {
                "panic"
            } else {
                "_OTHER"
            };
            items.set(names::ERROR_TYPE, kind);
        }
        return;
    };
    if !failure.message.is_empty() {
        items.message(&failure.message);
    }
    items.event(now, names::EXCEPTION_EVENT, |event| {
        event.set(names::EXCEPTION_TYPE, &failure.exception_type);
        if !failure.message.is_empty() {
            event.set(names::EXCEPTION_MESSAGE, &failure.message);
        }
    });
    // A provider's own code, recorded in the body, says more than the type of the error.
    if !items.has_error_type() {
        items.set(names::ERROR_TYPE, &failure.error_type);
    }
}
