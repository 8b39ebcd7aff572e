//! What the tests ask of the spans.

use genai_trace::testing::Captured;
use genai_trace::{Outcome, SpanRecord};
use serde_json::Value;

/// The only span.
pub fn only(captured: &Captured) -> SpanRecord {
    let mut spans = captured.spans();
    let span = spans.pop().expect("a span");
    assert!(
        spans.is_empty(),
        "more than one span:\n{}",
        captured.outline()
    );
    span
}

/// What a span says under each of `keys`, as JSON.
pub fn said<const N: usize>(span: &SpanRecord, keys: [&str; N]) -> [Value; N] {
    keys.map(|key| match span.attributes.get(key) {
        Some(value) => serde_json::to_value(value).expect("a value of an attribute"),
        None => Value::Null,
    })
}

/// Tokens as the conventions count them: in, out, read from a cache, written to one.
pub fn tokens(span: &SpanRecord) -> [Value; 4] {
    said(
        span,
        [
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
        ],
    )
}

/// Which model answered, under which id, and why it stopped.
pub fn answer(span: &SpanRecord) -> [Value; 3] {
    said(
        span,
        [
            "gen_ai.response.model",
            "gen_ai.response.id",
            "gen_ai.response.finish_reasons",
        ],
    )
}

/// Asserts that the call was a stream that ended well, and that its first chunk was timed.
pub fn assert_streamed(span: &SpanRecord) {
    assert_eq!(span.outcome(), Outcome::Ok);
    assert_eq!(said(span, ["gen_ai.request.stream"]), [true]);
    let first = span.attributes.float("gen_ai.response.time_to_first_chunk");
    assert!(first.is_some_and(|seconds| seconds > 0.0), "{first:?}");
}
