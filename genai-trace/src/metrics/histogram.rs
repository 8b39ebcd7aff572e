//! Counts by bucket, with their sum: plain integers, so that nothing is lost to rounding.

use super::exponential::{Exponential, Exponentials};
use super::grid::{self, DURATION_BUCKETS, Grid};
use super::view::Scale;

/// Values counted in the buckets of a [`Grid`] with the same `N`.
#[derive(Clone, Debug)]
pub(crate) struct Histogram<const N: usize> {
    /// Not cumulative; what lies above the last bound is only in `count`.
    buckets: [u64; N],
    count: u64,
    sum: u64,
    exponentials: Exponentials,
}

/// A histogram as one view shows it: what lies at or below each of the view's bounds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projection {
    pub(crate) cumulative: Vec<u64>,
    pub(crate) sum: u64,
    pub(crate) count: u64,
    /// In the view's unit, where it is kept.
    pub(crate) exponential: Option<Exponential>,
}

/// The times between one chunk of a streamed response and the next, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChunkGaps(Histogram<DURATION_BUCKETS>);

impl ChunkGaps {
    /// Counts the time that one chunk let wait for itself.
    #[inline]
    pub(crate) fn record(&mut self, nanoseconds: u64) {
        self.0.record(&grid::DURATIONS, nanoseconds);
    }

    pub(super) const fn histogram(&self) -> &Histogram<DURATION_BUCKETS> {
        &self.0
    }
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Histogram {
            buckets: [0; N],
            count: 0,
            sum: 0,
            exponentials: Exponentials::default(),
        }
    }
}

impl<const N: usize> Histogram<N> {
    /// Counts `value`, in the unit of the grid's bounds.
    #[inline]
    pub(crate) fn record(&mut self, grid: &Grid<N>, value: u64) {
        if let Some(bucket) = self.buckets.get_mut(grid.place(value)) {
            *bucket += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(value);
        self.exponentials.record(grid.units(), value);
    }

    /// Adds what `other` counted.
    pub(crate) fn merge(&mut self, other: &Histogram<N>) {
        for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *bucket += more;
        }
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        self.exponentials.merge(&other.exponentials);
    }

    /// How many values were counted.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// What was counted, by the bounds of `scale`, which must be increasing and among those of the grid; none
    /// when nothing was counted.
    pub(crate) fn project(&self, grid: &Grid<N>, scale: Scale) -> Option<Projection> {
        if self.count == 0 {
            return None;
        }
        let mut buckets = grid.bounds().iter().zip(&self.buckets).peekable();
        let mut below = 0;
        let cumulative = scale
            .bounds
            .iter()
            .map(|bound| {
                while let Some((_, count)) = buckets.next_if(|(inner, _)| *inner <= bound) {
                    below += count;
                }
                below
            })
            .collect();
        Some(Projection {
            cumulative,
            sum: self.sum,
            count: self.count,
            exponential: self.exponentials.in_unit(scale.decimals),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{bounds, grid};

    /// A generator without patterns, the same in every run.
    fn numbers() -> impl Iterator<Item = u64> {
        let mut state: u64 = 42;
        std::iter::repeat_with(move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
        })
    }

    #[test]
    fn every_projection_equals_a_direct_count() {
        let on_bounds = bounds::DURATIONS.iter().copied().flatten();
        let near_bounds = on_bounds.flat_map(|bound| [bound - 1, *bound, bound + 1]);
        // Spread over all sizes: a random length in bits, then random bits.
        let random = numbers()
            .map(|number| number >> 4 >> (number % 60))
            .take(20_000);
        let values: Vec<u64> = near_bounds.chain(random).collect();
        let (mut first, mut second) = (Histogram::default(), Histogram::default());
        for (place, value) in values.iter().enumerate() {
            let half = if place % 2 == 0 {
                &mut first
            } else {
                &mut second
            };
            half.record(&grid::DURATIONS, *value);
        }
        first.merge(&second);
        for bounds in bounds::DURATIONS {
            let direct = |bound: &u64| values.iter().filter(|value| *value <= bound).count() as u64;
            let expected = Projection {
                cumulative: bounds.iter().map(direct).collect(),
                sum: values.iter().copied().fold(0, u64::saturating_add),
                count: values.len() as u64,
                exponential: None,
            };
            assert_eq!(
                first.project(&grid::DURATIONS, Scale::seconds(bounds)),
                Some(expected)
            );
        }
    }

    #[test]
    fn what_was_never_counted_is_not_shown() {
        let empty = Histogram::default();
        assert_eq!(
            empty.project(&grid::TOKENS, Scale::whole(bounds::TOKENS)),
            None
        );
    }
}
