//! The user's own metrics, which are shown with the built-in ones.

mod counter;
mod error;
mod family;
mod float;
mod gauge;
mod histogram;
mod name;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::family::{MetricFamily, Value};
use super::kind::MetricKind;

pub use self::counter::Counter;
pub use self::error::MetricError;
pub use self::family::Family;
pub use self::gauge::Gauge;
pub use self::histogram::Histogram;

/// The user's own metrics, shown by the same `metrics_text()` as the built-in ones.
///
/// A registry is a handle: clones share the same families. Asking twice for a name and kind gives
/// the same family, with the help of the first time.
///
/// ```
/// use genai_trace::{MemoryExporter, Telemetry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder()
///     .memory(&MemoryExporter::new())
///     .install()?;
/// let questions = telemetry
///     .registry()
///     .counter("questions_total", "Questions that users asked.")?;
/// questions.with(&[("kind", "todo")])?.add(2);
/// assert!(telemetry
///     .metrics_text()
///     .contains("questions_total{kind=\"todo\"} 2\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registry {
    families: Arc<Mutex<Families>>,
}

/// Families by their names.
type Families = Vec<(Box<str>, Registered)>;

/// A family of any kind.
#[derive(Debug)]
enum Registered {
    Counter(Family<Counter>),
    Gauge(Family<Gauge>),
    Histogram(Family<Histogram>),
}

/// What the three kinds of metrics have in common.
trait Instrument: Clone {
    const KIND: MetricKind;

    /// Another one of the same setup, without values.
    fn fresh(&self) -> Self;

    fn value(&self) -> Value;

    fn registered(family: Family<Self>) -> Registered;

    /// The family, where it is of this kind.
    fn family(registered: &Registered) -> Option<&Family<Self>>;
}

impl Registry {
    /// The counter `name`, which must end in `_total`.
    ///
    /// # Errors
    ///
    /// When the name is no Prometheus name or a built-in one, when the help is empty, and when the
    /// name is registered as another kind.
    pub fn counter(&self, name: &str, help: &str) -> Result<Family<Counter>, MetricError> {
        self.family(name, help, Counter::default())
    }

    /// The gauge `name`.
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter).
    pub fn gauge(&self, name: &str, help: &str) -> Result<Family<Gauge>, MetricError> {
        self.family(name, help, Gauge::default())
    }

    /// The histogram `name` with buckets up to each of `bounds`, which belong to their buckets. A
    /// last bucket for everything above is added.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, MetricError, Telemetry};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let telemetry = Telemetry::builder()
    ///     .memory(&MemoryExporter::new())
    ///     .install()?;
    /// let registry = telemetry.registry();
    /// let size = registry.histogram("answer_bytes", "Size of answers.", &[100.0, 1000.0])?;
    /// size.with(&[])?.observe(100.0);
    /// assert!(telemetry.metrics_text().contains("answer_bytes_bucket{le=\"100\"} 1\n"));
    ///
    /// let error = registry.histogram("score", "Score of answers.", &[1.0, 0.5]).unwrap_err();
    /// assert_eq!(error.to_string(), "histogram `score`: bound 0.5 does not increase");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`counter`](Registry::counter); also when a bound is not finite or does not increase,
    /// and when the name is registered with other bounds.
    pub fn histogram(
        &self,
        name: &str,
        help: &str,
        bounds: &[f64],
    ) -> Result<Family<Histogram>, MetricError> {
        let family = self.family(name, help, Histogram::new(name, bounds)?)?;
        if family.prototype().bounds() != bounds {
            return Err(MetricError::OtherBounds { name: name.into() });
        }
        Ok(family)
    }

    /// The family `name`, registered now or before; each series begins as `prototype`.
    fn family<T: Instrument>(
        &self,
        name: &str,
        help: &str,
        prototype: T,
    ) -> Result<Family<T>, MetricError> {
        name::check_family(name, help, T::KIND)?;
        let mut families = self.lock();
        let place = families.binary_search_by(|(known, _)| (**known).cmp(name));
        if let Ok(place) = place
            && let Some((_, registered)) = families.get(place)
        {
            let other_kind = || MetricError::OtherKind {
                name: name.into(),
                registered: registered.kind(),
                asked: T::KIND,
            };
            return T::family(registered).cloned().ok_or_else(other_kind);
        }
        let family = Family::new(name, help, prototype);
        let (Ok(place) | Err(place)) = place;
        families.insert(place, (name.into(), T::registered(family.clone())));
        Ok(family)
    }

    /// What every family shows now.
    pub(crate) fn families(&self) -> Vec<MetricFamily> {
        let families = self.lock();
        families.iter().map(|(_, family)| family.show()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Families> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registered {
    const fn kind(&self) -> MetricKind {
        match self {
            Registered::Counter(_) => Counter::KIND,
            Registered::Gauge(_) => Gauge::KIND,
            Registered::Histogram(_) => Histogram::KIND,
        }
    }

    fn show(&self) -> MetricFamily {
        match self {
            Registered::Counter(family) => family.show(),
            Registered::Gauge(family) => family.show(),
            Registered::Histogram(family) => family.show(),
        }
    }
}
