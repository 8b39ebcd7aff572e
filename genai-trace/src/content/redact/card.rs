//! Numbers of payment cards.

use std::ops::Range;

use super::rule::{before, behind};

/// Most digits of a card.
const MOST_DIGITS: usize = 19;

/// The first number of a card in `text`, from `at` on: 13 to 19 digits of a network's, with a valid check
/// digit, in one piece or in groups.
pub(super) fn card(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = at;
    loop {
        let start = at + bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
        let group = digits_at(bytes, start);
        if begins(text, start)
            && let Some(end) = end_of_card(text, start)
        {
            return Some(start..end);
        }
        at = start + group;
    }
}

/// Whether a number may begin there, and not in the midst of another or of a word.
fn begins(text: &str, start: usize) -> bool {
    let before_it = before(text, start);
    let is_fraction = before_it == b'.' && start > 1 && before(text, start - 1).is_ascii_digit();
    !before_it.is_ascii_alphanumeric() && before_it != b'_' && !is_fraction
}

/// Where the card that begins there ends; the longest counts.
fn end_of_card(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut digits = [0; MOST_DIGITS];
    let mut count = 0;
    let mut at = start;
    let mut end = None;
    loop {
        let group = digits_at(bytes, at);
        let places = digits.get_mut(count..count + group)?;
        places.copy_from_slice(bytes.get(at..at + group)?);
        count += group;
        at += group;
        let number = digits.get(..count)?;
        if is_card(number) && ends(text, at) {
            end = Some(at);
        }
        let separator = separator_at(text, at);
        let next = digits_at(bytes, at + separator);
        // Groups of fewer than three are no card's, but for the last.
        let is_grouped = separator > 0 && next > 0 && (3..=6).contains(&group);
        if !is_grouped || count + next > MOST_DIGITS {
            return end;
        }
        at += separator;
    }
}

/// Whether a number may end there.
fn ends(text: &str, end: usize) -> bool {
    let next = behind(text, end, 0);
    let is_fraction = next == b'.' && behind(text, end, 1).is_ascii_digit();
    !next.is_ascii_alphanumeric() && next != b'_' && !is_fraction
}

fn separator_at(text: &str, at: usize) -> usize {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(char @ (' ' | '-' | '\u{a0}' | '\u{2009}' | '\u{2011}')) => char.len_utf8(),
        _ => 0,
    }
}

/// How many digits there are, up to one more than a card has.
fn digits_at(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default().iter();
    rest.take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether the digits are those of a card.
pub(super) fn is_card(digits: &[u8]) -> bool {
    is_of_network(digits) && has_check_digit(digits)
}

/// Whether a network gives out numbers of this beginning and length.
fn is_of_network(digits: &[u8]) -> bool {
    let first = |count: usize| {
        let digits = digits.get(..count).unwrap_or_default();
        digits
            .iter()
            .fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    match (digits.len(), first(1), first(2), first(4)) {
        // Visa
        (13 | 16 | 19, 4, ..) => true,
        // Mastercard
        (16, _, 51..=55, _) | (16, _, _, 2221..=2720) => true,
        // American Express
        (15, _, 34 | 37, _) => true,
        // Diners
        (14, _, 36 | 38 | 39, _) | (14, _, _, 3000..=3059) => true,
        // Discover
        (16..=19, _, 65, _) | (16..=19, _, _, 6011 | 6440..=6499) => true,
        // JCB
        (16..=19, _, _, 3528..=3589) => true,
        // UnionPay, Maestro
        (16..=19, _, 62, _) | (16, _, _, 5018 | 5020 | 5038 | 6304 | 6759 | 6761..=6763) => true,
        _ => false,
    }
}

/// Luhn's check.
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(
            |(place, digit)| match (u32::from(digit - b'0'), place % 2) {
                (digit, 0) => digit,
                (digit @ 5.., _) => digit * 2 - 9,
                (digit, _) => digit * 2,
            },
        )
        .sum();
    sum.is_multiple_of(10)
}
