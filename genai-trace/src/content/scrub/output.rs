//! A text of which parts are replaced.

use std::borrow::Cow;
use std::ops::Range;

use crate::content::mark;

/// A text of which parts are replaced, from left to right. Nothing is copied before the first.
pub(super) struct Output<'a, 'b> {
    pub(super) text: &'a str,
    /// What stands for a secret that is no part of a URL.
    mark: &'b str,
    /// Until here the text is in the result.
    done: usize,
    /// No URL that begins before this has a query.
    pub(super) without_query: usize,
    /// Where the word, and where the line stands that was looked at last, by the quote that ends it.
    word: Range<usize>,
    line: (u8, Range<usize>),
    result: String,
}

impl<'a, 'b> Output<'a, 'b> {
    pub(super) fn new(text: &'a str, mark: &'b str) -> Self {
        Self {
            text,
            mark,
            done: 0,
            without_query: 0,
            word: 0..0,
            line: (0, 0..0),
            result: String::new(),
        }
    }

    /// Puts a mark in the place of `range`, unless that is nothing but a mark.
    pub(super) fn mark(&mut self, range: Range<usize>) {
        let part = self.text.get(range.clone()).unwrap_or_default();
        if mark::len_at(part) != Some(part.len()) {
            self.replace(range, self.mark);
        }
    }

    /// Puts `with` in the place of `range`, which is not empty.
    pub(super) fn replace(&mut self, range: Range<usize>, with: &str) {
        let Some(part) = self.text.get(range.clone()) else {
            return;
        };
        if part.is_empty() || part == with || range.start < self.done {
            return;
        }
        self.result
            .push_str(self.text.get(self.done..range.start).unwrap_or_default());
        self.result.push_str(with);
        self.done = range.end;
    }

    /// Where the word ends that `at` is in, which `find` tells. It is found once, however many names stand in it.
    pub(super) fn end_of_word(&mut self, at: usize, find: impl FnOnce() -> usize) -> usize {
        if !holds(&self.word, at) {
            self.word = at..find();
        }
        self.word.end
    }

    /// The same of a line, or of what the quote `before` it ends.
    pub(super) fn end_of_line(
        &mut self,
        at: usize,
        before: u8,
        find: impl FnOnce() -> usize,
    ) -> usize {
        let (quote, line) = &self.line;
        if *quote != before || !holds(line, at) {
            self.line = (before, at..find());
        }
        self.line.1.end
    }

    pub(super) fn finish(mut self) -> Cow<'a, str> {
        if self.done == 0 {
            return Cow::Borrowed(self.text);
        }
        self.result
            .push_str(self.text.get(self.done..).unwrap_or_default());
        Cow::Owned(self.result)
    }
}

/// Whether what begins at `at` ends where `known` does.
fn holds(known: &Range<usize>, at: usize) -> bool {
    known.start <= at && at < known.end
}
