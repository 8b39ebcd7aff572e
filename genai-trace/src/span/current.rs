//! The span that a thread is in, as a handle.

use std::fmt;
use std::future::IntoFuture;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::attribute_value::AttributeValue;
use super::capture;
use super::context::SpanContext;
use super::frame::Frame;
use super::ids::{SpanId, TraceId};
use super::in_span::InSpan;
use super::items::{EventAttributes, Items};
use super::mailbox::Mailbox;
use super::scope::Scope;
use super::shown::Shown;
use super::stack::{self, ThreadState};
use super::stand_in::StandIn;
use crate::propagate::passed::Passed;
use crate::recorder;

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
    // Captures are active as well.
    match recorder::active() {
        Some(generation) => inside(generation),
        None => SpanRef::default(),
    }
}

/// Apart, so that where nothing is recorded no register is saved for it.
#[inline(never)]
fn inside(generation: NonZeroU32) -> SpanRef {
    let span = stack::with(|local| {
        let frame = local
            .frames
            .top()
            .filter(|frame| frame.belongs_to(generation.get()))?;
        Some(SpanRef::of(frame, &mut local.thread))
    });
    match span.flatten() {
        Some(span) => span,
        None => outside(),
    }
}

/// A handle of no span, with what is taken along from there: what was led there, or the test.
#[cold]
#[inline(never)]
fn outside() -> SpanRef {
    let led = stack::with(|local| local.frames.top()?.aside().cloned());
    let test = || Some(capture::current()?.scope(None));
    SpanRef {
        target: None,
        aside: led.flatten().or_else(test),
    }
}

/// Records facts about the span that the thread is in; what `record!` expands to.
#[inline]
pub fn record(work: impl FnOnce(&mut Recording<'_>)) {
    if recorder::active().is_some() {
        stack::edit_innermost(|items| work(&mut Recording(items)));
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
#[derive(Clone, Default)]
pub struct SpanRef {
    target: Option<Target>,
    /// What was taken along outside any span: the test, what is passed on.
    aside: Option<Arc<Scope>>,
}

/// What a handle knows of its span.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) context: SpanContext,
    pub(super) mailbox: Arc<Mailbox>,
    /// The recorder that the span belongs to.
    pub(super) generation: u32,
    /// That others are shown the span: as long as there is a handle of it.
    pub(super) shown: Shown,
}

impl SpanRef {
    /// A handle of the span that `frame` is, or stands for.
    #[inline]
    pub(super) fn of(frame: &mut Frame, thread: &mut ThreadState) -> Self {
        Self {
            target: Some(Target {
                context: frame.context(),
                mailbox: frame.mailbox(thread),
                generation: frame.generation,
                shown: frame.shown.clone(),
            }),
            aside: None,
        }
    }

    /// A handle of a span of which nothing but the context is at hand, as of another process: one
    /// may be in it, and nothing is recorded for it.
    pub(crate) fn elsewhere(context: SpanContext) -> Self {
        let target = recorder::active().map(|generation| Target {
            context,
            mailbox: Arc::new(Mailbox::closed()),
            generation: generation.get(),
            shown: Shown::NONE,
        });
        Self {
            target,
            aside: None,
        }
    }

    /// What is passed on to other processes.
    pub(crate) fn passed(&self) -> Option<&Passed> {
        match &self.target {
            Some(target) => target.context.passed(),
            None => self.aside.as_deref()?.passed(),
        }
    }

    /// The same handle, in which `passed` is passed on: also to traces that begin in it, where it has no span.
    pub(crate) fn passing_on(self, passed: Passed) -> Self {
        match self.target {
            Some(target) => Self {
                target: Some(Target {
                    context: target.context.passing_on(passed),
                    ..target
                }),
                ..self
            },
            None => Self {
                target: None,
                aside: Some(Scope::passing_on(self.aside.as_deref(), passed)),
            },
        }
    }

    /// The trace that the span belongs to.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.target.as_ref().map(|target| target.context.trace_id())
    }

    /// The span's id.
    pub fn span_id(&self) -> Option<SpanId> {
        self.target.as_ref().map(|target| target.context.span_id())
    }

    /// What identifies the span to others: `parent = &context` on another thread, the target of a link.
    pub fn context(&self) -> Option<SpanContext> {
        self.target.as_ref().map(|target| target.context.clone())
    }

    /// Whether what is set is kept: there is a span, it was not sampled out, and it has not ended.
    pub fn is_recording(&self) -> bool {
        self.target
            .as_ref()
            .is_some_and(|target| target.context.is_sampled() && target.mailbox.is_open())
    }

    /// Runs `work` in the span, on whatever thread this is: what begins there is its child, and
    /// `record!` and [`current`] reach it. The span is not ended by it.
    ///
    /// After the span's end children are still its own, and what is recorded for it is dropped. A
    /// handle without a span runs `work` outside any span, wherever the thread is.
    ///
    /// ```
    /// use genai_trace::{current, record, span};
    ///
    /// span("agent.turn").run(|| {
    ///     let turn = current();
    ///     std::thread::scope(|scope| {
    ///         for word in ["todo", "unsafe"] {
    ///             let turn = &turn;
    ///             scope.spawn(move || {
    ///                 turn.run(|| {
    ///                     record!(app.word = word); // on the turn
    ///                     span("search").run(|| {}); // its child
    ///                 });
    ///             });
    ///         }
    ///     });
    /// });
    /// ```
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _inside = StandIn::enter(self.target.as_ref(), self.aside.as_ref());
        work()
    }

    /// Has the thread in the span until what is returned is dropped; none where there is no span to be in.
    #[cfg(feature = "tracing")]
    pub(crate) fn stand_in(&self) -> Option<StandIn> {
        StandIn::enter(self.target.as_ref(), self.aside.as_ref())
    }

    /// Puts `future`, or what becomes one at `.await`, inside the span: it is in it whenever it is
    /// polled, and while it is dropped. The span is not ended by it.
    ///
    /// [`in_current_span`](crate::InCurrentSpan::in_current_span) does so with the current span.
    pub fn wrap<F: IntoFuture>(&self, future: F) -> InSpan<F::IntoFuture> {
        InSpan::new(self.clone(), self.run(|| future.into_future()))
    }

    /// Puts `stream` inside the span: it is in it whenever it is polled, and while it is dropped.
    /// The span is not ended by it. Feature `stream`.
    #[cfg(feature = "stream")]
    pub fn wrap_stream<S: futures_core::Stream>(&self, stream: S) -> InSpan<S> {
        InSpan::new(self.clone(), stream)
    }

    /// Sets an attribute; an earlier value under the same key is replaced.
    pub fn set<V: AttributeValue + ?Sized>(&self, key: &str, value: &V) {
        self.edit(|items| items.set(key, value));
    }

    /// Adds an event, now, with the attributes that `fill` sets.
    pub fn event(&self, name: &str, fill: impl FnOnce(&mut EventAttributes<'_>)) {
        if let Some(target) = &self.target {
            self.edit(|items| items.event(target.context.now(), name, fill));
        }
    }

    /// Links the span to another.
    pub fn link(&self, to: &SpanContext) {
        self.edit(|items| items.link(to));
    }

    fn edit(&self, work: impl FnOnce(&mut Items)) {
        if let Some(Target {
            context, mailbox, ..
        }) = &self.target
            && let Err(work) = stack::edit(context.span_id(), work)
        {
            mailbox.post(work);
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
