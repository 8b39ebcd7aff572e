//! What is taken of the baggage that comes with a trace.

use super::Builder;

impl Builder {
    /// Takes these members of the W3C `baggage` that comes with a trace, and passes them on to whoever is
    /// called in it; none unless said. Whoever calls may write anything into it, and whoever is called may
    /// read it: name what both are meant to know.
    ///
    /// [`Baggage`](crate::Baggage) of one's own is passed on where its keys are among these.
    ///
    /// At most 64 members and 8192 bytes are taken. What is said under a key is
    /// [`SpanContext::baggage`](crate::SpanContext::baggage), and an attribute of every span where
    /// [`baggage_on_spans`](Builder::baggage_on_spans) says so.
    ///
    /// ```
    /// use genai_trace::{Carrier, MemoryExporter, Telemetry, span};
    ///
    /// let memory = MemoryExporter::new();
    /// let telemetry = Telemetry::builder()
    ///     .memory(&memory)
    ///     .baggage(["session.id"])
    ///     .baggage_on_spans(true)
    ///     .install()?;
    /// let received: Carrier = [
    ///     ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ///     ("baggage", "session.id=s%2D1,secret=x"),
    /// ]
    /// .into_iter()
    /// .collect();
    /// received.run(|| span("work").run(|| { /* requests with `Carrier::current()` pass it on */ }));
    /// drop(telemetry);
    /// assert_eq!(memory.spans()[0].attributes.str("session.id"), Some("s-1"));
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn baggage(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.baggage.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Makes attributes of the [`baggage`](Builder::baggage) that is taken, each under its key, on every
    /// span of the trace that does not say that attribute itself. Not unless said.
    pub fn baggage_on_spans(mut self, yes: bool) -> Self {
        self.baggage.on_spans = yes;
        self
    }
}
