//! The series of one shard: bounded in number, found in a few nanoseconds.

use std::collections::HashMap;

use super::cell::Cell;
use super::hash::Mixing;
use super::labels::Labels;
use crate::span::operation::Operation;

/// At most so many series are told apart for each operation; what comes later is counted together.
pub(crate) const MOST_SERIES: usize = 2_000;

/// So many of the rows used last are found without the map.
const RECENT: usize = 32;

/// Cells by labels, in the order in which the labels were first seen.
#[derive(Debug, Default)]
pub(crate) struct Series {
    rows: Vec<(Labels, Cell)>,
    places: HashMap<Labels, usize, Mixing>,
    distinct: [usize; Operation::ALL.len()],
    /// The rows that were used last, by the quick hash of their labels.
    recent: [usize; RECENT],
}

impl Series {
    /// Where the cell of `labels` is; it stays there.
    pub(crate) fn place(&mut self, labels: &Labels) -> usize {
        self.find(labels)
    }

    /// The cell at a place that [`place`](Series::place) gave.
    #[inline]
    pub(crate) fn cell_at(&mut self, place: usize) -> Option<&mut Cell> {
        self.rows.get_mut(place).map(|(_, cell)| cell)
    }

    /// Lets `change` change the cell of `labels`.
    #[inline]
    pub(crate) fn update(&mut self, labels: &Labels, change: impl FnOnce(&mut Cell)) {
        let slot = slot(labels);
        let mut place = self.recent.get(slot).copied().unwrap_or_default();
        if !self.is_at(place, labels) {
            place = self.find(labels);
            if let Some(recent) = self.recent.get_mut(slot) {
                *recent = place;
            }
        }
        if let Some((_, cell)) = self.rows.get_mut(place) {
            change(cell);
        }
    }

    #[inline]
    fn is_at(&self, place: usize, labels: &Labels) -> bool {
        self.rows
            .get(place)
            .is_some_and(|(there, _)| there == labels)
    }

    #[inline(never)]
    fn find(&mut self, labels: &Labels) -> usize {
        match self.places.get(labels) {
            Some(place) => *place,
            None => self.admit(*labels),
        }
    }

    /// Makes room for `labels`, or finds the row of those for which there is no room.
    #[cold]
    fn admit(&mut self, labels: Labels) -> usize {
        let labels = match self.distinct.get_mut(labels.operation.index()) {
            Some(distinct) if *distinct < MOST_SERIES => {
                *distinct += 1;
                labels
            }
            _ => labels.overflowed(),
        };
        *self.places.entry(labels).or_insert_with(|| {
            self.rows.push((labels, Cell::default()));
            self.rows.len() - 1
        })
    }

    /// Adds what `other` counted, within the same limits.
    pub(crate) fn merge(&mut self, other: &Series) {
        for (labels, cell) in &other.rows {
            self.update(labels, |mine| mine.merge(cell));
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Labels, &Cell)> {
        self.rows.iter().map(|(labels, cell)| (labels, cell))
    }
}

/// Where among the recent rows to look for `labels`. Symbols are numbered as they come, so their
/// low bits tell the few that are in use apart well enough.
#[inline]
fn slot(labels: &Labels) -> usize {
    let names = labels.subject.number() ^ labels.model.number() ^ labels.agent.number() << 2;
    (names as usize ^ labels.operation.index() ^ labels.outcome.index() << 3) % RECENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::shard::Ended;
    use crate::metrics::symbol::Symbol;
    use crate::metrics::view::Count;

    fn tool(number: u32) -> Labels {
        Labels {
            subject: Symbol::from_number(1_000_000 + number),
            ..Labels::new(Operation::Tool)
        }
    }

    fn count(series: &mut Series, labels: Labels) {
        series.update(&labels, |cell| cell.record(&Ended::new(labels, 1)));
    }

    fn total(series: &Series) -> u64 {
        let counts = series
            .iter()
            .map(|(labels, cell)| cell.count(labels, Count::Ended));
        counts.flatten().sum()
    }

    #[test]
    fn series_that_share_a_slot_of_the_recent_ones_stay_apart() {
        let mut series = Series::default();
        for round in 0..3 {
            for number in 0..100 {
                for _ in 0..=(number % 3) {
                    count(&mut series, tool(number));
                }
            }
            assert_eq!(series.rows.len(), 100, "round {round}");
        }
        for (place, (labels, cell)) in (0..).zip(&series.rows) {
            assert_eq!(*labels, tool(place));
            let expected = 3 * (u64::from(place) % 3 + 1);
            assert_eq!(cell.count(labels, Count::Ended), Some(expected));
        }
    }

    #[test]
    fn a_million_names_cost_two_thousand_series_and_lose_no_count() {
        let mut series = Series::default();
        for number in 0..1_000_000 {
            count(&mut series, tool(number));
        }
        assert_eq!(series.rows.len(), MOST_SERIES + 1);
        assert_eq!(total(&series), 1_000_000);
        count(&mut series, Labels::new(Operation::Chat));
        assert_eq!(
            series.rows.len(),
            MOST_SERIES + 2,
            "each operation has its own limit"
        );
    }

    #[test]
    fn a_merge_keeps_the_limit_and_every_count() {
        let mut all = Series::default();
        for thread in 0..3 {
            let mut one = Series::default();
            for number in 0..1_500 {
                count(&mut one, tool(thread * 1_500 + number));
            }
            all.merge(&one);
        }
        assert_eq!(all.rows.len(), MOST_SERIES + 1);
        assert_eq!(total(&all), 4_500);
    }

    #[test]
    fn what_filters_ask_for_survives_the_limit() {
        let mut series = Series::default();
        for number in 0..4_000 {
            let mut labels = tool(number);
            if number % 2 == 0 {
                labels.outcome = crate::span::outcome::Outcome::Error;
            }
            count(&mut series, labels);
        }
        let failed = series
            .iter()
            .map(|(labels, cell)| cell.count(labels, Count::Failed));
        assert_eq!(failed.flatten().sum::<u64>(), 2_000);
    }
}
