//! The signals of OpenTelemetry: what tells them apart on their way to a backend.

use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data};
use prost::Message;

/// A signal of OpenTelemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    /// What is put behind a base url.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Signal::Traces => "/v1/traces",
            Signal::Metrics => "/v1/metrics",
            Signal::Logs => "/v1/logs",
        }
    }

    /// What is called over gRPC.
    #[cfg(feature = "otlp-grpc")]
    pub(super) const fn method(self) -> &'static str {
        match self {
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }

    /// What is counted of it.
    pub(super) const fn items(self) -> &'static str {
        match self {
            Signal::Traces => "spans",
            Signal::Metrics => "data points",
            Signal::Logs => "events",
        }
    }

    /// The word for it in names of threads.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Signal::Traces => "spans",
            Signal::Metrics => "metrics",
            Signal::Logs => "events",
        }
    }

    /// Why the oldest had to go.
    pub(super) const fn queue_was_full(self) -> &'static str {
        match self {
            Signal::Traces => "the queue was full: OTEL_BSP_MAX_QUEUE_SIZE spans wait in memory",
            Signal::Metrics => "the queue was full: too many data points wait in memory",
            Signal::Logs => "the queue was full: OTEL_BLRP_MAX_QUEUE_SIZE events wait in memory",
        }
    }

    /// Where a backend says in JSON how many of them it has rejected.
    pub(super) const fn rejected(self) -> &'static str {
        match self {
            Signal::Traces => "rejectedSpans",
            Signal::Metrics => "rejectedDataPoints",
            Signal::Logs => "rejectedLogRecords",
        }
    }

    /// How many an item of a request counts for: a metric has many data points.
    pub(super) fn count_of(self, item: &[u8]) -> u64 {
        let points = match self {
            Signal::Traces | Signal::Logs => 1,
            Signal::Metrics => match Metric::decode(item).unwrap_or_default().data {
                Some(Data::Sum(sum)) => sum.data_points.len(),
                Some(Data::Gauge(gauge)) => gauge.data_points.len(),
                Some(Data::Histogram(histogram)) => histogram.data_points.len(),
                Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
                _ => 1,
            },
        };
        u64::try_from(points).unwrap_or(u64::MAX)
    }
}
