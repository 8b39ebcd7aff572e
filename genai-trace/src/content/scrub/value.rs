//! The value behind a name: where it begins and ends, and whether it is a secret or speaks of one.

use super::header::{Name, end_of_blanks};
use crate::content::mark;
use crate::content::secret_name::plain;

/// A value behind a `:` or `=`.
pub(super) struct Value {
    /// Where it begins, without quotes and brackets.
    pub(super) start: usize,
    /// The quote that it stands in.
    pub(super) quote: Option<Quote>,
    /// Whether a blank stands before it.
    has_blank: bool,
    /// Whether it is compared with, and not given: `==`.
    is_compared: bool,
}

/// A quote, and how many backslashes stand before it.
#[derive(Clone, Copy)]
pub(super) struct Quote {
    sign: u8,
    escapes: usize,
}

/// Most signs between a `:` or `=` and a value.
const MOST_SIGNS: usize = 12;

impl Value {
    /// The value behind the `:` or `=` that ends at `at`.
    pub(super) fn behind(text: &str, at: usize) -> Self {
        let bytes = text.as_bytes();
        let mut start = end_of_blanks(text, at);
        let has_blank = start > at;
        let is_compared = bytes.get(at) == Some(&b'=');
        let mut escapes = 0;
        // Quotes, escaped ones as well, the brackets of a list, and what is called to make a value of a text:
        // `Some("`; but not those of a mark.
        for _ in 0..MOST_SIGNS {
            let rest = text.get(start..).unwrap_or_default();
            if mark::len_at(rest).is_some() {
                break;
            }
            match bytes.get(start) {
                Some(sign @ (b'"' | b'\'' | b'`')) => {
                    let sign = *sign;
                    return Self {
                        start: start + 1,
                        quote: Some(Quote { sign, escapes }),
                        has_blank,
                        is_compared,
                    };
                }
                Some(b'\\') => escapes += 1,
                Some(b'[' | b'(' | b'=' | b'>' | b' ') => escapes = 0,
                _ => match len_of_call(rest) {
                    0 => break,
                    len => {
                        start += len;
                        continue;
                    }
                },
            }
            start += 1;
        }
        Self {
            start,
            quote: None,
            has_blank,
            is_compared,
        }
    }

    /// Where the value ends that stands in quotes: at a quote like the first, escaped as often, or with its
    /// line.
    pub(super) fn end_of_quoted(&self, text: &str) -> usize {
        let rest = text.as_bytes().get(self.start..).unwrap_or_default();
        let Some(quote) = self.quote else {
            return self.start;
        };
        let mut escapes = 0;
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'\\' => escapes += 1,
                b'\n' | b'\r' => return self.start + at,
                byte if *byte == quote.sign
                    && escapes % (quote.escapes + 1).saturating_mul(2) == quote.escapes =>
                {
                    return self.start + at - quote.escapes;
                }
                _ => escapes = 0,
            }
        }
        text.len()
    }
}

/// The length of the prefix of a quoted text, `b` or `Some(` or `String::from(`; 0 where there is none.
fn len_of_call(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let is_quote = |at: usize| matches!(bytes.get(at), Some(b'"' | b'\''));
    if matches!(bytes.first(), Some(b'b' | b'u' | b'r' | b'f' | b'@')) {
        let hashes = bytes
            .iter()
            .skip(1)
            .take(2)
            .take_while(|byte| **byte == b'#');
        let len = 1 + hashes.count();
        return if is_quote(len) { len } else { 0 };
    }
    // Others may be within the first, and then the text.
    let mut end = 0;
    let mut first = 0;
    for _ in 0..MOST_CALLS {
        match len_of_path(bytes.get(end..).unwrap_or_default()) {
            0 => break,
            len => end += len,
        }
        if first == 0 {
            first = end;
        }
    }
    let is_escaped_quote = bytes.get(end) == Some(&b'\\') && (end..end + 4).any(is_quote);
    match is_quote(end) || is_escaped_quote {
        true => first,
        false => 0,
    }
}

/// Most calls within each other to make a value of a text.
const MOST_CALLS: usize = 6;

/// The length of a path and the bracket behind it, `Some(`; 0 where there is none.
fn len_of_path(bytes: &[u8]) -> usize {
    if !bytes.first().is_some_and(u8::is_ascii_uppercase) {
        return 0;
    }
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    let name = bytes.iter().take(64).take_while(is_part).count();
    match bytes.get(name) == Some(&b'(') {
        true => name + 1,
        false => 0,
    }
}

/// Whether a value without quotes is code, or the name of a variable, which say where a secret comes from: so
/// source code stays as it is.
pub(super) fn is_code(text: &str, value: &Value, name: &Name<'_>, end: usize) -> bool {
    let bytes = text.as_bytes();
    let word = text.get(value.start..end).unwrap_or_default();
    if value.is_compared || word.is_empty() || is_one_of(word, WORDS) {
        return true;
    }
    if matches!(bytes.get(value.start), Some(b'&' | b'*')) {
        return true;
    }
    if let Some(variable) = word.strip_prefix('$') {
        let is_part = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'0'..=b'9');
        return variable.starts_with(['{', '(']) || variable.bytes().all(is_part);
    }
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:".contains(byte);
    let rest = bytes.get(value.start..).unwrap_or_default();
    let len = rest
        .iter()
        .take(128)
        .take_while(|byte| is_part(byte))
        .count();
    let path = rest.get(..len).unwrap_or_default();
    let begins = path
        .first()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    if !begins {
        return false;
    }
    let next = rest.get(len).copied().unwrap_or(0);
    let is_blank = |byte: u8| byte == 0 || byte.is_ascii_whitespace();
    if matches!(next, b'(' | b'[' | b'<' | b'!')
        && rest.get(len + 1).is_some_and(|byte| !is_blank(*byte))
    {
        return true;
    }
    if next == b'?' || path.windows(2).any(|pair| pair == b"::") {
        return true;
    }
    let path = text.get(value.start..value.start + len).unwrap_or_default();
    let is_spaced = name.has_blank && value.has_blank;
    let has_digit = path.bytes().any(|byte| byte.is_ascii_digit());
    let first = path.split('.').next().unwrap_or_default();
    if path.contains('.')
        && !path.ends_with('.')
        && !has_digit
        && (is_spaced || is_one_of(first, OWNERS))
    {
        return true;
    }
    // `token = token`, `access_token=token`
    let (said, own) = (plain(path), plain(name.text));
    let is_namesake = said.len() >= 3 && (own.ends_with(&said) || said.ends_with(&own));
    let is_whole = value.start + len == end;
    is_whole && !has_digit && (is_namesake || (is_spaced && next == b';'))
}

/// Words of programs and of JSON that tell nothing.
const WORDS: &[&str] = &[
    "null",
    "true",
    "false",
    "none",
    "nil",
    "undefined",
    "await",
    "async",
    "yield",
    "new",
    "not",
    "str",
    "string",
    "bytes",
    "int",
    "bool",
    "any",
    "object",
    "required",
    "optional",
    "usize",
    "dyn",
    "impl",
    "mut",
    "if",
    "match",
];

/// What owns things in programs.
const OWNERS: &[&str] = &[
    "self", "this", "args", "opts", "options", "config", "settings", "os", "env", "process",
    "secrets", "vars",
];

/// Words that follow the name of a header, or `Bearer`, in prose.
const PROSE: &[&str] = &[
    "token",
    "tokens",
    "auth",
    "authentication",
    "authorization",
    "header",
    "headers",
    "scheme",
    "error",
    "errors",
    "is",
    "was",
    "are",
    "of",
    "or",
    "and",
    "not",
    "in",
    "for",
    "the",
    "must",
    "required",
    "missing",
    "invalid",
    "credential",
    "credentials",
    "from",
    "to",
    "with",
    "without",
    "format",
    "type",
    "string",
    "value",
    "only",
    "method",
    "methods",
    "security",
    "challenge",
    "has",
    "on",
    "at",
    "as",
    "a",
    "an",
    "where",
    "see",
    "denied",
    "failed",
    "granted",
    "expired",
    "unknown",
    "unsupported",
    "forbidden",
    "empty",
    "expected",
    "unexpected",
    "optional",
    "should",
    "when",
    "how",
    "your",
    "no",
    "none",
    "found",
    "set",
];

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// Whether a word is one of a sentence that speaks of secrets.
pub(super) fn is_prose(word: &str) -> bool {
    is_one_of(word.trim_end_matches(['.', ',', ';', ':', '!', '?']), PROSE)
}

/// As much of a value as tells what it is, however long it is.
pub(super) fn beginning(value: &str) -> &str {
    value
        .get(..value.floor_char_boundary(512))
        .unwrap_or_default()
}

/// Whether a word looks like what nobody would say or write a program with.
pub(in crate::content) fn looks_random(word: &str) -> bool {
    let word = beginning(word);
    let is_part = |byte: u8| byte.is_ascii_graphic() && !b"<>(){}[]$|".contains(&byte);
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_key = has_digit && has_letter && word.len() >= 6 && word.bytes().all(is_part);
    is_key && !word.contains("::") && !is_type(word)
}

/// Whether `uint256`, `sha512` and the like: letters, and a few digits behind.
fn is_type(word: &str) -> bool {
    let letters = word.trim_end_matches(|char: char| char.is_ascii_digit());
    let known = [
        "int", "uint", "float", "bytes", "byte", "sha", "base", "utf", "aes", "oauth", "ed",
        "curve", "argon", "scrypt", "bcrypt", "word", "complex", "fixed", "real",
    ];
    word.len() - letters.len() <= 5 && is_one_of(letters, &known)
}
