//! The buckets that are counted: the union of the bounds that views ask for, so that each view
//! finds its own among them and is exact.

use super::bounds;

/// How many different bounds durations have.
pub(crate) const DURATION_BUCKETS: usize = distinct(bounds::DURATIONS);
/// How many bounds token counts have.
pub(crate) const TOKEN_BUCKETS: usize = distinct(&[bounds::TOKENS]);
/// How many bounds call counts have.
pub(crate) const CALL_BUCKETS: usize = distinct(&[bounds::CALLS]);

/// The buckets of durations, in nanoseconds.
pub(crate) static DURATIONS: Grid<DURATION_BUCKETS> = Grid::over(bounds::DURATIONS, &[6, 9]);
/// The place of the bucket that a duration falls into.
pub(crate) fn duration_bucket(nanoseconds: u64) -> usize {
    DURATIONS.place(nanoseconds)
}

/// The buckets of token counts.
pub(crate) static TOKENS: Grid<TOKEN_BUCKETS> = Grid::over(&[bounds::TOKENS], &[0]);
/// The buckets of call counts.
pub(crate) static CALLS: Grid<CALL_BUCKETS> = Grid::over(&[bounds::CALLS], &[0]);

/// Increasing bounds, and where among them to begin looking.
#[derive(Debug)]
pub(crate) struct Grid<const N: usize> {
    bounds: [u64; N],
    /// For each length in bits, the first bound that a number of that length can belong to.
    first: [u8; 65],
    /// How many decimal places the units in which values are shown lie above theirs.
    units: &'static [u32],
}

impl<const N: usize> Grid<N> {
    /// The union of `lists`, worked out by the compiler, of values that are shown in `units`.
    const fn over(lists: &[&[u64]], units: &'static [u32]) -> Grid<N> {
        let mut bounds = [u64::MAX; N];
        let mut rest: &mut [u64] = &mut bounds;
        let mut last = 0;
        while let (Some((slot, after)), Some(bound)) =
            (rest.split_first_mut(), next_above(lists, last))
        {
            *slot = bound;
            last = bound;
            rest = after;
        }
        Grid {
            bounds,
            first: first_by_length(&bounds),
            units,
        }
    }

    /// The bounds, increasing.
    pub(crate) const fn bounds(&self) -> &[u64; N] {
        &self.bounds
    }

    /// The units in which values are shown, as decimal places above theirs.
    pub(super) const fn units(&self) -> &'static [u32] {
        self.units
    }

    /// The place of the first bound that is not below `value`; `N` when there is none.
    #[inline]
    pub(crate) fn place(&self, value: u64) -> usize {
        let length = (u64::BITS - value.leading_zeros()) as usize;
        let mut place = usize::from(self.first.get(length).copied().unwrap_or_default());
        while self.bounds.get(place).is_some_and(|bound| *bound < value) {
            place += 1;
        }
        place
    }
}

/// The smallest bound above `floor` in any of the lists.
const fn next_above(mut lists: &[&[u64]], floor: u64) -> Option<u64> {
    let mut least = None;
    while let Some((list, others)) = lists.split_first() {
        let mut list = *list;
        while let Some((bound, after)) = list.split_first() {
            let closer = match least {
                Some(least) => *bound < least,
                None => true,
            };
            if *bound > floor && closer {
                least = Some(*bound);
            }
            list = after;
        }
        lists = others;
    }
    least
}

/// How many different bounds the lists hold.
const fn distinct(lists: &[&[u64]]) -> usize {
    let mut count = 0;
    let mut last = 0;
    while let Some(bound) = next_above(lists, last) {
        count += 1;
        last = bound;
    }
    count
}

const fn first_by_length(bounds: &[u64]) -> [u8; 65] {
    let mut first = [0; 65];
    let mut rest: &mut [u8] = &mut first;
    // The least number of each length: 0, then the powers of two, up to 2^63.
    let mut least: u64 = 0;
    while let Some((slot, after)) = rest.split_first_mut() {
        *slot = count_below(bounds, least);
        least = if least == 0 { 1 } else { least.wrapping_mul(2) };
        rest = after;
    }
    first
}

const fn count_below(mut bounds: &[u64], value: u64) -> u8 {
    let mut count = 0;
    while let Some((bound, after)) = bounds.split_first() {
        if *bound < value {
            count += 1;
        }
        bounds = after;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_holds_every_bound_of_its_lists_once_and_in_order() {
        assert_eq!(DURATION_BUCKETS, 48);
        assert!(DURATIONS.bounds().is_sorted_by(|a, b| a < b));
        for bound in bounds::DURATIONS.iter().copied().flatten() {
            assert!(DURATIONS.bounds().contains(bound), "{bound}");
        }
    }

    #[test]
    fn a_value_belongs_to_the_first_bound_that_is_not_below_it() {
        let values = DURATIONS
            .bounds()
            .iter()
            .flat_map(|bound| [bound - 1, *bound, bound + 1])
            .chain([0, 1, u64::MAX])
            .chain((0..64).map(|bit| 1 << bit));
        for value in values {
            let expected = DURATIONS.bounds().partition_point(|bound| *bound < value);
            assert_eq!(DURATIONS.place(value), expected, "{value}");
        }
        assert_eq!(TOKENS.place(0), 0);
        assert_eq!(TOKENS.place(67_108_865), TOKEN_BUCKETS);
        assert_eq!(CALLS.place(3), 2);
    }
}
