//! How much is in a message, found before it is made: of two bytes become a hundred, and of values in values as many calls.

use super::{MOST_VALUES, Refused, fields};

/// So deep may messages lie in messages. A value in a value is three, and prost takes a hundred.
const DEEPEST: usize = 90;

/// The messages of OTLP that have any number of others in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Span,
    Record,
    Resource,
    Scope,
    Event,
    Link,
    Pair,
    Value,
    Values,
    Pairs,
    /// Nothing in it may have others in it.
    Flat,
}

impl Kind {
    /// What a member of it is.
    const fn member(self, tag: u32) -> Option<Kind> {
        Some(match (self, tag) {
            (Kind::Span, 9)
            | (Kind::Record, 6)
            | (Kind::Resource | Kind::Pairs, 1)
            | (Kind::Scope | Kind::Event, 3)
            | (Kind::Link, 4) => Kind::Pair,
            (Kind::Span, 11) => Kind::Event,
            (Kind::Span, 13) => Kind::Link,
            (Kind::Pair, 2) | (Kind::Record, 5) | (Kind::Values, 1) => Kind::Value,
            (Kind::Value, 5) => Kind::Values,
            (Kind::Value, 6) => Kind::Pairs,
            // A status, and what a resource says of entities.
            (Kind::Span, 15) | (Kind::Resource, 3) => Kind::Flat,
            _ => return None,
        })
    }
}

/// Why a message is not read that has too much in it; none where it may be read.
pub(super) fn excess(bytes: &[u8], kind: Kind) -> Result<Option<String>, Refused> {
    let mut weight = Weight::default();
    weight.add(bytes, kind, 1)?;
    Ok(match weight {
        Weight { is_deep: true, .. } => Some("it has values in values, too deep".to_owned()),
        Weight { members, .. } if members > MOST_VALUES => {
            Some(format!("it has more than {MOST_VALUES} values in it"))
        }
        _ => None,
    })
}

#[derive(Debug, Default)]
struct Weight {
    members: usize,
    is_deep: bool,
}

impl Weight {
    fn add(&mut self, bytes: &[u8], kind: Kind, depth: usize) -> Result<(), Refused> {
        if depth > DEEPEST {
            self.is_deep = true;
            return Ok(());
        }
        fields(bytes, |tag, message| {
            self.members += 1;
            // What is too much need not be looked through.
            match (kind.member(tag), message) {
                (Some(kind), Some(message)) if self.members <= MOST_VALUES && !self.is_deep => {
                    self.add(message, kind, depth + 1)
                }
                _ => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
    use opentelemetry_proto::tonic::logs::v1::LogRecord;
    use opentelemetry_proto::tonic::trace::v1::{Span, span};
    use prost::Message;

    use super::*;

    fn pair(value: Value) -> KeyValue {
        KeyValue {
            key: "k".to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        }
    }

    fn span(attribute: Value) -> Span {
        Span {
            attributes: vec![pair(attribute)],
            ..Span::default()
        }
    }

    fn why(message: &impl Message, kind: Kind) -> Option<String> {
        excess(&message.encode_to_vec(), kind).unwrap()
    }

    #[test]
    fn many_values_are_too_much_wherever_they_stand() {
        let many = vec![KeyValue::default(); MOST_VALUES + 1];
        let pairs = Value::KvlistValue(KeyValueList {
            values: many.clone(),
        });
        let values = Value::ArrayValue(ArrayValue {
            values: vec![AnyValue::default(); MOST_VALUES + 1],
        });
        let event = span::Event {
            attributes: many.clone(),
            ..span::Event::default()
        };
        let link = span::Link {
            attributes: many,
            ..span::Link::default()
        };
        let record = LogRecord {
            body: Some(AnyValue {
                value: Some(pairs.clone()),
            }),
            ..LogRecord::default()
        };
        let beside = Span {
            events: vec![event],
            ..Span::default()
        };
        let linked = Span {
            links: vec![link],
            ..Span::default()
        };
        let excess = Some(format!("it has more than {MOST_VALUES} values in it"));
        for message in [span(pairs), span(values), beside, linked] {
            assert_eq!(why(&message, Kind::Span), excess);
        }
        assert_eq!(why(&record, Kind::Record), excess);
    }

    #[test]
    fn values_lie_in_values_as_deep_as_anybody_means() {
        let nested = |levels: usize| {
            let inner = Value::StringValue("x".to_owned());
            let value = (0..levels).fold(inner, |value, _| {
                let values = vec![pair(value)];
                Value::KvlistValue(KeyValueList { values })
            });
            span(value)
        };
        assert_eq!(why(&nested(20), Kind::Span), None);
        let deep = why(&nested(40), Kind::Span);
        assert_eq!(deep.as_deref(), Some("it has values in values, too deep"));
    }

    #[test]
    fn a_long_text_is_one_value() {
        let text = Value::StringValue("\n\u{1}".repeat(MOST_VALUES));
        assert_eq!(why(&span(text), Kind::Span), None);
    }
}
