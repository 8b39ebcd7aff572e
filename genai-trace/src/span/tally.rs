//! What an agent has called and used.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::{Labels, Symbol};
use crate::provider::usage::Usage;

/// What an agent has called and used.
#[derive(Debug, Default)]
pub(super) struct Tally {
    inference_calls: AtomicU64,
    tool_calls: AtomicU64,
    tokens: Tokens,
    /// In pico-dollars.
    cost: Sum,
    /// What the agents below it have, those that have ended.
    below: Below,
    model: Single,
    provider: Single,
}

/// What was called and used below a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) chat_calls: u64,
    pub(crate) tool_calls: u64,
    /// None where no call has said how many.
    pub(crate) input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    /// Of the calls whose price is known; none where there is no such call.
    pub(crate) pico_usd: Option<u64>,
}

#[derive(Debug, Default)]
struct Below {
    chat_calls: AtomicU64,
    tool_calls: AtomicU64,
}

/// Sums of tokens, of which some call has told or none.
#[derive(Debug, Default)]
struct Tokens {
    input: Sum,
    output: Sum,
}

/// A sum that is there once something was added, 0 as well.
#[derive(Debug, Default)]
struct Sum {
    /// How often something was added.
    added: AtomicU64,
    sum: AtomicU64,
}

impl Tally {
    pub(super) fn count_inference(&self) {
        self.inference_calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_tools(&self, calls: u64) {
        self.tool_calls.fetch_add(calls, Ordering::Relaxed);
    }

    pub(super) fn count_tokens(&self, usage: &Usage) {
        self.tokens.input.add(usage.all_input());
        self.tokens.output.add(usage.all_output());
    }

    pub(super) fn count_cost(&self, pico_usd: u64) {
        self.cost.add(Some(pico_usd));
    }

    /// Adds what an agent below has called and used.
    pub(super) fn add_below(&self, totals: &Totals) {
        self.below
            .chat_calls
            .fetch_add(totals.chat_calls, Ordering::Relaxed);
        self.below
            .tool_calls
            .fetch_add(totals.tool_calls, Ordering::Relaxed);
        self.tokens.input.add(totals.input_tokens);
        self.tokens.output.add(totals.output_tokens);
        self.cost.add(totals.pico_usd);
    }

    /// How many model and tool calls it has made itself.
    pub(super) fn calls(&self) -> (u64, u64) {
        (get(&self.inference_calls), get(&self.tool_calls))
    }

    /// All that it and those below it have called and used.
    pub(super) fn totals(&self) -> Totals {
        Totals {
            chat_calls: get(&self.inference_calls) + get(&self.below.chat_calls),
            tool_calls: get(&self.tool_calls) + get(&self.below.tool_calls),
            input_tokens: self.tokens.input.get(),
            output_tokens: self.tokens.output.get(),
            pico_usd: self.cost.get(),
        }
    }

    /// Notes which model of which provider was called.
    pub(super) fn note(&self, labels: &Labels) {
        self.model.add(labels.model);
        self.provider.add(labels.provider);
    }

    /// The one model and the one provider; `mixed` where there were several.
    pub(super) fn models(&self) -> (Symbol, Symbol) {
        (self.model.get(), self.provider.get())
    }
}

fn get(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

impl Sum {
    fn add(&self, more: Option<u64>) {
        if let Some(more) = more {
            let add = |sum: u64| Some(sum.saturating_add(more));
            let _ = self
                .sum
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
            self.added.fetch_add(1, Ordering::Release);
        }
    }

    fn get(&self) -> Option<u64> {
        let is_there = self.added.load(Ordering::Acquire) > 0;
        is_there.then(|| get(&self.sum))
    }
}

/// A name that stays as long as all agree on it.
#[derive(Debug, Default)]
struct Single(AtomicU64);

impl Single {
    /// Set once the names differ; the lower half holds the symbol.
    const MIXED: u64 = 1 << 32;

    fn add(&self, name: Symbol) {
        if name == Symbol::NONE {
            return;
        }
        let name = u64::from(name.number());
        let first = self
            .0
            .compare_exchange(0, name, Ordering::Relaxed, Ordering::Relaxed);
        if first.is_err_and(|other| other != name) {
            self.0.store(Self::MIXED, Ordering::Relaxed);
        }
    }

    fn get(&self) -> Symbol {
        match self.0.load(Ordering::Relaxed) {
            Self::MIXED => Symbol::MIXED,
            name => Symbol::from_number(u32::try_from(name).unwrap_or(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn a_sum_of_counts_that_cannot_be_does_not_begin_anew() {
        let sum = Sum::default();
        assert_eq!(sum.get(), None);
        for more in [Some(u64::MAX), None, Some(2)] {
            sum.add(more);
        }
        assert_eq!(sum.get(), Some(u64::MAX));
    }
}
