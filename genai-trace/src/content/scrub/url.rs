//! Users, passwords and queries of URLs.

use super::header::Name;
use super::output::Output;
use super::{Queries, end_of};
use crate::content::secret_name::{self, plain};

/// What no URL goes on beyond, beside white space.
pub(super) const ENDS: &[u8] = b"\"'<>`\\";
/// What stands in the place of a part of a URL, as the conventions have it for `url.full`.
const REDACTED: &str = "REDACTED";

/// How far the end of a password is looked for that has a slash in it.
const LONGEST_PASSWORD: usize = 256;

/// Whether the `:` at `at` is that of a URL.
pub(super) fn begins_at(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    before.is_some_and(u8::is_ascii_alphanumeric)
        && bytes.get(at..).is_some_and(|rest| rest.starts_with(b"://"))
}

/// Scrubs the URL whose `:` is at `at`; gives where to go on.
pub(super) fn scrub(output: &mut Output<'_, '_>, at: usize, queries: Queries) -> usize {
    let text = output.text;
    let start = at + "://".len();
    let mut rest = end_of(text, start, b"/?#\"'<>`\\");
    // What is no user may be a list of names and values: `jdbc:sqlserver://host;password=abc`.
    let mut go_on = start;
    if let Some(user_end) = user_end(text, start, rest) {
        let user = text.get(start..user_end).unwrap_or_default();
        let with = match user.contains(':') {
            true => "REDACTED:REDACTED",
            false => REDACTED,
        };
        output.replace(start..user_end, with);
        // The rest of the URL may have begun within what was taken for a password.
        rest = user_end;
        go_on = user_end;
    }
    // Of content the values of a query are found by their names.
    if queries == Queries::Secret || rest < output.without_query {
        return go_on;
    }
    let end = trimmed(text, rest, end_of(text, rest, ENDS));
    match scrub_query(output, rest, end) {
        true => end,
        false => {
            // The next URL may begin before this one's end, and is not to look for the same again.
            output.without_query = end;
            go_on
        }
    }
}

/// Where the `@` behind user and password is, of a URL whose host seems to end at `authority`.
fn user_end(text: &str, start: usize, authority: usize) -> Option<usize> {
    let host = text.get(start..authority)?;
    if let Some(found) = host.rfind('@') {
        return Some(start + found);
    }
    // A password with a slash in it, where a port should be.
    let (_, port) = host.rsplit_once(':')?;
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    if is_port || host.starts_with('[') {
        return None;
    }
    let window = text.floor_char_boundary(authority + LONGEST_PASSWORD);
    let window = text.get(authority..window)?;
    let found = window.get(..end_of(window, 0, ENDS))?.rfind('@')?;
    Some(authority + found)
}

/// Replaces the values of the query, and of what looks like one behind `#`; whether there is one.
fn scrub_query(output: &mut Output<'_, '_>, from: usize, end: usize) -> bool {
    let url = output.text.get(from..end).unwrap_or_default();
    let query = url.find(['?', '#']);
    if let Some(query) = query {
        scrub_pairs(output, from + query + 1, end);
    }
    query.is_some()
}

/// Replaces the value behind a `=` at `at` that is percent-encoded, as in a URL that is a part of another's
/// query; gives where to go on.
pub(super) fn scrub_encoded(output: &mut Output<'_, '_>, at: usize) -> usize {
    let text = output.text;
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    if !matches!(rest, [b'%', b'3', b'D' | b'd', ..]) {
        return at;
    }
    let Some(name) = Name::before(text, at) else {
        return at;
    };
    // What stands before the name may be encoded as well: `%3Ftoken`, `%26token`.
    let ends = |end: &str| secret_name::is_secret_query(&plain(end));
    if !ends(name.text) && !name.text.get(2..).is_some_and(ends) {
        return at;
    }
    let start = at + "%3D".len();
    let value = text.get(start..end_of(text, start, b"&;#\"'<>`\\,)"));
    let value = value.unwrap_or_default();
    let next = value.match_indices('%').find(|(at, _)| {
        let sign = value.get(at + 1..at + 3).unwrap_or_default();
        ["26", "23"].contains(&sign)
    });
    let end = start + next.map_or(value.len(), |(at, _)| at);
    output.replace(start..end, REDACTED);
    end
}

/// Replaces the values of `name=value&name=value`.
pub(super) fn scrub_pairs(output: &mut Output<'_, '_>, from: usize, end: usize) {
    let text = output.text;
    let mut at = from;
    while at < end {
        let next = end_of(text, at, b"&;#").min(end);
        let pair = text.get(at..next).unwrap_or_default();
        if let Some(equals) = pair.find('=') {
            output.replace(at + equals + 1..next, REDACTED);
        }
        at = next + 1;
    }
}

/// Replaces the value of a query that begins at `at`; gives where to go on.
pub(super) fn scrub_value(output: &mut Output<'_, '_>, at: usize) -> usize {
    let end = end_of(output.text, at, b"&;#\"'<>`\\");
    let end = trimmed(output.text, at, end);
    output.replace(at..end, REDACTED);
    end
}

/// A URL's end without the marks of the sentence that it stands in.
fn trimmed(text: &str, start: usize, end: usize) -> usize {
    let url = text.get(start..end).unwrap_or_default();
    start
        + url
            .trim_end_matches([')', ']', '}', ',', '.', ';', ':', '!'])
            .len()
}
