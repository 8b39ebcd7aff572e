//! What the OpenTelemetry conventions for generative AI call things, as const tables.
//!
//! | | |
//! |---|---|
//! | [`names`] | every attribute's name, as a constant |
//! | [`values`] | the listed values of attributes, as constants |
//! | [`ATTRIBUTES`], [`attribute`] | an attribute's type and values |
//! | [`DEPRECATED`], [`deprecated`], [`meant_value`] | what earlier versions and others call it, and the name of today |
//! | [`SPANS`], [`METRICS`], [`EVENTS`] | which attributes stand where, and on which level; kinds, units and buckets |
//!
//! ```
//! use genai_trace_semconv::{Type, attribute, deprecated, names, values};
//!
//! let tokens = attribute("gen_ai.usage.input_tokens").unwrap();
//! assert_eq!(tokens.name, names::GEN_AI_USAGE_INPUT_TOKENS);
//! assert_eq!(tokens.ty, Type::Int);
//!
//! let provider = attribute(names::GEN_AI_PROVIDER_NAME).unwrap();
//! assert!(provider.values.contains(&values::gen_ai_provider_name::ANTHROPIC));
//!
//! let old = deprecated("gen_ai.system").unwrap();
//! assert_eq!(old.replacement, Some(names::GEN_AI_PROVIDER_NAME));
//! ```
//!
//! The tables are written from `facts.json`, which is taken from the conventions, and from
//! `spellings.json`, which is kept by hand; a test sees to it that they are current. The
//! conventions are still in development: names may change with every version of this crate.

mod attribute;
#[rustfmt::skip] // Written by `tests/generated.rs`, a line an entry.
mod generated;
mod signal;
mod spelling;

pub use attribute::{Attribute, Stability, Type, attribute};
pub use generated::attributes::ATTRIBUTES;
pub use generated::deprecated::{DEPRECATED, DEPRECATED_METRICS, DEPRECATED_VALUES};
pub use generated::events::EVENTS;
pub use generated::metrics::METRICS;
pub use generated::spans::SPANS;
pub use generated::{SCHEMA_URL, names, values};
pub use signal::{Event, Instrument, Kind, Level, Metric, Requirement, SpanType};
pub use spelling::{
    Deprecated, DeprecatedMetric, DeprecatedValue, Origin, deprecated, deprecated_metric,
    meant_value,
};
