//! Whether histograms name spans: `OTEL_METRICS_EXEMPLAR_FILTER`.

use super::{InitError, Reader, refused};

const NAME: &str = "OTEL_METRICS_EXEMPLAR_FILTER";

impl Reader<'_> {
    /// A span that was not kept cannot be looked at, so all spans are no more than those of sampled traces.
    pub(super) fn exemplars(&self) -> Result<bool, InitError> {
        let Some(said) = self.text(NAME)? else {
            return Ok(true);
        };
        match said.to_ascii_lowercase().as_str() {
            "trace_based" | "always_on" => Ok(true),
            "always_off" => Ok(false),
            _ => Err(refused(NAME, said, "trace_based, always_on or always_off")),
        }
    }
}
