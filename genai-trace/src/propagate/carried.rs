//! A message that takes the span it was sent from along.

use std::future::IntoFuture;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::carrier::Carrier;
use crate::span::context::SpanContext;
use crate::span::current::{SpanRef, current};
use crate::span::in_span::InSpan;

/// A message with the span it was sent from: whoever works on it is in that span.
///
/// Within a process, over any channel, it keeps the handle of the span, so that also `record!`
/// and the agent's name reach whoever receives it. Over a queue or the border of a process it goes
/// as `{"carrier": {"traceparent": "00-..."}, "value": ...}`, and what is done there is below the
/// sender's span. A message from outside any span, or with an invalid `traceparent`, is worked on
/// outside any span; [`carrier`](Carried::carrier) tells the two apart.
///
/// ```
/// use std::sync::mpsc;
/// use genai_trace::{Carried, span};
///
/// let (sender, receiver) = mpsc::channel();
/// span("agent.turn").run(|| sender.send(Carried::new("Cargo.toml")));
///
/// let message: Carried<&str> = receiver.recv()?;
/// message.run(|path| {
///     // a child of `agent.turn`, on whatever thread
///     span("read_file").run(|| std::fs::read_to_string(path))
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Carried<T> {
    value: T,
    sender: Sender,
}

/// The span that a message was sent from.
#[derive(Clone, Debug)]
enum Sender {
    /// Of this process.
    Here(SpanRef),
    /// Of another process, as the message said.
    Elsewhere(Carrier),
}

impl Sender {
    fn handle(self) -> SpanRef {
        match self {
            Sender::Here(sender) => sender,
            Sender::Elsewhere(carrier) => {
                let sender = carrier.context().cloned();
                sender.map(SpanRef::elsewhere).unwrap_or_default()
            }
        }
    }
}

impl<T> Carried<T> {
    /// Takes the span that the thread is in along with `value`.
    pub fn new(value: T) -> Self {
        Self {
            value,
            sender: Sender::Here(current()),
        }
    }

    /// Works on the message inside the span that it was sent from, and outside any span where it
    /// was sent from none. The span is not ended by it.
    pub fn run<R>(self, work: impl FnOnce(T) -> R) -> R {
        self.sender.handle().run(|| work(self.value))
    }

    /// Works on the message in a future that is inside the span the message was sent from, as
    /// [`run`](Carried::run) does in a closure. `work` itself is called at once.
    ///
    /// ```
    /// use genai_trace::{Carried, genai_tool, span};
    ///
    /// #[genai_tool("read_file")]
    /// async fn read_file(path: &'static str) -> usize {
    ///     path.len()
    /// }
    ///
    /// let message = span("agent.turn").run(|| Carried::new("Cargo.toml"));
    /// // a child of `agent.turn`: `.await` it, or give it to `tokio::spawn`
    /// let work = message.wrap(read_file);
    /// # drop(work);
    /// ```
    pub fn wrap<F: IntoFuture>(self, work: impl FnOnce(T) -> F) -> InSpan<F::IntoFuture> {
        let sender = self.sender.handle();
        let future = sender.run(|| work(self.value));
        sender.wrap(future)
    }

    /// The message.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The message, without its span.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The span that the message was sent from.
    pub fn context(&self) -> Option<SpanContext> {
        match &self.sender {
            Sender::Here(sender) => sender.context(),
            Sender::Elsewhere(carrier) => carrier.context().cloned(),
        }
    }

    /// What goes over the wire with the message; on the other side, with the error of an invalid
    /// `traceparent`.
    pub fn carrier(&self) -> Carrier {
        match &self.sender {
            Sender::Here(sender) => sender.context().map(Carrier::from).unwrap_or_default(),
            Sender::Elsewhere(carrier) => carrier.clone(),
        }
    }
}

impl<T> From<T> for Carried<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// What goes over the wire.
#[derive(Serialize)]
#[serde(rename = "Carried")]
struct Sent<'a, T> {
    carrier: Carrier,
    value: &'a T,
}

impl<T: Serialize> Serialize for Carried<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sent = Sent {
            carrier: self.carrier(),
            value: &self.value,
        };
        sent.serialize(serializer)
    }
}

/// What came over the wire: also from a sender that knows of no spans.
#[derive(Deserialize)]
#[serde(rename = "Carried")]
struct Received<T> {
    #[serde(default)]
    carrier: Carrier,
    value: T,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Carried<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Received { carrier, value } = Received::deserialize(deserializer)?;
        Ok(Self {
            value,
            sender: Sender::Elsewhere(carrier),
        })
    }
}
