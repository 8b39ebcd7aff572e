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

/// The records that a thread has come across: where none is a span's second, nobody has to be asked which count.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    ended: Vec<u64>,
    begun: Vec<u64>,
}

/// What is known of records when all have been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Records of spans of which another says that they have ended.
    pub(crate) again: u64,
    /// Spans that have begun, and no record says that they have ended.
    pub(crate) open: u64,
}

impl Tally {
    pub(crate) fn of(all: Vec<Seen>) -> Self {
        let (mut ended, mut begun) = (Vec::new(), Vec::new());
        for seen in all {
            // The first is taken as it is, the others go behind it.
            match ended.is_empty() {
                true => ended = seen.ended,
                false => ended.extend(seen.ended),
            }
            begun.extend(seen.begun);
        }
        ended.sort_unstable();
        begun.sort_unstable();
        begun.dedup();
        let again = ended.array_windows().filter(|[one, next]| one == next);
        let is_open = |span: &&u64| ended.binary_search(span).is_err();
        let open = begun.iter().filter(is_open);
        Self {
            again: number(again.count()),
            open: number(open.count()),
        }
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl Once {
    /// Notes a record without asking whether it counts; whether it says that its span has ended.
    pub(crate) fn note(&self, span: &Brief<'_>, seen: &mut Seen) -> bool {
        let hash = self.hash(span);
        match span.has_ended() {
            true => seen.ended.push(hash),
            false => seen.begun.push(hash),
        }
        span.has_ended()
    }

    fn hash(&self, span: &Brief<'_>) -> u64 {
        self.hasher.hash_one((span.trace_id, span.span_id))
    }

    /// Whether a record counts: the first of its span that has an end.
    pub(crate) fn counts(&self, span: &Brief<'_>) -> bool {
        let hash = self.hash(span);
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

    /// Whether a record has counted that says that a span has ended.
    pub(crate) fn has_ended(&self, span: &Brief<'_>) -> bool {
        let hash = self.hash(span);
        self.table(span.trace_id).is_some_and(|table| {
            let table = table.lock().unwrap_or_else(PoisonError::into_inner);
            table.find(hash, |known| *known == hash).is_some()
        })
    }

    /// What came of all that were asked for.
    pub(crate) fn tally(&self) -> Tally {
        Tally {
            again: self.again.load(Ordering::Relaxed),
            open: self.open(),
        }
    }

    fn open(&self) -> u64 {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let is_open = |hash: &&u64| {
            let mut tables = self.ended.iter();
            !tables.any(|table| {
                let table = table.lock().unwrap_or_else(PoisonError::into_inner);
                table.find(**hash, |known| known == *hash).is_some()
            })
        };
        number(begun.iter().filter(is_open).count())
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
        assert_eq!(once.tally(), Tally { again: 1, open: 0 });
    }

    #[test]
    fn that_a_span_has_begun_is_nothing_to_count_and_no_complaint_once_it_has_ended() {
        let (once, mut seen) = (Once::default(), Seen::default());
        for (record, counts) in [
            (span(1, 1, 0), false),
            (span(1, 1, 0), false),
            (span(1, 1, 2), true),
            (span(1, 2, 2), true),
            (span(1, 2, 0), false),
            (span(1, 3, 0), false),
        ] {
            assert_eq!(once.counts(&record), counts, "{record:?}");
            once.note(&record, &mut seen);
        }
        assert_eq!(once.tally(), Tally { again: 0, open: 1 });
        assert_eq!(Tally::of(vec![seen]), once.tally());
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
        let again = Tally {
            again: 30_000,
            open: 0,
        };
        assert_eq!((counted.into_inner(), once.tally()), (10_000, again));
    }

    #[test]
    fn what_each_thread_has_seen_says_together_whether_a_span_stands_twice() {
        let once = Once::default();
        let seen = |spans: &[&Brief<'_>]| {
            let mut seen = Seen::default();
            spans.iter().for_each(|span| _ = once.note(span, &mut seen));
            seen
        };
        let [a, b, c] = [1, 2, 3].map(|id| span(7, id, 9));
        let begun = span(7, 3, 0);
        let of = |parts: [&[&Brief<'_>]; 2]| {
            let tally = Tally::of(parts.map(seen).into());
            (tally.again, tally.open)
        };
        assert_eq!(of([&[&a, &b], &[&c]]), (0, 0));
        assert_eq!(of([&[&a, &b], &[&b, &a]]), (2, 0));
        assert_eq!(of([&[&begun], &[&begun, &c]]), (0, 0));
        assert_eq!(of([&[&begun], &[&begun, &a]]), (0, 1));
    }
}
