//! The W3C form of a span's context: `00-{trace id}-{span id}-{flags}`.

use std::error::Error;
use std::fmt;

use super::passed::Passed;
use crate::span::context::SpanContext;
use crate::span::ids::{SpanId, TraceId};

/// The flag of a span that was sampled.
const SAMPLED: u8 = 1;
/// The flag of a trace whose id is random, of level 2 of the specification.
const RANDOM: u8 = 2;
/// Most characters of a wrong `traceparent` that its error repeats.
const MOST_SHOWN: usize = 64;

impl SpanContext {
    /// The span as a W3C [`traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header):
    /// version 00, the two ids, and the flags: 01 where the span leaves a record, 00 where it was
    /// sampled out, and 02 more where the trace came with that flag, which says that its id is random.
    ///
    /// ```
    /// use genai_trace::SpanContext;
    ///
    /// let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let sender = SpanContext::from_traceparent(traceparent)?;
    /// assert_eq!(sender.to_traceparent(), traceparent);
    /// # Ok::<(), genai_trace::ParseTraceparentError>(())
    /// ```
    pub fn to_traceparent(&self) -> String {
        let is_random = self.passed().is_some_and(Passed::is_random);
        let flags = u8::from(self.is_sampled()) * SAMPLED + u8::from(is_random) * RANDOM;
        format!("00-{}-{}-{flags:02x}", self.trace_id(), self.span_id())
    }

    /// The span that a W3C `traceparent` names.
    ///
    /// Of the flags the lowest is kept, which says whether the sender's span was sampled: a
    /// parent-based [`Sampler`](crate::Sampler), as the default is, records below it only if it was. The next one,
    /// which says that the trace's id is random, goes on with the trace.
    /// Of a version after 00 the fields that version 00
    /// has are read, as the specification asks, and what follows them is left alone.
    ///
    /// # Errors
    /// [`ParseTraceparentError`] for anything that the specification calls invalid: upper-case
    /// digits, ids of nothing but zeros, the version ff, fields that are too short or too long,
    /// text around them.
    pub fn from_traceparent(text: &str) -> Result<Self, ParseTraceparentError> {
        parse(text).map_err(|fault| ParseTraceparentError::new(text, fault))
    }
}

fn parse(text: &str) -> Result<SpanContext, Fault> {
    let mut fields = text.splitn(4, '-');
    let version = fields.next().filter(|version| is_hex_byte(version));
    let version = version.filter(|version| *version != "ff");
    let version = version.ok_or(Fault::Version)?;
    let trace_id = fields.next().and_then(|id| id.parse::<TraceId>().ok());
    let trace_id = trace_id.ok_or(Fault::TraceId)?;
    let span_id = fields.next().and_then(|id| id.parse::<SpanId>().ok());
    let span_id = span_id.ok_or(Fault::SpanId)?;
    let rest = fields.next().ok_or(Fault::Flags)?;
    // Only a later version may say more, and only behind another hyphen.
    let flags = match rest.split_once('-') {
        Some(_) if version == "00" => return Err(Fault::Trailing),
        Some((flags, _)) => flags,
        None => rest,
    };
    if !is_hex_byte(flags) {
        return Err(Fault::Flags);
    }
    let flags = u8::from_str_radix(flags, 16).map_err(|_| Fault::Flags)?;
    let sender = SpanContext::remote(trace_id, span_id, flags & SAMPLED != 0);
    // Of a later version nobody knows what the others mean.
    let is_random = version == "00" && flags & RANDOM != 0;
    Ok(sender.with_passed(Passed::with_flags(None, is_random)))
}

fn is_hex_byte(field: &str) -> bool {
    let is_digit = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    field.len() == 2 && field.bytes().all(is_digit)
}

/// A text is no W3C `traceparent`; says which part of it is wrong, and what is allowed.
///
/// ```
/// use genai_trace::SpanContext;
///
/// let error = SpanContext::from_traceparent("00-4BF9-00f067aa0ba902b7-01").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid traceparent \"00-4BF9-00f067aa0ba902b7-01\": \
///      expected 32 lower-case hex digits, not all zero, for the trace id"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTraceparentError {
    /// What was found, cut to [`MOST_SHOWN`] characters.
    text: String,
    fault: Fault,
}

/// What is wrong with a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It was not said once, but several times.
    Repeated,
    /// It is no text at all.
    NoText,
    /// It should stand in a map, and there is none.
    NoMap,
    Version,
    TraceId,
    SpanId,
    Flags,
    Trailing,
}

impl ParseTraceparentError {
    pub(crate) fn new(text: &str, fault: Fault) -> Self {
        let mut chars = text.chars();
        let mut shown: String = chars.by_ref().take(MOST_SHOWN).collect();
        if chars.next().is_some() {
            shown.push('…');
        }
        Self { text: shown, fault }
    }
}

impl fmt::Display for ParseTraceparentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match self.fault {
            Fault::Repeated => "expected one for a message, found several",
            Fault::NoText => "expected a text",
            Fault::NoMap => "expected a map that holds it",
            Fault::Version => {
                "expected 2 lower-case hex digits, not ff, and a hyphen for the version"
            }
            Fault::TraceId => "expected 32 lower-case hex digits, not all zero, for the trace id",
            Fault::SpanId => "expected 16 lower-case hex digits, not all zero, for the span id",
            Fault::Flags => "expected 2 lower-case hex digits for the flags",
            Fault::Trailing => "expected nothing after the flags in version 00",
        };
        write!(f, "invalid traceparent {:?}: {expected}", self.text)
    }
}

impl Error for ParseTraceparentError {}
