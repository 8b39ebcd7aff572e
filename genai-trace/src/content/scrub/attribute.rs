//! Credentials in the values of attributes.

use std::borrow::Cow;

use super::output::Output;
use super::{REDACTED, scrub, url};
use crate::content::secret_name::{is_header, is_secret, plain};

/// Whether the value `text` of the attribute `key` has to be [scrubbed](scrub_attribute): of most nothing has
/// that could be a credential's, and this is told without a call.
#[inline(always)]
pub(crate) fn may_tell(key: &str, text: &str) -> bool {
    let of_key = key.as_bytes().first();
    matches!(of_key, Some(b'h' | b'r' | b'u')) || may_hold_credential(text.as_bytes())
}

/// Whether one of the signs is in a text without which [`scrub`] finds nothing. No credential is in fewer than eight
/// bytes.
#[inline(always)]
fn may_hold_credential(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        return false;
    };
    let Some(last_of_many) = text.last_chunk::<16>() else {
        return has_mark(first) | has_mark(last);
    };
    // A closure would be called, at the price of the whole search.
    for chunk in text.as_chunks::<16>().0 {
        if has_mark(chunk) {
            return true;
        }
    }
    has_mark(last_of_many)
}

/// Whether one of the bytes is a `:` or a `=`, the blank or the `%` behind `Bearer`, the `,` of a pair, or a sign
/// near these; none is a letter, a digit, or a sign of file names. Without a branch, so that all bytes are compared
/// at once.
#[inline(always)]
fn has_mark<const BYTES: usize>(bytes: &[u8; BYTES]) -> bool {
    // Makes one range of the signs before the digits, those behind them, and the tab and the end of a line, which go
    // to the signs before.
    const fn place(byte: u8) -> u8 {
        (byte | 0x20) ^ 0x10
    }
    let is_mark =
        |byte: &u8| u8::from(place(*byte).wrapping_sub(place(b':')) <= place(b',') - place(b':'));
    bytes.iter().fold(0, |found, byte| found | is_mark(byte)) != 0
}

/// The value of the attribute `key` without credentials: as [`scrub`] leaves it, of `url.query` and `http.target`
/// without the values of the query, and nothing of a header whose name says that it is secret.
#[cold]
pub(crate) fn scrub_attribute<'a>(key: &str, text: &'a str) -> Cow<'a, str> {
    if header_of(key).is_some_and(is_secret_header) {
        return match text {
            "" => Cow::Borrowed(text),
            _ => Cow::Borrowed(REDACTED),
        };
    }
    match key {
        "url.query" => query(text, 0),
        "http.target" => match text.find('?') {
            Some(mark) => query(text, mark + 1),
            None => Cow::Borrowed(text),
        },
        // A host that was taken out of a URL with its user.
        "server.address" | "client.address" | "network.peer.address" => match text.rfind('@') {
            Some(at) => {
                let host = text.get(at..).unwrap_or_default();
                Cow::Owned(["REDACTED", host].concat())
            }
            None => scrub(text),
        },
        _ => scrub(text),
    }
}

/// A text with a query that begins at `from`, without its values.
fn query(text: &str, from: usize) -> Cow<'_, str> {
    let mut output = Output::new(text, REDACTED);
    url::scrub_pairs(&mut output, from, text.len());
    output.finish()
}

/// The name of the header that an attribute is about: `http.request.header.authorization`,
/// `rpc.request.metadata.x-api-key`.
fn header_of(key: &str) -> Option<&str> {
    let is_of_headers = key.starts_with("http.") || key.starts_with("rpc.");
    let name = key.split_once(".header.").or(key.split_once(".metadata."));
    name.filter(|_| is_of_headers).map(|(_, name)| name)
}

fn is_secret_header(name: &str) -> bool {
    let plain = plain(name);
    is_header(&plain) || is_secret(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed<'a>(key: &str, text: &'a str) -> Cow<'a, str> {
        match may_tell(key, text) {
            true => scrub_attribute(key, text),
            false => Cow::Borrowed(text),
        }
    }

    #[test]
    fn credentials_go_whatever_the_attribute_is_called() {
        for (key, text, left) in [
            (
                "app.endpoint",
                "https://ada:pw@host/v1?key=abc",
                "https://REDACTED:REDACTED@host/v1?key=REDACTED",
            ),
            (
                "url.full",
                "https://host/v1?q=rust&sig=ff",
                "https://host/v1?q=REDACTED&sig=REDACTED",
            ),
            ("url.query", "q=rust&sig=ff", "q=REDACTED&sig=REDACTED"),
            ("http.target", "/v1?q=rust", "/v1?q=REDACTED"),
            (
                "genai_trace.gate.reason",
                "curl -H 'Authorization: Bearer abc'",
                "curl -H 'Authorization: [REDACTED]'",
            ),
            ("app.header", "Bearer eyJhbGciOi.J9", "Bearer [REDACTED]"),
            (
                "app.note",
                "sent Bearer eyJhbGciOi.J9",
                "sent Bearer [REDACTED]",
            ),
            (
                "app.headers",
                "(\"x-api-key\", \"abcdef\")",
                "(\"x-api-key\", \"[REDACTED]\")",
            ),
            ("server.address", "ada:pw@host:443", "REDACTED@host:443"),
            ("http.request.header.authorization", "abc", "[REDACTED]"),
            ("http.request.header.x-api-key", "abc", "[REDACTED]"),
            ("http.response.header.set-cookie", "a", "[REDACTED]"),
            ("rpc.request.metadata.x-goog-api-key", "a", "[REDACTED]"),
        ] {
            assert_eq!(scrubbed(key, text), left, "{key}");
            assert_eq!(scrubbed(key, left), left, "{key}, again");
        }
    }

    #[test]
    fn what_is_no_credential_stays_and_is_not_copied() {
        for (key, text) in [
            ("file.path", "src/main.rs:10:4"),
            ("app.note", "ratio = 0.5, token: unexpected"),
            ("url.full", "https://host/v1/models"),
            ("url.query", ""),
            ("url.path", "/v1/models"),
            ("http.target", "/v1"),
            ("http.request.header.content-type", "application/json"),
            ("http.request.header.authorization", ""),
            ("user.name", "Basic research"),
            ("app.plan", "Basic plan"),
        ] {
            assert!(
                matches!(scrubbed(key, text), Cow::Borrowed(left) if left == text),
                "{key}"
            );
        }
    }

    #[test]
    fn a_mark_is_seen_wherever_it_stands() {
        for len in 8..40 {
            for at in 0..len {
                for mark in *b":= \t\n%,\"'(" {
                    let mut text = vec![b'a'; len];
                    text[at] = mark;
                    assert!(may_hold_credential(&text), "{at} of {len}");
                }
            }
            assert!(!may_hold_credential(&vec![b'9'; len]));
            assert!(!may_hold_credential(&vec![0xba; len]));
        }
    }
}
