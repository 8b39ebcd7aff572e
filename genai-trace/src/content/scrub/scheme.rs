//! What follows `Bearer` and `Basic`.

use super::header::end_of_blanks;
use super::output::Output;
use super::value::is_prose;

/// Scrubs what follows `Bearer` or `Basic` at `at`; gives where to go on.
pub(super) fn scrub_scheme(output: &mut Output<'_, '_>, at: usize) -> usize {
    let text = output.text;
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    // A blank, as URLs write it, may stand before it.
    let is_blank = at.checked_sub(3).and_then(|start| text.get(start..at)) == Some(BLANK);
    if before.is_some_and(u8::is_ascii_alphanumeric) && !is_blank {
        return at;
    }
    let word = end_of_letters(text, at);
    let is_bearer = match text.get(at..word) {
        Some(word) if word.eq_ignore_ascii_case("bearer") => true,
        Some(word) if word.eq_ignore_ascii_case("basic") => false,
        _ => return at,
    };
    let start = match text.get(word..).is_some_and(|rest| rest.starts_with(BLANK)) {
        true => word + BLANK.len(),
        false => end_of_blanks(text, word),
    };
    if start == word {
        return at;
    }
    let rest = bytes.get(start..).unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let end = start
        + rest
            .iter()
            .position(|byte| !is_part(byte))
            .unwrap_or(rest.len());
    let token = text.get(start..end).unwrap_or_default();
    let is_secret = match is_bearer {
        true => is_bearer_token(token),
        false => is_user_and_password(token),
    };
    if is_secret {
        output.mark(start..end);
        return end;
    }
    at
}

/// A blank in a URL.
const BLANK: &str = "%20";

fn end_of_letters(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    // Longer words are none of ours.
    let letters = rest.iter().take(8);
    at + letters
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count()
}

fn is_bearer_token(token: &str) -> bool {
    let word = token.trim_end_matches(['.', '=', '-']);
    // `realm="..."` of a challenge.
    let is_parameter = word.contains('=') || (token.ends_with('=') && word.len() < 16);
    !word.is_empty() && !is_parameter && !is_prose(word)
}

/// Whether the base64 of a user and a password.
fn is_user_and_password(token: &str) -> bool {
    let token = token.trim_end_matches(['=', '.']);
    let mut bytes = Vec::new();
    for group in token.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for digit in group {
            let Some(digit) = base64_digit(*digit) else {
                return false;
            };
            bits = bits << 6 | digit;
        }
        let missing = 4 - group.len();
        let [_, decoded @ ..] = (bits << (6 * missing)).to_be_bytes();
        bytes.extend(decoded.into_iter().take(3 - missing.min(3)));
    }
    let is_text = |text: &str| text.contains(':') && !text.contains(char::is_control);
    token.len() >= 4 && std::str::from_utf8(&bytes).is_ok_and(is_text)
}

fn base64_digit(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}
