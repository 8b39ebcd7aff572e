//! What a run used in the whole.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::step::{self, Step};
use crate::export::tree::{push_visible, short_duration};
use crate::span::names;

/// What a run used in the whole.
#[derive(Default)]
pub(super) struct Facts<'a> {
    models: BTreeSet<&'a str>,
    model_calls: usize,
    tool_calls: usize,
    errors: usize,
    open: usize,
    input_tokens: i64,
    output_tokens: i64,
    dollars: f64,
    unpriced: usize,
    unbilled: usize,
}

impl<'a> Facts<'a> {
    pub(super) fn of(steps: &[Step<'a>]) -> Self {
        let mut facts = Self::default();
        for step in steps {
            facts.tool_calls += usize::from(step.is_tool());
            facts.errors += usize::from(step.has_failed);
            facts.open += usize::from(step.is_open);
            if !step.is_model() {
                continue;
            }
            facts.models.insert(step.subject);
            facts.model_calls += 1;
            let count = |key| step.attributes.int(key).unwrap_or(0);
            facts.input_tokens = facts
                .input_tokens
                .saturating_add(count(names::INPUT_TOKENS));
            facts.output_tokens = facts
                .output_tokens
                .saturating_add(count(names::OUTPUT_TOKENS));
            let used = [names::INPUT_TOKENS, names::OUTPUT_TOKENS];
            let has_used = used.iter().any(|key| step.attributes.get(key).is_some());
            match step.attributes.float(names::COST_USD) {
                Some(dollars) => facts.dollars += dollars,
                // Nobody is billed for what never came.
                None if step.has_failed && !has_used => facts.unbilled += 1,
                None => facts.unpriced += 1,
            }
        }
        facts
    }

    /// The first line: what it was, whether it has ended and how, and what it used.
    pub(super) fn head(&self, steps: &[Step<'_>]) -> String {
        let Some(root) = step::root(steps) else {
            return "nothing is known of this run".to_owned();
        };
        let mut head = root.called();
        let took = short_duration(root.duration);
        let _ = match (root.is_open, root.has_failed) {
            (true, _) => write!(head, ": running for {took}"),
            (false, true) => write!(head, ": failed after {took}"),
            (false, false) => write!(head, ": ended well after {took}"),
        };
        let _ = write!(head, ", {}", counted(steps.len(), "span"));
        if self.model_calls > 0 {
            let models = self.models.iter().copied().collect::<Vec<_>>().join(", ");
            let _ = write!(head, ", {} of ", counted(self.model_calls, "model call"));
            push_visible(&models, &mut head);
            let (input, output) = (self.input_tokens, self.output_tokens);
            let _ = write!(head, " ({input} tokens in, {output} out{})", self.cost());
        }
        if self.tool_calls > 0 {
            let _ = write!(head, ", {}", counted(self.tool_calls, "tool call"));
        }
        if self.errors > 0 {
            let _ = write!(head, ", {}", counted(self.errors, "error"));
        }
        head
    }

    fn cost(&self) -> String {
        match (self.dollars, self.unpriced) {
            (_, unpriced) if unpriced + self.unbilled == self.model_calls => String::new(),
            (dollars, 0) => format!(", {}", sum(dollars)),
            (dollars, unpriced) => {
                format!(
                    ", {} and {} without a price",
                    sum(dollars),
                    counted(unpriced, "call")
                )
            }
        }
    }
}

/// A sum of dollars; of one that nobody reads digit by digit its size.
fn sum(dollars: f64) -> String {
    match dollars.abs() < 1e15 {
        true => format!("${dollars:.6}"),
        false => format!("${dollars:.3e}"),
    }
}

fn counted(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}
