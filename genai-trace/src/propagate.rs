//! Spans that go on elsewhere: over a channel, a queue, to another process.
//!
//! A [`traceparent`] is how the W3C spells a span on the wire, a [`carrier`] is the map that travels
//! with a message, and a [`carried`] message takes the span it was sent from along by itself. What came
//! beside it ([`passed`]) goes on with it: the [`tracestate`] of other tracers, and of the [`baggage`] what
//! is allowed. Carriers are read from and put into [`headers`], the [`environment`] and [`mcp`] calls.

pub(crate) mod baggage;
pub(crate) mod carried;
pub(crate) mod carrier;
mod environment;
pub(crate) mod headers;
mod mcp;
pub(crate) mod passed;
pub(crate) mod traceparent;
mod tracestate;
