//! Metrics: what spans measure is recorded once, exactly, and shown under many names.
//!
//! Each thread counts into a [`Shard`] of its own: cells of plain integers, one for each set of
//! [`Labels`]. An exposition merges the shards, applies the tables of the chosen [`Views`], adds
//! the user's own metrics of the [`Registry`], and prints.

mod bounds;
mod cell;
mod charge;
pub(crate) mod console;
#[cfg(test)]
mod dashboards;
mod exemplars;
#[cfg_attr(not(feature = "otlp"), path = "metrics/no_exponential.rs")]
pub(crate) mod exponential;
mod exposition;
mod family;
mod flow;
mod grid;
mod hash;
mod histogram;
mod kind;
mod labels;
mod measures;
mod number;
mod registry;
mod series;
mod shard;
mod source;
pub(crate) mod symbol;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod tokens;
mod view;
mod views;

pub(crate) use self::charge::Charge;
pub(crate) use self::exemplars::{Exemplar, Exemplars};
#[cfg(feature = "otlp")]
pub(crate) use self::exposition::collect;
pub(crate) use self::exposition::{ExporterTotals, Snapshot};
#[cfg(feature = "otlp")]
pub(crate) use self::family::{Buckets, LabelSet, MetricFamily, OVERFLOW_LABEL, Value};
pub(crate) use self::flow::is_named;
pub(crate) use self::grid::duration_bucket;
pub(crate) use self::histogram::ChunkGaps;
pub use self::kind::MetricKind;
pub(crate) use self::labels::{Decision, Labels};
pub use self::measures::Measures;
#[cfg(feature = "otlp")]
pub(crate) use self::number::Number;
pub use self::registry::{Counter, Family, Gauge, Histogram, MetricError, Registry};
pub(crate) use self::shard::{DropReason, Ended, LeftOut, PlainEnd, Shard};
#[cfg(unix)]
pub(crate) use self::symbol::each_symbol;
pub(crate) use self::symbol::{LONGEST_VALUE, Symbol, SymbolCache, intern, resolve};
/// The beginning of the names of what the telemetry counts of itself.
#[cfg(feature = "otlp")]
pub(crate) use self::views::own::PREFIX as OWN_PREFIX;
pub use self::views::{UnknownViews, Views};
