//! Numbers that rise and fall.

use std::sync::Arc;

use super::float::AtomicFloat;
use super::{Family, Instrument, Registered};
use crate::metrics::family::Value;
use crate::metrics::kind::MetricKind;
use crate::metrics::number::Number;

/// A number that rises and falls, 0 at first; clones change the same number.
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder()
///     .memory(&MemoryExporter::new())
///     .install()?;
/// let depth = telemetry
///     .registry()
///     .gauge("queue_depth", "Questions that wait.")?
///     .with(&[])?;
/// depth.set(4.0);
/// depth.add(1.0);
/// depth.sub(2.5);
/// assert!(telemetry.metrics_text().contains("queue_depth 2.5\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gauge {
    level: Arc<AtomicFloat>,
}

impl Gauge {
    /// Makes the number `value`.
    pub fn set(&self, value: f64) {
        self.level.set(value);
    }

    /// Adds `amount`.
    pub fn add(&self, amount: f64) {
        self.level.add(amount);
    }

    /// Takes `amount` away.
    pub fn sub(&self, amount: f64) {
        self.level.add(-amount);
    }
}

impl Instrument for Gauge {
    const KIND: MetricKind = MetricKind::Gauge;

    fn fresh(&self) -> Self {
        Gauge::default()
    }

    fn value(&self) -> Value {
        Value::Single(Number::Float(self.level.get()))
    }

    fn registered(family: Family<Self>) -> Registered {
        Registered::Gauge(family)
    }

    fn family(registered: &Registered) -> Option<&Family<Self>> {
        match registered {
            Registered::Gauge(family) => Some(family),
            _ => None,
        }
    }
}
