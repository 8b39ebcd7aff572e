//! OpenTelemetry's own counter and histogram, with labels that were looked up once.
//!
//! It is compiled for each release of OpenTelemetry that a contender uses: `api` and `sdk` are those
//! of the module that it belongs to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::api::KeyValue;
use super::api::metrics::{BoundCounter, BoundHistogram, Meter};
use super::sdk::error::OTelSdkResult;
use super::sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use super::sdk::metrics::exporter::PushMetricExporter;
use super::sdk::metrics::{PeriodicReader, Temporality};
use crate::work;

struct Handles {
    calls: BoundCounter<u64>,
    latency: BoundHistogram<f64>,
}

static HANDLES: OnceLock<Handles> = OnceLock::new();

/// Makes the instruments that [`count`] adds to.
pub fn bind(meter: &Meter) {
    let labels = [KeyValue::new("tool", work::TOOL)];
    let calls = meter.u64_counter("tools_called").build().bind(&labels);
    let latency = meter
        .f64_histogram("tool_latency")
        .with_unit("ms")
        .with_boundaries(work::BUCKETS.to_vec())
        .build()
        .bind(&labels);
    // A second call would come from a second start, which no contender makes.
    let _ = HANDLES.set(Handles { calls, latency });
}

/// Counts a call of the tool that took so long.
#[inline]
pub fn count(took: Duration) {
    if let Some(handles) = HANDLES.get() {
        handles.calls.add(1);
        handles.latency.record(took.as_secs_f64() * 1000.0);
    }
}

/// What counter and histogram said when they were last collected.
#[derive(Clone, Default)]
pub struct Seen(Arc<[AtomicU64; 2]>);

impl Seen {
    /// What collects; it is asked to by the meter provider's `force_flush`.
    pub fn reader(&self) -> PeriodicReader<Self> {
        PeriodicReader::builder(self.clone())
            .with_interval(Duration::from_secs(60))
            .build()
    }

    /// By the counter and by the histogram.
    pub fn counted(&self) -> (u64, u64) {
        let [calls, latency] = &*self.0;
        (
            calls.load(Ordering::Relaxed),
            latency.load(Ordering::Relaxed),
        )
    }
}

impl PushMetricExporter for Seen {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let [calls, latency] = &*self.0;
        for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
            match metric.data() {
                AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                    let total = sum.data_points().map(|point| point.value()).sum();
                    calls.store(total, Ordering::Relaxed);
                }
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    let total = histogram.data_points().map(|point| point.count()).sum();
                    latency.store(total, Ordering::Relaxed);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}
