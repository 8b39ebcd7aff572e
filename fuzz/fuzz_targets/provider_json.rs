//! Any bytes whatever as a request and as a response: nothing panics, and nothing is invented.
//!
//! The first byte of the input says what the rest is: bytes as they are, or the choices of a JSON value.

#![no_main]

#[path = "provider/built.rs"]
mod built;

use genai_trace::provider::{self, Origin};
use libfuzzer_sys::fuzz_target;

/// Where what is read may come from.
const URLS: [&str; 6] = [
    "https://api.openai.com/v1/chat/completions",
    "https://api.anthropic.com/v1/messages",
    "https://generativelanguage.googleapis.com/v1beta/models/g:generateContent",
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/a%3A0/invoke",
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/a%3A0/converse",
    "https://generativelanguage.googleapis.com/v1beta/interactions",
];

fuzz_target!(|input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else {
        return;
    };
    let bytes = match mode % 4 {
        0 => rest.to_vec(),
        _ => built::Bytes(rest).value(7).to_string().into_bytes(),
    };
    let mut origin = Origin::default();
    if let Some(url) = URLS.get(usize::from(mode / 4)) {
        origin = origin.url(url);
    }
    let text = String::from_utf8_lossy(&bytes);
    let facts = provider::response_bytes(&bytes, &origin);
    if let Some(facts) = &facts {
        built::check(facts, &text);
        assert_eq!(facts.content, None);
    }
    let mut with_content = provider::response_bytes(&bytes, &origin.content(true));
    if let Some(facts) = &mut with_content {
        facts.content = None;
    }
    assert_eq!(facts, with_content, "content changes no other fact: {text}");
    let _ = provider::request_bytes(&bytes, &origin);
    let _ = provider::request_bytes(&bytes, &origin.content(true));
    let _ = provider::response_bytes(&bytes, &origin.status(500));
});
