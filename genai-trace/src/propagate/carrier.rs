//! The map that travels with a message and names the span it was sent from.

mod wire;

use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::iter::Peekable;
use std::vec;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde::{Deserialize, Deserializer};

use self::wire::Read;
use super::headers::Headers;
use super::passed::Passed;
use super::traceparent::{Fault, ParseTraceparentError};
use crate::span::context::{AsParent, SpanContext};
use crate::span::current::{SpanRef, current};
use crate::span::in_span::InSpan;

/// The key under which the W3C has the context travel.
pub(crate) const TRACEPARENT: &str = "traceparent";
/// What goes with it.
pub(crate) const TRACESTATE: &str = "tracestate";
pub(super) const BAGGAGE: &str = "baggage";
const KEYS: [&str; 3] = [TRACEPARENT, TRACESTATE, BAGGAGE];
/// Most bytes that are looked at of what goes with it: far beyond what any of it may have.
const MOST_BYTES: usize = 64 * 1024;

/// The map that travels with a message and names the span it was sent from, as
/// `{"traceparent": "00-..."}`.
///
/// Put it into a job, into headers, into the metadata of a queue; on the other side it is the
/// parent of the span that does the work. Of a map that holds more it takes the `traceparent`, in
/// any case, and leaves the rest: a carrier can be read from all headers of a request and keeps
/// none of them.
///
/// Beside a valid `traceparent` it takes the W3C `tracestate`, unless that is malformed, and of the W3C
/// `baggage` what is [allowed](crate::Builder::baggage). Both go to the spans below and, by the carriers
/// that are made there, further on.
///
/// What comes over the wire never fails a message: without a `traceparent`, or with an invalid one,
/// there is no parent, and [`error`](Carrier::error) says why. (A binary format that cannot pass over
/// what it does not know reads a map of texts, or fails.)
///
/// ```
/// use genai_trace::{Carrier, span};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Job {
///     task: String,
///     carrier: Carrier,
/// }
///
/// // where the work is scheduled
/// let task = "summarise".to_owned();
/// let message = serde_json::to_string(&Job { task, carrier: Carrier::current() })?;
///
/// // where it is done, in another process
/// let job: Job = serde_json::from_str(&message)?;
/// span("background.task").parent(&job.carrier).run(|| { /* work */ });
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [`Headers`] and metadata are read and written as they are:
///
/// ```
/// use std::collections::HashMap;
/// use genai_trace::{Carrier, SpanContext};
///
/// let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let sender = SpanContext::from_traceparent(traceparent)?;
///
/// let mut headers = HashMap::from([("TraceParent".to_owned(), "of another span".to_owned())]);
/// Carrier::of(&sender).inject(&mut headers);
/// assert_eq!(headers["traceparent"], traceparent);
/// assert_eq!(headers.len(), 1);
///
/// let received = Carrier::extract(&headers);
/// assert_eq!(received.context(), Some(&sender));
///
/// // pairs, of whatever texts
/// let received: Carrier = [("Traceparent", traceparent), ("accept", "*/*")].into_iter().collect();
/// let pairs: Vec<(String, String)> = received.into_iter().collect();
/// # Ok::<(), genai_trace::ParseTraceparentError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carrier(Content);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Content {
    #[default]
    Nothing,
    Sender(SpanContext),
    Invalid(ParseTraceparentError),
}

impl Carrier {
    /// Names the span that the thread is in; nothing where there is none.
    pub fn current() -> Self {
        current().context().map(Self::from).unwrap_or_default()
    }

    /// Names the span `sender`.
    pub fn of(sender: &SpanContext) -> Self {
        Self::from(sender.clone())
    }

    /// Names the span that `headers` do.
    pub fn extract<H: Headers + ?Sized>(headers: &H) -> Self {
        let mut gathered = Gathered::default();
        for key in KEYS {
            headers.each_value(key, &mut |value| gathered.take(key, value));
        }
        gathered.carrier()
    }

    /// Puts the span into `headers`, in the place of what names another there. Where no span is named
    /// they are left as they are.
    pub fn inject<H: Headers + ?Sized>(&self, headers: &mut H) {
        if self.context().is_none() {
            return;
        }
        // Without one of its own the span must not have that of another trace.
        headers.remove_all(TRACESTATE);
        for (key, value) in self.pairs() {
            headers.replace(key, &value);
        }
    }

    /// The first of the two that names a span; this one where neither does.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self.context().is_none() && other.context().is_some() {
            true => other,
            false => self,
        }
    }

    /// The span that the message was sent from, where a valid `traceparent` names it.
    pub const fn context(&self) -> Option<&SpanContext> {
        match &self.0 {
            Content::Sender(sender) => Some(sender),
            Content::Nothing | Content::Invalid(_) => None,
        }
    }

    /// Why there is no [`context`](Carrier::context) although something was said.
    pub const fn error(&self) -> Option<&ParseTraceparentError> {
        match &self.0 {
            Content::Invalid(error) => Some(error),
            Content::Nothing | Content::Sender(_) => None,
        }
    }

    /// Whether neither a span nor anything invalid was said.
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Content::Nothing)
    }

    /// Runs `work` as if inside the span that is named: what begins there is its child. Where none is
    /// named, `work` runs where the thread is.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.context() {
            Some(sender) => sender.run(work),
            None => work(),
        }
    }

    /// Puts `future` inside the span that is named, as [`run`](Carrier::run) does with a closure.
    pub fn wrap<F: IntoFuture>(&self, future: F) -> InSpan<F::IntoFuture> {
        let sender = self.context().cloned();
        let span = sender.map_or_else(current, SpanRef::elsewhere);
        span.wrap(future)
    }

    fn invalid(text: &str, fault: Fault) -> Self {
        Self(Content::Invalid(ParseTraceparentError::new(text, fault)))
    }

    /// What is sent, in the order of the [`KEYS`].
    pub(super) fn pairs(&self) -> Peekable<vec::IntoIter<(&'static str, String)>> {
        let passed = self.context().and_then(SpanContext::passed);
        let values = [
            self.context().map(SpanContext::to_traceparent),
            passed.and_then(Passed::trace_state).map(str::to_owned),
            passed.and_then(Passed::baggage_header),
        ];
        let pairs = KEYS.into_iter().zip(values);
        let pairs: Vec<_> = pairs
            .filter_map(|(key, value)| Some((key, value?)))
            .collect();
        pairs.into_iter().peekable()
    }
}

/// The key of a carrier that `name` is, in any case.
fn key_of(name: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|key| name.eq_ignore_ascii_case(key))
}

/// What was said so far under the keys of a carrier.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    carrier: Carrier,
    trace_state: String,
    baggage: String,
}

impl Gathered {
    /// Takes what was said under `key`, which is none where it is no text. A second `traceparent`
    /// contradicts the first; of the others the second continues the first.
    pub(super) fn take(&mut self, key: &str, text: Option<&str>) {
        let list = match key {
            TRACESTATE => &mut self.trace_state,
            BAGGAGE => &mut self.baggage,
            _ => return self.take_traceparent(text),
        };
        if let Some(text) = text
            && list.len().saturating_add(text.len()) < MOST_BYTES
        {
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(text);
        }
    }

    fn take_traceparent(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.carrier = Carrier::invalid("", Fault::NoText);
            return;
        };
        if !self.carrier.is_empty() {
            self.carrier = Carrier::invalid(text, Fault::Repeated);
            return;
        }
        // White space around a header is none of it.
        let sender = SpanContext::from_traceparent(text.trim_matches([' ', '\t']));
        self.carrier.0 = match sender {
            Ok(sender) => Content::Sender(sender),
            Err(error) => Content::Invalid(error),
        };
    }

    /// The carrier that says all of it.
    pub(super) fn carrier(self) -> Carrier {
        match self.carrier.0 {
            Content::Sender(sender) => {
                let is_random = sender.passed().is_some_and(Passed::is_random);
                let passed = Passed::of(&self.trace_state, &self.baggage);
                Carrier::from(sender.with_passed(Passed::with_flags(passed, is_random)))
            }
            other => Carrier(other),
        }
    }
}

impl From<SpanContext> for Carrier {
    fn from(sender: SpanContext) -> Self {
        Self(Content::Sender(sender))
    }
}

impl AsParent for Carrier {
    fn as_parent(&self) -> Option<&SpanContext> {
        self.context()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Carrier {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut gathered = Gathered::default();
        for (name, value) in pairs {
            if let Some(key) = key_of(name.as_ref()) {
                gathered.take(key, Some(value.as_ref()));
            }
        }
        gathered.carrier()
    }
}

impl<'a, K: AsRef<str> + 'a, V: AsRef<str> + 'a> FromIterator<&'a (K, V)> for Carrier {
    /// As of pairs: for what goes through a slice of them.
    fn from_iter<I: IntoIterator<Item = &'a (K, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        pairs.map(|(name, value)| (name, value)).collect()
    }
}

impl IntoIterator for Carrier {
    type Item = (String, String);
    type IntoIter = vec::IntoIter<(String, String)>;

    /// The pairs to send: `traceparent`, where a span is named, and what goes with it.
    fn into_iter(self) -> Self::IntoIter {
        let pairs = self.pairs().map(|(key, value)| (key.to_owned(), value));
        pairs.collect::<Vec<_>>().into_iter()
    }
}

impl Serialize for Carrier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.pairs();
        let mut map = serializer.serialize_map(Some(pairs.len()))?;
        for (key, value) in pairs {
            map.serialize_entry(key, &value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Carrier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A format that does not describe itself holds what was written, or it cannot be read at all.
        if !deserializer.is_human_readable() {
            let pairs = BTreeMap::<String, String>::deserialize(deserializer)?;
            return Ok(pairs.into_iter().collect());
        }
        Ok(match Read::deserialize(deserializer)? {
            Read::Map(carrier) => carrier,
            Read::Nothing => Self::default(),
            Read::Text(text) => Self::invalid(&text, Fault::NoMap),
            Read::Other => Self::invalid("", Fault::NoMap),
        })
    }
}
