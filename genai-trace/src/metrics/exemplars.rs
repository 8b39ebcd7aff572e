//! Spans that stand for the durations in a bucket: from a histogram to a trace in one step.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::grid::{self, DURATION_BUCKETS};
use super::hash::Mixing;
use super::labels::Labels;
use super::symbol::Symbol;
use crate::span::ids::{SpanId, TraceId};

/// At most so many series have spans that stand for them: some 2 KiB each.
const MOST_SERIES: usize = 1_000;

/// A span that stands for the durations in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exemplar {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) duration_ns: u64,
    /// When it ended: nanoseconds since 1970.
    pub(crate) ended: u64,
    /// When it was picked, on the same line: later than it ended.
    pub(crate) picked: u64,
}

/// One of the last spans of each bucket, and of what lies above the last bound.
type ByBucket = [Option<Exemplar>; DURATION_BUCKETS + 1];

/// For each series of durations the spans that stand for its buckets. Only spans that were kept are among them:
/// of others there is nothing to be seen. None are looked for before somebody asks.
#[derive(Debug)]
pub(crate) struct Exemplars {
    are_allowed: bool,
    are_wanted: AtomicBool,
    by_series: Mutex<HashMap<Labels, Box<ByBucket>, Mixing>>,
}

impl Exemplars {
    pub(crate) fn new(are_allowed: bool) -> Self {
        Self {
            are_allowed,
            are_wanted: AtomicBool::new(false),
            by_series: Mutex::default(),
        }
    }

    /// Has them looked for from now on, where they are allowed.
    pub(crate) fn want(&self) {
        self.are_wanted.store(self.are_allowed, Ordering::Relaxed);
    }

    pub(crate) fn are_wanted(&self) -> bool {
        self.are_wanted.load(Ordering::Relaxed)
    }

    /// Keeps a span of the series of `labels`.
    pub(crate) fn keep(&self, labels: Labels, exemplar: Exemplar) {
        let mut by_series = self.lock();
        let labels = key(labels);
        if by_series.len() >= MOST_SERIES && !by_series.contains_key(&labels) {
            return;
        }
        let of_series = by_series
            .entry(labels)
            .or_insert_with(|| Box::new([None; DURATION_BUCKETS + 1]));
        if let Some(place) = of_series.get_mut(grid::DURATIONS.place(exemplar.duration_ns)) {
            *place = Some(exemplar);
        }
    }

    /// For each of a view's bounds, and for what lies above the last one, the last span between it and the bound
    /// before; empty where none is known of the series, or might be one of another series of them `all`.
    pub(super) fn of<'a>(
        &self,
        labels: &Labels,
        mut all: impl Iterator<Item = &'a Labels>,
        bounds: &[u64],
    ) -> Vec<Option<Exemplar>> {
        let by_series = self.lock();
        let wanted = key(*labels);
        let Some(of_series) = by_series.get(&wanted) else {
            return Vec::new();
        };
        if labels.operation.is_agent() && all.any(|other| other != labels && key(*other) == wanted)
        {
            return Vec::new();
        }
        let mut shown = vec![None; bounds.len() + 1];
        for exemplar in of_series.iter().flatten() {
            let place = bounds.partition_point(|bound| *bound < exemplar.duration_ns);
            if let Some(shown) = shown.get_mut(place) {
                *shown = later(*shown, Some(*exemplar));
            }
        }
        shown
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Labels, Box<ByBucket>, Mixing>> {
        self.by_series
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one that ended later.
fn later(one: Option<Exemplar>, other: Option<Exemplar>) -> Option<Exemplar> {
    one.into_iter()
        .chain(other)
        .max_by_key(|exemplar| exemplar.ended)
}

/// What is known of a span when it has long ended: not which models an agent has called.
fn key(labels: Labels) -> Labels {
    match labels.operation.is_agent() {
        true => Labels {
            model: Symbol::NONE,
            provider: Symbol::NONE,
            ..labels
        },
        false => labels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::operation::Operation;

    fn exemplar(duration_ns: u64, ended: u64) -> Exemplar {
        Exemplar {
            trace_id: TraceId::from_bytes([1; 16]).unwrap(),
            span_id: SpanId::from_bytes([2; 8]).unwrap(),
            duration_ns,
            ended,
            picked: ended,
        }
    }

    #[test]
    fn the_last_span_of_each_of_a_views_buckets_stands_for_it() {
        let exemplars = Exemplars::new(true);
        let tools = Labels::new(Operation::Tool);
        let millisecond = 1_000_000;
        let early = exemplar(2 * millisecond, 1);
        let late = exemplar(3 * millisecond, 2);
        let exact = exemplar(10 * millisecond, 3);
        let slow = exemplar(3600 * 1000 * millisecond, 4);
        for kept in [early, late, exact, slow] {
            exemplars.keep(tools, kept);
        }
        let bounds = [5 * millisecond, 10 * millisecond, 100 * millisecond];
        assert_eq!(
            exemplars.of(&tools, [].iter(), &bounds),
            [Some(late), Some(exact), None, Some(slow)]
        );
        assert_eq!(
            exemplars.of(&Labels::new(Operation::Chat), [].iter(), &bounds),
            []
        );
    }

    #[test]
    fn series_without_end_take_no_more_room() {
        let exemplars = Exemplars::new(true);
        let tool = |number| Labels {
            subject: Symbol::from_number(number),
            ..Labels::new(Operation::Tool)
        };
        for number in 0..2 * 1_000 {
            exemplars.keep(tool(number), exemplar(1, 1));
        }
        assert_eq!(exemplars.lock().len(), MOST_SERIES);
        // Those that are known are renewed.
        exemplars.keep(tool(7), exemplar(1, 2));
        assert_eq!(
            exemplars.of(&tool(7), [].iter(), &[5]),
            [Some(exemplar(1, 2)), None]
        );
    }
}
