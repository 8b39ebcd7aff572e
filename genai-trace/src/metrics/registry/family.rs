//! The series of one metric of the user's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::MetricError;
use super::{Instrument, name};
use crate::metrics::family::{LabelSet, MetricFamily, OVERFLOW_LABEL};
use crate::metrics::symbol;
use crate::order;

/// At most so many series are told apart; what comes later is counted together.
const MOST_SERIES: usize = 2_000;

/// A metric of the user's own: one [`Counter`](super::Counter), [`Gauge`](super::Gauge) or
/// [`Histogram`](super::Histogram) for each set of labels.
///
/// A family is a handle: clones share the same series.
#[derive(Clone, Debug)]
pub struct Family<T> {
    inner: Arc<Inner<T>>,
}

#[derive(Debug)]
struct Inner<T> {
    name: String,
    help: String,
    /// Never changed: what a series begins as.
    prototype: T,
    fresh: fn(&T) -> T,
    /// By labels.
    series: Mutex<Vec<(LabelSet, T)>>,
}

impl<T: Clone> Family<T> {
    /// The series with these labels, in any order.
    ///
    /// Looking a series up takes a lock; what it returns is a handle that does not, so keep it
    /// where the labels stay the same. Dots in label names become underscores, values are cut
    /// after 256 bytes, and an empty value is the same as no label. A family tells 2,000 series
    /// apart; what comes later is counted together in the series `otel_metric_overflow="true"`, so
    /// that totals stay exact.
    ///
    /// ```
    /// use genai_trace::{MemoryExporter, Telemetry};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let telemetry = Telemetry::builder()
    ///     .memory(&MemoryExporter::new())
    ///     .install()?;
    /// let cache = telemetry.registry().counter("cache_reads_total", "Reads of the cache.")?;
    /// let hits = cache.with(&[("result", "hit")])?;
    /// hits.inc();
    ///
    /// let error = cache.with(&[("user.id", "42")]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "metric `cache_reads_total`: label `user_id` is not allowed, label values must be bounded",
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When a label's name is no Prometheus name, is reserved or is given twice, and when it is
    /// known to have values without limit, such as the id of a user or a conversation.
    pub fn with(&self, labels: &[(&str, &str)]) -> Result<T, MetricError> {
        let labels = self.label_set(labels)?;
        let mut series = self.series();
        let is_full = series.len() >= MOST_SERIES;
        let labels = match is_full && find(&series, &labels).is_err() {
            true => vec![(OVERFLOW_LABEL.into(), "true".into())],
            false => labels,
        };
        match find(&series, &labels) {
            Ok(known) => Ok(known.clone()),
            Err(place) => {
                let fresh = (self.inner.fresh)(&self.inner.prototype);
                series.insert(place, (labels, fresh.clone()));
                Ok(fresh)
            }
        }
    }

    fn label_set(&self, labels: &[(&str, &str)]) -> Result<LabelSet, MetricError> {
        let mut set = LabelSet::with_capacity(labels.len());
        for (label, value) in labels {
            let label = name::check_label(&self.inner.name, label)?;
            if !value.is_empty() {
                set.push((label.into(), symbol::clip(value).into()));
            }
        }
        order::sort_by(&mut set, Ord::cmp);
        let mut neighbours = set.iter().zip(set.iter().skip(1));
        if let Some(((twice, _), _)) = neighbours.find(|((a, _), (b, _))| a == b) {
            return Err(MetricError::LabelTwice {
                name: self.inner.name.clone(),
                label: twice.to_string(),
            });
        }
        Ok(set)
    }

    fn series(&self) -> MutexGuard<'_, Vec<(LabelSet, T)>> {
        self.inner
            .series
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The series of `labels`, or where it would stand.
fn find<'a, T>(series: &'a [(LabelSet, T)], labels: &LabelSet) -> Result<&'a T, usize> {
    let place = series.binary_search_by(|(known, _)| known.cmp(labels))?;
    series.get(place).map(|(_, known)| known).ok_or(place)
}

#[expect(private_bounds, reason = "every method here is private")]
impl<T: Instrument> Family<T> {
    pub(super) fn new(name: &str, help: &str, prototype: T) -> Family<T> {
        Family {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                help: help.to_owned(),
                prototype,
                fresh: T::fresh,
                series: Mutex::default(),
            }),
        }
    }

    pub(super) fn prototype(&self) -> &T {
        &self.inner.prototype
    }

    pub(super) fn show(&self) -> MetricFamily {
        let Inner { name, help, .. } = &*self.inner;
        let mut family = MetricFamily::new(name.clone(), help.clone(), T::KIND);
        for (labels, instrument) in &*self.series() {
            family.add(labels.clone(), instrument.value());
        }
        family
    }
}
