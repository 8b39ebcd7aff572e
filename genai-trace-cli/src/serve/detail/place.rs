//! Where in a span a value stands, and the value there.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use genai_trace::{SpanRecord, Value};
use serde::{Serialize, Serializer};

/// Where in a span a value stands. A key may have any name, so the two are never one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Place {
    /// Its name and its message.
    Record,
    Attributes,
    Resource,
    Scope,
    Event(usize),
    Link(usize),
}

impl Place {
    pub(super) fn value<'a>(self, record: &'a SpanRecord, key: &str) -> Option<Cow<'a, Value>> {
        let text = |text: &str| Some(Cow::Owned(Value::from(text)));
        let attributes = match self {
            Place::Attributes => &record.attributes,
            Place::Resource => &record.resource,
            Place::Event(number) => &record.events.get(number)?.attributes,
            Place::Link(number) => &record.links.get(number)?.attributes,
            Place::Record => {
                return match key {
                    "name" => text(&record.name),
                    "status_message" => text(&record.status_message),
                    _ => None,
                };
            }
            Place::Scope => {
                let scope = record.scope.as_ref()?;
                return match key {
                    "name" => text(&scope.name),
                    "version" => text(scope.version.as_deref()?),
                    _ => None,
                };
            }
        };
        attributes.get(key).map(Cow::Borrowed)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Record => f.write_str("record"),
            Place::Attributes => f.write_str("attributes"),
            Place::Resource => f.write_str("resource"),
            Place::Scope => f.write_str("scope"),
            Place::Event(number) => write!(f, "events.{number}"),
            Place::Link(number) => write!(f, "links.{number}"),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = match text {
            "record" => Some(Place::Record),
            "attributes" => Some(Place::Attributes),
            "resource" => Some(Place::Resource),
            "scope" => Some(Place::Scope),
            _ => match text.split_once('.') {
                Some(("events", number)) => number.parse().ok().map(Place::Event),
                Some(("links", number)) => number.parse().ok().map(Place::Link),
                _ => None,
            },
        };
        place.ok_or_else(|| {
            format!(
                "of is {text:?}: expected attributes, resource, record, scope, events.N or links.N"
            )
        })
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written_and_any_other_word_is_refused() {
        for place in [
            Place::Record,
            Place::Attributes,
            Place::Resource,
            Place::Scope,
            Place::Event(0),
            Place::Link(12),
        ] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for wrong in ["", "attribute", "events", "events.", "links.x", "events.-1"] {
            let said = wrong.parse::<Place>().unwrap_err();
            assert!(
                said.starts_with(&format!("of is {wrong:?}: expected")),
                "{said}"
            );
        }
    }
}
