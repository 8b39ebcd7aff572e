//! What becomes of a span: what it says, what is kept of it, how it ends, and what its thread has to do with that.

mod attributes;
mod caller_location;
mod context;
mod error_types;
mod futures;
mod gates;
mod hostile;
mod in_flight;
mod limits;
mod metrics;
mod open_span;
mod outcomes;
mod random_trees;
mod runs;
mod runtimes;
mod sampling;
mod short_way;
mod streams;
mod thread_end;
mod tool_outcomes;
