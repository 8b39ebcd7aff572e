//! A request in protobuf, read item by item: as a message it would take many times the room of its bytes.

mod weigh;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde::Serialize;

use self::weigh::{Kind, excess};
use super::request::{MOST_VALUES, Refused, Sent, Signal};

/// `resource_spans` of a request, `resource_logs` of one of logs.
const RESOURCES: u32 = 1;
/// `resource` of those of a resource, `scope` of those of a scope.
const OWNER: u32 = 1;
/// `scope_spans` of those of a resource, `spans` of those of a scope; of logs `scope_logs` and `log_records`.
const OWNED: u32 = 2;

/// Puts what is in a request into `sent`.
pub(super) fn read(body: &[u8], sent: &mut Sent) -> Result<(), Refused> {
    let item: fn(&[u8]) -> Result<Text, Refused> = match sent.signal {
        Signal::Spans => |bytes| text::<Span>(bytes, Kind::Span),
        Signal::Logs => |bytes| text::<LogRecord>(bytes, Kind::Record),
    };
    each(body, RESOURCES, |of_resource| {
        let resource = text::<Resource>(last(of_resource, OWNER)?, Kind::Resource)?;
        let mut sent = sent.of(resource.as_deref().unwrap_or(TOO_MUCH))?;
        each(of_resource, OWNED, |of_scope| {
            let scope = last(of_scope, OWNER)?;
            let scope = text::<InstrumentationScope>(scope, Kind::Scope)?;
            sent.scope(scope.as_deref().unwrap_or(TOO_MUCH))?;
            each(of_scope, OWNED, |bytes| match item(bytes)? {
                Ok(item) => sent.add(item.into()),
                Err(why) => sent.reject(why),
            })
        })
    })
}

/// A resource with more in it than is read says nothing.
const TOO_MUCH: &str = "null";

/// A message as OTLP writes it in JSON; else why there is more in it than is read.
type Text = Result<String, String>;

fn text<T: Message + Default + Serialize>(bytes: &[u8], kind: Kind) -> Result<Text, Refused> {
    if let Some(why) = excess(bytes, kind)? {
        return Ok(Err(why));
    }
    let message = T::decode(bytes).map_err(|error| Refused::no_request(&error))?;
    let text = serde_json::to_string(&message).map_err(|error| Refused::no_request(&error))?;
    Ok(Ok(text))
}

/// Gives `take` the messages of a member, one by one.
fn each<'a>(
    bytes: &'a [u8],
    wanted: u32,
    mut take: impl FnMut(&'a [u8]) -> Result<(), Refused>,
) -> Result<(), Refused> {
    fields(bytes, |tag, message| match (tag == wanted, message) {
        (true, Some(message)) => take(message),
        _ => Ok(()),
    })
}

/// The message of a member that stands once; an empty one where it does not stand there.
fn last(bytes: &[u8], wanted: u32) -> Result<&[u8], Refused> {
    let mut found: &[u8] = &[];
    each(bytes, wanted, |message| {
        found = message;
        Ok(())
    })?;
    Ok(found)
}

/// The members of a message, those that may be messages with their bytes.
fn fields<'a>(
    mut bytes: &'a [u8],
    mut each: impl FnMut(u32, Option<&'a [u8]>) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let wrong = |error: &dyn std::fmt::Display| Refused::no_request(error);
    while !bytes.is_empty() {
        let (tag, kind) = decode_key(&mut bytes).map_err(|error| wrong(&error))?;
        if kind != WireType::LengthDelimited {
            skip_field(kind, tag, &mut bytes, DecodeContext::default())
                .map_err(|error| wrong(&error))?;
            each(tag, None)?;
            continue;
        }
        let length = decode_varint(&mut bytes).map_err(|error| wrong(&error))?;
        let split = usize::try_from(length).ok();
        let split = split.and_then(|length| bytes.split_at_checked(length));
        let (message, rest) = split.ok_or_else(|| wrong(&"it ends in the middle of a message"))?;
        bytes = rest;
        each(tag, Some(message))?;
    }
    Ok(())
}
