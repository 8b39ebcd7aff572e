//! Credentials in any text: in URLs, in headers, beside the names that they go by.
//!
//! One pass over the bytes, without a regex: it stops at `:` and `=`, before which a name may stand, as
//! before a `,` behind a quote, and at `Bearer` and `Basic`. What is replaced begins and ends beside ASCII, and so at characters.

mod attribute;
mod header;
mod json;
mod output;
mod scheme;
mod url;
mod value;

use std::borrow::Cow;

pub(crate) use self::attribute::{may_tell, scrub_attribute};
pub(super) use self::json::scrub_json;
use self::output::Output;
#[cfg(feature = "redact")]
pub(super) use self::value::looks_random;
use super::REDACTED;

/// Replaces credentials in a text, such as the message of an error: user and password and the values of
/// the query in URLs, what follows `Authorization:`, `Bearer`, `x-api-key:`, `password=` and the like.
/// Names and keys stay. A text in which there are none is borrowed.
///
/// ```
/// use genai_trace::content::scrub;
///
/// assert_eq!(
///     scrub("error sending request for url (https://host/v1?key=AIzaSy123)"),
///     "error sending request for url (https://host/v1?key=REDACTED)"
/// );
/// assert_eq!(scrub("Authorization: Bearer abc"), "Authorization: [REDACTED]");
/// assert_eq!(scrub("postgres://ada:pw@db/x"), "postgres://REDACTED:REDACTED@db/x");
/// assert!(matches!(scrub("no such file"), std::borrow::Cow::Borrowed(_)));
/// ```
pub fn scrub(text: &str) -> Cow<'_, str> {
    scrubbed(text, Queries::All, REDACTED)
}

/// The same for content, which may speak of URLs: of a query only values whose names say that they are
/// secret are replaced.
pub(crate) fn scrub_content<'a>(text: &'a str, mark: &str) -> Cow<'a, str> {
    scrubbed(text, Queries::Secret, mark)
}

/// Which values of a URL's query are replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Queries {
    All,
    Secret,
}

/// Most often that a text is gone through. What is replaced may show something else, hardly ever twice.
const MOST_ROUNDS: u32 = 4;

/// Goes through a text until nothing more is found: so it does not matter how often it is scrubbed.
fn scrubbed<'a>(text: &'a str, queries: Queries, mark: &str) -> Cow<'a, str> {
    let mut result = scrubbed_once(text, queries, mark);
    for _ in 1..MOST_ROUNDS {
        if let Cow::Borrowed(_) = result {
            break;
        }
        match scrubbed_once(&result, queries, mark) {
            Cow::Borrowed(_) => break,
            Cow::Owned(next) => result = Cow::Owned(next),
        }
    }
    result
}

fn scrubbed_once<'a>(text: &'a str, queries: Queries, mark: &str) -> Cow<'a, str> {
    let mut output = Output::new(text, mark);
    let mut at = 0;
    while let Some(found) = next_trigger(text, at) {
        at = match text.as_bytes().get(found) {
            Some(b':') if url::begins_at(text, found) => url::scrub(&mut output, found, queries),
            Some(b':' | b'=') => header::scrub_named(&mut output, found),
            Some(b',') => header::scrub_pair(&mut output, found),
            Some(b'%') => url::scrub_encoded(&mut output, found),
            _ => scheme::scrub_scheme(&mut output, found),
        }
        .max(found + 1);
    }
    output.finish()
}

/// Where something may begin, from `at` on.
fn next_trigger(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    let found = rest
        .iter()
        .position(|byte| matches!(byte, b':' | b'=' | b'B' | b'b' | b',' | b'%'))?;
    Some(at + found)
}

/// Where what follows `at` ends: at white space, or at one of `ends`.
fn end_of(text: &str, at: usize, ends: &[u8]) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte < b' ' || ends.contains(byte);
    at + rest.iter().position(is_end).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests;
