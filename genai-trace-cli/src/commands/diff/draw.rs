//! Two runs as people read them: what they did in all, then one tree of both.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::compare::{Change, Comparison, Row, What};
use crate::pricing::{Spent, spent};
use crate::span::Brief;
use crate::text::{Align, cost, count, duration, moment, table, visible};
use crate::tree::Tree;

/// So many changes of a call are shown; the document of --json has all.
const MOST_CHANGES: usize = 8;
/// So many characters of a value are shown.
const LONGEST: usize = 160;
/// And so many of two texts as one.
const LONGEST_WORDS: usize = 500;

/// Two runs that are to be drawn.
pub(super) struct Drawing<'a> {
    pub(super) ids: [u128; 2],
    pub(super) trees: [&'a Tree; 2],
    pub(super) comparison: &'a Comparison,
    pub(super) is_coloured: bool,
    pub(super) has_only_changes: bool,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Added,
    Removed,
    Moved,
    Changed,
    Same,
}

impl Mark {
    pub(super) fn of(row: &Row) -> Self {
        match (row.a, row.b) {
            (None, _) => Mark::Added,
            (_, None) => Mark::Removed,
            _ if row.is_moved => Mark::Moved,
            _ if row.changes.is_empty() => Mark::Same,
            _ => Mark::Changed,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Mark::Added => "added",
            Mark::Removed => "removed",
            Mark::Moved => "moved",
            Mark::Changed => "changed",
            Mark::Same => "same",
        }
    }

    const fn sign(self) -> char {
        match self {
            Mark::Added => '+',
            Mark::Removed => '-',
            Mark::Moved => '>',
            Mark::Changed => '~',
            Mark::Same => ' ',
        }
    }

    const fn colour(self) -> &'static str {
        match self {
            Mark::Added => "32",
            Mark::Removed => "31",
            Mark::Moved => "36",
            Mark::Changed => "33",
            Mark::Same => "2",
        }
    }
}

impl Drawing<'_> {
    pub(super) fn text(&self) -> String {
        let mut out = self.sums();
        out.push('\n');
        out.push_str(&self.summary());
        out.push('\n');
        for row in &self.comparison.rows {
            self.row(row, &mut out);
        }
        out
    }

    /// What each did in all.
    fn sums(&self) -> String {
        let Comparison { a, b, .. } = self.comparison;
        let mut rows = vec![
            both("began", [a, b].map(|sum| moment(sum.start)), String::new()),
            both(
                "took",
                [a, b].map(|sum| duration(sum.nanoseconds)),
                shift(a.nanoseconds, b.nanoseconds, duration),
            ),
        ];
        let counts = [
            ("spans", a.spans, b.spans),
            ("chat calls", a.chat_calls, b.chat_calls),
            ("tool calls", a.tool_calls, b.tool_calls),
            ("errors", a.errors, b.errors),
            ("input tokens", a.used.input_tokens, b.used.input_tokens),
            ("output tokens", a.used.output_tokens, b.used.output_tokens),
        ];
        for (name, one, other) in counts {
            rows.push(both(
                name,
                [one, other].map(|count| count.to_string()),
                shift(one, other, |count| count.to_string()),
            ));
        }
        let costs = [a, b].map(|sum| sum.used.cost());
        let more = match b.used.dollars - a.used.dollars {
            0.0 => String::new(),
            less if less < 0.0 => format!("-{}", cost(-less, 0)),
            more => format!("+{}", cost(more, 0)),
        };
        rows.push(both("cost", costs, more));
        let [one, other] = self.ids.map(|id| format!("{id:032x}"));
        let heads = [
            ("", Align::Left),
            ("a", Align::Right),
            ("b", Align::Right),
            ("", Align::Right),
        ];
        format!("a {one}\nb {other}\n\n{}", table(&heads, &rows))
    }

    /// How many calls were added, removed, moved, changed, and in what.
    fn summary(&self) -> String {
        let mut marks: BTreeMap<Mark, u64> = BTreeMap::new();
        let mut whats: BTreeMap<What, u64> = BTreeMap::new();
        for row in &self.comparison.rows {
            *marks.entry(Mark::of(row)).or_default() += 1;
            let mut last = None;
            for change in &row.changes {
                if last.replace(change.what) != Some(change.what) {
                    *whats.entry(change.what).or_default() += 1;
                }
            }
        }
        let all: Vec<_> = marks
            .iter()
            .map(|(mark, spans)| format!("{} {}", count(*spans, "span"), mark.word()))
            .collect();
        let mut out = all.join(", ");
        let whats: Vec<_> = whats
            .iter()
            .map(|(what, spans)| format!("{} {spans}", what.as_str()))
            .collect();
        if !whats.is_empty() {
            let _ = write!(out, "\nchanged: {}", whats.join(", "));
        }
        out.push('\n');
        out
    }

    fn row(&self, row: &Row, out: &mut String) {
        let mark = Mark::of(row);
        if self.has_only_changes && mark == Mark::Same {
            return;
        }
        let [a, b] = self.trees;
        let sides = [
            row.a.and_then(|place| a.span(place)),
            row.b.and_then(|place| b.span(place)),
        ];
        let [one, other] = sides.map(|span| span.map(Brief::of));
        let Some(shown) = other.as_ref().or(one.as_ref()) else {
            return;
        };
        // What is deeper than any screen is wide is drawn at its edge.
        let indent = "  ".repeat(row.depth.min(60));
        let took = match (&one, &other) {
            (Some(one), Some(other)) => {
                let [one, other] = [one, other].map(|span| duration(span.nanoseconds()));
                if one == other {
                    one
                } else {
                    format!("{one} → {other}")
                }
            }
            _ => duration(shown.nanoseconds()),
        };
        let mut line = format!("{} {indent}{} {took}", mark.sign(), visible(&shown.name));
        if let (true, Spent::Dollars(usd)) = (one.is_none() || other.is_none(), spent(shown)) {
            let _ = write!(line, " {}", cost(usd, 0));
        }
        self.paint(mark.colour(), &line, out);
        out.push('\n');
        for change in row.changes.iter().take(MOST_CHANGES) {
            let _ = writeln!(out, "  {indent}    {}", self.change(change));
        }
        if let Some(more @ 1..) = row.changes.len().checked_sub(MOST_CHANGES) {
            let _ = writeln!(out, "  {indent}    and {more} more: --json has all");
        }
    }

    fn change(&self, change: &Change) -> String {
        let mut out = change.what.as_str().to_owned();
        if !change.at.is_empty() {
            let _ = write!(out, " {}", visible(&change.at));
        }
        out.push_str(": ");
        if let Some(words) = &change.words {
            let words = cut(words, LONGEST_WORDS);
            out.push_str(&match self.is_coloured {
                true => {
                    words
                    .replace("[-", "\x1b[31m[-")
                    .replace("-]", "-]\x1b[0m")
                    .replace("{+", "\x1b[32m{+")
                    .replace("+}", "+}\x1b[0m")
                    // Where it was cut inside a difference.
                    + "\x1b[0m"
                }
                false => words,
            });
            return out;
        }
        match (&change.a, &change.b) {
            (Some(one), Some(other)) => {
                let _ = write!(out, "{} → {}", shown(one), shown(other));
            }
            (Some(one), None) => {
                let _ = write!(out, "no more, was {}", shown(one));
            }
            (None, Some(other)) => {
                let _ = write!(out, "new, {}", shown(other));
            }
            (None, None) => {}
        }
        out
    }

    fn paint(&self, colour: &str, text: &str, out: &mut String) {
        let _ = match self.is_coloured {
            true => write!(out, "\x1b[{colour}m{text}\x1b[0m"),
            false => write!(out, "{text}"),
        };
    }
}

fn both(name: &str, [a, b]: [String; 2], more: String) -> Vec<String> {
    vec![name.to_owned(), a, b, more]
}

/// By how much `b` is more or less than `a`; nothing where it is neither.
fn shift(a: u64, b: u64, show: impl Fn(u64) -> String) -> String {
    match b.cmp(&a) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Less => format!("-{}", show(a - b)),
        std::cmp::Ordering::Greater => format!("+{}", show(b - a)),
    }
}

/// The beginning of a value, in one line.
fn shown(value: &str) -> String {
    cut(value, LONGEST)
}

fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => visible(text.get(..end).unwrap_or_default()) + "…",
        None => visible(text),
    }
}
