//! The parts of a line that lists and sums do without.

use std::borrow::Cow;

use genai_trace::{Dropped, Scope, SpanId, SpanKind, Status, TraceId};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The parts of a line that lists and sums do without. They are what a record wants of them, so that a line with a part
/// that is odd is read as its record, and loses nothing else by it.
#[derive(Default, Deserialize)]
pub(super) struct Parts<'a> {
    pub(super) kind: SpanKind,
    pub(super) status: Status,
    #[serde(borrow)]
    pub(super) status_message: Cow<'a, str>,
    /// As they stand there.
    #[serde(borrow, deserialize_with = "object")]
    pub(super) attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) events: Vec<Event<'a>>,
    #[serde(borrow)]
    pub(super) links: Vec<Link<'a>>,
    #[serde(borrow, deserialize_with = "object")]
    pub(super) resource: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) trace_state: Option<String>,
    #[serde(default)]
    pub(super) flags: Option<u8>,
    #[serde(default)]
    pub(super) scope: Option<Scope>,
    #[serde(default)]
    pub(super) dropped: Option<Dropped>,
}

#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    pub(super) time_unix_nano: u64,
    #[serde(borrow, deserialize_with = "object")]
    pub(super) attributes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Link<'a> {
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    #[serde(default)]
    pub(super) trace_state: Option<String>,
    #[serde(borrow, default, deserialize_with = "object")]
    pub(super) attributes: Option<&'a RawValue>,
}

impl<'a> Parts<'a> {
    /// Those of a line in the shape of a record; none where something in it is odd.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

/// An object, as it stands there.
fn object<'de, D: Deserializer<'de>>(json: D) -> Result<Option<&'de RawValue>, D::Error> {
    let value = <&RawValue>::deserialize(json)?;
    match value.get().starts_with('{') {
        true => Ok(Some(value)),
        false => Err(D::Error::custom("no object")),
    }
}
