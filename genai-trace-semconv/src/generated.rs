// Written by `tests/generated.rs` from `facts.json` and `spellings.json`: change those.

//! The tables.

pub(crate) mod attributes;
pub(crate) mod deprecated;
pub(crate) mod events;
pub(crate) mod metrics;
pub mod names;
pub(crate) mod spans;
pub mod values;

/// The schema of the conventions that these tables follow.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";
