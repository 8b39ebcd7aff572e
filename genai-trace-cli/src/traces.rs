//! Spans put together to traces while they are read, and let go when nothing more is to be expected of them.
//!
//! Spans of a trace lie among those of others, children in front of their parents. So what a command keeps of each span
//! is held until the trace's root has been read and many spans of other traces since. Of traces whose root never comes
//! those go that have been quiet for longest, where too much is held.

mod held;

use std::collections::{HashMap, HashSet};

pub(crate) use self::held::Held;
use crate::once::Once;
use crate::span::Brief;

/// A trace is let go when its root is there and so many spans of others have been read since its last one.
const QUIET: u64 = 50_000;
/// So many spans are held at most.
const MOST_HELD: usize = 500_000;

/// What is kept of the spans of a trace.
#[derive(Debug)]
pub(crate) struct Trace<T> {
    pub(crate) id: u128,
    /// When its first span began.
    pub(crate) start: u64,
    /// Each once: by the first record that says that it has ended, else the first of all.
    pub(crate) spans: Vec<Held<T>>,
    /// Records of spans that have ended in another one already, and say something else.
    pub(crate) others: Vec<Held<T>>,
    /// How many records there were of spans that had ended in another one already.
    pub(crate) again: u64,
    /// All of it is here, as far as can be known.
    pub(crate) is_whole: bool,
    /// What came when the rest had been let go.
    pub(crate) is_rest: bool,
}

#[derive(Debug)]
struct Open<T> {
    spans: Vec<Held<T>>,
    others: Vec<Held<T>>,
    again: u64,
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
    /// The spans that have ended, in whatever trace.
    ended: Once,
    /// What records have said, so that a copy is told from another word on the same span.
    said: Once,
    read: u64,
    held: usize,
}

impl<T> Default for Traces<T> {
    fn default() -> Self {
        Self {
            open: HashMap::new(),
            gone: HashSet::new(),
            ended: Once::default(),
            said: Once::default(),
            read: 0,
            held: 0,
        }
    }
}

/// What a record is among those of its span.
enum Word {
    /// The first that counts, or the first for all that is known.
    First,
    /// Another one than that which counts.
    Other,
    /// A copy.
    Copy,
    /// That it has begun, of a span that has ended.
    Late,
}

impl<T> Traces<T> {
    /// Takes what is kept of a span. The traces that are let go, in the order in which they came.
    pub(crate) fn add(&mut self, trace_id: u128, span: Held<T>) -> Vec<Trace<T>> {
        self.read += 1;
        let number = self.read;
        let word = self.word(trace_id, &span);
        let open = self.open.entry(trace_id).or_insert_with(|| Open {
            spans: Vec::new(),
            others: Vec::new(),
            again: 0,
            start: span.start,
            has_root: false,
            first: number,
            last: number,
        });
        open.start = open.start.min(span.start);
        open.has_root |= span.parent == 0;
        open.last = number;
        open.again += u64::from(matches!(word, Word::Other | Word::Copy));
        match word {
            Word::First => open.spans.push(span),
            Word::Other => open.others.push(span),
            Word::Copy | Word::Late => {}
        }
        self.held += usize::from(matches!(word, Word::First | Word::Other));
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

    fn word(&self, trace_id: u128, span: &Held<T>) -> Word {
        let who = |span_id| Brief {
            trace_id,
            span_id,
            end: span.end,
            ..Brief::default()
        };
        if !span.has_ended() {
            return match self.ended.has_ended(&who(span.id)) {
                true => Word::Late,
                false => Word::First,
            };
        }
        let is_first = self.ended.counts(&who(span.id));
        match (is_first, self.said.counts(&who(span.contents))) {
            (true, _) => Word::First,
            (false, true) => Word::Other,
            (false, false) => Word::Copy,
        }
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
            .map(|(id, open)| (open.last, *id, open.held()))
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
            self.held -= open.held();
            let is_rest = !self.gone.insert(id);
            let trace = Trace {
                id,
                start: open.start,
                spans: each_once(open.spans),
                others: open.others,
                again: open.again,
                is_whole: open.has_root && !is_rest,
                is_rest,
            };
            traces.push((open.first, trace));
        }
        traces.sort_by_key(|(first, _)| *first);
        traces.into_iter().map(|(_, trace)| trace).collect()
    }
}

impl<T> Open<T> {
    const fn held(&self) -> usize {
        self.spans.len() + self.others.len()
    }
}

/// Without records that a span has begun which has ended, or of which that is known already.
fn each_once<T>(mut spans: Vec<Held<T>>) -> Vec<Held<T>> {
    if !spans.iter().all(Held::has_ended) {
        let ended = spans.iter().filter(|span| span.has_ended());
        let mut known: HashSet<u64> = ended.map(|span| span.id).collect();
        spans.retain(|span| span.has_ended() || known.insert(span.id));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Place;

    fn record(id: u64, is_root: bool, end: u64, contents: u64) -> Held<()> {
        Held {
            id,
            parent: u64::from(!is_root),
            start: 7,
            end,
            name: "x".into(),
            place: Place { source: 0, line: 1 },
            contents,
            seen: (),
        }
    }

    /// A span of its own.
    fn span(id: usize, is_root: bool) -> Held<()> {
        let id = u64::try_from(id).unwrap() + 1;
        record(id, is_root, 9, id)
    }

    #[test]
    fn a_trace_goes_when_its_root_came_and_nothing_more_for_long() {
        let mut traces = Traces::default();
        assert!(traces.add(1, span(1, false)).is_empty());
        assert!(traces.add(1, span(0, true)).is_empty());
        assert!(traces.add(2, span(1, false)).is_empty());
        let mut gone = Vec::new();
        for number in 0..100_000 {
            gone.extend(traces.add(3, span(number, false)));
        }
        assert_eq!(gone.len(), 1);
        assert_eq!(
            (gone[0].id, gone[0].spans.len(), gone[0].is_whole),
            (1, 2, true)
        );
        traces.add(1, span(2, false));
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
            gone += traces.add(id, span(number, false)).len();
            assert!(traces.held <= MOST_HELD);
        }
        assert!(gone > 0);
    }

    #[test]
    fn one_trace_alone_may_be_longer_than_what_is_held() {
        let mut traces = Traces::default();
        let mut parts = Vec::new();
        for number in 0..2 * MOST_HELD + 1 {
            parts.extend(traces.add(1, span(number, false)));
        }
        parts.extend(traces.finish());
        let lengths: usize = parts.iter().map(|part| part.spans.len()).sum();
        assert_eq!(lengths, 2 * MOST_HELD + 1);
        assert!(parts.iter().all(|part| !part.is_whole));
    }

    /// The ids of the spans of a trace of such records, those of its other words, and how many it had again.
    fn taken(records: impl IntoIterator<Item = Held<()>>) -> (Vec<u64>, Vec<u64>, u64) {
        let mut traces = Traces::default();
        for record in records {
            traces.add(1, record);
        }
        let trace = traces.finish().remove(0);
        let ids = |spans: &[Held<()>]| spans.iter().map(|span| span.id).collect();
        (ids(&trace.spans), ids(&trace.others), trace.again)
    }

    #[test]
    fn a_span_is_there_once_and_only_another_word_on_it_is_kept_beside_it() {
        let [said, copy, another, its_copy] = [1, 1, 2, 2].map(|says| record(5, true, 9, says));
        assert_eq!(
            taken([said, copy, another, its_copy]),
            (vec![5], vec![5], 3)
        );
    }

    #[test]
    fn that_a_span_has_begun_is_of_interest_while_nothing_says_that_it_has_ended() {
        let begun = |id| record(id, true, 0, 10 + id);
        let ended = |id| record(id, true, 9, 20 + id);
        let records = [begun(1), begun(1), begun(2), ended(2), ended(3), begun(3)];
        assert_eq!(taken(records), (vec![1, 2, 3], vec![], 0));
    }

    #[test]
    fn a_copy_of_a_trace_that_has_gone_is_no_trace() {
        let mut traces = Traces::default();
        traces.add(1, span(0, true));
        let mut gone = Vec::new();
        for number in 0..100_000 {
            gone.extend(traces.add(2, span(number, true)));
        }
        traces.add(1, span(0, true));
        gone.extend(traces.finish());
        let of_it: Vec<_> = gone
            .iter()
            .filter(|trace| trace.id == 1)
            .map(|trace| (trace.spans.len(), trace.others.len(), trace.again))
            .collect();
        assert_eq!(of_it, [(1, 0, 0), (0, 0, 1)]);
    }
}
