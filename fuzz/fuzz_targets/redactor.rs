//! Any bytes whatever as content: nothing panics, what is left is text and JSON and fits, it does not
//! matter how often it is done, and no secret that was planted survives.

#![no_main]

use std::sync::LazyLock;

use genai_trace::content::{Redactor, scrub, truncate_json, truncate_text};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static STANDARD: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::standard().expect("the standard rules are valid"));

/// Secrets of standard shapes; none was ever valid.
const PLANTED: [&str; 14] = [
    "ada@example.com",
    "+44 20 7946 0958",
    "(415) 555-2671",
    "123-45-6789",
    "4111111111111111",
    "sk-proj-Ab3dEf6hIj9kLmN0pQrStUvWxYz012345",
    "sk-ant-api03-Ab3dEf6hIj9kLmN0pQrStUvWx-AA",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "xoxb-123456789012-abcdefGHIJ",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN",
    "Bearer Ab3dEf6hIj9k",
];

fn text(text: &str, most: usize) {
    let scrubbed = scrub(text);
    assert_eq!(scrub(&scrubbed), scrubbed, "{text:?}");
    let redacted = STANDARD.redact(text);
    assert_eq!(STANDARD.redact(&redacted), redacted, "{text:?}");
    let cut = truncate_text(text, most);
    assert!(cut.chars().count() <= most);
    assert_eq!(truncate_text(&cut, most), cut);
}

fn value(value: Value, most: usize) {
    let mut redacted = value;
    STANDARD.redact_json("arguments", &mut redacted);
    let mut again = redacted.clone();
    STANDARD.redact_json("arguments", &mut again);
    assert_eq!(again, redacted);
    let (chars, bytes) = (most, most * 8 + 4);
    truncate_json(&mut redacted, chars, bytes);
    let json = redacted.to_string();
    assert!(
        json.len() <= bytes,
        "{} bytes, {bytes} are allowed",
        json.len()
    );
    serde_json::from_str::<Value>(&json).expect("JSON");
    truncate_json(&mut again, chars, bytes);
    truncate_json(&mut again, chars, bytes);
    assert_eq!(again, redacted);
}

/// A secret on a line of its own, whatever is around it.
fn planted(text: &str, secret: &str) {
    if text.contains(secret) {
        // It may stand there as a part of something else.
        return;
    }
    let around = format!("{text}\n{secret}\n{text}");
    let redacted = STANDARD.redact(&around);
    assert!(!redacted.contains(secret), "{around:?}");
    let mut value = json!({"content": around, "list": [secret, {text: secret}]});
    STANDARD.redact_json("", &mut value);
    assert!(!value.to_string().contains(secret), "{around:?}");
}

fuzz_target!(|input: &[u8]| {
    let [mode, most, rest @ ..] = input else {
        return;
    };
    let lossy = String::from_utf8_lossy(rest);
    let secret = PLANTED[usize::from(*mode) % PLANTED.len()];
    let most = usize::from(*most);
    text(&lossy, most);
    planted(&lossy, secret);
    if let Ok(parsed) = serde_json::from_slice(rest) {
        value(parsed, most);
    }
    let halves = lossy.split_at(lossy.floor_char_boundary(lossy.len() / 2));
    value(
        json!([{"text": halves.0, halves.1: [halves.1, secret]}, lossy]),
        most,
    );
});
