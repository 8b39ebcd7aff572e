//! What a run did in all.

use serde_json::{Value as Json, json};

use crate::pricing::{Spent, Used, spent};
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
    pub(crate) used: Used,
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
            sum.used.add(Used::of(&brief));
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
            "input_tokens": self.used.input_tokens,
            "output_tokens": self.used.output_tokens,
            "cost_usd": self.used.dollars,
            "unpriced_calls": self.used.unpriced,
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
