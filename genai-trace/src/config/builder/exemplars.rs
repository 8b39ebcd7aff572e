//! Whether histograms name spans.

use super::Builder;

impl Builder {
    /// Whether histograms of durations name spans that stand for their buckets: for each bucket one of the last
    /// spans that were kept, with its ids, its duration and its end. They do unless said, and `OTEL_METRICS_EXEMPLAR_FILTER` is
    /// `trace_based` (the default; `always_on` means the same here, since a span that was not kept cannot be looked
    /// at) or `always_off`.
    ///
    /// They stand in [OpenMetrics](crate::Telemetry::metrics_page) and in metrics by OTLP, where they are known as
    /// exemplars; the Prometheus text format has no room for them. Spans are looked at for that once somebody has asked
    /// for a page, or where metrics go by OTLP: by the drain thread, for at most 1,000 series. Which models a run of an agent has called does not
    /// stand on its span: where runs of one agent called several, none stands for them.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use genai_trace::{MemoryExporter, Telemetry, span};
    ///
    /// let telemetry = Telemetry::builder().memory(&MemoryExporter::new()).exemplars(true).install()?;
    /// let page = telemetry.metrics_page();
    /// span("plan").run(|| {});
    /// telemetry.flush(Duration::from_secs(5));
    /// let (_, text) = page.answer(Some("application/openmetrics-text"));
    /// # let _ = text;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn exemplars(mut self, yes: bool) -> Self {
        self.exemplars = yes;
        self
    }
}
