//! What a call used, in classes that do not overlap.

use serde_json::{Map, Value as Json};

use crate::record::{SpanRecord, Value};
use crate::span::names;

/// Says what a call used in classes that do not overlap, in JSON. The counts themselves stay; without the classes
/// Langfuse would take each that it does not know for one beside the others, and count its tokens twice.
pub(super) fn details(span: &mut SpanRecord) {
    let count = |key: &str| span.attributes.int(key);
    let (input, output) = (count(names::INPUT_TOKENS), count(names::OUTPUT_TOKENS));
    let mut classes = Map::new();
    for (whole, key, parts) in [
        (
            input,
            "input",
            [
                (names::CACHE_READ_TOKENS, "input_cached_tokens"),
                (names::CACHE_WRITE_TOKENS, "input_cache_creation"),
            ],
        ),
        (
            output,
            "output",
            [
                (names::REASONING_TOKENS, "output_reasoning_tokens"),
                (names::AUDIO_OUTPUT_TOKENS, "output_audio_tokens"),
            ],
        ),
    ] {
        let Some(whole) = whole else { continue };
        let mut rest = whole;
        for (part, class) in parts {
            if let Some(tokens) = count(part) {
                rest = rest.saturating_sub(tokens);
                classes.insert(class.to_owned(), Json::from(tokens));
            }
        }
        classes.insert(key.to_owned(), Json::from(rest.max(0)));
    }
    if classes.is_empty() {
        return;
    }
    let total = input.unwrap_or(0).saturating_add(output.unwrap_or(0));
    classes.insert("total".to_owned(), Json::from(total));
    let details = Json::Object(classes).to_string();
    let key = "langfuse.observation.usage_details";
    span.attributes.add(key, Value::String(details));
}
