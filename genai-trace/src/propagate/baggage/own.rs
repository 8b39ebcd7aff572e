//! Baggage that begins in this process.

use std::error::Error;
use std::fmt::{self, Write};
use std::future::IntoFuture;

use super::{Baggage, MOST_BYTES, MOST_MEMBERS, Member, is_octet, is_token, trimmed};
use crate::propagate::passed::Passed;
use crate::span::current::{SpanRef, current};
use crate::span::in_span::InSpan;

impl Baggage {
    /// Baggage without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// With `value`, any text, under `key`, in the place of what stands there.
    ///
    /// # Errors
    /// The key is none: letters, digits and ``!#$%&'*+-.^_`|~`` are allowed. Or it is one member more than 64, or
    /// they are more than 8192 bytes as they are sent.
    pub fn with(self, key: &str, value: &str) -> Result<Self, BaggageError> {
        self.with_metadata(key, value, "")
    }

    /// With `value` under `key`, of which `metadata` says more, as the specification has it: `ttl=5;private`.
    ///
    /// # Errors
    /// As of [`with`](Baggage::with); or the metadata is none: keys, and values without spaces, quotes, commas
    /// and backslashes.
    pub fn with_metadata(
        mut self,
        key: &str,
        value: &str,
        metadata: &str,
    ) -> Result<Self, BaggageError> {
        let refused = |fault| BaggageError {
            key: key.to_owned(),
            fault,
        };
        if !is_token(key) {
            return Err(refused(Fault::Key));
        }
        let properties =
            properties(metadata).ok_or_else(|| refused(Fault::Metadata(metadata.to_owned())))?;
        self.0.retain(|other| *other.key != *key);
        self.0.push(Member {
            key: key.into(),
            value: encoded(value).into(),
            properties: properties.into(),
        });
        if self.0.len() > MOST_MEMBERS {
            return Err(refused(Fault::Members));
        }
        match self.len() {
            0..=MOST_BYTES => Ok(self),
            bytes => Err(refused(Fault::Bytes(bytes))),
        }
    }

    /// Runs `work` in the span that the thread is in, with these members: what begins there passes them on, and
    /// `record!` reaches that span. Outside any span traces that begin there do.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.here() {
            Some(here) => here.run(work),
            None => work(),
        }
    }

    /// Puts `future` into the current span with these members, as [`run`](Baggage::run) does a closure: whenever it
    /// is polled.
    pub fn wrap<F: IntoFuture>(&self, future: F) -> InSpan<F::IntoFuture> {
        self.here().unwrap_or_else(current).wrap(future)
    }

    /// The span that the thread is in, with these members; none where nothing of them counts.
    fn here(&self) -> Option<SpanRef> {
        let here = current();
        let passed = Passed::with(here.passed(), self)?;
        Some(here.passing_on(passed))
    }

    /// What of it is allowed, and the first key that is not.
    pub(in crate::propagate) fn allowed(&self, keys: &[String]) -> (Self, Option<String>) {
        let is_allowed = |member: &&Member| keys.iter().any(|key| **key == *member.key);
        let left_out = self.0.iter().find(|member| !is_allowed(member));
        let members = self.0.iter().filter(is_allowed).cloned();
        (
            Self(members.collect()),
            left_out.map(|member| member.key.to_string()),
        )
    }

    /// These members over those of `below`, of which the last go where there are too many.
    pub(in crate::propagate) fn over(self, mut below: Self) -> Self {
        let is_new = |member: &Member| self.0.iter().all(|own| own.key != member.key);
        below.0.retain(is_new);
        let own = self.0.len();
        below.0.extend(self.0);
        while below.0.len() > own && (below.0.len() > MOST_MEMBERS || below.len() > MOST_BYTES) {
            below.0.remove(below.0.len() - own - 1);
        }
        below
    }
}

/// The value as it is sent.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if is_octet(byte) && byte != b'%' {
            text.push(char::from(byte));
        } else {
            // Into a text it always goes.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// What is said of a value, as it is sent behind it; none where that is malformed.
fn properties(metadata: &str) -> Option<String> {
    let mut text = String::new();
    if trimmed(metadata).is_empty() {
        return Some(text);
    }
    for property in metadata.split(';') {
        let (key, value) = match property.split_once('=') {
            Some((key, value)) => (trimmed(key), Some(trimmed(value))),
            None => (trimmed(property), None),
        };
        if !is_token(key) || !value.unwrap_or_default().bytes().all(is_octet) {
            return None;
        }
        text.push(';');
        text.push_str(key);
        if let Some(value) = value {
            text.push('=');
            text.push_str(value);
        }
    }
    Some(text)
}

/// A member cannot be put into [`Baggage`]; says which, and why.
///
/// ```
/// use genai_trace::Baggage;
///
/// let error = Baggage::new().with("session id", "1").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid key of baggage \"session id\": expected letters, digits and !#$%&'*+-.^_`|~"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaggageError {
    key: String,
    fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    Key,
    Metadata(String),
    Members,
    Bytes(usize),
}

impl fmt::Display for BaggageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.fault {
            Fault::Key => write!(
                f,
                "invalid key of baggage {key:?}: expected letters, digits and !#$%&'*+-.^_`|~"
            ),
            Fault::Metadata(metadata) => write!(
                f,
                "invalid metadata {metadata:?} of baggage {key:?}: expected `key` or `key=value`, several with \
                 semicolons between, without spaces, quotes, commas and backslashes"
            ),
            Fault::Members => write!(
                f,
                "baggage {key:?} is one too many: expected {MOST_MEMBERS} members at most"
            ),
            Fault::Bytes(bytes) => write!(
                f,
                "with {key:?} the baggage has {bytes} bytes: expected {MOST_BYTES} at most"
            ),
        }
    }
}

impl Error for BaggageError {}
