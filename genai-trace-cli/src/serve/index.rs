//! Which traces there are, what a list shows of each, and where its lines lie.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::names::Names;
use super::summary::Summary;
use crate::input::lines;
use crate::span::{Brief, records};

/// Of more traces than this that changed at once nobody is told one by one.
const MOST_CHANGED: usize = 1000;
/// Lines that are read at once, where one alone is not longer.
const LONGEST_EXTENT: u32 = 1 << 20;

/// Every trace that has been read of.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) names: Names,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) traces: HashMap<u128, Trace>,
    pub(super) bad_lines: u64,
    /// Spans that could not be read of lines in which there are others.
    pub(super) bad_spans: u64,
    /// Records of spans that had been counted.
    pub(super) again: u64,
    changed: Changed,
}

/// A trace: what a list shows of it, and where its lines lie.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) summary: Summary,
    pub(super) extents: Vec<Extent>,
    /// The spans that the summary has counted, in the order of their numbers.
    counted: Vec<u64>,
}

/// Lines of a trace in which some spans are new and others had been counted.
#[derive(Debug)]
pub(super) struct Mixed {
    pub(super) trace: u128,
    pub(super) extents: Vec<Extent>,
    pub(super) new: HashSet<u64>,
}

/// Lines of a part that lie behind each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Extent {
    pub(super) part: u32,
    pub(super) length: u32,
    pub(super) offset: u64,
}

/// Which traces are other than they were.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) traces: HashSet<u128>,
    /// More than are told one by one.
    pub(super) is_all: bool,
}

/// What a block of lines says.
#[derive(Debug, Default)]
pub(super) struct Found {
    traces: HashMap<u128, Trace>,
    bad_lines: u64,
    bad_spans: u64,
    again: u64,
}

impl Changed {
    pub(super) fn add(&mut self, trace: u128) {
        match self.traces.len() < MOST_CHANGED {
            true => _ = self.traces.insert(trace),
            false => self.is_all = true,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.traces.is_empty() && !self.is_all
    }
}

impl Trace {
    /// The spans that it is known to have, in the order of their numbers.
    pub(super) fn spans(&self) -> &[u64] {
        &self.counted
    }

    /// Those of `spans` that have not been counted; they are from now on. Both are in the order of their numbers.
    fn count(&mut self, spans: Vec<u64>) -> Vec<u64> {
        if self.counted.last() < spans.first() {
            self.counted.extend(&spans);
            return spans;
        }
        let is_new = |span: &u64| self.counted.binary_search(span).is_err();
        let new: Vec<u64> = spans.into_iter().filter(is_new).collect();
        self.counted.extend(&new);
        self.counted.sort();
        new
    }

    fn lie_at(&mut self, new: Extent) {
        match self.extents.last_mut() {
            // A line of several spans of the trace.
            Some(last) if *last == new => {}
            Some(last) => match last.and(new) {
                Some(both) => *last = both,
                None => self.extents.push(new),
            },
            None => self.extents.push(new),
        }
    }
}

impl Extent {
    /// Both as one, where the other lies right behind this.
    fn and(self, next: Extent) -> Option<Extent> {
        let is_next = self.part == next.part && self.end() == next.offset;
        let length = self.length.checked_add(next.length)?;
        (is_next && length <= LONGEST_EXTENT).then_some(Extent { length, ..self })
    }

    pub(super) fn end(self) -> u64 {
        self.offset + u64::from(self.length)
    }
}

impl Found {
    /// What the lines in `bytes` say, that lie in `part` at `offset`.
    pub(super) fn read(part: u32, offset: u64, bytes: &[u8], names: &Names) -> Self {
        Self::read_some(part, offset, bytes, names, |_| true)
    }

    /// The same, of the spans that are `wanted` alone.
    pub(super) fn read_some(
        part: u32,
        offset: u64,
        bytes: &[u8],
        names: &Names,
        mut wanted: impl FnMut(&Brief<'_>) -> bool,
    ) -> Self {
        let mut found = Found::default();
        let mut counted = HashSet::new();
        let mut add = |found: &mut Found, span: &Brief<'_>, extent: Extent| {
            if wanted(span) {
                let is_new = span.has_ended() && counted.insert((span.trace_id, span.span_id));
                found.add(span, is_new, extent, names);
            }
        };
        for (start, line) in lines(bytes) {
            if line.trim_ascii_start().is_empty() {
                continue;
            }
            let extent = Extent {
                part,
                // With the line break, so that lines touch each other.
                length: u32::try_from(line.len() + 1).unwrap_or(u32::MAX),
                offset: offset + u64::try_from(start).unwrap_or(u64::MAX),
            };
            if let Some(span) = Brief::read(line) {
                add(&mut found, &span, extent);
                continue;
            }
            match records(line) {
                Some(all) => {
                    found.bad_spans += all.left_out.count;
                    for span in &all.spans {
                        add(&mut found, &Brief::of(span), extent);
                    }
                }
                None => found.bad_lines += 1,
            }
        }
        for trace in found.traces.values_mut() {
            trace.counted.sort_unstable();
        }
        found
    }

    /// Takes in a span; `is_new` of those that have ended are the first of each.
    fn add(&mut self, span: &Brief<'_>, is_new: bool, extent: Extent, names: &Names) {
        let trace = self.traces.entry(span.trace_id).or_default();
        if is_new {
            trace.summary.add(span, names);
            trace.counted.push(span.span_id);
        } else if !span.has_ended() {
            trace.summary.name(span, names);
        } else {
            self.again += 1;
        }
        trace.lie_at(extent);
    }
}

impl Index {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what a block of lines says. The lines are given back in which some spans are new to their trace and
    /// others are not: of them only where they lie has been taken.
    pub(super) fn take(&self, found: Found) -> Vec<Mixed> {
        let mut state = self.write();
        state.bad_lines += found.bad_lines;
        state.bad_spans += found.bad_spans;
        state.again += found.again;
        let mut all_mixed = Vec::new();
        for (id, found) in found.traces {
            state.changed.add(id);
            let trace = state.traces.entry(id).or_default();
            let spans = found.counted.len();
            let new = trace.count(found.counted);
            let again = spans - new.len();
            if again == 0 {
                trace.summary.merge(found.summary);
            } else if !new.is_empty() {
                all_mixed.push(Mixed {
                    trace: id,
                    extents: found.extents.clone(),
                    new: new.into_iter().collect(),
                });
            }
            let extents = found.extents.into_iter();
            extents.for_each(|extent| trace.lie_at(extent));
            state.again += u64::try_from(again).unwrap_or(0);
        }
        all_mixed
    }

    /// Adds to the summaries what is said of spans that have been taken.
    pub(super) fn add_up(&self, found: Found) {
        let mut state = self.write();
        for (id, found) in found.traces {
            if let Some(trace) = state.traces.get_mut(&id) {
                trace.summary.merge(found.summary);
                state.changed.add(id);
            }
        }
    }

    pub(super) fn note_bad_line(&self) {
        self.write().bad_lines += 1;
    }

    /// Where the lines of a trace lie; none where there is no such trace.
    pub(super) fn extents(&self, id: u128) -> Option<Vec<Extent>> {
        self.read()
            .traces
            .get(&id)
            .map(|trace| trace.extents.clone())
    }

    /// Forgets what lay in a part: every trace of which something did, with what lies elsewhere of it.
    pub(super) fn forget(&self, part: u32) -> HashMap<u128, Vec<Extent>> {
        let mut state = self.write();
        state.changed.is_all = true;
        let forgotten = state.traces.extract_if(|_, trace| {
            let mut extents = trace.extents.iter();
            extents.any(|extent| extent.part == part)
        });
        let left = forgotten.map(|(id, trace)| {
            let extents = trace.extents.into_iter();
            (id, extents.filter(|extent| extent.part != part).collect())
        });
        left.collect()
    }

    /// A trace is other than it was.
    pub(super) fn note_changed(&self, trace: u128) {
        self.write().changed.add(trace);
    }

    /// Everybody is told to look at all traces.
    pub(super) fn note_all_changed(&self) {
        self.write().changed.is_all = true;
    }

    pub(super) fn take_changed(&self) -> Changed {
        mem::take(&mut self.write().changed)
    }
}
