//! Tracers whose spans are children of ours.

use std::borrow::Cow;
use std::error::Error;
use std::time::SystemTime;

use ::opentelemetry::trace::{
    Span, SpanBuilder, SpanContext as TheirSpanContext, Status, TraceContextExt, Tracer,
    TracerProvider,
};
use ::opentelemetry::{Context, InstrumentationScope, KeyValue};

use super::begun::{self, Begun};
use super::context::{below, is_in};
use crate::current;
use crate::span::context::SpanContext;

/// Makes the spans of a tracer provider children of ours, where they begin in one: without a change to the code that
/// begins them, in any future and on any thread that is in the span.
///
/// The parent is whichever is further inside, the span of ours that the thread is in or the active one of theirs. A
/// parent that their code names itself, and one of another trace, stays what it is. The provider is shut down by
/// whoever has made it.
///
/// ```
/// use genai_trace::bridge::opentelemetry::with_our_parents;
/// use opentelemetry::global;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let provider = SdkTracerProvider::builder().build();
/// global::set_tracer_provider(with_our_parents(provider.clone()));
/// # provider.shutdown().unwrap();
/// ```
pub const fn with_our_parents<P: TracerProvider>(provider: P) -> WithOurParents<P> {
    WithOurParents { provider }
}

/// A tracer provider whose spans are children of ours, where they begin in one. Made by [`with_our_parents`].
#[derive(Clone, Copy, Debug)]
pub struct WithOurParents<P> {
    provider: P,
}

impl<P: TracerProvider> TracerProvider for WithOurParents<P> {
    type Tracer = OurTracer<P::Tracer>;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> Self::Tracer {
        OurTracer {
            tracer: self.provider.tracer_with_scope(scope),
        }
    }
}

/// A tracer of [`WithOurParents`].
#[derive(Clone, Copy, Debug)]
pub struct OurTracer<T> {
    tracer: T,
}

impl<T: Tracer> Tracer for OurTracer<T> {
    type Span = OurChild<T::Span>;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Self::Span {
        // Nothing is attached here: the current context may be borrowed.
        let Some(ours) = current().context() else {
            return OurChild {
                span: self.tracer.build_with_context(builder, parent),
                _begun: None,
            };
        };
        let span = match is_inside(&ours, parent) {
            true => self
                .tracer
                .build_with_context(builder, &below(parent, &ours)),
            false => self.tracer.build_with_context(builder, parent),
        };
        let id = span.span_context().span_id();
        OurChild {
            span,
            _begun: Begun::new(id, ours),
        }
    }
}

/// Whether the span `ours`, which the thread is in, is further inside than that of the context `parent`.
fn is_inside(ours: &SpanContext, parent: &Context) -> bool {
    let span = parent.span();
    let theirs = span.span_context();
    if !theirs.is_valid() {
        // Out of an active span it is a new trace that was asked for.
        return !Context::map_current(|current| current.span().span_context().is_valid());
    }
    let is_current = Context::map_current(|current| current.span().span_context() == theirs);
    let is_of_our_trace = theirs.trace_id().to_bytes() == ours.trace_id().to_bytes();
    let is_ours = theirs.span_id().to_bytes() == ours.span_id().to_bytes();
    is_current
        && is_of_our_trace
        && !is_ours
        && !is_in(parent, ours)
        && begun::begun_in(theirs.span_id()).as_ref() != Some(ours)
}

/// A span of [`OurTracer`].
#[derive(Debug)]
pub struct OurChild<S> {
    span: S,
    /// Behind the span, to be dropped after it.
    _begun: Option<Begun>,
}

impl<S: Span> Span for OurChild<S> {
    fn add_event<T: Into<Cow<'static, str>>>(&mut self, name: T, attributes: Vec<KeyValue>) {
        self.span.add_event(name, attributes);
    }

    fn record_error(&mut self, error: &dyn Error) {
        self.span.record_error(error);
    }

    fn add_event_with_timestamp<T: Into<Cow<'static, str>>>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) {
        self.span
            .add_event_with_timestamp(name, timestamp, attributes);
    }

    fn span_context(&self) -> &TheirSpanContext {
        self.span.span_context()
    }

    fn is_recording(&self) -> bool {
        self.span.is_recording()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.span.set_attribute(attribute);
    }

    fn set_attributes(&mut self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.span.set_attributes(attributes);
    }

    fn set_status(&mut self, status: Status) {
        self.span.set_status(status);
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, name: T) {
        self.span.update_name(name);
    }

    fn add_link(&mut self, to: TheirSpanContext, attributes: Vec<KeyValue>) {
        self.span.add_link(to, attributes);
    }

    fn end(&mut self) {
        self.span.end();
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.span.end_with_timestamp(timestamp);
    }
}
