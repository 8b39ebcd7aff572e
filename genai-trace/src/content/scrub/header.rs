//! Headers, and what goes by a name that says it is secret.

use super::output::Output;
use super::value::{Value, beginning, is_code, is_prose, looks_random};
use super::{end_of, url};
use crate::content::mark;
use crate::content::secret_name::{self, plain};

/// Most bytes of a name that are looked at: how it ends tells.
const LONGEST_NAME: usize = 48;
/// What a value without quotes ends at, beside white space.
const ENDS: &[u8] = b"\"'`,;&)}]<>\\";

/// Scrubs what follows the `:` or `=` at `at`, where the name before it says that it is secret; gives
/// where to go on.
pub(super) fn scrub_named(output: &mut Output<'_, '_>, at: usize) -> usize {
    let text = output.text;
    let Some(name) = Name::before(text, at) else {
        return at;
    };
    let is_colon = text.as_bytes().get(at) == Some(&b':');
    let plain = plain(name.text);
    if !is_colon && matches!(name.last(), b'?' | b'&' | b'#' | b';') {
        return match secret_name::is_secret_query(&plain) {
            true => url::scrub_value(output, at + 1),
            false => at,
        };
    }
    let kind = name.kind(&plain);
    let is_path = text.as_bytes().get(at + 1) == Some(&b':') || name.front.ends_with(b"::");
    if kind == Kind::Other || is_path {
        return at;
    }
    let value = Value::behind(text, at + 1);
    let end = match value.quote {
        Some(_) => value.end_of_quoted(text),
        None => end_of_bare(output, value.start, &name, &plain),
    };
    let is_secret = match (value.quote, is_colon) {
        (Some(_), false) => true,
        (Some(_), true) => kind == Kind::Header || name.is_quoted || name.is_of_field(),
        (None, false) => !tells_nothing(text, &value, &name, end),
        (None, true) => {
            let is_meant = match kind {
                Kind::Provided => looks_random(text.get(value.start..end).unwrap_or_default()),
                Kind::Header => is_header_value(text, &value, &plain, end),
                _ => name.is_quoted || (name.is_of_field() && is_alone(text, value.start, end)),
            };
            is_meant && !tells_nothing(text, &value, &name, end)
        }
    };
    match is_secret {
        true => {
            output.mark(value.start..end);
            end
        }
        false => at,
    }
}

/// Scrubs the value behind the name of a header at `at`, where both stand in quotes with a comma in
/// between: `("x-api-key", "abc")`, as lists of headers are shown. Gives where to go on.
pub(super) fn scrub_pair(output: &mut Output<'_, '_>, at: usize) -> usize {
    let text = output.text;
    let Some(name) = Name::before(text, at).filter(|name| name.is_quoted) else {
        return at;
    };
    let is_open = |front: &[u8]| {
        let mut front = front.iter().rev();
        front
            .find(|byte| !b"\"'\\".contains(byte))
            .is_some_and(|byte| b"([".contains(byte))
    };
    let value = Value::behind(text, at + 1);
    if value.quote.is_none() || !is_open(name.front) || !secret_name::is_header(&plain(name.text)) {
        return at;
    }
    let end = value.end_of_quoted(text);
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let mut rest = rest
        .iter()
        .take(8)
        .filter(|byte| !b"\"'\\ ,".contains(byte));
    let is_pair = rest.next().is_some_and(|byte| b")]".contains(byte));
    // A list of names of headers is none of a name and a value.
    let is_name = |text: &str| secret_name::is_header(&plain(text));
    match is_pair && !is_name(text.get(value.start..end).unwrap_or_default()) {
        true => {
            output.mark(value.start..end);
            end
        }
        false => at,
    }
}

/// What a name is that of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A header that carries a secret, and nothing else.
    Header,
    /// `API key provided`, behind which the key stands in a sentence.
    Provided,
    /// Something that is secret.
    Key,
    Other,
}

/// A name before a `:` or `=`.
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    /// What stands before it.
    front: &'a [u8],
    /// Whether a quote stands behind it.
    is_quoted: bool,
    /// Whether a blank stands behind it.
    pub(super) has_blank: bool,
}

impl<'a> Name<'a> {
    pub(super) fn before(text: &'a str, at: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let before = bytes.get(..at)?;
        let behind = before.iter().rev().take(4);
        let skipped = behind.take_while(|byte| b"\"'\\ ".contains(byte)).count();
        let end = at - skipped;
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let len = before.get(..end)?.iter().rev().take(LONGEST_NAME);
        let len = len.take_while(is_part).count();
        if len == 0 {
            return None;
        }
        let start = end - len;
        let behind = bytes.get(end..at)?;
        let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
        Some(Self {
            text: text.get(start..end)?,
            front: before.get(..start)?,
            is_quoted: behind.iter().any(is_quote),
            has_blank: behind.last() == Some(&b' '),
        })
    }

    /// The byte before it; 0 at the beginning.
    fn last(&self) -> u8 {
        self.front.last().copied().unwrap_or(0)
    }

    fn kind(&self, plain: &str) -> Kind {
        if secret_name::is_header(plain) || (plain == "key" && self.follows(b"api ")) {
            return Kind::Header;
        }
        if matches!(plain, "provided" | "used" | "is" | "was") && self.follows(b"api key ") {
            return Kind::Provided;
        }
        match secret_name::is_secret(plain) {
            true => Kind::Key,
            false => Kind::Other,
        }
    }

    fn follows(&self, word: &[u8]) -> bool {
        let start = self.front.len().checked_sub(word.len());
        let last = start.and_then(|start| self.front.get(start..));
        last.is_some_and(|last| last.eq_ignore_ascii_case(word))
    }

    /// Whether it is the name of a field, and no word of a sentence: `unexpected token: "x"` speaks of one.
    fn is_of_field(&self) -> bool {
        let is_of_parts = self.text.bytes().any(|byte| matches!(byte, b'_' | b'-'))
            || self.text.as_bytes().windows(2).any(
                |pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()),
            );
        let mut before = self.front.iter().rev().take(64);
        let before = before.find(|byte| !matches!(byte, b' ' | b'\t'));
        let begins = |byte: &u8| b"{,([;|\n\r-+>\"'`".contains(byte);
        is_of_parts || before.is_none_or(begins)
    }
}

/// Whether a value without quotes tells nothing: code that says where the secret comes from, or what JSON
/// has for none.
fn tells_nothing(text: &str, value: &Value, name: &Name<'_>, end: usize) -> bool {
    let word = text.get(value.start..end).unwrap_or_default();
    let is_mark = mark::len_at(word).is_some();
    !is_mark && (word.starts_with('{') || is_code(text, value, name, end))
}

/// Whether what follows the name of a header is its value, and no sentence about it.
fn is_header_value(text: &str, value: &Value, plain: &str, end: usize) -> bool {
    let said = beginning(text.get(value.start..end).unwrap_or_default());
    match plain.ends_with("cookie") {
        true => said.contains('=') || mark::len_at(said).is_some(),
        false => {
            let word = said.split([' ', '\t']).next().unwrap_or_default();
            !is_prose(word)
        }
    }
}

/// Whether a word stands alone to the end of its line, and looks like something that nobody has written as
/// a type: `password: hunter2`, but not `token: usize`.
fn is_alone(text: &str, start: usize, end: usize) -> bool {
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let mut rest = rest.iter().skip_while(|byte| matches!(byte, b' ' | b'\t'));
    let ends = rest.next().is_none_or(|byte| b"\n\r\"'\\".contains(byte));
    ends && looks_random(text.get(start..end).unwrap_or_default())
}

/// Where a value without quotes ends: with its line where it has many parts, else with its first word,
/// or the one behind the word for a scheme.
fn end_of_bare(output: &mut Output<'_, '_>, start: usize, name: &Name<'_>, plain: &str) -> usize {
    let text = output.text;
    if plain.ends_with("cookie") {
        return end_of_line(output, start, name.last());
    }
    let first = end_of_word(output, start);
    let word = text.get(start..first).unwrap_or_default();
    let is_one_of = |schemes: &[&str]| {
        let mut schemes = schemes.iter();
        schemes.any(|scheme| word.eq_ignore_ascii_case(scheme))
    };
    if is_one_of(&["AWS4-HMAC-SHA256", "Digest", "OAuth", "Hawk", "Signature"]) {
        return end_of_line(output, start, name.last());
    }
    let mut second = || {
        let start = end_of_blanks(text, first);
        (start, end_of_word(output, start))
    };
    if is_one_of(&[
        "Bearer",
        "Basic",
        "Token",
        "ApiKey",
        "Api-Key",
        "Key",
        "Negotiate",
    ]) {
        return second().1;
    }
    // Any other scheme has a word that is no word behind it.
    let is_scheme = |word: &str| {
        !word.is_empty()
            && beginning(word)
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
    };
    if plain.ends_with("authorization") && is_scheme(word) && !is_prose(word) {
        let (start, end) = second();
        if start > first && looks_random(text.get(start..end).unwrap_or_default()) {
            return end;
        }
    }
    first
}

/// The end of a line, or of what stands in quotes that begin before its name.
fn end_of_line(output: &mut Output<'_, '_>, at: usize, before: u8) -> usize {
    let text = output.text;
    let quote = matches!(before, b'"' | b'\'').then_some(before);
    output.end_of_line(at, quote.unwrap_or(0), || line_until(text, at, quote))
}

fn line_until(text: &str, at: usize, quote: Option<u8>) -> usize {
    let bytes = text.as_bytes();
    let rest = bytes.get(at..).unwrap_or_default();
    let mut escapes = false;
    let is_end = |byte: &u8| {
        let was_escaped = std::mem::replace(&mut escapes, *byte == b'\\');
        matches!(byte, b'\n' | b'\r')
            || (quote == Some(*byte))
            || (was_escaped && matches!(byte, b'n' | b'r'))
    };
    let end = at + rest.iter().position(is_end).unwrap_or(rest.len());
    // The backslash belongs to what ends it.
    let is_escape = end < bytes.len() && end > at && bytes.get(end - 1) == Some(&b'\\');
    end - usize::from(is_escape)
}

/// The end of a word; a mark is a part of it.
fn end_of_word(output: &mut Output<'_, '_>, at: usize) -> usize {
    let text = output.text;
    let mark = text.get(at..).and_then(mark::len_at).unwrap_or(0);
    let at = at + mark;
    output.end_of_word(at, || end_of(text, at, ENDS))
}

pub(super) fn end_of_blanks(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
    at + blanks.count()
}
