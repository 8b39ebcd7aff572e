//! Spans, metrics and events to a collector or a backend, as OTLP has it.
//!
//! Data flows one way: what is said of a [span](span), a [log record](log) or a [metric](metric) is gathered to
//! [requests](request), which wait in a [line](line), in memory or in the [spool](spool) on disk, for the
//! [thread](sender) that has the [client](client). What an [answer](retry) means for a request is decided in one
//! place. Each exporter has a line and a thread of its own.

mod client;
mod deltas;
#[cfg(feature = "otlp-grpc")]
mod grpc;
mod json;
mod line;
mod log;
mod losses;
mod metric;
mod metric_name;
mod options;
mod parcel;
mod request;
mod resource;
mod retry;
mod sender;
mod sending;
pub(crate) mod settings;
mod signal;
mod span;
mod spool;
#[cfg(feature = "otlp-grpc")]
mod status;
mod transport;
#[cfg(feature = "otlp-grpc")]
mod tunnel;
mod value;
mod work;
mod written;

use std::time::Instant;

pub(crate) use self::log::OtlpLogExporter;
pub(crate) use self::metric::OtlpMetrics;
pub(crate) use self::options::SpoolTo;
pub use self::options::{OtlpHistogramAggregation, OtlpOptions, OtlpProtocol, OtlpTemporality};
use self::sending::Sending;
use self::settings::Settings;
pub(crate) use self::signal::Signal;
use super::{ExportError, SpanBatch, SpanExporter};

/// How exporters and reports call it.
pub(crate) const NAME: &str = "otlp";

/// Sends finished spans by OTLP.
pub(crate) struct OtlpExporter(Sending);

impl OtlpExporter {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Sending::new(settings))
    }
}

impl SpanExporter for OtlpExporter {
    fn name(&self) -> &str {
        NAME
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        match batch.views() {
            _ if batch.is_empty() => {}
            Some(views) => self
                .0
                .add(&mut views.map(|span| written::item(batch, &span)))?,
            None => {
                let url = batch.schema_url();
                let records = batch.records().iter();
                self.0.add(&mut records.map(|span| span::item(span, url)))?;
            }
        }
        self.0.report()
    }

    fn flush(&mut self, until: Instant) -> Result<(), ExportError> {
        self.0.flush(until)
    }

    fn shutdown(&mut self, until: Instant) -> Result<(), ExportError> {
        self.0.end(until)
    }
}
