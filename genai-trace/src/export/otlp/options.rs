//! What a program may say of where its spans, metrics and events go by OTLP.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::metrics::{MetricFamily, MetricKind, OWN_PREFIX};

/// How a request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtlpProtocol {
    /// Protobuf over HTTP: `http/protobuf`.
    #[default]
    HttpProtobuf,
    /// JSON over HTTP, larger and slower: `http/json`.
    HttpJson,
    /// Protobuf over gRPC: `grpc`. Feature `otlp-grpc`.
    #[cfg(feature = "otlp-grpc")]
    Grpc,
}

impl fmt::Display for OtlpProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OtlpProtocol::HttpProtobuf => "http/protobuf",
            OtlpProtocol::HttpJson => "http/json",
            #[cfg(feature = "otlp-grpc")]
            OtlpProtocol::Grpc => "grpc",
        })
    }
}

/// What a data point of a metric counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtlpTemporality {
    /// All since the program began, as in Prometheus: `cumulative`.
    #[default]
    Cumulative,
    /// What has come since the last time, for counters and histograms: `delta`.
    Delta,
    /// The same, but for what the telemetry counts of itself (`genai_trace_*`), which is read where it stands:
    /// `lowmemory`.
    LowMemory,
}

impl OtlpTemporality {
    /// Whether what has come since the last time is shown of a family.
    pub(super) fn is_delta(self, family: &MetricFamily) -> bool {
        let is_counted = family.kind != MetricKind::Gauge;
        match self {
            OtlpTemporality::Cumulative => false,
            OtlpTemporality::Delta => is_counted,
            OtlpTemporality::LowMemory => is_counted && !family.name.starts_with(OWN_PREFIX),
        }
    }
}

impl fmt::Display for OtlpTemporality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OtlpTemporality::Cumulative => "cumulative",
            OtlpTemporality::Delta => "delta",
            OtlpTemporality::LowMemory => "lowmemory",
        })
    }
}

/// By which buckets the values of a histogram are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtlpHistogramAggregation {
    /// By the bounds of its view, as in the Prometheus text: `explicit_bucket_histogram`.
    #[default]
    ExplicitBucket,
    /// By buckets that grow by a constant factor, at most 160 of them, as fine as the values allow: within 2.2 % of
    /// each other where the largest is ten times the smallest. Counted as the values come, beside the bounds, in up
    /// to 2.5 KB for each series, thread and unit: `base2_exponential_bucket_histogram`.
    Base2ExponentialBucket,
}

impl fmt::Display for OtlpHistogramAggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OtlpHistogramAggregation::ExplicitBucket => "explicit_bucket_histogram",
            OtlpHistogramAggregation::Base2ExponentialBucket => {
                "base2_exponential_bucket_histogram"
            }
        })
    }
}

/// Where spans, metrics or events go by OTLP, and how. What is not said here the environment says:
/// [`Builder::otlp`](crate::Builder::otlp) has the list.
///
/// ```
/// use std::time::Duration;
///
/// use genai_trace::{OtlpOptions, OtlpProtocol, Telemetry};
///
/// let options = OtlpOptions::default()
///     .endpoint("http://localhost:4318/v1/traces")
///     .protocol(OtlpProtocol::HttpJson)
///     .header("x-project", "coder")
///     .timeout(Duration::from_secs(3))
///     .gzip(true);
/// let telemetry = Telemetry::builder().otlp_with(options).install()?;
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before the telemetry is installed"]
pub struct OtlpOptions {
    pub(crate) endpoint: Option<String>,
    pub(crate) protocol: Option<OtlpProtocol>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) gzip: Option<bool>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) spool: SpoolTo,
    pub(crate) spool_bytes: Option<u64>,
    pub(crate) every: Option<Duration>,
    pub(crate) temporality: Option<OtlpTemporality>,
    pub(crate) aggregation: Option<OtlpHistogramAggregation>,
    /// The file beside which a spool stands that was not said.
    pub(crate) beside: PathBuf,
    /// How the exporter is called where it is not `otlp`.
    pub(crate) name: Option<String>,
}

impl Default for OtlpOptions {
    fn default() -> Self {
        Self {
            endpoint: None,
            protocol: None,
            headers: Vec::new(),
            timeout: None,
            gzip: None,
            certificate: None,
            client_certificate: None,
            spool: SpoolTo::default(),
            spool_bytes: None,
            every: None,
            temporality: None,
            aggregation: None,
            beside: PathBuf::new(),
            name: None,
        }
    }
}

/// Where spans wait that cannot be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SpoolTo {
    /// In a folder beside the traces file.
    #[default]
    Beside,
    Folder(PathBuf),
    /// In memory.
    Nowhere,
}

impl OtlpOptions {
    /// The whole url to which what it is for is sent, path and all: one for traces ends in `/v1/traces`, one for
    /// metrics in `/v1/metrics`, one for events in `/v1/logs`. Over gRPC it has no path.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// How requests are written: protobuf unless said.
    pub fn protocol(mut self, protocol: OtlpProtocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Sends a header with each request, as credentials are sent, in the place of one of the same name that the
    /// environment says.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// How long a request may take; 10 s unless said.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Compresses requests; not unless said.
    pub fn gzip(mut self, yes: bool) -> Self {
        self.gzip = Some(yes);
        self
    }

    /// Trusts the certificates in this PEM file, and only them; Mozilla's unless said.
    pub fn certificate(mut self, path: impl Into<PathBuf>) -> Self {
        self.certificate = Some(path.into());
        self
    }

    /// Shows the server this chain of certificates, with the private key for it: two PEM files.
    pub fn client_certificate(
        mut self,
        chain: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.client_certificate = Some((chain.into(), key.into()));
        self
    }

    /// Keeps what cannot be sent in this folder until it can be; it is made when it is needed. Unless said it is
    /// called like the traces file with `.otlp` behind, and stands beside it. Processes may share a folder.
    pub fn spool(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool = SpoolTo::Folder(folder.into());
        self
    }

    /// Keeps what cannot be sent in memory alone: it is lost where the backend is down at the end.
    pub fn no_spool(mut self) -> Self {
        self.spool = SpoolTo::Nowhere;
        self
    }

    /// How many bytes may wait in the folder; 64 MiB unless said. Beyond that the oldest go, and are counted.
    pub fn spool_bytes(mut self, bytes: u64) -> Self {
        self.spool_bytes = Some(bytes);
        self
    }
}

impl OtlpOptions {
    /// How often metrics are collected and sent; every minute unless said. Of metrics alone.
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = Some(interval);
        self
    }

    /// What a data point counts: all since the program began unless said. Of metrics alone.
    pub fn temporality(mut self, temporality: OtlpTemporality) -> Self {
        self.temporality = Some(temporality);
        self
    }

    /// By which buckets histograms are counted: by the bounds of their views unless said. Of metrics alone.
    ///
    /// ```no_run
    /// use genai_trace::{OtlpHistogramAggregation, OtlpOptions, Telemetry};
    ///
    /// let options = OtlpOptions::default()
    ///     .endpoint("http://localhost:4318/v1/metrics")
    ///     .histogram_aggregation(OtlpHistogramAggregation::Base2ExponentialBucket);
    /// let telemetry = Telemetry::builder().metrics_otlp_with(options).install()?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn histogram_aggregation(mut self, aggregation: OtlpHistogramAggregation) -> Self {
        self.aggregation = Some(aggregation);
        self
    }
}

impl fmt::Debug for OtlpOptions {
    /// Without what headers say: they hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("OtlpOptions")
            .field("protocol", &self.protocol)
            .field("headers", &headers)
            .field("timeout", &self.timeout)
            .field("gzip", &self.gzip)
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}
