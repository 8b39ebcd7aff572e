//! AWS's event stream: binary frames with checksums, headers and mostly JSON in them.
//!
//! A frame is its length, the length of its headers, a checksum of both, the headers, the payload, and a
//! checksum of all that. A frame that fails the last checksum is left out; where a length cannot be
//! believed, the next that can is looked for.

use serde_json::{Map, Value as Json};

use super::base64::decode;
use super::checksum::checksum;
use super::{LONGEST, Wire};
use crate::provider::json::{Limits, from_slice};

/// The two lengths and their checksum.
const PRELUDE: usize = 12;

/// The checksum at the end.
const SUM: usize = 4;

/// AWS's event stream.
#[derive(Debug, Default)]
pub(super) struct AwsEventStream {
    /// The begin of a frame whose end has not come yet.
    begun: Vec<u8>,
    /// How many bytes of a frame that is too long are still to be left out.
    skip: usize,
    limits: Limits,
}

impl Wire for AwsEventStream {
    fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) {
        if self.begun.is_empty() {
            let used = self.read(bytes, each);
            let rest = bytes.get(used..).unwrap_or_default();
            self.begun.extend_from_slice(rest);
            return;
        }
        let mut begun = std::mem::take(&mut self.begun);
        begun.extend_from_slice(bytes);
        // Only when the frame is whole is there anything to be done.
        if wanted(&begun).is_none_or(|wanted| begun.len() >= wanted) {
            let used = self.read(&begun, each);
            begun.drain(..used);
        }
        self.begun = begun;
    }

    /// A frame that is not whole is none.
    fn end(&mut self, _: &mut dyn FnMut(Option<&str>, &Json)) {
        self.begun = Vec::new();
    }
}

impl AwsEventStream {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Reads all frames that are whole, and says how many bytes they took.
    fn read(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<&str>, &Json)) -> usize {
        let mut at = 0;
        loop {
            let left = bytes.len().saturating_sub(at);
            let skipped = self.skip.min(left);
            self.skip -= skipped;
            at += skipped;
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(prelude) = rest.first_chunk::<PRELUDE>() else {
                return at;
            };
            let Some((length, headers)) = lengths(prelude) else {
                at += 1;
                continue;
            };
            if length > LONGEST {
                self.skip = length;
                continue;
            }
            let Some(frame) = rest.get(..length) else {
                return at;
            };
            if let Some((body, sum)) = frame.split_last_chunk::<SUM>()
                && checksum(body) == u32::from_be_bytes(*sum)
                && let Some((headers, payload)) = body
                    .get(PRELUDE..)
                    .and_then(|body| body.split_at_checked(headers))
            {
                self.give(&Headers::read(headers), payload, each);
            }
            at += length;
        }
    }

    /// Gives what a frame says: an event, or an error, which is named as AWS names it in a body.
    fn give(
        &self,
        headers: &Headers<'_>,
        payload: &[u8],
        each: &mut dyn FnMut(Option<&str>, &Json),
    ) {
        // What is in base64 is none of the texts that are to be cut.
        let body = from_slice(payload, &Limits::default());
        let name = match headers.message_type {
            Some("exception") => headers.exception_type,
            Some("error") => headers.error_code,
            _ => {
                if let Some(body) = body {
                    self.event(headers.event_type, &body, each);
                }
                return;
            }
        };
        let mut body = match body {
            Some(Json::Object(body)) => body,
            _ => Map::new(),
        };
        body.insert("__type".to_owned(), name.unwrap_or("exception").into());
        if let Some(message) = headers.error_message {
            body.insert("message".to_owned(), message.into());
        }
        each(headers.message_type, &Json::Object(body));
    }

    /// Gives an event, or the JSON that it has in base64.
    fn event(&self, name: Option<&str>, body: &Json, each: &mut dyn FnMut(Option<&str>, &Json)) {
        match body.get("bytes").and_then(Json::as_str) {
            Some(bytes) => {
                let inner = decode(bytes).and_then(|inner| from_slice(&inner, &self.limits));
                if let Some(inner) = inner {
                    each(name, &inner);
                }
            }
            None => each(name, body),
        }
    }
}

/// How long the frame is that `begun` begins; none where that is not known or not to be believed.
fn wanted(begun: &[u8]) -> Option<usize> {
    let (length, _) = lengths(begun.first_chunk()?)?;
    (length <= LONGEST).then_some(length)
}

/// The length of a frame and that of its headers, where their checksum is right and they fit.
fn lengths(prelude: &[u8; PRELUDE]) -> Option<(usize, usize)> {
    let [a, b, c, d, e, f, g, h, sum @ ..] = *prelude;
    let said = u32::from_be_bytes(sum);
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
    let headers = usize::try_from(u32::from_be_bytes([e, f, g, h])).ok()?;
    let fits = length.checked_sub(PRELUDE + SUM)? >= headers;
    (fits && checksum(&[a, b, c, d, e, f, g, h]) == said).then_some((length, headers))
}

/// What the headers say of a frame.
#[derive(Debug, Default)]
struct Headers<'a> {
    message_type: Option<&'a str>,
    event_type: Option<&'a str>,
    exception_type: Option<&'a str>,
    error_code: Option<&'a str>,
    error_message: Option<&'a str>,
}

impl<'a> Headers<'a> {
    fn read(mut bytes: &'a [u8]) -> Self {
        let mut headers = Self::default();
        while let Some((name, value, rest)) = header(bytes) {
            bytes = rest;
            let said = match name {
                b":message-type" => &mut headers.message_type,
                b":event-type" => &mut headers.event_type,
                b":exception-type" => &mut headers.exception_type,
                b":error-code" => &mut headers.error_code,
                b":error-message" => &mut headers.error_message,
                _ => continue,
            };
            *said = value;
        }
        headers
    }
}

/// The name and the value, where that is a text, of the first header, and what is behind it.
fn header(bytes: &[u8]) -> Option<(&[u8], Option<&str>, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let length = match kind {
        // True and false.
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        // A long number, a time.
        5 | 8 => 8,
        // Bytes and text, which say how long they are.
        6 | 7 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            let text = (*kind == 7).then(|| std::str::from_utf8(value).ok());
            return Some((name, text.flatten(), rest));
        }
        // A UUID.
        9 => 16,
        _ => return None,
    };
    let (_, rest) = rest.split_at_checked(length)?;
    Some((name, None, rest))
}

#[cfg(test)]
mod tests;
