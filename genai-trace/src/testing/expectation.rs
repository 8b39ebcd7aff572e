//! What is expected of a whole capture, and what is said where it is not so.

use std::fmt;

use super::children::Children;
use super::fit;
use super::forest::{Forest, Mark, Place, Sign};
use super::pattern::Pattern;
use crate::span::names;

/// What is expected of a whole capture: a tree, or a limit.
///
/// ```
/// use genai_trace::span;
/// use genai_trace::testing::{Expectation, capture};
///
/// let ((), captured) = capture(|| span("step").run(|| {}));
/// assert!(captured.check(&Expectation::at_most(1, "step")).is_ok());
/// let mismatch = captured.check(&Expectation::never("step")).unwrap_err();
/// assert_eq!(
///     mismatch.to_string(),
///     "expected no span `step`, found 1\n\n  step\n    ✗ 1\n"
/// );
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expectation alone tests nothing"]
pub struct Expectation(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Tree(Children),
    Count {
        pattern: Pattern,
        least: usize,
        most: usize,
    },
    Tokens(u64),
}

impl Expectation {
    /// The spans are this tree: one root or, where a list is given, these roots.
    pub fn tree(expected: impl Into<Children>) -> Self {
        Self(Kind::Tree(expected.into()))
    }

    fn count(pattern: impl Into<Pattern>, least: usize, most: usize) -> Self {
        Self(Kind::Count {
            pattern: pattern.into(),
            least,
            most,
        })
    }

    /// At most `count` spans are as `pattern` says.
    pub fn at_most(count: usize, pattern: impl Into<Pattern>) -> Self {
        Self::count(pattern, 0, count)
    }

    /// At least `count` spans are as `pattern` says.
    pub fn at_least(count: usize, pattern: impl Into<Pattern>) -> Self {
        Self::count(pattern, count, usize::MAX)
    }

    /// Exactly `count` spans are as `pattern` says.
    pub fn exactly(count: usize, pattern: impl Into<Pattern>) -> Self {
        Self::count(pattern, count, count)
    }

    /// No span is as `pattern` says.
    pub fn never(pattern: impl Into<Pattern>) -> Self {
        Self::count(pattern, 0, 0)
    }

    /// The model calls have used `tokens` at most: `gen_ai.usage.input_tokens` and
    /// `gen_ai.usage.output_tokens` of all spans together.
    pub fn tokens_at_most(tokens: u64) -> Self {
        Self(Kind::Tokens(tokens))
    }

    pub(super) fn check(&self, forest: &Forest) -> Result<(), Mismatch> {
        let found = match &self.0 {
            Kind::Tree(expected) => tree(forest, expected),
            Kind::Count {
                pattern,
                least,
                most,
            } => count(forest, pattern, *least, *most),
            Kind::Tokens(most) => tokens(forest, *most),
        };
        match found {
            None => Ok(()),
            Some((title, marks)) => Err(Mismatch {
                text: format!("{title}\n\n{}", forest.draw(&marks)),
            }),
        }
    }
}

/// What is wrong: a line on the whole, and the places.
type Found = Option<(String, Vec<Mark>)>;

fn tree(forest: &Forest, expected: &Children) -> Found {
    let fit = fit::children(forest, expected, None);
    if fit.cost == 0 {
        return None;
    }
    let places = match fit.marks.len() {
        1 => "one place".to_owned(),
        many => format!("{many} places"),
    };
    let title = format!("the spans differ from what was expected in {places}");
    Some((title, fit.marks))
}

fn count(forest: &Forest, pattern: &Pattern, least: usize, most: usize) -> Found {
    let named = (0..forest.spans().count()).filter(|index| {
        let name = forest.get(*index).map(|node| node.record.name.as_str());
        name.is_some_and(|name| pattern.names(name))
    });
    let fits: Vec<_> = named
        .map(|index| (index, fit::inside(forest, pattern, index)))
        .collect();
    let found = fits.iter().filter(|(_, fit)| fit.cost == 0).count();
    if (least..=most).contains(&found) {
        return None;
    }
    let mut marks = Vec::new();
    let mut number = 0;
    for (index, fit) in fits {
        if fit.cost == 0 {
            number += 1;
            let sign = if number > most {
                Sign::Wrong
            } else {
                Sign::Right
            };
            marks.push(Mark {
                place: Place::Under(index),
                sign,
                text: number.to_string(),
            });
        } else if found < least {
            // Why it does not count.
            marks.extend(fit.marks);
        }
    }
    let spans = |count: usize| if count == 1 { "span" } else { "spans" };
    let wanted = match (least, most) {
        (_, 0) => "no span".to_owned(),
        (0, most) => format!("at most {most} {}", spans(most)),
        (least, usize::MAX) => format!("at least {least} {}", spans(least)),
        (exactly, _) => format!("exactly {exactly} {}", spans(exactly)),
    };
    let found = match found {
        0 => "none".to_owned(),
        some => some.to_string(),
    };
    let hint = fit::hint(forest, pattern);
    Some((
        format!("expected {wanted} `{pattern}`, found {found}{hint}"),
        marks,
    ))
}

fn tokens(forest: &Forest, most: u64) -> Found {
    let mut total = 0_u64;
    let mut marks = Vec::new();
    for (index, node) in forest.spans().enumerate() {
        let count = |key| node.record.attributes.int(key);
        let counts = [names::INPUT_TOKENS, names::OUTPUT_TOKENS].map(count);
        if counts == [None, None] {
            continue;
        }
        let [input, output] =
            counts.map(|count| count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0));
        total = total.saturating_add(input).saturating_add(output);
        marks.push(Mark {
            place: Place::Under(index),
            sign: if total > most {
                Sign::Wrong
            } else {
                Sign::Right
            },
            text: format!("{input} + {output} tokens, {total} so far"),
        });
    }
    (total > most).then(|| {
        (
            format!("expected at most {most} tokens, used {total}"),
            marks,
        )
    })
}

/// What differs between a capture and what was expected of it, with the tree in which it is marked.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch {
    text: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Mismatch {
    /// The same as the text, since `unwrap` and a test that returns it show this form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Mismatch {}
