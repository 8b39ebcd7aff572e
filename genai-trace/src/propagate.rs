//! Spans that go on elsewhere: over a channel, a queue, to another process.
//!
//! A [`traceparent`] is how the W3C spells a span on the wire, a [`carrier`] is the map that travels
//! with a message, and a [`carried`] message takes the span it was sent from along by itself.

pub(crate) mod carried;
pub(crate) mod carrier;
pub(crate) mod traceparent;
