//! Usage that cannot be.

use genai_trace::SpanRecord;
use genai_trace_semconv::names;

use super::flaw::Flaw;
use super::rules;

/// Parts, and what they are parts of.
const PARTS: &[(&str, &str)] = &[
    (
        names::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
        names::GEN_AI_USAGE_OUTPUT_TOKENS,
    ),
    (
        names::GEN_AI_USAGE_AUDIO_INPUT_TOKENS,
        names::GEN_AI_USAGE_INPUT_TOKENS,
    ),
    (
        names::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS,
        names::GEN_AI_USAGE_OUTPUT_TOKENS,
    ),
    (
        names::GEN_AI_USAGE_TEXT_INPUT_TOKENS,
        names::GEN_AI_USAGE_INPUT_TOKENS,
    ),
    (
        names::GEN_AI_USAGE_IMAGE_INPUT_TOKENS,
        names::GEN_AI_USAGE_INPUT_TOKENS,
    ),
];

/// What is wrong with the usage of a span.
pub(super) fn flaws(span: &SpanRecord, flaws: &mut Vec<Flaw>) {
    let count = |key| span.attributes.int(key);
    for (key, value) in span.attributes.iter() {
        let is_usage = key.starts_with("gen_ai.usage.") && key.ends_with("tokens");
        if let (true, Some(tokens @ ..0)) = (is_usage, value.as_int()) {
            let message = format!("{key} is {tokens}");
            let flaw = Flaw::new(&rules::TOKENS_NEGATIVE, message).said(tokens);
            flaws.push(flaw.allowed("0 or more").section("attribute", key));
        }
    }
    let input = names::GEN_AI_USAGE_INPUT_TOKENS;
    let cached = [
        names::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        names::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
    ];
    let sum = cached.iter().filter_map(|key| count(key)).sum();
    flaws.extend(more(
        "what was read from and written to the cache",
        sum,
        input,
        count(input),
    ));
    for (part, all) in PARTS {
        flaws.extend(count(part).and_then(|tokens| more(part, tokens, all, count(all))));
    }
}

fn more(part: &str, tokens: i64, all: &str, whole: Option<i64>) -> Option<Flaw> {
    let whole = whole.filter(|whole| tokens > 0 && tokens > *whole)?;
    let message = format!("{part} is {tokens}, {all} {whole}");
    let flaw = Flaw::new(&rules::TOKENS_OF_PART, message).said(tokens);
    Some(flaw.allowed(whole).section("attribute", all))
}
