//! Contexts of OpenTelemetry as ours, and ours as theirs.

use std::panic::catch_unwind;
use std::str::FromStr;

use ::opentelemetry::Context;
use ::opentelemetry::baggage::{Baggage, BaggageExt};
use ::opentelemetry::trace::{
    SpanContext as TheirSpanContext, SpanId as TheirSpanId, TraceContextExt, TraceFlags,
    TraceId as TheirTraceId, TraceState,
};

use super::begun::begun_in;
use crate::current;
use crate::propagate::passed::Passed;
use crate::span::context::SpanContext;
use crate::span::ids::{SpanId, TraceId};

/// The span of ours that a context of theirs was made for: what is derived from that has it too.
#[derive(Debug)]
struct Ours(SpanContext);

/// The span that `context` is in, as ours: for `parent` and `links`. None where it is in no span, or in an invalid one.
///
/// Its `tracestate` comes along, and of the baggage what is [allowed](crate::Builder::baggage). Where the context was
/// made for a span of ours, it is that span, with the agent and the conversation that it works for, or a span of theirs
/// below it.
///
/// ```
/// use genai_trace::bridge::opentelemetry::from_context;
/// use genai_trace::{genai_tool, span};
/// use opentelemetry::Context;
///
/// #[genai_tool("search", parent = from_context(&Context::current()))]
/// fn search() {}
///
/// let context = Context::current();
/// std::thread::spawn(move || span("index").parent(&from_context(&context)).run(|| {}));
/// ```
pub fn from_context(context: &Context) -> Option<SpanContext> {
    let span = context.span();
    let theirs = span.span_context();
    let found = from_span_context(theirs)?;
    let of_context = context.get().map(|Ours(ours)| ours.clone());
    if of_context.as_ref() == Some(&found) {
        return of_context;
    }
    let ours = begun_in(theirs.span_id()).or(of_context);
    if let Some(ours) = ours.filter(|ours| ours.trace_id() == found.trace_id()) {
        return Some(ours.of_neighbour_below(found.span_id(), theirs.is_sampled()));
    }
    let baggage = context.baggage();
    if baggage.is_empty() {
        return Some(found);
    }
    let passed = Passed::of(&theirs.trace_state().header(), &baggage.to_string());
    Some(found.with_passed(passed))
}

/// A span of theirs as ours; none where it is invalid.
///
/// It is one of another process where theirs says so, and of another library in this process else.
///
/// ```
/// use genai_trace::bridge::opentelemetry::{from_span_context, to_span_context};
/// use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
///
/// let state = TraceState::from_key_value([("vendor", "1")]).unwrap();
/// let theirs = SpanContext::new(TraceId::from(7), SpanId::from(8), TraceFlags::SAMPLED, true, state);
/// let ours = from_span_context(&theirs).unwrap();
/// assert_eq!(ours.to_traceparent(), "00-00000000000000000000000000000007-0000000000000008-01");
/// assert_eq!(to_span_context(&ours), theirs);
/// assert_eq!(from_span_context(&SpanContext::NONE), None);
/// ```
pub fn from_span_context(theirs: &TheirSpanContext) -> Option<SpanContext> {
    let trace_id = TraceId::from_bytes(theirs.trace_id().to_bytes())?;
    let span_id = SpanId::from_bytes(theirs.span_id().to_bytes())?;
    let of = match theirs.is_remote() {
        true => SpanContext::remote,
        false => SpanContext::of_neighbour,
    };
    let found = of(trace_id, span_id, theirs.is_sampled());
    if *theirs.trace_state() == TraceState::NONE {
        return Some(found);
    }
    let passed = Passed::of(&theirs.trace_state().header(), "");
    Some(found.with_passed(passed))
}

/// A span of ours as theirs, with its `tracestate` and whether it is sampled. It is remote where it is one of another
/// process.
pub fn to_span_context(ours: &SpanContext) -> TheirSpanContext {
    let state = ours.trace_state().map(TraceState::from_str);
    TheirSpanContext::new(
        TheirTraceId::from_bytes(ours.trace_id().to_bytes()),
        TheirSpanId::from_bytes(ours.span_id().to_bytes()),
        TraceFlags::default().with_sampled(ours.is_sampled()),
        ours.is_remote(),
        // What is none to them is left out.
        state.and_then(Result::ok).unwrap_or_default(),
    )
}

/// The context of OpenTelemetry that the thread is in, in the span `ours`: a span that begins in it is that one's child.
///
/// Baggage that came with the trace of `ours` stands in it too, beside what it has itself.
///
/// ```
/// use genai_trace::bridge::opentelemetry::to_context;
/// use genai_trace::SpanContext;
/// use opentelemetry::trace::TraceContextExt;
///
/// let sender = SpanContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?;
/// let context = to_context(&sender);
/// assert_eq!(context.span().span_context().span_id().to_string(), "00f067aa0ba902b7");
/// # Ok::<(), genai_trace::ParseTraceparentError>(())
/// ```
pub fn to_context(ours: &SpanContext) -> Context {
    Context::map_current(|base| below(base, ours))
}

/// The context of OpenTelemetry that the thread is in, in the span of ours that it is in. In none of ours, or in a span
/// of theirs that has begun in such a context, it is as it is.
pub fn current_context() -> Context {
    derived().unwrap_or_else(Context::current)
}

/// The current context in the span of ours that the thread is in, where that is another.
pub(super) fn derived() -> Option<Context> {
    let ours = current().context()?;
    Context::map_current(|base| {
        let begun = || begun_in(base.span().span_context().span_id());
        let is_there = is_in(base, &ours) || begun().as_ref() == Some(&ours);
        (!is_there).then(|| below(base, &ours))
    })
}

/// Whether `context` was made for the span `ours`, or comes of one that was.
pub(super) fn is_in(context: &Context, ours: &SpanContext) -> bool {
    matches!(context.get(), Some(Ours(known)) if known == ours)
}

/// `base` in the span `ours`.
pub(super) fn below(base: &Context, ours: &SpanContext) -> Context {
    let context = base
        .with_remote_span_context(to_span_context(ours))
        .with_value(Ours(ours.clone()));
    match ours.passed().map(Passed::baggage) {
        Some(passed) if !passed.is_empty() => {
            let mut all = Baggage::new();
            for (key, value, properties) in passed.members() {
                let properties = properties.trim_start_matches(';');
                all.insert_with_metadata(key.to_owned(), value.into_owned(), properties);
            }
            for (key, (value, properties)) in base.baggage() {
                all.insert_with_metadata(key.clone(), value.clone(), properties.clone());
            }
            context.with_baggage(all)
        }
        _ => context,
    }
}

/// The span of theirs that the thread is in. No code of the user's runs in it.
pub(crate) fn neighbour() -> Option<SpanContext> {
    // It panics on a thread that has dropped its locals already.
    let found = catch_unwind(|| Context::map_current(from_context));
    found.ok().flatten()
}
