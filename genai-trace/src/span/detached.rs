//! A span that is open without being on a thread's stack.

use std::fmt::Display;
use std::future::Future;

use super::attribute_value::AttributeValue;
use super::builder::{try_wrapped, wrapped};
use super::close::{close_late, lost};
use super::context::SpanContext;
use super::current::SpanRef;
use super::frame::Frame;
use super::items::{EventAttributes, Items};
use super::open::Open;
use super::outcome::{End, Outcome};
use super::probe::failure_of;
use super::run::run;
use super::stack;
use crate::sys::clock;

/// A span that is open without any thread being in it: begun here, ended there.
///
/// For work that begins in one callback and ends in another, on whatever thread. It is made by
/// [`SpanBuilder::start`](crate::SpanBuilder::start) and counts in the metrics when it ends.
/// Dropped without an end it ends as well, as a guard does: with the outcome
/// [`Ok`](Outcome::Ok), or [`Panicked`](Outcome::Panicked) where the thread unwinds.
///
/// ```
/// use genai_trace::{Operation, span};
///
/// let mut job = span("index").operation(Operation::Tool).start();
/// let worker = std::thread::spawn(move || {
///     job.set("app.documents", &3);
///     // its spans are children of `index`
///     job.run(|| span("embed").run(|| {}));
///     job.end();
/// });
/// # worker.join().unwrap();
/// ```
#[derive(Debug)]
#[must_use = "the span ends when it is dropped, which is at once unless it is kept"]
pub struct OpenSpan {
    /// Nothing where nothing is installed.
    frame: Option<Box<Frame>>,
    /// The thread was unwinding when the span began, so that a panic is none of its own.
    unwinding: bool,
}

impl OpenSpan {
    pub(super) fn new(open: Option<Open>) -> Self {
        Self {
            frame: open.and_then(Open::detach),
            unwinding: std::thread::panicking(),
        }
    }

    /// What identifies the span to others; none where nothing is recorded.
    pub fn context(&self) -> Option<SpanContext> {
        self.frame.as_ref().map(|frame| frame.context())
    }

    /// A handle of the span, to record for it and to run code in it from several places at once.
    pub fn handle(&mut self) -> SpanRef {
        let handle = self
            .frame
            .as_deref_mut()
            .and_then(|frame| stack::with(|local| SpanRef::of(frame, &mut local.thread)));
        handle.unwrap_or_default()
    }

    /// Sets an attribute; an earlier value under the same key is replaced.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.edit(|items| items.set(key, value));
    }

    /// Adds an event, now, with the attributes that `fill` sets.
    pub fn event(&mut self, name: &str, fill: impl FnOnce(&mut EventAttributes<'_>)) {
        let now = self
            .context()
            .map_or_else(clock::now, |context| context.now());
        self.edit(|items| items.event(now, name, fill));
    }

    /// Links the span to another.
    pub fn link(&mut self, to: &SpanContext) {
        self.edit(|items| items.link(to));
    }

    fn edit(&mut self, work: impl FnOnce(&mut Items)) {
        if let Some(frame) = &mut self.frame {
            frame.receive();
            work(&mut frame.items);
            frame.show_items();
        }
    }

    /// What is known of the span, where it is recorded.
    #[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
    pub(super) fn frame(&mut self) -> Option<&mut Frame> {
        self.frame.as_deref_mut()
    }

    /// Whether the thread unwinds that did not when the span began.
    #[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
    pub(super) fn has_panicked(&self) -> bool {
        std::thread::panicking() && !self.unwinding
    }

    /// Gives the span another name than it began with.
    #[cfg(feature = "tracing")]
    pub(crate) fn rename(&mut self, name: &str) {
        self.edit(|items| items.rename(name));
    }

    /// Says what the error says of itself that the span will end with.
    #[cfg(feature = "tracing")]
    pub(crate) fn say_message(&mut self, message: &str) {
        self.edit(|items| items.message(&crate::content::scrub(message)));
    }

    /// Ends the span as one that this thread is in.
    #[cfg(any(feature = "reqwest-middleware", feature = "tower", feature = "tracing"))]
    pub(crate) fn end_as(mut self, end: End) {
        if let Some(open) = self.enter() {
            open.end(end);
        }
    }

    /// Runs `body` with the span as the thread's current one. The span stays open, unless `body`
    /// panics: that ends it, and goes on.
    pub fn run<T>(&mut self, body: impl FnOnce() -> T) -> T {
        let (value, open) = run(self.enter(), body);
        self.frame = open.and_then(Open::detach);
        value
    }

    /// Puts `future` inside the span, which ends when that is ready, and as
    /// [`Cancelled`](Outcome::Cancelled) when it is dropped before.
    ///
    /// ```
    /// use genai_trace::span;
    ///
    /// // the time in the queue is the span's as well
    /// let queued = span("job").start();
    /// let job = queued.wrap(async { /* work */ });
    /// # drop(job);
    /// ```
    pub fn wrap<F: Future>(mut self, future: F) -> impl Future<Output = F::Output> + use<F> {
        wrapped(self.enter(), future)
    }

    /// Puts `future` inside the span, which ends with its error.
    pub fn try_wrap<T, E, F>(
        mut self,
        future: F,
    ) -> impl Future<Output = Result<T, E>> + use<T, E, F>
    where
        F: Future<Output = Result<T, E>>,
        E: Display + 'static,
    {
        try_wrapped(self.enter(), future)
    }

    /// Takes the span back that was [put](Self::enter) on this thread's stack.
    #[cfg(feature = "tracing")]
    pub(crate) fn leave(&mut self, open: Open) {
        self.frame = open.detach();
    }

    /// Puts the span on the thread's stack, for the caller to take off again; none where it is on one already.
    pub(crate) fn enter(&mut self) -> Option<Open> {
        self.frame.take().and_then(Open::resume)
    }

    /// Ends the span: what it stands for was done.
    pub fn end(mut self) {
        self.close(End::of(Outcome::Ok));
    }

    /// Ends the span with an error.
    pub fn fail<E: Display + 'static>(mut self, error: &E) {
        if self.frame.is_some() {
            self.close(End::failed(failure_of(error)));
        }
    }

    /// Ends the span of which no end will come any more.
    pub(crate) fn cancel(mut self) {
        self.close(End::of(Outcome::Cancelled));
    }

    fn close(&mut self, end: End) {
        let Some(mut frame) = self.frame.take() else {
            return;
        };
        let now = clock::now();
        let ended = frame.shown.take_at(&end);
        if stack::with(|local| close_late(&mut local.thread, frame, end, now)).is_none() {
            lost();
        }
        ended.tell();
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() && !self.unwinding {
            Outcome::Panicked
        } else {
            Outcome::Ok
        };
        self.close(End::of(outcome));
    }
}
