//! A few bytes, again and again, as a long text: no stack is too small for it, and no time grows with its square.
//!
//! What is found where a text is short is found by `redactor`.

#![no_main]

use std::sync::LazyLock;

use genai_trace::content::{Redactor, scrub, truncate_text};
use libfuzzer_sys::fuzz_target;

static STANDARD: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::standard().expect("the standard rules are valid"));

/// So long that a call for each repetition, or a look back at all of them, is seen.
const BYTES: usize = 128 * 1024;

fuzz_target!(|input: &[u8]| {
    // Beginning, what is repeated, end.
    let lossy = String::from_utf8_lossy(input);
    let mut parts = lossy.splitn(3, '\0');
    let [first, again, last] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let (again, first) = if again.is_empty() {
        (first, "")
    } else {
        (again, first)
    };
    if again.is_empty() {
        return;
    }
    let text = format!("{first}{}{last}", again.repeat(BYTES / again.len()));
    std::hint::black_box((
        scrub(&text),
        STANDARD.redact(&text),
        truncate_text(&text, 500),
    ));
});
