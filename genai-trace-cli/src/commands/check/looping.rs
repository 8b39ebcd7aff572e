//! Loops that are traced step by step.

use std::collections::BTreeMap;

use super::seen::Span;

/// So many spans of one name below one parent ..
const MANY: u64 = 100;
/// .. of less than so many nanoseconds on average are a loop.
const TINY: u64 = 1_000_000;

/// Spans that stand for the steps of a loop.
#[derive(Debug)]
pub(super) struct Loop<'a> {
    /// The first of them.
    pub(super) first: &'a Span,
    pub(super) spans: u64,
    /// How long each took on average, in nanoseconds.
    pub(super) mean: u64,
}

/// The loops of a trace, those that began first in front.
pub(super) fn loops<'a>(spans: &[&'a Span]) -> Vec<Loop<'a>> {
    let mut groups: BTreeMap<(u64, &str), (&'a Span, u64, u64)> = BTreeMap::new();
    for span in spans {
        if span.parent == 0 || span.seen.kind.calls_a_model() {
            continue;
        }
        let group = groups
            .entry((span.parent, &span.name))
            .or_insert((span, 0, 0));
        group.1 += 1;
        group.2 = group.2.saturating_add(span.nanoseconds());
    }
    let mut loops: Vec<_> = groups
        .into_values()
        .filter(|(_, spans, took)| *spans >= MANY && took / spans < TINY)
        .map(|(first, spans, took)| Loop {
            first,
            spans,
            mean: took / spans,
        })
        .collect();
    loops.sort_by_key(|found| found.first.start);
    loops
}
