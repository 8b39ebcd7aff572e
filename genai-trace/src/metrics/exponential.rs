//! Histograms whose buckets grow by a constant factor, as OTLP has them: how fine they are follows from the values,
//! so that nobody has to say bounds.
//!
//! They are the base2 exponential histograms of the OpenTelemetry specification (metrics data model): at the scale
//! `s` the bucket of the index `i` holds what is above `2^(i / 2^s)` and at most `2^((i + 1) / 2^s)`. A histogram
//! begins at the finest scale and halves it whenever its values lie too far apart for 160 buckets; two buckets
//! become one then, so that no count is guessed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// The finest scale there is: 2^20 buckets from one power of two to the next.
const FINEST: i32 = 20;
/// So many buckets a histogram has at most of values above zero, and as many of values below.
const MOST_BUCKETS: i64 = 160;
/// Bits of a float's fraction.
const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;

/// Whether histograms keep exponential buckets beside those of bounds. One for the process, as its telemetry is.
static KEPT: AtomicBool = AtomicBool::new(false);

/// Has histograms made from now on keep exponential buckets, or none.
pub(crate) fn keep(yes: bool) {
    KEPT.store(yes, Ordering::Relaxed);
}

/// An exponential histogram, cumulative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exponential {
    pub(crate) scale: i32,
    pub(crate) zeros: u64,
    pub(crate) positive: Buckets,
    pub(crate) negative: Buckets,
}

/// Counts of adjacent buckets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Buckets {
    /// The index of the first of them.
    pub(crate) first: i32,
    pub(crate) counts: Vec<u64>,
}

/// What a histogram of whole numbers keeps beside its buckets by bounds: an exponential histogram for each unit in
/// which it is shown, since buckets of seconds are none of milliseconds. Units are decimal places above the values'.
#[derive(Clone, Debug)]
pub(crate) struct Exponentials(Option<Box<ByUnit>>);

#[derive(Clone, Debug, Default)]
struct ByUnit(BTreeMap<u32, Exponential>);

impl Default for Exponentials {
    fn default() -> Self {
        Exponentials(KEPT.load(Ordering::Relaxed).then(Box::default))
    }
}

impl Exponentials {
    /// Counts `value`, which is shown in each of `units`.
    #[inline]
    pub(super) fn record(&mut self, units: &[u32], value: u64) {
        if let Some(kept) = &mut self.0 {
            kept.record(units, value);
        }
    }

    pub(super) fn merge(&mut self, other: &Exponentials) {
        let Some(others) = &other.0 else {
            return;
        };
        let kept = self.0.get_or_insert_default();
        for (unit, other) in &others.0 {
            kept.0.entry(*unit).or_default().merge(other);
        }
    }

    /// The histogram of the values shown in `unit`.
    pub(super) fn in_unit(&self, unit: u32) -> Option<Exponential> {
        self.0.as_ref()?.0.get(&unit).cloned()
    }
}

impl ByUnit {
    #[cold]
    fn record(&mut self, units: &[u32], value: u64) {
        for unit in units {
            let shown = value as f64 / 10_f64.powi(unit.cast_signed());
            self.0.entry(*unit).or_default().record(shown);
        }
    }
}

impl Default for Exponential {
    fn default() -> Self {
        Exponential {
            scale: FINEST,
            zeros: 0,
            positive: Buckets::default(),
            negative: Buckets::default(),
        }
    }
}

impl Exponential {
    /// One without values, for a histogram of the user's own; none where none is kept.
    pub(super) fn kept() -> Option<Exponential> {
        KEPT.load(Ordering::Relaxed).then(Exponential::default)
    }

    /// Counts `value`; what is not finite belongs to no bucket, and is not counted.
    pub(super) fn record(&mut self, value: f64) {
        if value == 0.0 {
            self.zeros += 1;
            return;
        }
        if !value.is_finite() {
            return;
        }
        let index = index(value.abs());
        let side = match value > 0.0 {
            true => &mut self.positive,
            false => &mut self.negative,
        };
        if let Some(count) = side.at(index >> FINEST.abs_diff(self.scale).min(31)) {
            *count += 1;
            return;
        }
        let one = Buckets {
            first: index,
            counts: vec![1],
        };
        let (positive, negative) = match value > 0.0 {
            true => (one, Buckets::default()),
            false => (Buckets::default(), one),
        };
        self.merge(&Exponential {
            positive,
            negative,
            ..Exponential::default()
        });
    }

    /// How many values were counted.
    pub(crate) fn count(&self) -> u64 {
        let counts = self.positive.counts.iter().chain(&self.negative.counts);
        counts.sum::<u64>() + self.zeros
    }

    /// Adds what `other` counted, at the finest scale that both have and at which all has room.
    pub(super) fn merge(&mut self, other: &Exponential) {
        let mut scale = self.scale.min(other.scale);
        let coarser = |scale| (self.scale.abs_diff(scale), other.scale.abs_diff(scale));
        while {
            let (mine, others) = coarser(scale);
            !(self.positive.has_room_with(mine, &other.positive, others)
                && self.negative.has_room_with(mine, &other.negative, others))
        } {
            scale -= 1;
        }
        let (mine, others) = coarser(scale);
        self.scale = scale;
        self.zeros += other.zeros;
        self.positive.merge(mine, &other.positive, others);
        self.negative.merge(mine, &other.negative, others);
    }

    /// What has come since it was `before`.
    pub(crate) fn since(&self, before: &Exponential) -> Exponential {
        let scale = self.scale.min(before.scale);
        let (now, then) = (self.scale.abs_diff(scale), before.scale.abs_diff(scale));
        Exponential {
            scale,
            zeros: self.zeros.saturating_sub(before.zeros),
            positive: self.positive.since(now, &before.positive, then),
            negative: self.negative.since(now, &before.negative, then),
        }
    }
}

impl Buckets {
    /// The counts by index, the scale halved so many times.
    fn coarser(&self, times: u32) -> impl Iterator<Item = (i32, u64)> {
        let places = (self.first..).zip(&self.counts);
        places.map(move |(index, count)| (index >> times.min(31), *count))
    }

    /// The first and the last index, the scale halved so many times; none where there are no buckets.
    fn ends(&self, times: u32) -> Option<(i32, i32)> {
        let last = i32::try_from(self.counts.len().checked_sub(1)?).unwrap_or(i32::MAX);
        let last = self.first.saturating_add(last);
        Some((self.first >> times.min(31), last >> times.min(31)))
    }

    fn ends_with(&self, mine: u32, other: &Buckets, others: u32) -> Option<(i32, i32)> {
        match (self.ends(mine), other.ends(others)) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (one, other) => one.or(other),
        }
    }

    fn has_room_with(&self, mine: u32, other: &Buckets, others: u32) -> bool {
        self.ends_with(mine, other, others)
            .is_none_or(|(first, last)| i64::from(last) - i64::from(first) < MOST_BUCKETS)
    }

    /// Adds the counts of `other`, the scales of both halved so many times.
    fn merge(&mut self, mine: u32, other: &Buckets, others: u32) {
        let Some((first, last)) = self.ends_with(mine, other, others) else {
            return;
        };
        let length = usize::try_from(last.abs_diff(first)).unwrap_or(usize::MAX);
        let mut sum = Buckets {
            first,
            counts: vec![0; length.saturating_add(1)],
        };
        sum.add(self.coarser(mine));
        sum.add(other.coarser(others));
        *self = sum;
    }

    fn since(&self, now: u32, before: &Buckets, then: u32) -> Buckets {
        let mut since = Buckets::default();
        since.merge(0, self, now);
        for (index, count) in before.coarser(then) {
            if let Some(left) = since.at(index) {
                *left = left.saturating_sub(count);
            }
        }
        let first = since.counts.iter().position(|count| *count > 0);
        let last = since.counts.iter().rposition(|count| *count > 0);
        let (Some(first), Some(last)) = (first, last) else {
            return Buckets::default();
        };
        Buckets {
            first: since.first.saturating_add_unsigned(first as u32),
            counts: since.counts.drain(first..=last).collect(),
        }
    }

    fn add(&mut self, more: impl Iterator<Item = (i32, u64)>) {
        for (index, count) in more {
            if let Some(mine) = self.at(index) {
                *mine += count;
            }
        }
    }

    fn at(&mut self, index: i32) -> Option<&mut u64> {
        let place = usize::try_from(i64::from(index) - i64::from(self.first)).ok()?;
        self.counts.get_mut(place)
    }
}

/// The index at the finest scale of a finite value above zero.
fn index(value: f64) -> i32 {
    // The specification lets what is subnormal be counted with the least normal number.
    let value = value.max(f64::MIN_POSITIVE);
    let bits = value.to_bits();
    let exponent = (bits >> FRACTION) as i32 - (f64::MAX_EXP - 1);
    let floor = exponent << FINEST;
    if bits.trailing_zeros() >= FRACTION {
        // A power of two is the last value of its bucket, and its logarithm is exact.
        return floor - 1;
    }
    let one = f64::from_bits(bits & ((1 << FRACTION) - 1) | 1_f64.to_bits());
    let part = (one.log2() * f64::from(1 << FINEST)) as i32;
    // A logarithm that is rounded up to the next power of two is none of it.
    floor + part.min((1 << FINEST) - 1)
}

#[cfg(test)]
mod tests;
