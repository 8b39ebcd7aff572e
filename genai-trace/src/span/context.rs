//! What identifies a span to others: to a child on another thread, to a link.

use std::borrow::Cow;
use std::future::IntoFuture;
use std::sync::Arc;

use super::current::SpanRef;
use super::ids::{SpanId, TraceId};
use super::in_span::InSpan;
use super::sampling::Sampling;
use super::scope::Scope;
use super::shown::Faint;
use crate::metrics::resolve;
use crate::propagate::passed::Passed;
use crate::sys::clock;

/// What identifies a span to others: the parent of a span on another thread, the target of a link.
///
/// Taken from a span of this process it also tells a child which agent and conversation it works
/// for. Two contexts are equal when they name the same span.
///
/// ```
/// use genai_trace::{SpanContext, span};
///
/// let parent = SpanContext::new(
///     "4bf92f3577b34da6a3ce929d0e0e4736".parse()?,
///     "00f067aa0ba902b7".parse()?,
/// );
/// span("background.task").parent(&parent).run(|| { /* work */ });
/// # Ok::<(), genai_trace::ParseIdError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SpanContext {
    trace_id: TraceId,
    span_id: SpanId,
    /// How the trace turns the process's line into the time of day; none for a span elsewhere.
    offset: Option<i64>,
    scope: Option<Arc<Scope>>,
    sampling: Sampling,
    /// Where others are shown the span.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "it is nothing"))]
    shown: Faint,
}

impl SpanContext {
    /// The context of a span of which only the ids are known: one of another process, that was
    /// sampled.
    pub const fn new(trace_id: TraceId, span_id: SpanId) -> Self {
        Self::remote(trace_id, span_id, true)
    }

    /// The context of a span of another process, which was sampled or not.
    pub(crate) const fn remote(trace_id: TraceId, span_id: SpanId, is_sampled: bool) -> Self {
        Self {
            trace_id,
            span_id,
            offset: None,
            scope: None,
            sampling: Sampling::of_remote(is_sampled),
            shown: Faint::NONE,
        }
    }

    /// The context of a span of another library in this process, which was sampled or not.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn of_neighbour(trace_id: TraceId, span_id: SpanId, is_sampled: bool) -> Self {
        Self {
            sampling: Sampling::of_neighbour(is_sampled),
            ..Self::new(trace_id, span_id)
        }
    }

    /// The context of a span of another library that stands below this one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn of_neighbour_below(&self, span_id: SpanId, is_sampled: bool) -> Self {
        Self {
            span_id,
            sampling: match is_sampled {
                true => self.sampling,
                false => Sampling::of_neighbour(false),
            },
            ..self.clone()
        }
    }

    /// Whether the span is one of another process.
    #[cfg(feature = "opentelemetry")]
    pub(crate) const fn is_remote(&self) -> bool {
        self.sampling.is_remote()
    }

    /// The same with what came along.
    pub(crate) fn with_passed(self, passed: Option<Passed>) -> Self {
        Self {
            scope: passed.map(Scope::of_remote),
            ..self
        }
    }

    /// The same, in which `passed` is passed on.
    pub(crate) fn passing_on(self, passed: Passed) -> Self {
        Self {
            scope: Some(Scope::passing_on(self.scope.as_deref(), passed)),
            ..self
        }
    }

    pub(crate) const fn of_span(
        trace_id: TraceId,
        span_id: SpanId,
        offset: i64,
        scope: Option<Arc<Scope>>,
        sampling: Sampling,
        shown: Faint,
    ) -> Self {
        Self {
            trace_id,
            span_id,
            offset: Some(offset),
            scope,
            sampling,
            shown,
        }
    }

    /// The trace that the span belongs to.
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span's id.
    pub const fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Whether the span leaves a record, so far as is known: of one that came as a `traceparent`, its
    /// flag. Of one that was sampled out ids and metrics are as of any other.
    pub const fn is_sampled(&self) -> bool {
        !self.sampling.is_out()
    }

    /// The W3C `tracestate` that came with the trace, for whoever reads it further down. Every span of
    /// the trace says it in its record, and a [`Carrier`](crate::Carrier) passes it on.
    pub fn trace_state(&self) -> Option<&str> {
        self.passed()?.trace_state()
    }

    /// What the W3C `baggage` that came with the trace, or was [added](crate::Baggage) since, says under `key`,
    /// where that is [allowed](crate::Builder::baggage).
    pub fn baggage(&self, key: &str) -> Option<Cow<'_, str>> {
        let mut members = self.passed()?.baggage().iter();
        members.find_map(|(known, value)| (known == key).then_some(value))
    }

    /// What came with the trace from another process.
    pub(crate) fn passed(&self) -> Option<&Passed> {
        self.scope.as_deref()?.passed()
    }

    /// Runs `work` as if inside the span: what begins there is its child.
    ///
    /// For a span of which only the context is at hand, as of another process. What is recorded for
    /// it, by `record!` say, is dropped; a handle ([`SpanRef::run`](crate::SpanRef::run)) keeps that.
    ///
    /// ```
    /// use genai_trace::{SpanContext, span};
    ///
    /// let sender = SpanContext::from_traceparent(
    ///     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    /// )?;
    /// sender.run(|| span("background.task").run(|| { /* work */ }));
    /// # Ok::<(), genai_trace::ParseTraceparentError>(())
    /// ```
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        SpanRef::elsewhere(self.clone()).run(work)
    }

    /// Puts `future` inside the span, as [`run`](SpanContext::run) does with a closure: whenever it
    /// is polled, what begins is the span's child.
    pub fn wrap<F: IntoFuture>(&self, future: F) -> InSpan<F::IntoFuture> {
        SpanRef::elsewhere(self.clone()).wrap(future)
    }

    /// The name of the nearest agent, the span itself included.
    pub(crate) fn agent(&self) -> Option<String> {
        let agent = self.scope.as_deref()?.nearest_agent();
        let name = agent.name.as_deref().or_else(|| resolve(agent.label));
        name.map(str::to_owned)
    }

    pub(crate) const fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// The span as others are shown it, while it is open.
    #[cfg(feature = "tracing")]
    pub(super) fn shown(&self) -> super::shown::Shown {
        self.shown.shown()
    }

    pub(crate) const fn offset(&self) -> Option<i64> {
        self.offset
    }

    /// The time now, as the span has it.
    pub(crate) fn now(&self) -> u64 {
        self.scope.as_deref().map_or_else(clock::now, Scope::now)
    }

    pub(crate) fn scope(&self) -> Option<&Arc<Scope>> {
        self.scope.as_ref()
    }
}

/// Finds the span of another library that the thread is in, where there is one.
pub(crate) type Neighbour = fn() -> Option<SpanContext>;

impl PartialEq for SpanContext {
    fn eq(&self, other: &Self) -> bool {
        self.trace_id == other.trace_id && self.span_id == other.span_id
    }
}

impl Eq for SpanContext {}

/// What may be said as a span's parent: a [`SpanContext`], or an `Option` of one, where `None`
/// leaves the span under whatever the thread is in.
///
/// So what [`current().context()`](crate::SpanRef::context) gives may be passed on as it is:
///
/// ```
/// use genai_trace::{current, span};
///
/// let here = current().context(); // none where nothing is recorded
/// std::thread::spawn(move || span("background.task").parent(&here).run(|| {}));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no parent of a span",
    label = "expected `&SpanContext` or an `Option` of one",
    note = "`genai_trace::current().context()` gives one"
)]
pub trait AsParent {
    /// The parent, where there is one.
    fn as_parent(&self) -> Option<&SpanContext>;
}

impl AsParent for SpanContext {
    fn as_parent(&self) -> Option<&SpanContext> {
        Some(self)
    }
}

impl<T: AsParent> AsParent for Option<T> {
    fn as_parent(&self) -> Option<&SpanContext> {
        self.as_ref().and_then(T::as_parent)
    }
}

impl<T: AsParent + ?Sized> AsParent for &T {
    fn as_parent(&self) -> Option<&SpanContext> {
        (**self).as_parent()
    }
}
