//! Counts of tokens: none below zero, no part above its total, and only where a model was called.

use super::Sheet;

/// Totals, and parts that together are at most as much.
const PARTS: [(&str, &[&str]); 6] = [
    (
        "input_tokens",
        &["cache_read.input_tokens", "cache_write.input_tokens"],
    ),
    (
        "input_tokens",
        &[
            "text.input_tokens",
            "audio.input_tokens",
            "image.input_tokens",
        ],
    ),
    ("output_tokens", &["reasoning.output_tokens"]),
    (
        "output_tokens",
        &[
            "text.output_tokens",
            "audio.output_tokens",
            "image.output_tokens",
        ],
    ),
    (
        "cache_read.input_tokens",
        &[
            "text.cache_read.input_tokens",
            "audio.cache_read.input_tokens",
            "image.cache_read.input_tokens",
        ],
    ),
    ("cache_write.input_tokens", &["cache_write_1h.input_tokens"]),
];

pub(super) fn check(sheet: &mut Sheet<'_>) {
    let mut has_usage = false;
    for (name, value) in sheet.attributes {
        if name.starts_with("gen_ai.usage.") {
            has_usage = true;
            let is_count = !value.is_i64() || value.is_u64();
            sheet.expect(is_count, "negative", || format!("{name} is {value}"));
        }
    }
    let usage = |sheet: &Sheet<'_>, part: &str| {
        let own = sheet.count(&format!("genai_trace.usage.{part}"));
        sheet.count(&format!("gen_ai.usage.{part}")).or(own)
    };
    for (total, parts) in PARTS {
        let Some(whole) = usage(sheet, total) else {
            continue;
        };
        let sum: u64 = parts.iter().filter_map(|part| usage(sheet, part)).sum();
        sheet.expect(sum <= whole, "part", || {
            format!("{sum} of {parts:?} in {whole} of {total}")
        });
    }
    // Repeated further up, sums over spans would count them twice.
    if has_usage {
        let operation = sheet.text("gen_ai.operation.name").unwrap_or_default();
        let is_call =
            ["chat", "text_completion", "generate_content", "embeddings"].contains(&operation);
        sheet.expect(is_call, "usage_on_leaf", || {
            format!("gen_ai.usage on {operation:?}")
        });
    }
    let reasons = sheet.attributes.get("gen_ai.response.finish_reasons");
    if let Some(list) = reasons.and_then(|reasons| reasons.as_array()) {
        let holds = !list.is_empty() && list.iter().all(|reason| reason != "");
        sheet.expect(holds, "finish_reasons", || {
            format!("finish reasons {list:?}")
        });
    }
}
