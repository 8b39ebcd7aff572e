//! A metric family as it is shown: a name, and a value for each set of labels.

use std::borrow::Cow;
use std::sync::Arc;

use super::exemplars::Exemplar;
use super::exponential::Exponential;
use super::kind::MetricKind;
use super::number::Number;
use crate::order;

/// Labels with their values, sorted by label.
pub(crate) type LabelSet = Vec<(Cow<'static, str>, Arc<str>)>;

/// The label of the series that takes in what has no room of its own, with the value `true`.
pub(crate) const OVERFLOW_LABEL: &str = "otel_metric_overflow";

/// A metric family as it is shown.
#[derive(Debug)]
pub(crate) struct MetricFamily {
    pub(crate) name: Cow<'static, str>,
    pub(crate) help: Cow<'static, str>,
    pub(crate) kind: MetricKind,
    pub(crate) series: Vec<(LabelSet, Value)>,
}

/// What one series shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Single(Number),
    Histogram(Buckets),
}

/// A histogram, cumulative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Buckets {
    /// Each finite bound with how many values lie at or below it.
    pub(crate) upto: Vec<(Number, u64)>,
    pub(crate) sum: Number,
    pub(crate) count: u64,
    /// For each bound, and for what lies above the last one, a span that stands for it; empty where none is known.
    pub(crate) exemplars: Vec<Option<Shown>>,
    /// The same values by buckets of another kind, where these are kept.
    pub(crate) exponential: Option<Exponential>,
}

/// A span that stands for the values in a bucket, with its own value in the unit of the family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) exemplar: Exemplar,
    pub(crate) value: Number,
}

impl MetricFamily {
    /// A family without series.
    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
        kind: MetricKind,
    ) -> MetricFamily {
        MetricFamily {
            name: name.into(),
            help: help.into(),
            kind,
            series: Vec::new(),
        }
    }

    /// Adds `value` to the series of `labels`; until it is [settled](MetricFamily::settle), beside it.
    pub(crate) fn add(&mut self, mut labels: LabelSet, value: Value) {
        order::sort_by(&mut labels, Ord::cmp);
        self.series.push((labels, value));
    }

    /// Puts the series in the order of their labels, and adds up those of the same labels.
    pub(crate) fn settle(&mut self) {
        order::sort_by(&mut self.series, |(one, _), (other, _)| one.cmp(other));
        self.series.dedup_by(|(labels, more), (known, sum)| {
            let is_known = labels == known;
            if is_known {
                sum.merge(more);
            }
            is_known
        });
    }
}

impl Value {
    fn merge(&mut self, other: &Value) {
        match (self, other) {
            (Value::Single(sum), Value::Single(more)) => *sum = sum.plus(*more),
            (Value::Histogram(sum), Value::Histogram(more)) => sum.merge(more),
            // A family has one kind.
            _ => {}
        }
    }
}

impl Buckets {
    /// Adds a histogram of the same bounds.
    fn merge(&mut self, other: &Buckets) {
        for ((_, count), (_, more)) in self.upto.iter_mut().zip(&other.upto) {
            *count += more;
        }
        self.sum = self.sum.plus(other.sum);
        self.count += other.count;
        if let (Some(sum), Some(more)) = (&mut self.exponential, &other.exponential) {
            sum.merge(more);
        }
        if self.exemplars.is_empty() {
            self.exemplars.clone_from(&other.exemplars);
            return;
        }
        for (mine, other) in self.exemplars.iter_mut().zip(&other.exemplars) {
            let shown = mine.iter().chain(other);
            *mine = shown.max_by_key(|shown| shown.exemplar.ended).copied();
        }
    }
}
