//! Values counted by the user's own buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::MetricError;
use super::float::AtomicFloat;
use super::{Family, Instrument, Registered};
use crate::metrics::exponential::Exponential;
use crate::metrics::family::{Buckets, Value};
use crate::metrics::kind::MetricKind;
use crate::metrics::number::Number;
use crate::sys::fork::Process;

/// Values counted by buckets, with their sum; clones count together.
///
/// A value that is not finite would spoil the sum for ever, so it is counted in its bucket (that
/// of NaN is the last) and left out of the sum.
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder()
///     .memory(&MemoryExporter::new())
///     .install()?;
/// let score = telemetry
///     .registry()
///     .histogram("eval_score", "Score of answers.", &[0.5, 0.9])?
///     .with(&[])?;
/// score.observe(0.5);
/// score.observe(f64::NAN);
/// let text = telemetry.metrics_text();
/// assert!(text.contains("eval_score_bucket{le=\"0.5\"} 1\n"));
/// assert!(text.contains("eval_score_bucket{le=\"+Inf\"} 2\n"));
/// assert!(text.contains("eval_score_sum 0.5\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Histogram {
    counted: Arc<Counted>,
}

#[derive(Debug)]
struct Counted {
    bounds: Arc<[f64]>,
    /// One for each bound and one for what lies above the last; not cumulative.
    buckets: Box<[AtomicU64]>,
    sum: AtomicFloat,
    exponential: Option<Beside>,
}

/// Exponential buckets. In a copy of the process they are left alone: a thread that is not there may have locked them.
#[derive(Debug)]
struct Beside {
    counted: Mutex<Exponential>,
    process: Process,
}

impl Beside {
    fn new(counted: Exponential) -> Self {
        Self {
            counted: Mutex::new(counted),
            process: Process::this(),
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, Exponential>> {
        self.process
            .is_this()
            .then(|| self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Histogram {
    /// A histogram for the family `name`, which an error names.
    pub(super) fn new(name: &str, bounds: &[f64]) -> Result<Histogram, MetricError> {
        let mut last = f64::NEG_INFINITY;
        for bound in bounds {
            if !bound.is_finite() || *bound <= last {
                return Err(MetricError::Bound {
                    name: name.into(),
                    bound: *bound,
                });
            }
            last = *bound;
        }
        Ok(Histogram::over(bounds.into()))
    }

    fn over(bounds: Arc<[f64]>) -> Histogram {
        Histogram {
            counted: Arc::new(Counted {
                buckets: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
                bounds,
                sum: AtomicFloat::default(),
                exponential: Exponential::kept().map(Beside::new),
            }),
        }
    }

    pub(super) fn bounds(&self) -> &[f64] {
        &self.counted.bounds
    }

    /// Counts `value` in the first bucket whose bound is not below it.
    pub fn observe(&self, value: f64) {
        let Counted {
            bounds,
            buckets,
            sum,
            exponential,
        } = &*self.counted;
        let place = if value.is_nan() {
            bounds.len()
        } else {
            bounds.partition_point(|bound| *bound < value)
        };
        if let Some(bucket) = buckets.get(place) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        if value.is_finite() {
            sum.add(value);
        }
        if let Some(mut exponential) = exponential.as_ref().and_then(Beside::lock) {
            exponential.record(value);
        }
    }
}

impl Instrument for Histogram {
    const KIND: MetricKind = MetricKind::Histogram;

    fn fresh(&self) -> Self {
        Histogram::over(Arc::clone(&self.counted.bounds))
    }

    /// The count is the sum of the buckets as they were read, so it never contradicts them.
    fn value(&self) -> Value {
        let mut count = 0;
        let cumulative: Vec<u64> = self
            .counted
            .buckets
            .iter()
            .map(|bucket| {
                count += bucket.load(Ordering::Relaxed);
                count
            })
            .collect();
        let bounds = self.bounds().iter().copied().map(Number::Float);
        let exponential = self.counted.exponential.as_ref().and_then(Beside::lock);
        let exponential = exponential.map(|exponential| exponential.clone());
        Value::Histogram(Buckets {
            upto: bounds.zip(cumulative).collect(),
            sum: Number::Float(self.counted.sum.get()),
            count,
            exemplars: Vec::new(),
            exponential,
        })
    }

    fn registered(family: Family<Self>) -> Registered {
        Registered::Histogram(family)
    }

    fn family(registered: &Registered) -> Option<&Family<Self>> {
        match registered {
            Registered::Histogram(family) => Some(family),
            _ => None,
        }
    }
}
