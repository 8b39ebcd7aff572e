//! What happens on the caller's thread, from the attribute to the end of the span.
//!
//! A [`callsite`] holds what the source says; [`open`] begins a span, puts its [`frame`] on the
//! thread's [`stack`] and, at the end, hands an entry to the [`recorder`](crate::recorder).

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod attribute_value;
pub(crate) mod builder;
pub(crate) mod callsite;
pub(crate) mod capture;
pub(crate) mod captured;
#[cfg_attr(
    not(feature = "stream"),
    allow(dead_code, reason = "only streams have chunks")
)]
pub(crate) mod chunks;
mod close;
mod contents;
pub(crate) mod context;
mod cost;
pub(crate) mod current;
pub(crate) mod detached;
mod details;
pub(crate) mod error_type;
pub(crate) mod finish;
mod frame;
pub(crate) mod gate;
pub(crate) mod genai_error;
pub(crate) mod handoff;
mod held;
pub(crate) mod ids;
pub(crate) mod in_span;
pub(crate) mod items;
pub(crate) mod limits;
mod log_events;
mod mailbox;
mod mcp_facts;
pub(crate) mod measure;
#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
pub(crate) mod model_call;
mod model_facts;
pub(crate) mod names;
mod nested;
pub(crate) mod open;
pub(crate) mod opening;
pub(crate) mod operation;
pub(crate) mod outcome;
pub(crate) mod probe;
pub(crate) mod returned;
pub(crate) mod run;
mod sampling;
pub(crate) mod scope;
pub(crate) mod short_way;
mod shown;
pub(crate) mod stack;
pub(crate) mod stacktrace;
pub(crate) mod stand_in;
#[cfg(feature = "stream")]
pub(crate) mod streamed;
mod tally;
pub(crate) mod tool_outcome;
pub(crate) mod traced;
pub(crate) mod tracked;
pub(crate) mod value_bytes;
pub(crate) mod value_writer;
