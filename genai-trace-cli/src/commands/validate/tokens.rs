//! Usage that cannot be.

use genai_trace::{SpanRecord, Value};
use genai_trace_semconv::names;

use super::flaw::Flaw;
use super::rules;
use crate::span::whole;

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
    let count = |key| count(span.attributes.get(key)?);
    let input = names::GEN_AI_USAGE_INPUT_TOKENS;
    let cached = [
        names::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        names::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
    ];
    let said = cached.iter().filter_map(|key| count(key));
    let sum = said.fold(0, i64::saturating_add);
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

/// A count as sums have it.
fn count(value: &Value) -> Option<i64> {
    match value {
        Value::Float(number) => i64::try_from(whole(*number)?).ok(),
        other => other.as_int(),
    }
}

fn more(part: &str, tokens: i64, all: &str, whole: Option<i64>) -> Option<Flaw> {
    let whole = whole.filter(|whole| tokens > 0 && tokens > *whole)?;
    let message = format!("{part} is {tokens}, {all} {whole}");
    let flaw = Flaw::new(&rules::TOKENS_OF_PART, message).said(tokens);
    Some(flaw.allowed(whole).section("attribute", all))
}
