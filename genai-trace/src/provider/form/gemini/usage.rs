//! What Gemini counts: thoughts and the prompts of tools beside the other tokens, not among them.

use serde_json::Value as Json;

use crate::provider::json::{count, list};
use crate::provider::usage::{ByModality, Usage, total};

/// What `said`, a `usageMetadata`, says.
pub(in crate::provider::form) fn usage(said: &Json) -> Usage {
    let thoughts = count(said, "thoughtsTokenCount");
    let prompt = list(said, "promptTokensDetails");
    let tools = list(said, "toolUsePromptTokensDetails");
    // Live sessions call it a response.
    let candidates =
        count(said, "candidatesTokenCount").or_else(|| count(said, "responseTokenCount"));
    Usage {
        input: total([
            count(said, "promptTokenCount"),
            count(said, "toolUsePromptTokenCount"),
        ]),
        output: total([candidates, thoughts]),
        cache_read: count(said, "cachedContentTokenCount"),
        reasoning: thoughts,
        input_by: by_modality(prompt.iter().chain(tools), "tokenCount"),
        output_by: by_modality(list(said, "candidatesTokensDetails").iter(), "tokenCount"),
        cache_read_by: by_modality(list(said, "cacheTokensDetails").iter(), "tokenCount"),
        ..Usage::default()
    }
}

/// The split that `details` gives, with the counts at `key`. Tokens of documents and videos are in
/// none of our classes, and so in the totals alone.
pub(in crate::provider::form) fn by_modality<'a>(
    details: impl Iterator<Item = &'a Json>,
    key: &str,
) -> ByModality {
    let mut split = ByModality::default();
    for detail in details {
        let class = match detail.get("modality") {
            Some(Json::String(name)) => match name.to_ascii_uppercase().as_str() {
                "TEXT" => &mut split.text,
                "AUDIO" => &mut split.audio,
                "IMAGE" => &mut split.image,
                _ => continue,
            },
            // Vertex may give the number of its enumeration for the word.
            Some(number) => match number.as_u64() {
                Some(1) => &mut split.text,
                Some(2) => &mut split.image,
                Some(4) => &mut split.audio,
                _ => continue,
            },
            None => continue,
        };
        *class = total([*class, count(detail, key)]);
    }
    split
}
