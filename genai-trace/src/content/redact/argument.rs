//! Secrets among the arguments of a command: `--password hunter2`, `curl -u ada:hunter2`.

use std::ops::Range;

use super::rule::before;
use crate::content::scrub::looks_random;
use crate::content::secret_name::{is_secret, plain};

/// Longest name of an argument that is looked at.
const LONGEST_NAME: usize = 48;

/// The first value in `text`, from `at` on, that stands behind an argument whose name says that it is secret.
pub(super) fn secret_argument(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = at;
    loop {
        let start = at + bytes.get(at..)?.iter().position(|byte| *byte == b'-')?;
        let previous = before(text, start);
        let begins = previous == 0 || previous.is_ascii_whitespace() || b"\"'`".contains(&previous);
        if begins && let Some(found) = value_behind(text, start) {
            return Some(found);
        }
        at = start + 1;
    }
}

fn value_behind(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let name = bytes.get(start..)?.iter().take(LONGEST_NAME);
    let name_end = start + name.take_while(is_part).count();
    let name = text.get(start..name_end)?.trim_start_matches('-');
    let blanks = bytes.get(name_end..)?.iter();
    let blanks = blanks.take_while(|byte| **byte == b' ').count();
    let is_user = matches!(name, "u" | "user");
    if blanks == 0 || !(is_user || is_secret(&plain(name))) {
        return None;
    }
    let mut from = name_end + blanks;
    let quote = bytes.get(from).filter(|byte| b"\"'".contains(byte));
    from += usize::from(quote.is_some());
    let is_end = |byte: &u8| match quote {
        Some(quote) => byte == quote || *byte == b'\n',
        None => byte.is_ascii_whitespace() || b"\"'`;|)".contains(byte),
    };
    let rest = bytes.get(from..)?;
    let end = from + rest.iter().position(is_end).unwrap_or(rest.len());
    if is_user {
        from += text.get(from..end)?.find(':')? + 1;
    }
    looks_random(text.get(from..end)?).then_some(from..end)
}
