//! Numbers of phones and of US social security, told from other numbers.

use std::ops::Range;

use super::rule::{before, behind};

/// Whether what looks like the number of a phone may be one: not a part of something longer, nor a price.
pub(super) fn is_phone(text: &str, found: &Range<usize>) -> bool {
    let number = text.get(found.clone()).unwrap_or_default();
    let digits = count_digits(number);
    let before = before(text, found.start);
    if before.is_ascii_alphanumeric() || matches!(before, b'+' | b'_') || continues(text, found.end)
    {
        return false;
    }
    if number.starts_with('+') {
        return !is_price(number);
    }
    let is_part = matches!(before, b'.' | b'-' | b'/');
    match number.starts_with('0') {
        true if number.starts_with("00") => !is_part && (9..=15).contains(&digits),
        true => !is_part && (10..=11).contains(&digits),
        false => !is_part,
    }
}

/// Whether what looks like a social security number may be one: some were never given out.
pub(super) fn is_social_security_number(text: &str, found: &Range<usize>) -> bool {
    let matched = text.get(found.clone()).unwrap_or_default();
    let digits: Vec<u8> = matched.bytes().filter(u8::is_ascii_digit).collect();
    let before = before(text, found.start);
    let is_part = before.is_ascii_alphanumeric() || matches!(before, b'-' | b'_' | b'.');
    if is_part || continues(text, found.end) {
        return false;
    }
    let (area, rest) = digits.split_at_checked(3).unwrap_or_default();
    let (group, serial) = rest.split_at_checked(2).unwrap_or_default();
    let is_area = area != b"000" && area != b"666" && area.first() != Some(&b'9');
    is_area && group != b"00" && serial != b"0000"
}

/// Whether a number goes on there.
fn continues(text: &str, end: usize) -> bool {
    let next = behind(text, end, 0);
    let is_glued = next.is_ascii_alphanumeric() || next == b'_';
    is_glued || (matches!(next, b'-' | b'.') && behind(text, end, 1).is_ascii_digit())
}

/// Whether `+1 234 567.89`.
fn is_price(number: &str) -> bool {
    let Some((whole, cents)) = number.rsplit_once('.') else {
        return false;
    };
    let is_whole = |char: char| char.is_ascii_digit() || matches!(char, '+' | ' ' | '\u{a0}');
    cents.len() == 2 && whole.chars().all(is_whole)
}

fn count_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
