//! Numbers that only grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Family, Instrument, Registered};
use crate::metrics::family::Value;
use crate::metrics::kind::MetricKind;
use crate::metrics::number::Number;

/// A number that only grows; clones count together.
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder()
///     .memory(&MemoryExporter::new())
///     .install()?;
/// let retries = telemetry
///     .registry()
///     .counter("retries_total", "Calls that were tried again.")?
///     .with(&[])?;
/// retries.inc();
/// retries.add(2);
/// assert!(telemetry.metrics_text().contains("retries_total 3\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Counter {
    count: Arc<AtomicU64>,
}

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds `amount`. The count wraps around after 2^64 - 1, as Prometheus expects of a counter.
    pub fn add(&self, amount: u64) {
        self.count.fetch_add(amount, Ordering::Relaxed);
    }
}

impl Instrument for Counter {
    const KIND: MetricKind = MetricKind::Counter;

    fn fresh(&self) -> Self {
        Counter::default()
    }

    fn value(&self) -> Value {
        Value::Single(Number::Count(self.count.load(Ordering::Relaxed)))
    }

    fn registered(family: Family<Self>) -> Registered {
        Registered::Counter(family)
    }

    fn family(registered: &Registered) -> Option<&Family<Self>> {
        match registered {
            Registered::Counter(family) => Some(family),
            _ => None,
        }
    }
}
