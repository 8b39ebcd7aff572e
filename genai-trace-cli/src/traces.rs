//! Spans put together to traces while they are read, and let go when nothing more is to be expected of them.
//!
//! Spans of a trace lie among those of others, children in front of their parents. So what a command keeps of each span
//! is held until the trace's root has been read and many spans of other traces since. Of traces whose root never comes
//! those go that have been quiet for longest, where too much is held.

use std::collections::{HashMap, HashSet};

use genai_trace::SpanRecord;

/// A trace is let go when its root is there and so many spans of others have been read since its last one.
const QUIET: u64 = 50_000;
/// So many spans are held at most.
const MOST_HELD: usize = 500_000;

/// To which trace a span belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    trace_id: u128,
    is_root: bool,
    start: u64,
}

impl Key {
    pub(crate) fn of(span: &SpanRecord) -> Self {
        Self {
            trace_id: u128::from_be_bytes(span.trace_id.to_bytes()),
            is_root: span.parent_span_id.is_none(),
            start: span.start_unix_nano,
        }
    }
}

/// What is kept of the spans of a trace.
#[derive(Debug)]
pub(crate) struct Trace<T> {
    pub(crate) id: u128,
    /// When its first span began.
    pub(crate) start: u64,
    pub(crate) spans: Vec<T>,
    /// All of it is here, as far as can be known.
    pub(crate) is_whole: bool,
    /// What came when the rest had been let go.
    pub(crate) is_rest: bool,
}

#[derive(Debug)]
struct Open<T> {
    spans: Vec<T>,
    start: u64,
    has_root: bool,
    /// The number of its first span, and of its last.
    first: u64,
    last: u64,
}

/// The traces that may still get spans.
#[derive(Debug)]
pub(crate) struct Traces<T> {
    open: HashMap<u128, Open<T>>,
    gone: HashSet<u128>,
    read: u64,
    held: usize,
}

impl<T> Default for Traces<T> {
    fn default() -> Self {
        Self {
            open: HashMap::new(),
            gone: HashSet::new(),
            read: 0,
            held: 0,
        }
    }
}

impl<T> Traces<T> {
    /// Takes what is kept of a span. The traces that are let go, in the order in which they came.
    pub(crate) fn add(&mut self, key: Key, value: T) -> Vec<Trace<T>> {
        self.read += 1;
        self.held += 1;
        let number = self.read;
        let open = self.open.entry(key.trace_id).or_insert_with(|| Open {
            spans: Vec::new(),
            start: key.start,
            has_root: false,
            first: number,
            last: number,
        });
        open.spans.push(value);
        open.start = open.start.min(key.start);
        open.has_root |= key.is_root;
        open.last = number;
        // Seldom, since all that is held is looked at.
        let is_full = self.held >= MOST_HELD;
        if !is_full && !number.is_multiple_of(QUIET / 4) {
            return Vec::new();
        }
        let quiet_since = number.saturating_sub(QUIET);
        let mut going: Vec<u128> = self
            .open
            .iter()
            .filter(|(_, open)| open.has_root && open.last <= quiet_since)
            .map(|(id, _)| *id)
            .collect();
        if is_full {
            going.extend(self.quietest(&going));
        }
        self.let_go(going)
    }

    /// All that is left.
    pub(crate) fn finish(mut self) -> Vec<Trace<T>> {
        let all = self.open.keys().copied().collect();
        // Nothing more comes: a trace without a root is all that there is of it.
        for open in self.open.values_mut() {
            open.has_root = true;
        }
        self.let_go(all)
    }

    /// The traces that have been quiet for longest, until a quarter of what is held goes with them.
    fn quietest(&self, going: &[u128]) -> Vec<u128> {
        let going: HashSet<u128> = going.iter().copied().collect();
        let mut others: Vec<_> = self
            .open
            .iter()
            .filter(|(id, _)| !going.contains(id))
            .map(|(id, open)| (open.last, *id, open.spans.len()))
            .collect();
        others.sort_unstable();
        let mut left = self.held;
        let enough = MOST_HELD / 4 * 3;
        let goes = others.into_iter().take_while(|(_, _, spans)| {
            let goes = left > enough;
            left = left.saturating_sub(*spans);
            goes
        });
        goes.map(|(_, id, _)| id).collect()
    }

    fn let_go(&mut self, ids: Vec<u128>) -> Vec<Trace<T>> {
        let mut traces = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(open) = self.open.remove(&id) else {
                continue;
            };
            self.held -= open.spans.len();
            let is_rest = !self.gone.insert(id);
            let trace = Trace {
                id,
                start: open.start,
                spans: open.spans,
                is_whole: open.has_root && !is_rest,
                is_rest,
            };
            traces.push((open.first, trace));
        }
        traces.sort_by_key(|(first, _)| *first);
        traces.into_iter().map(|(_, trace)| trace).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(trace_id: u128, is_root: bool) -> Key {
        Key {
            trace_id,
            is_root,
            start: 7,
        }
    }

    #[test]
    fn a_trace_goes_when_its_root_came_and_nothing_more_for_long() {
        let mut traces = Traces::default();
        assert!(traces.add(key(1, false), ()).is_empty());
        assert!(traces.add(key(1, true), ()).is_empty());
        assert!(traces.add(key(2, false), ()).is_empty());
        let mut gone = Vec::new();
        for _ in 0..2 * QUIET {
            gone.extend(traces.add(key(3, false), ()));
        }
        assert_eq!(gone.len(), 1);
        assert_eq!(
            (gone[0].id, gone[0].spans.len(), gone[0].is_whole),
            (1, 2, true)
        );
        traces.add(key(1, false), ());
        let rest = traces.finish();
        let rest: Vec<_> = rest
            .iter()
            .map(|trace| (trace.id, trace.is_whole, trace.is_rest))
            .collect();
        assert_eq!(rest, [(2, true, false), (3, true, false), (1, false, true)]);
    }

    #[test]
    fn no_more_than_so_many_spans_are_held() {
        let mut traces = Traces::default();
        let mut gone = 0;
        for number in 0..2 * MOST_HELD {
            let id = u128::try_from(number / 10).unwrap() + 1;
            gone += traces.add(key(id, false), ()).len();
            assert!(traces.held <= MOST_HELD);
        }
        assert!(gone > 0);
    }

    #[test]
    fn one_trace_alone_may_be_longer_than_what_is_held() {
        let mut traces = Traces::default();
        let mut parts = Vec::new();
        for _ in 0..2 * MOST_HELD + 1 {
            parts.extend(traces.add(key(1, false), ()));
        }
        parts.extend(traces.finish());
        let lengths: usize = parts.iter().map(|part| part.spans.len()).sum();
        assert_eq!(lengths, 2 * MOST_HELD + 1);
        assert!(parts.iter().all(|part| !part.is_whole));
    }
}
