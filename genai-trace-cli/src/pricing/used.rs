//! What calls of models used, and what they cost.

use crate::pricing::{Spent, spent};
use crate::span::Brief;
use crate::text::cost;

/// What calls of models used, and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Used {
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// Of those calls whose price is known.
    pub(crate) dollars: f64,
    /// Calls whose price nobody knows.
    pub(crate) unpriced: u64,
}

impl Used {
    /// What a span alone used, without those below it: nothing, where it calls no model.
    pub(crate) fn of(span: &Brief<'_>) -> Self {
        if !span.kind().calls_a_model() {
            return Self::default();
        }
        let (dollars, unpriced) = match spent(span) {
            Spent::Dollars(dollars) => (dollars, 0),
            Spent::Unknown => (0.0, 1),
            Spent::Nothing => (0.0, 0),
        };
        Self {
            input_tokens: span.facts.input_tokens.unwrap_or(0),
            output_tokens: span.facts.output_tokens.unwrap_or(0),
            dollars,
            unpriced,
        }
    }

    /// Counts that nobody can have used do not come round to small ones.
    pub(crate) fn add(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.dollars += other.dollars;
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }

    /// As [`cost`] shows it.
    pub(crate) fn cost(&self) -> String {
        cost(self.dollars, self.unpriced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_are_too_large_stay_the_largest() {
        let one = Used {
            input_tokens: u64::MAX,
            output_tokens: 2,
            dollars: 0.5,
            unpriced: 1,
        };
        let mut all = one;
        all.add(one);
        assert_eq!((all.input_tokens, all.output_tokens), (u64::MAX, 4));
        assert_eq!(all.cost(), "$1.0000+");
    }
}
