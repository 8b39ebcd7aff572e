//! What has changed since metrics were collected last.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::metrics::{Buckets, LabelSet, MetricFamily, Value};

/// Series of one family, in the order of their labels.
type Series = Vec<(LabelSet, Value)>;

/// What was collected last, by the names of families.
#[derive(Debug)]
pub(super) struct Deltas {
    before: HashMap<Cow<'static, str>, Series>,
    since: u64,
}

impl Deltas {
    pub(super) fn since(began: u64) -> Self {
        Self {
            before: HashMap::new(),
            since: began,
        }
    }

    /// Begins a collection at `now`; when the last one was.
    pub(super) fn turn(&mut self, now: u64) -> u64 {
        std::mem::replace(&mut self.since, now)
    }

    /// What has changed of a family since it was asked last; what has not is left out.
    pub(super) fn of(&mut self, family: MetricFamily) -> Series {
        let before = self.before.get(&family.name);
        let changed = family.series.iter().filter_map(|(labels, now)| {
            let before = before.and_then(|before| {
                let place = before.binary_search_by(|(known, _)| known.cmp(labels));
                before.get(place.ok()?).map(|(_, value)| value)
            });
            let change = match before {
                Some(before) => change(now, before),
                None => now.clone(),
            };
            (!is_nothing(&change)).then(|| (labels.clone(), change))
        });
        let changed = changed.collect();
        self.before.insert(family.name, family.series);
        changed
    }
}

fn change(now: &Value, before: &Value) -> Value {
    match (now, before) {
        (Value::Single(now), Value::Single(before)) => Value::Single(now.minus(*before)),
        (Value::Histogram(now), Value::Histogram(before)) => Value::Histogram(Buckets {
            upto: now
                .upto
                .iter()
                .zip(&before.upto)
                .map(|((bound, now), (_, before))| (*bound, now.saturating_sub(*before)))
                .collect(),
            sum: now.sum.minus(before.sum),
            count: now.count.saturating_sub(before.count),
            exemplars: now.exemplars.clone(),
            exponential: match (&now.exponential, &before.exponential) {
                (Some(now), Some(before)) => Some(now.since(before)),
                (now, _) => now.clone(),
            },
        }),
        // A family has one kind.
        (now, _) => now.clone(),
    }
}

fn is_nothing(change: &Value) -> bool {
    match change {
        Value::Single(number) => number.as_f64() == 0.0,
        Value::Histogram(buckets) => buckets.count == 0,
    }
}
