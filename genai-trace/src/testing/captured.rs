//! The spans of a test, and what may be asked of them.

use super::children::Children;
use super::expectation::{Expectation, Mismatch};
use super::forest::Forest;
use super::pattern::Pattern;
use crate::record::SpanRecord;
use crate::span::capture::CapturedSpan;

/// The spans of a piece of code that [`capture`](super::capture()) has run.
///
/// The assertions panic with the tree in which every difference is marked, at the line of the test;
/// [`check`](Captured::check) gives the same as a `Result`.
#[derive(Clone, Debug)]
#[must_use = "capturing alone tests nothing"]
pub struct Captured {
    forest: Forest,
}

impl Captured {
    pub(super) fn new(spans: Vec<CapturedSpan>) -> Self {
        Self {
            forest: Forest::new(spans),
        }
    }

    /// The spans that have ended, as an exporter would have got them, in the order in which they began.
    pub fn spans(&self) -> Vec<SpanRecord> {
        let ended = self.forest.spans().filter(|span| !span.is_open());
        ended.map(|span| span.record.clone()).collect()
    }

    /// The spans that have ended, as lines of `traces.jsonl`, in the order in which they began.
    ///
    /// ```
    /// use genai_trace::{span, testing::capture};
    ///
    /// let twice = [(), ()].map(|()| capture(|| span("step").run(|| {})).1.jsonl());
    /// assert!(twice[0].starts_with(r#"{"trace_id":"00000000000000000000000000000001","#));
    /// assert_eq!(twice[0], twice[1]);
    /// ```
    pub fn jsonl(&self) -> String {
        let lines = self.spans().into_iter().map(|span| {
            // A record is always JSON.
            serde_json::to_string(&span).unwrap_or_default() + "\n"
        });
        lines.collect()
    }

    /// The tree as a text for snapshots: a line a span, indented by two spaces a level, in the order
    /// in which they began, with the outcome where that is not ok. No ids, no times.
    pub fn outline(&self) -> String {
        self.outline_with([])
    }

    /// The [outline](Captured::outline) with the attributes under `keys`, where a span has them.
    ///
    /// ```
    /// use genai_trace::{Operation, span, testing::capture};
    ///
    /// let ((), captured) = capture(|| {
    ///     let search = span("search").operation(Operation::Tool).attr("app.hits", &3);
    ///     search.run(|| span("rank").run(|| {}));
    /// });
    /// assert_eq!(captured.outline(), "execute_tool search\n  rank\n");
    /// assert_eq!(
    ///     captured.outline_with(["app.hits"]),
    ///     "execute_tool search app.hits=3\n  rank\n"
    /// );
    /// ```
    pub fn outline_with<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> String {
        self.forest.outline(&keys.into_iter().collect::<Vec<_>>())
    }

    /// Compares the spans with what is expected of them.
    ///
    /// # Errors
    /// Where they differ, with the tree in which every difference is marked.
    pub fn check(&self, expectation: &Expectation) -> Result<(), Mismatch> {
        expectation.check(&self.forest)
    }

    /// Asserts that the spans are this tree: one root that is as `expected` or, where a list is
    /// given, these roots.
    ///
    /// # Panics
    /// Where they differ.
    #[track_caller]
    pub fn assert_tree(&self, expected: impl Into<Children>) {
        self.assert(Expectation::tree(expected));
    }

    /// Asserts that `count` spans at most, anywhere in the tree, are as `pattern` says.
    ///
    /// # Panics
    /// Where there are more.
    #[track_caller]
    pub fn assert_at_most(&self, count: usize, pattern: impl Into<Pattern>) {
        self.assert(Expectation::at_most(count, pattern));
    }

    /// Asserts that `count` spans at least, anywhere in the tree, are as `pattern` says.
    ///
    /// # Panics
    /// Where there are fewer.
    #[track_caller]
    pub fn assert_at_least(&self, count: usize, pattern: impl Into<Pattern>) {
        self.assert(Expectation::at_least(count, pattern));
    }

    /// Asserts that exactly `count` spans, anywhere in the tree, are as `pattern` says.
    ///
    /// # Panics
    /// Where there are more or fewer.
    #[track_caller]
    pub fn assert_exactly(&self, count: usize, pattern: impl Into<Pattern>) {
        self.assert(Expectation::exactly(count, pattern));
    }

    /// Asserts that no span anywhere in the tree is as `pattern` says.
    ///
    /// # Panics
    /// Where there is one.
    #[track_caller]
    pub fn assert_never(&self, pattern: impl Into<Pattern>) {
        self.assert(Expectation::never(pattern));
    }

    /// Asserts that the model calls have used `tokens` at most, input and output together.
    ///
    /// # Panics
    /// Where they have used more.
    #[track_caller]
    pub fn assert_tokens_at_most(&self, tokens: u64) {
        self.assert(Expectation::tokens_at_most(tokens));
    }

    #[track_caller]
    // A test that panics is a test that fails.
    #[allow(clippy::panic)]
    fn assert(&self, expectation: Expectation) {
        if let Err(mismatch) = self.check(&expectation) {
            panic!("{mismatch}");
        }
    }
}
