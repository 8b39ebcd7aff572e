//! Whether spans of OpenTelemetry are heeded.

use super::Builder;
use crate::bridge::opentelemetry::neighbour;

impl Builder {
    /// Goes on with the trace of the OpenTelemetry span that is active where a span begins that is in none of ours:
    /// that becomes its child, and is sampled as it is, unless the [`sampler`](Builder::sampler) says otherwise. Not
    /// unless said. Feature `opentelemetry`.
    ///
    /// Spans below one of ours are not touched by it, and cost what they did. The span of a request that the layer of
    /// the feature `tower` makes goes by the request's headers alone.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Telemetry, genai_agent};
    /// use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    ///
    /// #[genai_agent("coder")]
    /// fn run() {}
    ///
    /// let memory = MemoryExporter::new();
    /// let telemetry = Telemetry::builder().memory(&memory).opentelemetry_parents(true).install()?;
    /// let provider = SdkTracerProvider::builder().build();
    /// let request = provider.tracer("server").in_span("GET /", |context| {
    ///     run();
    ///     context.span().span_context().clone()
    /// });
    /// drop(telemetry);
    /// let agent = &memory.spans()[0];
    /// assert_eq!(agent.trace_id.to_string(), request.trace_id().to_string());
    /// assert_eq!(agent.parent_span_id.unwrap().to_string(), request.span_id().to_string());
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn opentelemetry_parents(mut self, yes: bool) -> Self {
        self.neighbour = yes.then_some(neighbour);
        self
    }
}
