//! The map that travels with a message and names the span it was sent from.

mod wire;

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde::{Deserialize, Deserializer};

use self::wire::Read;
use super::traceparent::{Fault, ParseTraceparentError};
use crate::span::context::{AsParent, SpanContext};
use crate::span::current::current;

/// The key under which the W3C has the context travel.
const TRACEPARENT: &str = "traceparent";

/// The map that travels with a message and names the span it was sent from, as
/// `{"traceparent": "00-..."}`.
///
/// Put it into a job, into headers, into the metadata of a queue; on the other side it is the
/// parent of the span that does the work. Of a map that holds more it takes the `traceparent`, in
/// any case, and leaves the rest: a carrier can be read from all headers of a request and keeps
/// none of them.
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
/// Headers and metadata are pairs:
///
/// ```
/// use std::collections::HashMap;
/// use genai_trace::{Carrier, SpanContext};
///
/// let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let sender = SpanContext::from_traceparent(traceparent)?;
///
/// let mut headers = HashMap::from([("accept".to_owned(), "*/*".to_owned())]);
/// headers.extend(Carrier::of(&sender));
/// assert_eq!(headers["traceparent"], traceparent);
///
/// let received: Carrier = headers.iter().collect();
/// assert_eq!(received.context(), Some(&sender));
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

    fn invalid(text: &str, fault: Fault) -> Self {
        Self(Content::Invalid(ParseTraceparentError::new(text, fault)))
    }

    /// Takes what was said under the name `traceparent`; a second one contradicts the first.
    fn take(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            *self = Self::invalid("", Fault::NoText);
            return;
        };
        if !self.is_empty() {
            *self = Self::invalid(text, Fault::Repeated);
            return;
        }
        self.0 = match SpanContext::from_traceparent(text) {
            Ok(sender) => Content::Sender(sender),
            Err(error) => Content::Invalid(error),
        };
    }

    fn traceparent(&self) -> Option<String> {
        self.context().map(SpanContext::to_traceparent)
    }
}

fn is_traceparent(key: &str) -> bool {
    key.eq_ignore_ascii_case(TRACEPARENT)
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
        let mut carrier = Self::default();
        for (key, value) in pairs {
            if is_traceparent(key.as_ref()) {
                carrier.take(Some(value.as_ref()));
            }
        }
        carrier
    }
}

impl IntoIterator for Carrier {
    type Item = (String, String);
    type IntoIter = std::option::IntoIter<(String, String)>;

    /// The pairs to send: `traceparent`, where a span is named.
    fn into_iter(self) -> Self::IntoIter {
        let pair = |traceparent| (TRACEPARENT.to_owned(), traceparent);
        self.traceparent().map(pair).into_iter()
    }
}

impl Serialize for Carrier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let traceparent = self.traceparent();
        let mut map = serializer.serialize_map(Some(usize::from(traceparent.is_some())))?;
        if let Some(traceparent) = traceparent {
            map.serialize_entry(TRACEPARENT, &traceparent)?;
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
