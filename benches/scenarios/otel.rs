//! tracing with tracing-opentelemetry and the OpenTelemetry SDK's batch processor.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter,
};
use tracing_subscriber::layer::SubscriberExt;

/// The name in the tables.
pub const NAME: &str = "tracing + OpenTelemetry";
/// Spans that may wait for its thread.
pub const QUEUE: usize = 65_536;

/// The installed subscriber.
pub struct Otel {
    provider: SdkTracerProvider,
}

/// Counts spans and writes nothing, which costs less than any file would.
#[derive(Debug, Default)]
struct Count(AtomicU64);

impl SpanExporter for Count {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(batch.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// Installs it for the process.
pub fn start() -> io::Result<Otel> {
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(QUEUE / 8)
        .build();
    let processor = BatchSpanProcessor::builder(Count::default())
        .with_batch_config(config)
        .build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(processor)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("scenarios"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
    Ok(Otel { provider })
}

impl Otel {
    /// Comes back when the exporter has everything.
    pub fn flush(&self) -> io::Result<()> {
        self.provider.force_flush().map_err(io::Error::other)
    }
}
