//! Spans, metrics and events: which attributes stand on them.

use crate::Type;

/// A type of span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanType {
    /// The conventions' own word for it, which no span carries.
    pub name: &'static str,
    /// The span's kind.
    pub kind: Kind,
    /// Whether the kind is INTERNAL where the work is done in the same process.
    pub may_be_internal: bool,
    /// The values that `gen_ai.operation.name` can have on it.
    pub operations: &'static [&'static str],
    /// The span type that it refines, whose attributes it has too, unless it gives them itself.
    pub refines: Option<&'static str>,
    /// The attributes, by name.
    pub attributes: &'static [Requirement],
}

/// A span's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A call out of the process.
    Client,
    /// A call into the process.
    Server,
    /// Work inside the process.
    Internal,
}

/// An attribute in its place on a span, a metric or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirement {
    /// The attribute's name.
    pub attribute: &'static str,
    /// How much it is asked for.
    pub level: Level,
    /// Whether it is to be set when the span begins, because samplers look at it.
    pub at_start: bool,
}

/// How much an attribute is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Always.
    Required,
    /// Always where a condition holds.
    ConditionallyRequired,
    /// Unless there are reasons against it.
    Recommended,
    /// Only where the user asks for it.
    OptIn,
}

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// The name.
    pub name: &'static str,
    /// The instrument that records it.
    pub instrument: Instrument,
    /// The unit, in UCUM: `s` for seconds, `{token}` for a count of tokens.
    pub unit: &'static str,
    /// The type of a measurement: [`Type::Int`] or [`Type::Double`].
    pub ty: Type,
    /// The advised upper bounds of a histogram's buckets, in the metric's unit; empty for a counter.
    pub buckets: &'static [f64],
    /// The attributes, by name.
    pub attributes: &'static [Requirement],
}

/// What records a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Instrument {
    /// A sum that only grows.
    Counter,
    /// A distribution.
    Histogram,
}

/// An event: a log record with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The name.
    pub name: &'static str,
    /// The severity, where one is given: `DEBUG`, `WARN`.
    pub severity: Option<&'static str>,
    /// The attributes, by name.
    pub attributes: &'static [Requirement],
}
