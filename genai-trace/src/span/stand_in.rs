//! A thread in a span that is owned elsewhere: by another thread, by a future, further down its stack.
//!
//! The stand-in is a frame on the thread's [`stack`] with the ids of the span, so that what begins
//! above it becomes the span's child as it would above the span itself. It is popped, never ended.

use std::marker::PhantomData;
use std::sync::Arc;

use super::current::Target;
use super::ids::{SpanId, TraceId};
use super::sampling::Sampling;
use super::scope::Scope;
use super::stack;
use crate::recorder;
use crate::sys::clock;

/// The thread is in a span that is owned elsewhere, or in none, until this is dropped, which must be where it was
/// made.
#[derive(Debug)]
pub(crate) struct StandIn {
    /// The number of its place on the stack.
    place: usize,
    /// The thread is in the span as others are shown it, too.
    is_in_shown: bool,
    /// It stands on the stack of this thread.
    not_send: PhantomData<*const ()>,
}

impl StandIn {
    /// Enters the span `target`; without one, leaves the thread's own span aside, and has what begins in
    /// `aside`, if any. None where there is nothing to enter or to leave aside, and on a thread that
    /// records nothing.
    pub(super) fn enter(target: Option<&Target>, aside: Option<&Arc<Scope>>) -> Option<Self> {
        let mut stand_in = Self::push(target, aside)?;
        stand_in.is_in_shown = target.is_some_and(|target| target.shown.enter());
        Some(stand_in)
    }

    fn push(target: Option<&Target>, aside: Option<&Arc<Scope>>) -> Option<Self> {
        recorder::active()?;
        stack::with(|local| {
            let is_at_rest = target.is_none()
                && local.frames.is_empty()
                && aside.is_none()
                && local.thread.capture.is_none();
            if is_at_rest || stack::is_silent() {
                return None;
            }
            let mut frame = local.thread.frame();
            frame.is_stand_in = true;
            match target {
                Some(target) => {
                    let context = &target.context;
                    frame.trace_id = context.trace_id();
                    frame.span_id = context.span_id();
                    frame.offset = context.offset().unwrap_or_else(clock::offset);
                    frame.scope = context.scope().cloned();
                    frame.sampling = context.sampling();
                    frame.mailbox = Some(target.mailbox.clone());
                    frame.generation = target.generation;
                    frame.shown = target.shown.clone();
                }
                None => {
                    frame.trace_id = TraceId::NONE;
                    frame.span_id = SpanId::NONE;
                    // No recorder has this number, so that nothing finds a span here.
                    frame.generation = 0;
                    frame.sampling = Sampling::CERTAIN;
                    frame.scope = aside.cloned();
                }
            }
            Some(Self {
                place: local.frames.push(frame),
                is_in_shown: false,
                not_send: PhantomData,
            })
        })
        .flatten()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let shown = stack::with(|local| {
            let mut frame = local.frames.take_stand_in(self.place)?;
            let shown = frame.shown.take();
            local.thread.give_back(frame);
            Some(shown)
        });
        if self.is_in_shown
            && let Some(shown) = shown.flatten()
        {
            shown.exit();
        }
    }
}
