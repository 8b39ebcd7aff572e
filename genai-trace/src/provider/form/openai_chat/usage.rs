//! What chat completions count, with the differences of those who speak their form.

use serde_json::Value as Json;

use crate::provider::json::{count, object};
use crate::provider::usage::{ByModality, Usage, sum};

/// What `said`, the member `usage`, counts.
pub(in crate::provider::form) fn usage(said: &Json) -> Usage {
    let prompt = object(said, "prompt_tokens_details");
    let completion = object(said, "completion_tokens_details");
    let input = count(said, "prompt_tokens");
    let output = count(said, "completion_tokens");
    let input_by = prompt.map(by_modality).unwrap_or_default();
    let reasoning = completion
        .and_then(|details| count(details, "reasoning_tokens"))
        // Copilot and Perplexity.
        .or_else(|| count(said, "reasoning_tokens"));
    let outside = Outside::new(said, input, output, input_by.audio, reasoning);
    Usage {
        input: sum([input, outside.audio]),
        output: sum([output, outside.reasoning]),
        cache_read: prompt
            .and_then(|details| count(details, "cached_tokens"))
            // DeepSeek, then Moonshot and Together.
            .or_else(|| count(said, "prompt_cache_hit_tokens"))
            .or_else(|| count(said, "cached_tokens")),
        cache_write: prompt.and_then(|details| count(details, "cache_write_tokens")),
        cache_write_1h: None,
        reasoning,
        input_by,
        output_by: completion.map(by_modality).unwrap_or_default(),
        cache_read_by: prompt
            .and_then(|details| object(details, "cached_tokens_details"))
            .map(by_modality)
            .unwrap_or_default(),
    }
}

fn by_modality(details: &Json) -> ByModality {
    ByModality {
        text: count(details, "text_tokens"),
        audio: count(details, "audio_tokens"),
        image: count(details, "image_tokens"),
    }
}

/// What a provider counts beside its totals of input and output, which only the sum of all gives away:
/// xAI its reasoning, Mistral its audio.
#[derive(Default)]
struct Outside {
    audio: Option<u64>,
    reasoning: Option<u64>,
}

impl Outside {
    fn new(
        said: &Json,
        input: Option<u64>,
        output: Option<u64>,
        audio: Option<u64>,
        reasoning: Option<u64>,
    ) -> Self {
        let (Some(total), Some(input)) = (count(said, "total_tokens"), input) else {
            return Self::default();
        };
        let beside = total.checked_sub(input.saturating_add(output.unwrap_or(0)));
        let Some(beside) = beside.filter(|beside| *beside > 0) else {
            return Self::default();
        };
        if audio == Some(beside) {
            Self {
                audio,
                reasoning: None,
            }
        } else if output.is_some() && reasoning == Some(beside) {
            Self {
                audio: None,
                reasoning,
            }
        } else if output.is_some() && sum([audio, reasoning]) == Some(beside) {
            Self { audio, reasoning }
        } else {
            Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::usage;

    #[test]
    fn reasoning_beside_the_completion_is_output_too() {
        let said = json!({
            "prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 20,
            "completion_tokens_details": {"reasoning_tokens": 6},
        });
        let usage = usage(&said);
        assert_eq!(
            (usage.input, usage.output, usage.reasoning),
            (Some(10), Some(10), Some(6))
        );
    }

    #[test]
    fn reasoning_within_the_completion_is_not_added() {
        let said = json!({
            "prompt_tokens": 10, "completion_tokens": 8, "total_tokens": 18,
            "completion_tokens_details": {"reasoning_tokens": 6},
        });
        assert_eq!(usage(&said).output, Some(8));
    }

    #[test]
    fn audio_beside_the_prompt_is_input_too() {
        let said = json!({
            "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115,
            "prompt_tokens_details": {"audio_tokens": 100},
        });
        let usage = usage(&said);
        assert_eq!((usage.input, usage.input_by.audio), (Some(110), Some(100)));
    }

    #[test]
    fn a_total_that_nothing_explains_changes_nothing() {
        let said = json!({"prompt_tokens": 35, "completion_tokens": 12, "total_tokens": 109});
        let usage = usage(&said);
        assert_eq!((usage.input, usage.output), (Some(35), Some(12)));
    }

    #[test]
    fn what_came_from_a_cache_is_found_under_each_of_its_names() {
        for said in [
            json!({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 7}}),
            json!({"prompt_tokens": 9, "prompt_cache_hit_tokens": 7, "prompt_cache_miss_tokens": 2}),
            json!({"prompt_tokens": 9, "cached_tokens": 7}),
        ] {
            assert_eq!(usage(&said).cache_read, Some(7), "{said}");
        }
    }

    #[test]
    fn counts_that_cannot_be_are_not_said() {
        for bad in [
            json!(-1),
            json!(1.5),
            json!("12"),
            json!(u64::MAX),
            json!(1e300),
            json!(null),
            json!([]),
        ] {
            let said = json!({"prompt_tokens": bad, "completion_tokens": 3});
            let usage = usage(&said);
            assert_eq!((usage.input, usage.output), (None, Some(3)), "{said}");
        }
    }

    #[test]
    fn the_largest_counts_do_not_overflow() {
        let most = i64::MAX;
        let said = json!({
            "prompt_tokens": most, "completion_tokens": most, "total_tokens": most,
            "completion_tokens_details": {"reasoning_tokens": most},
        });
        assert_eq!(usage(&said).output, Some(u64::try_from(most).unwrap()));
    }
}
