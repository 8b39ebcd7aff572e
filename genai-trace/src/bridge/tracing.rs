//! Spans and events of [`tracing`](https://docs.rs/tracing) in our traces, and our ids in its log lines. Feature
//! `tracing`; for `tracing-core` 0.1.32 and `tracing-subscriber` 0.3.18 and what is compatible with these, tested with
//! both (and `tracing` 0.1.40) and with `tracing` 0.1.44, `tracing-core` 0.1.36 and `tracing-subscriber` 0.3.23.
//!
//! - [`layer`] takes what a framework, an HTTP client or a database says by `tracing` into the traces of this
//!   library, each under the span that it is made in, whoever made that.
//! - [`Builder::tracing_spans`](crate::Builder::tracing_spans) goes the other way: subscribers of `tracing` see our
//!   spans. Libraries that look at `tracing::Span::current()` find the tool or the agent that they run in.
//! - [`WithTraceIds`] puts the ids of the current span into the lines that `tracing-subscriber` prints, without
//!   showing spans to anybody.
//!
//! With the first two a tree is one, whoever made its parts, and nothing stands in it twice: a span that comes from
//! here is not taken back, and a call that both sides say is one span.
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
mod content;
mod entered;
mod fields;
mod log_lines;
pub(crate) mod shown;

use ::tracing_core::span::{Attributes, Id, Record};
use ::tracing_core::{Event, Metadata, Subscriber};
use ::tracing_subscriber::Layer;
use ::tracing_subscriber::layer::Context;
use ::tracing_subscriber::registry::LookupSpan;

use self::bridged::{Bridged, Own, handle};
use self::fields::Fields;
pub use self::log_lines::WithTraceIds;
use self::shown::{is_calling, span_of, unshown};
use crate::span::current::SpanRef;
use crate::span::items::MAX_KEY_BYTES;
use crate::span::names;
use crate::{current, span};

/// Takes spans and events of `tracing` into our traces.
///
/// A span begins when it is made and ends when it is closed. Fields are attributes of the same name and type, those
/// that are recorded late as well; `follows_from` is a link; an event is an event of the span that it is in, whoever
/// made that, under its message (1,024 bytes of it; a longer one is the attribute `message` too), or under its target
/// where it has none. A span whose `gen_ai.operation.name` is one
/// of the conventions' is such a call, as if it were annotated, and counted like that; where it is the same inference
/// as an annotated one around it, both are one span, and so are a tool that a framework runs and the annotated function
/// that it is.
///
/// The fields that `tracing-opentelemetry` knows mean what they mean there, and are no attributes: `otel.name`,
/// `otel.kind`, `otel.status_code`, `otel.status_message` and `otel.status_description`. So is an event without a
/// message that has the field `error`, as `#[instrument(err)]` makes one: it is an `exception`, and the span that it
/// is in has failed. Other events of the level ERROR say nothing of their span's status: whoever logs an error may
/// have dealt with it.
///
/// What was said to a model or a tool (`gen_ai.input.messages`, `gen_ai.tool.call.arguments` ..) is kept where the
/// [policy for content](crate::content) has it, and redacted as it says.
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
        // Another layer of ours may have taken it.
        let Some(span) = context
            .span(id)
            .filter(|span| handle(&span.extensions()).is_none())
        else {
            return;
        };
        if let Some(own) = span_of(metadata) {
            span.extensions_mut().insert(Own(own));
            return;
        }
        if !self.takes(metadata) {
            return;
        }
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let parent = attributes.parent().and_then(|id| nearest(id, &context));
        if let Some(bridged) = begin(attributes, fields, parent) {
            span.extensions_mut().insert(bridged);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        // What is recorded from here is known.
        let Some(handle) = handle(&span.extensions()).filter(|_| !is_calling()) else {
            return;
        };
        let mut fields = Fields::default();
        values.record(&mut fields);
        fields.say_to(&handle);
        if let Some(bridged) = span.extensions_mut().get_mut::<Bridged>() {
            bridged.later(fields);
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
        let error = fields.take_exception();
        let target = fields.take_log_target(metadata);
        let message = fields.take_message().filter(|message| !message.is_empty());
        let name = match (&error, &message) {
            (Some(_), _) => names::EXCEPTION_EVENT.to_owned(),
            (None, Some(message)) => as_name(message).to_owned(),
            // The name of most is where they stand in the source, on the machine that compiled it.
            (None, None) if metadata.name().starts_with("event ") => target.clone(),
            (None, None) => metadata.name().to_owned(),
        };
        span.event(&name, |attributes| {
            attributes.set("level", metadata.level().as_str());
            attributes.set("target", &target);
            if let Some(message) = message.filter(|message| message.len() > name.len()) {
                attributes.set("message", &message);
            }
            fields.each(&span, |key, value| {
                attributes.set(key, value);
            });
        });
        if let Some(error) = error
            && let Some(inside) = context.event_span(event)
            && let Some(bridged) = inside.extensions_mut().get_mut::<Bridged>()
            && bridged.handle.span_id() == span.span_id()
        {
            bridged.status.fail(error);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let mut extensions = span.extensions_mut();
        if let Some(bridged) = extensions.get_mut::<Bridged>() {
            entered::enter(id, bridged);
        } else if let Some(Own(own)) = extensions.get_mut()
            && !is_calling()
        {
            // The user has taken it along, as `Span::current()`.
            entered::enter_own(id, own);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let mut extensions = span.extensions_mut();
        if let Some(bridged) = extensions.get_mut::<Bridged>() {
            entered::leave(id, bridged);
        } else if extensions.get_mut::<Own>().is_some() && !is_calling() {
            entered::leave_own(id);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id);
        // Its ids stay, for whoever writes a line about its end.
        let ending = span.and_then(|span| span.extensions_mut().get_mut::<Bridged>()?.ending());
        if let Some(ending) = ending {
            ending.end();
        }
    }
}

/// Begins the span that `fields` describe.
fn begin(
    attributes: &Attributes<'_>,
    mut fields: Fields,
    parent: Option<SpanRef>,
) -> Option<Bridged> {
    let operation = fields.operation();
    let name = fields.take_subject(operation);
    let mut begun = match name {
        Some(subject) => span(subject),
        None => span(attributes.metadata().name()),
    }
    .operation(operation)
    .of_framework()
    .kind(fields.kind());
    if attributes.is_root() {
        begun = begun.root();
    } else if let Some(parent) = parent.and_then(|parent| parent.context()) {
        begun = begun.parent(&parent);
    }
    for (key, value) in fields.attributes() {
        begun = begun.attr(key, value);
    }
    // It is one of `tracing` already.
    let bridged = Bridged::new(unshown(|| begun.start()), fields.status())?;
    fields.say_content_to(&bridged.handle);
    Some(bridged)
}

/// As much of a message as a name has room for.
fn as_name(message: &str) -> &str {
    let end = message.floor_char_boundary(MAX_KEY_BYTES);
    message.get(..end).unwrap_or_default()
}

/// The span `id`, or the one nearest above it that was taken.
fn nearest<S>(id: &Id, context: &Context<'_, S>) -> Option<SpanRef>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let mut scope = context.span(id)?.scope();
    scope.find_map(|span| handle(&span.extensions()))
}
