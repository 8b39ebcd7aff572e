//! Spans and events of [`tracing`](https://docs.rs/tracing) in our traces, and our ids in its log lines. Feature
//! `tracing`; tested with the lowest versions that it allows (`tracing-core` 0.1.32 and `tracing-subscriber` 0.3.18,
//! with `tracing` 0.1.40) and with `tracing` 0.1.44 and `tracing-subscriber` 0.3.23.
//!
//! [`layer`] takes what a framework, an HTTP client or a database says by `tracing` into the traces of this
//! library, each under the span that it is made in, whoever made that. [`WithTraceIds`] puts the ids of the
//! current span into the lines that `tracing-subscriber` prints.
//!
//! ```
//! use genai_trace::bridge::tracing::{WithTraceIds, layer};
//! use genai_trace::{MemoryExporter, Telemetry, genai_tool};
//! use tracing_subscriber::fmt;
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! #[genai_tool("search")]
//! fn search() {
//!     // a child of the tool, as is what a client does inside
//!     tracing::info_span!("query", db.rows = 3_u64).in_scope(|| {});
//!     tracing::info!("found"); // trace_id=.. span_id=.. before it, and an event of the tool
//! }
//!
//! let memory = MemoryExporter::new();
//! let telemetry = Telemetry::builder().memory(&memory).install()?;
//! let lines = fmt::layer().event_format(WithTraceIds::new(fmt::format()));
//! let subscriber = tracing_subscriber::registry().with(layer()).with(lines);
//! tracing::subscriber::with_default(subscriber, search);
//! drop(telemetry);
//! assert_eq!(memory.spans()[0].parent_span_id, Some(memory.spans()[1].span_id));
//! # Ok::<(), genai_trace::InitError>(())
//! ```

mod bridged;
mod entered;
mod fields;
mod log_lines;

use ::tracing_core::span::{Attributes, Id, Record};
use ::tracing_core::{Event, Metadata, Subscriber};
use ::tracing_subscriber::Layer;
use ::tracing_subscriber::layer::Context;
use ::tracing_subscriber::registry::LookupSpan;

use self::bridged::Bridged;
use self::fields::Fields;
pub use self::log_lines::WithTraceIds;
use crate::span::current::SpanRef;
use crate::{current, span};

/// Takes spans and events of `tracing` into our traces.
///
/// A span begins when it is made and ends when it is closed. Fields are attributes of the same name and type, those
/// that are recorded late as well; `follows_from` is a link; an event is an event of the span that it is in, whoever
/// made that. `otel.name` is the span's name, `otel.status_code` and `otel.status_message` its status. A span whose
/// `gen_ai.operation.name` is one of the conventions' is such a call, as if it were annotated, and counted like that;
/// where it is the same inference as an annotated one around it, both are one span.
///
/// Where no telemetry is installed it does nothing. A filter of `tracing-subscriber` says which spans and events it
/// gets: `layer().with_filter(LevelFilter::INFO)`.
#[derive(Clone, Copy, Debug)]
pub struct TracingLayer {
    is_for_gen_ai: bool,
}

/// Takes all spans and events of `tracing` into our traces.
pub const fn layer() -> TracingLayer {
    TracingLayer {
        is_for_gen_ai: false,
    }
}

impl TracingLayer {
    /// Takes those alone that have a field of the conventions for GenAI: `gen_ai.*` or `mcp.*`.
    pub const fn only_gen_ai(mut self) -> Self {
        self.is_for_gen_ai = true;
        self
    }

    fn takes(self, metadata: &Metadata<'_>) -> bool {
        let is_of_gen_ai = |name: &str| name.starts_with("gen_ai.") || name.starts_with("mcp.");
        let mut fields = metadata.fields().iter();
        !self.is_for_gen_ai || fields.any(|field| is_of_gen_ai(field.name()))
    }
}

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        if !self.takes(metadata) {
            return;
        }
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let operation = fields.operation();
        let mut begun = match fields.take_subject(operation) {
            Some(subject) => span(subject),
            None => span(metadata.name()),
        }
        .operation(operation);
        if attributes.is_root() {
            begun = begun.root();
        } else if let Some(parent) = attributes.parent() {
            begun = match nearest(parent, &context).and_then(|parent| parent.context()) {
                Some(parent) => begun.parent(&parent),
                None => begun,
            };
        }
        for (key, value) in fields.attributes() {
            begun = begun.attr(key, value);
        }
        let bridged = Bridged::new(begun.start(), fields.into_status());
        if let (Some(bridged), Some(span)) = (bridged, context.span(id)) {
            span.extensions_mut().insert(bridged);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let Some(handle) = handle(&span.extensions()) else {
            return;
        };
        let mut fields = Fields::default();
        values.record(&mut fields);
        for (key, value) in fields.attributes() {
            handle.set(key, value);
        }
        if let Some(bridged) = span.extensions_mut().get_mut::<Bridged>() {
            bridged.status.take(fields.into_status());
        }
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        let of = |id| -> Option<SpanRef> { handle(&context.span(id)?.extensions()) };
        if let (Some(span), Some(earlier)) = (of(id), of(follows).and_then(|it| it.context())) {
            span.link(&earlier);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !self.takes(event.metadata()) || event.is_root() {
            return;
        }
        let span = match event.parent() {
            Some(parent) => nearest(parent, &context),
            None => Some(current()),
        };
        let Some(span) = span.filter(SpanRef::is_recording) else {
            return;
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let name = fields.take_message();
        span.event(name.as_deref().unwrap_or(metadata.name()), |attributes| {
            attributes.set("level", metadata.level().as_str());
            attributes.set("target", metadata.target());
            for (key, value) in fields.attributes() {
                attributes.set(key, value);
            }
        });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(bridged) = span.extensions_mut().get_mut::<Bridged>()
        {
            entered::enter(id, bridged);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(bridged) = span.extensions_mut().get_mut::<Bridged>()
        {
            entered::leave(id, bridged);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id);
        let bridged = span.and_then(|span| span.extensions_mut().remove::<Bridged>());
        if let Some(bridged) = bridged {
            bridged.end();
        }
    }
}

fn handle(extensions: &::tracing_subscriber::registry::Extensions<'_>) -> Option<SpanRef> {
    let bridged = extensions.get::<Bridged>()?;
    Some(bridged.handle.clone())
}

/// The span `id`, or the one nearest above it that was taken.
fn nearest<S>(id: &Id, context: &Context<'_, S>) -> Option<SpanRef>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let mut scope = context.span(id)?.scope();
    scope.find_map(|span| handle(&span.extensions()))
}
