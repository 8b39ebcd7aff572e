//! The span that a thread is in, as a handle.

use std::fmt;
use std::sync::Arc;

use super::attribute_value::AttributeValue;
use super::context::SpanContext;
use super::frame::Mailbox;
use super::ids::{SpanId, TraceId};
use super::items::{EventAttributes, Items};
use super::stack;
use crate::recorder;
use crate::sys::clock;

/// The span that the thread is in, innermost; a handle that does nothing where there is none.
///
/// ```
/// use genai_trace::{current, span};
///
/// assert_eq!(current().trace_id(), None);
/// span("agent.turn").run(|| {
///     current().set("app.step", "plan");
///     current().event("retry", |event| {
///         event.set("attempt", &2);
///     });
/// });
/// ```
pub fn current() -> SpanRef {
    let handle = recorder::active().and_then(|generation| {
        stack::with(|local| {
            let frame = local
                .frames
                .top()
                .filter(|frame| frame.generation == generation.get())?;
            Some((frame.context(), frame.mailbox(&mut local.thread)))
        })
        .flatten()
    });
    SpanRef(handle)
}

/// Records facts about the span that the thread is in; what `record!` expands to.
#[inline]
pub fn record(work: impl FnOnce(&mut Recording<'_>)) {
    if recorder::active().is_some() {
        // Outside any span there is nothing to record for.
        let _ = stack::edit(None, |items| work(&mut Recording(items)));
    }
}

/// Takes the facts that `record!` names.
#[derive(Debug)]
pub struct Recording<'a>(&'a mut Items);

impl Recording<'_> {
    /// Sets an attribute.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.0.set(key, value);
    }
}

/// A handle of an open span: it may be cloned, kept, and sent to other threads.
///
/// After the span's end, and without a span, everything but the ids does nothing.
#[derive(Clone)]
pub struct SpanRef(Option<(SpanContext, Arc<Mailbox>)>);

impl SpanRef {
    /// The trace that the span belongs to.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.0.as_ref().map(|(context, _)| context.trace_id())
    }

    /// The span's id.
    pub fn span_id(&self) -> Option<SpanId> {
        self.0.as_ref().map(|(context, _)| context.span_id())
    }

    /// What identifies the span to others: `parent = &context` on another thread, the target of a link.
    pub fn context(&self) -> Option<SpanContext> {
        self.0.as_ref().map(|(context, _)| context.clone())
    }

    /// Whether what is set is kept: there is a span, and it has not ended.
    pub fn is_recording(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|(_, mailbox)| mailbox.is_open())
    }

    /// Sets an attribute; an earlier value under the same key is replaced.
    pub fn set<V: AttributeValue + ?Sized>(&self, key: &str, value: &V) {
        self.edit(|items| items.set(key, value));
    }

    /// Adds an event, now, with the attributes that `fill` sets.
    pub fn event(&self, name: &str, fill: impl FnOnce(&mut EventAttributes<'_>)) {
        self.edit(|items| items.event(clock::now(), name, fill));
    }

    /// Links the span to another.
    pub fn link(&self, to: &SpanContext) {
        self.edit(|items| items.link(to));
    }

    fn edit(&self, work: impl FnOnce(&mut Items)) {
        if let Some((context, mailbox)) = &self.0
            && let Err(work) = stack::edit(Some(context.span_id()), work)
            && mailbox.is_open()
        {
            // Filled before it is posted: the user's code must not run under the mailbox's lock.
            let mut letter = Items::default();
            work(&mut letter);
            mailbox.leave(&letter);
        }
    }
}

impl fmt::Debug for SpanRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanRef")
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .finish_non_exhaustive()
    }
}
