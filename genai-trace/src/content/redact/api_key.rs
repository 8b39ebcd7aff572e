//! Keys that have little form of their own.

use std::ops::Range;

/// Length of a secret of AWS.
const AWS_SECRET: usize = 40;
/// How far from the id of a key its secret is looked for.
const AWS_DISTANCE: usize = 200;

/// Whether what begins like a key goes on like one: `sk-learn-contrib-extras` does not.
pub(super) fn looks_random(text: &str, found: &Range<usize>) -> bool {
    let key = text.get(found.clone()).unwrap_or_default();
    let has_digit = key.bytes().any(|byte| byte.is_ascii_digit());
    let longest = key.split(['-', '_', '.']).map(str::len).max();
    has_digit && longest >= Some(10)
}

/// The first secret of AWS in `text`, from `at` on: 40 characters of all kinds, beside the id of a key.
pub(super) fn aws_secret(text: &str, at: usize) -> Option<Range<usize>> {
    if !["AKIA", "ASIA"].iter().any(|id| text.contains(id)) {
        return None;
    }
    let bytes = text.as_bytes();
    let mut at = at;
    loop {
        let start = at + bytes.get(at..)?.iter().position(is_part)?;
        let rest = bytes.get(start..)?;
        let len = rest
            .iter()
            .position(|byte| !is_part(byte))
            .unwrap_or(rest.len());
        let run = rest.get(..len)?;
        if len == AWS_SECRET && is_mixed(run) && is_beside_id(bytes, start) {
            return Some(start..start + len);
        }
        at = start + len;
    }
}

fn is_part(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn is_mixed(run: &[u8]) -> bool {
    run.iter().any(u8::is_ascii_uppercase)
        && run.iter().any(u8::is_ascii_lowercase)
        && run.iter().any(u8::is_ascii_digit)
}

fn is_beside_id(bytes: &[u8], start: usize) -> bool {
    let from = start.saturating_sub(AWS_DISTANCE);
    let to = bytes.len().min(start + AWS_SECRET + AWS_DISTANCE);
    let around = bytes.get(from..to).unwrap_or_default();
    around.windows(20).any(|window| {
        let is_id = window.starts_with(b"AKIA") || window.starts_with(b"ASIA");
        is_id
            && window
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}
