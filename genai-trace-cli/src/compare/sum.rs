//! What a run did in all.

use serde_json::{Value as Json, json};

use crate::pricing::{Spent, spent};
use crate::span::{Brief, Kind};
use crate::tree::Tree;

/// What a run did in all.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub(crate) start: u64,
    pub(crate) nanoseconds: u64,
    pub(crate) spans: u64,
    pub(crate) chat_calls: u64,
    pub(crate) tool_calls: u64,
    pub(crate) errors: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) dollars: f64,
    pub(crate) unpriced: u64,
}

impl Sum {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut sum = Self::default();
        let mut end = 0;
        for span in &tree.spans {
            let brief = Brief::of(span);
            sum.start = match sum.spans {
                0 => brief.start,
                _ => sum.start.min(brief.start),
            };
            end = end.max(brief.end);
            sum.spans += 1;
            sum.errors += u64::from(brief.has_failed);
            let kind = brief.kind();
            sum.chat_calls += u64::from(kind == Kind::Model);
            sum.tool_calls += u64::from(kind == Kind::Tool);
            if kind.calls_a_model() {
                sum.input_tokens += brief.facts.input_tokens.unwrap_or(0);
                sum.output_tokens += brief.facts.output_tokens.unwrap_or(0);
            }
            match spent(&brief) {
                Spent::Dollars(dollars) => sum.dollars += dollars,
                Spent::Unknown => sum.unpriced += 1,
                Spent::Nothing => {}
            }
        }
        sum.nanoseconds = end.saturating_sub(sum.start);
        sum
    }

    pub(crate) fn document(&self) -> Json {
        json!({
            "start_unix_nano": self.start,
            "duration_ns": self.nanoseconds,
            "spans": self.spans,
            "chat_calls": self.chat_calls,
            "tool_calls": self.tool_calls,
            "errors": self.errors,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": self.dollars,
            "unpriced_calls": self.unpriced,
        })
    }
}

/// What a call cost, as `show` says it; none where it is no such call.
pub(super) fn spent_text(span: &Brief<'_>, show: impl Fn(f64) -> String) -> Option<String> {
    match spent(span) {
        Spent::Dollars(dollars) => Some(show(dollars)),
        Spent::Unknown => Some("?".to_owned()),
        Spent::Nothing => None,
    }
}
