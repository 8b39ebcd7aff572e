//! The limits of a span: how many attributes, events and links, how long a value.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// The limits of a span, as the [OpenTelemetry specification](https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits)
/// has them: 128 attributes, events and links, 128 attributes an event and a link, and values of any
/// length, unless said.
///
/// Every `u32` is a limit; 0 keeps nothing of the kind. What is beyond a limit is left out,
/// [`dropped`](crate::SpanRecord::dropped) on the line says how much, and
/// `genai_trace_limits_exceeded_total` counts it.
///
/// - The attributes that stand in the source count, and go before those that are set at run time.
///   An attribute that is set again stays one.
/// - What the runtime itself has to say counts as well, but is never left out or cut: the operation's
///   name, the subject (the tool, the agent, the model that the span is named after), `error.type`,
///   the outcome, a gate's decision, the agent and the conversation that the span works for, what it
///   knows of a stream, the `exception` event.
/// - Metrics count tokens, models and providers of a call also where these are beyond the limit.
/// - They hold for the whole process, until its telemetry is shut down. While a test captures spans
///   ([`testing`](crate::testing)) the defaults do.
/// - Whatever the limits, a text has 256 KiB at most, an array 1,024 elements, a span 1 MiB.
///
/// ```
/// use genai_trace::{MemoryExporter, SpanLimits, Telemetry, span};
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder()
///     .memory(&memory)
///     .limits(SpanLimits::default().attribute_count(1).attribute_value_length(4))
///     .install()?;
/// span("step").attr("app.answer", "yes, of course").attr("app.more", &1).run(|| {});
/// drop(telemetry);
///
/// let step = &memory.spans()[0];
/// assert_eq!(step.attributes.str("app.answer"), Some("yes,"));
/// let dropped = step.dropped.unwrap();
/// assert_eq!((dropped.attributes, dropped.truncated), (1, 1));
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanLimits {
    attributes: u32,
    /// [`UNLIMITED`] where there is none.
    pub(crate) value_length: u32,
    events: u32,
    links: u32,
    attributes_per_event: u32,
    attributes_per_link: u32,
}

/// Most of whatever is counted, unless said.
const DEFAULT_COUNT: u32 = 128;
/// Of so many attributes in the source the limits leave all, where they do not [reach](reach_the_source)
/// it, and some more.
pub(super) const MOST_OF_SOURCE: usize = DEFAULT_COUNT as usize - 18;
/// No value is that long: a text has [256 KiB](super::value_writer::MAX_TEXT_BYTES) at most.
pub(crate) const UNLIMITED: u32 = u32::MAX;

impl Default for SpanLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl SpanLimits {
    const DEFAULT: Self = Self {
        attributes: DEFAULT_COUNT,
        value_length: UNLIMITED,
        events: DEFAULT_COUNT,
        links: DEFAULT_COUNT,
        attributes_per_event: DEFAULT_COUNT,
        attributes_per_link: DEFAULT_COUNT,
    };

    /// Sets how many attributes a span has at most; 128 unless said.
    #[must_use]
    pub const fn attribute_count(self, most: u32) -> Self {
        Self {
            attributes: most,
            ..self
        }
    }

    /// Sets how many characters of a text are kept, and of each text of an array, in attributes of
    /// spans and of events; all unless said. Names, messages of errors beside the attributes, and
    /// values that are no texts are not cut.
    #[must_use]
    pub const fn attribute_value_length(self, most: u32) -> Self {
        Self {
            value_length: most,
            ..self
        }
    }

    /// Sets how many events a span has at most; 128 unless said.
    #[must_use]
    pub const fn event_count(self, most: u32) -> Self {
        Self {
            events: most,
            ..self
        }
    }

    /// Sets how many links a span has at most; 128 unless said.
    #[must_use]
    pub const fn link_count(self, most: u32) -> Self {
        Self {
            links: most,
            ..self
        }
    }

    /// Sets how many attributes an event has at most; 128 unless said.
    #[must_use]
    pub const fn attribute_per_event_count(self, most: u32) -> Self {
        Self {
            attributes_per_event: most,
            ..self
        }
    }

    /// Sets how many attributes a link has at most; 128 unless said. Links that are recorded here
    /// have none, so that today this leaves nothing out.
    #[must_use]
    pub const fn attribute_per_link_count(self, most: u32) -> Self {
        Self {
            attributes_per_link: most,
            ..self
        }
    }

    /// Puts these limits in force, for all spans of the process.
    pub(crate) fn apply(self) {
        ATTRIBUTES.store(self.attributes, Relaxed);
        VALUE_LENGTH.store(self.value_length, Relaxed);
        EVENTS.store(self.events, Relaxed);
        LINKS.store(self.links, Relaxed);
        ATTRIBUTES_PER_EVENT.store(self.attributes_per_event, Relaxed);
        let reach_the_source = self.attributes < DEFAULT_COUNT || self.value_length != UNLIMITED;
        REACH_THE_SOURCE.store(reach_the_source, Relaxed);
    }
}

// What is in force. Each is read alone, and only where something is added to a span.
static ATTRIBUTES: AtomicU32 = AtomicU32::new(SpanLimits::DEFAULT.attributes);
static VALUE_LENGTH: AtomicU32 = AtomicU32::new(SpanLimits::DEFAULT.value_length);
static EVENTS: AtomicU32 = AtomicU32::new(SpanLimits::DEFAULT.events);
static LINKS: AtomicU32 = AtomicU32::new(SpanLimits::DEFAULT.links);
static ATTRIBUTES_PER_EVENT: AtomicU32 = AtomicU32::new(SpanLimits::DEFAULT.attributes_per_event);
/// The limits may be below what stands in the source; by default no source has as much.
static REACH_THE_SOURCE: AtomicBool = AtomicBool::new(false);

#[inline]
pub(super) fn attributes() -> u32 {
    ATTRIBUTES.load(Relaxed)
}

/// Most characters of a text.
#[inline]
pub(super) fn value_length() -> u32 {
    VALUE_LENGTH.load(Relaxed)
}

#[inline]
pub(super) fn events() -> u32 {
    EVENTS.load(Relaxed)
}

#[inline]
pub(super) fn links() -> u32 {
    LINKS.load(Relaxed)
}

#[inline]
pub(super) fn attributes_per_event() -> u32 {
    ATTRIBUTES_PER_EVENT.load(Relaxed)
}

/// Whether the limits may be below what stands in the source.
#[inline]
pub(super) fn reach_the_source() -> bool {
    REACH_THE_SOURCE.load(Relaxed)
}
