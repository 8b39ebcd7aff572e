//! What happens to spans between their end and the exporters: which are kept, and who gets them.
//!
//! Everything here is pure: no file, no thread, and the time comes in as a parameter. A
//! [`sampler`] decides when a trace begins; the [`Pipeline`], on the drain thread, when it has ended:
//! by the rules of [`tail`], on the way that [`route`] says, with no more spans than [`flood`] lets
//! through.

mod attribute_rule;
mod cost_rule;
pub(crate) mod exemplars;
mod facts;
mod flood;
mod pipeline;
pub(crate) mod probability;
pub(crate) mod route;
pub(crate) mod sampler;
pub(crate) mod tail;
mod waiting;

pub(crate) use self::pipeline::{Due, LeftOutSpans, Outgoing, Pipeline};

use self::route::Route;
use self::tail::TailSampling;

/// What is to happen to spans.
#[derive(Debug, Default)]
pub(crate) struct ProcessSettings {
    pub(crate) tail: Option<TailSampling>,
    pub(crate) routes: Vec<Route>,
    /// Most spans of a trace.
    pub(crate) max_spans: Option<u64>,
}
