//! Whether histograms name spans: `OTEL_METRICS_EXEMPLAR_FILTER`.

use super::{InitError, Reader, refused};

const NAME: &str = "OTEL_METRICS_EXEMPLAR_FILTER";

impl Reader<'_> {
    /// A span that was not kept cannot be looked at, so all spans are no more than those of sampled traces.
    pub(super) fn exemplars(&self) -> Result<bool, InitError> {
        match self.text(NAME)?.as_deref() {
            None | Some("trace_based" | "always_on") => Ok(true),
            Some("always_off") => Ok(false),
            Some(other) => Err(refused(NAME, other, "trace_based, always_on or always_off")),
        }
    }
}
