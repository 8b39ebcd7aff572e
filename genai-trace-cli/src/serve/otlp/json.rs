//! A request in JSON, read item by item: as a document it would take many times the room of its text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Error, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::request::{Refused, Sent};

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow, default, rename = "resourceSpans", alias = "resourceLogs")]
    resources: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OfResource<'a> {
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "scopeSpans", alias = "scopeLogs")]
    scopes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OfScope<'a> {
    #[serde(borrow, default)]
    scope: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "spans", alias = "logRecords")]
    items: Option<&'a RawValue>,
}

/// Puts what is in a request into `sent`.
pub(super) fn read(body: &[u8], sent: &mut Sent) -> Result<(), Refused> {
    let body = std::str::from_utf8(body).map_err(|error| Refused::no_request(&error))?;
    let request: Request<'_> = object(body.trim_start())?;
    let Some(resources) = request.resources else {
        return Ok(());
    };
    each(resources, "resources", |of_resource| {
        let of_resource: OfResource<'_> = object(of_resource.get())?;
        let mut sent = sent.of(text(of_resource.resource))?;
        let Some(scopes) = of_resource.scopes else {
            return Ok(());
        };
        each(scopes, "scopes", |of_scope| {
            let of_scope: OfScope<'_> = object(of_scope.get())?;
            sent.scope(text(of_scope.scope))?;
            match of_scope.items {
                Some(items) => each(items, "spans or records", |item| {
                    sent.add(item.get().into())
                }),
                None => Ok(()),
            }
        })
    })
}

fn text(raw: Option<&RawValue>) -> &str {
    raw.map_or("null", RawValue::get)
}

/// What is an object; serde takes lists for structures as well.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refused> {
    if !text.starts_with('{') {
        return Err(Refused::no_request(&"what should be an object is none"));
    }
    serde_json::from_str(text).map_err(|error| Refused::no_request(&error))
}

/// Gives `each` the elements of a list as they are written.
fn each<'a>(
    list: &'a RawValue,
    name: &'static str,
    each: impl FnMut(&'a RawValue) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let mut refused = None;
    let elements = Elements {
        name,
        each,
        refused: &mut refused,
    };
    let read =
        serde::Deserializer::deserialize_seq(&mut Deserializer::from_str(list.get()), elements);
    match (refused, read) {
        (Some(refused), _) => Err(refused),
        (None, read) => read.map_err(|error| Refused::no_request(&error)),
    }
}

struct Elements<'a, F> {
    name: &'static str,
    each: F,
    refused: &'a mut Option<Refused>,
}

impl<'de, F: FnMut(&'de RawValue) -> Result<(), Refused>> Visitor<'de> for Elements<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&RawValue>()? {
            if let Err(refused) = (self.each)(element) {
                *self.refused = Some(refused);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}
