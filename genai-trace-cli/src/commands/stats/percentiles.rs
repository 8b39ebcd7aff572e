//! Durations of which percentiles are asked for.

use sketches_ddsketch::{Config, DDSketch};

/// So many are kept as they are.
const MOST_EXACT: usize = 65_536;
/// How far from the truth a percentile may be beyond that.
const ERROR: f64 = 0.005;
/// From a nanosecond to weeks there are no more buckets of that width.
const MOST_BUCKETS: u32 = 8_192;

/// Durations in nanoseconds: exact as long as there are not too many.
#[derive(Default)]
pub(super) struct Durations {
    exact: Vec<u64>,
    sketch: Option<Box<DDSketch>>,
    most: u64,
    sum: u64,
}

impl Durations {
    pub(super) fn add(&mut self, nanoseconds: u64) {
        self.most = self.most.max(nanoseconds);
        self.sum = self.sum.saturating_add(nanoseconds);
        match &mut self.sketch {
            Some(sketch) => sketch.add(as_float(nanoseconds)),
            None => {
                self.exact.push(nanoseconds);
                self.bound();
            }
        }
    }

    pub(super) fn merge(&mut self, mut other: Durations) {
        self.most = self.most.max(other.most);
        self.sum = self.sum.saturating_add(other.sum);
        if let Some(theirs) = other.sketch.take() {
            let mut mine = match self.sketch.take() {
                Some(mine) => mine,
                None => sketch_of(&std::mem::take(&mut self.exact)),
            };
            // Of the same width: it cannot fail.
            let _ = mine.merge(&theirs);
            self.sketch = Some(mine);
            return;
        }
        match &mut self.sketch {
            Some(sketch) => other
                .exact
                .iter()
                .for_each(|one| sketch.add(as_float(*one))),
            None => {
                self.exact.append(&mut other.exact);
                self.bound();
            }
        }
    }

    fn bound(&mut self) {
        if self.exact.len() > MOST_EXACT {
            self.sketch = Some(sketch_of(&std::mem::take(&mut self.exact)));
        }
    }

    /// All of them together.
    pub(super) const fn sum(&self) -> u64 {
        self.sum
    }

    /// The longest.
    pub(super) const fn max(&self) -> u64 {
        self.most
    }

    /// The durations below which so many of a hundred lie, in the order of `percents`; nothing where there are none.
    pub(super) fn percentiles<const N: usize>(&mut self, percents: [f64; N]) -> Option<[u64; N]> {
        if let Some(sketch) = &self.sketch {
            let of = |percent: f64| sketch.quantile(percent / 100.0).ok().flatten();
            // Nanoseconds of weeks are whole in a float.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            return Some(percents.map(|percent| of(percent).unwrap_or_default().round() as u64));
        }
        self.exact.sort_unstable();
        let last = self.exact.len().checked_sub(1)?;
        Some(percents.map(|percent| {
            // The nearest rank: a duration that was measured, and none in between.
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss
            )]
            let rank = (percent / 100.0 * self.exact.len() as f64).ceil() as usize;
            let place = rank.saturating_sub(1).min(last);
            self.exact.get(place).copied().unwrap_or_default()
        }))
    }
}

fn sketch_of(exact: &[u64]) -> Box<DDSketch> {
    let mut sketch = Box::new(DDSketch::new(Config::new(ERROR, MOST_BUCKETS, 1.0)));
    exact.iter().for_each(|one| sketch.add(as_float(*one)));
    sketch
}

#[allow(clippy::cast_precision_loss)]
const fn as_float(nanoseconds: u64) -> f64 {
    nanoseconds as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_exact_by_the_nearest_rank() {
        let mut durations = Durations::default();
        assert_eq!(durations.percentiles([50.0]), None);
        (1..=100).rev().for_each(|one| durations.add(one));
        assert_eq!(
            durations.percentiles([50.0, 95.0, 99.0, 100.0]),
            Some([50, 95, 99, 100])
        );
        let mut one = Durations::default();
        one.add(7);
        assert_eq!(one.percentiles([1.0, 99.0]), Some([7, 7]));
    }

    #[test]
    fn many_are_within_half_a_per_cent_however_they_were_put_together() {
        let mut parts: Vec<Durations> = (0..3).map(|_| Durations::default()).collect();
        for one in 1..=300_000_u64 {
            parts[usize::from(one % 10 > 7)].add(one * 1_000);
        }
        let mut all = Durations::default();
        parts.into_iter().for_each(|part| all.merge(part));
        assert!(all.sketch.is_some());
        for (percent, expected) in [(50.0, 150e6), (95.0, 285e6), (99.0, 297e6)] {
            let [found] = all.percentiles([percent]).unwrap();
            assert!(
                (found as f64 / expected - 1.0).abs() < 0.0051,
                "{percent}: {found}"
            );
        }
        assert_eq!(all.max(), 300_000_000);
    }
}
