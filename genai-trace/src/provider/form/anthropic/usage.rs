//! What Anthropic counts: cached tokens beside those of the input, not among them.

use serde_json::Value as Json;

use crate::provider::json::{count, object};
use crate::provider::usage::{Usage, total};

/// The counts, each as it was said last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    cache_write_5m: Option<u64>,
    cache_write_1h: Option<u64>,
    thinking: Option<u64>,
}

impl Counts {
    /// Takes in what `said` says; what it leaves out stays.
    pub(super) fn take(&mut self, said: &Json) {
        let put = |count: &mut Option<u64>, said: Option<u64>| *count = said.or(*count);
        put(&mut self.input, count(said, "input_tokens"));
        put(&mut self.output, count(said, "output_tokens"));
        put(&mut self.cache_read, count(said, "cache_read_input_tokens"));
        put(
            &mut self.cache_write,
            count(said, "cache_creation_input_tokens"),
        );
        if let Some(kept) = object(said, "cache_creation") {
            put(
                &mut self.cache_write_5m,
                count(kept, "ephemeral_5m_input_tokens"),
            );
            put(
                &mut self.cache_write_1h,
                count(kept, "ephemeral_1h_input_tokens"),
            );
        }
        if let Some(details) = object(said, "output_tokens_details") {
            put(&mut self.thinking, count(details, "thinking_tokens"));
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let parts = total([self.cache_write_5m, self.cache_write_1h]);
        let cache_write = self.cache_write.or(parts);
        // Without the count of what was not cached there is no total.
        let input = self
            .input
            .and_then(|input| total([Some(input), self.cache_read, cache_write]));
        Usage {
            input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write,
            cache_write_1h: self.cache_write_1h,
            reasoning: self.thinking,
            ..Usage::default()
        }
    }
}
