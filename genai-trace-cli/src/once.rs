//! Which spans have been counted, so that each counts once however often it stands in the files.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::span::Brief;

/// So many tables, that threads seldom wait for each other.
const TABLES: usize = 64;

/// The spans that have been counted. Of each 64 bits are kept: of ten million spans two are taken for one with a
/// probability of three in a million.
#[derive(Debug)]
pub(crate) struct Once {
    hasher: DefaultHashBuilder,
    ended: [Mutex<HashTable<u64>>; TABLES],
    /// Those of which a record says that they have begun, and nothing more.
    begun: Mutex<HashTable<u64>>,
    again: AtomicU64,
}

impl Default for Once {
    fn default() -> Self {
        Self {
            hasher: DefaultHashBuilder::default(),
            ended: [const { Mutex::new(HashTable::new()) }; TABLES],
            begun: Mutex::default(),
            again: AtomicU64::new(0),
        }
    }
}

impl Once {
    /// Whether a record counts: the first of its span that has an end.
    pub(crate) fn counts(&self, span: &Brief<'_>) -> bool {
        let hash = self.hasher.hash_one((span.trace_id, span.span_id));
        if !span.has_ended() {
            insert(&self.begun, hash);
            return false;
        }
        let is_first = self
            .table(span.trace_id)
            .is_some_and(|table| insert(table, hash));
        if !is_first {
            self.again.fetch_add(1, Ordering::Relaxed);
        }
        is_first
    }

    /// How many records there were of spans that had been counted.
    pub(crate) fn again(&self) -> u64 {
        self.again.load(Ordering::Relaxed)
    }

    /// How many spans have begun, and no record says that they have ended.
    pub(crate) fn open(&self) -> u64 {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let is_open = |hash: &&u64| {
            let mut tables = self.ended.iter();
            !tables.any(|table| {
                let table = table.lock().unwrap_or_else(PoisonError::into_inner);
                table.find(**hash, |known| known == *hash).is_some()
            })
        };
        u64::try_from(begun.iter().filter(is_open).count()).unwrap_or(u64::MAX)
    }

    /// The table of a trace: its spans lie beside each other in the files, and their table in the cache.
    fn table(&self, trace_id: u128) -> Option<&Mutex<HashTable<u64>>> {
        // Ids may count up from 1, or differ only in front.
        let folded = (trace_id >> 64) as u64 ^ trace_id as u64;
        let spread = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
        self.ended.get(usize::try_from(spread).ok()?)
    }
}

/// Whether it was not there.
fn insert(table: &Mutex<HashTable<u64>>, hash: u64) -> bool {
    let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = table.entry(hash, |known| *known == hash, |known| *known);
    match entry {
        hashbrown::hash_table::Entry::Occupied(_) => false,
        hashbrown::hash_table::Entry::Vacant(place) => {
            place.insert(hash);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(trace_id: u128, span_id: u64, end: u64) -> Brief<'static> {
        Brief {
            trace_id,
            span_id,
            start: 1,
            end,
            ..Brief::default()
        }
    }

    #[test]
    fn a_span_counts_once_and_one_of_the_same_number_in_another_trace_as_well() {
        let once = Once::default();
        let counted: Vec<_> = [span(1, 1, 2), span(1, 2, 2), span(2, 1, 2), span(1, 1, 9)]
            .iter()
            .map(|span| once.counts(span))
            .collect();
        assert_eq!(counted, [true, true, true, false]);
        assert_eq!((once.again(), once.open()), (1, 0));
    }

    #[test]
    fn that_a_span_has_begun_is_nothing_to_count_and_no_complaint_once_it_has_ended() {
        let once = Once::default();
        for (record, counts) in [
            (span(1, 1, 0), false),
            (span(1, 1, 0), false),
            (span(1, 1, 2), true),
            (span(1, 2, 2), true),
            (span(1, 2, 0), false),
            (span(1, 3, 0), false),
        ] {
            assert_eq!(once.counts(&record), counts, "{record:?}");
        }
        assert_eq!((once.again(), once.open()), (0, 1));
    }

    #[test]
    fn of_many_threads_one_counts_a_span() {
        let once = Once::default();
        let counted = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for id in 1..=10_000 {
                        let counts = once.counts(&span(u128::from(id / 10), id, 2));
                        counted.fetch_add(counts.into(), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!((counted.into_inner(), once.again()), (10_000, 30_000));
    }
}
