//! Where the metrics are served for Prometheus.

use super::{InitError, Reader, refused};
use crate::telemetry::{HOST, MetricsPlace, PORT};

impl Reader<'_> {
    /// `OTEL_EXPORTER_PROMETHEUS_HOST` and `OTEL_EXPORTER_PROMETHEUS_PORT`.
    pub(super) fn metrics_place(&self) -> Result<MetricsPlace, InitError> {
        let port = match self.text(PORT)? {
            None => None,
            Some(value) => match value.parse() {
                Ok(port) => Some(port),
                Err(_) => return Err(refused(PORT, value, MetricsPlace::PORTS)),
            },
        };
        Ok(MetricsPlace::new(self.text(HOST)?, port))
    }
}

/// Where the environment of the process has the metrics served.
///
/// # Errors
/// A variable means nothing.
pub(crate) fn metrics_place() -> Result<MetricsPlace, InitError> {
    Reader(&|name| std::env::var_os(name)).metrics_place()
}
