//! One thing that is asked of a span.

use std::fmt;
use std::sync::Arc;

use super::forest::Node;
use super::names::nearest;
use crate::record::{SpanRecord, Value};
use crate::span::names;
use crate::span::outcome::Outcome;

/// One thing that is asked of a span.
#[derive(Clone)]
pub(super) enum Predicate {
    Outcome(Outcome),
    Attribute(String, Value),
    IsSet(String),
    IsUnset(String),
    Where(String, Arc<dyn Fn(&Value) -> bool + Send + Sync>),
    Satisfies(String, Arc<dyn Fn(&SpanRecord) -> bool + Send + Sync>),
    Overlapping,
}

impl Predicate {
    /// What is wrong with the span: what was expected, and what is there.
    pub(super) fn complaint(&self, node: &Node) -> Option<String> {
        let attributes = &node.record.attributes;
        match self {
            Self::Outcome(wanted) => {
                let is = node.outcome();
                (is != Some(*wanted)).then(|| {
                    let got = is.map_or("a span that is still open".into(), |_| ending(node));
                    format!("expected outcome {}, got {got}", wanted.as_str())
                })
            }
            Self::Attribute(key, wanted) => {
                let is = attributes.get(key);
                (is != Some(wanted)).then(|| {
                    let wanted = format!("{key} = {}", Shown(wanted));
                    expected(&wanted, key, node)
                })
            }
            Self::IsSet(key) => {
                let is = attributes.get(key);
                is.is_none().then(|| expected(key, key, node))
            }
            Self::IsUnset(key) => attributes
                .get(key)
                .map(|is| format!("expected no {key}, got {}", Shown(is))),
            Self::Where(key, test) => match attributes.get(key) {
                Some(is) if test(is) => None,
                _ => Some(expected(&format!("another value of {key}"), key, node)),
            },
            Self::Satisfies(to, test) => (!test(&node.record)).then(|| format!("expected {to}")),
            Self::Overlapping => (!node.overlaps_sibling)
                .then(|| "expected to run while a sibling does, got none that did".to_owned()),
        }
    }
}

/// The complaint about an attribute that is wrong or not there.
fn expected(what: &str, key: &str, node: &Node) -> String {
    let attributes = &node.record.attributes;
    if let Some(is) = attributes.get(key) {
        return format!("expected {what}, got {}", Shown(is));
    }
    let near = nearest(key, attributes.iter().map(|(key, _)| key));
    let hint = near.map_or(String::new(), |near| format!("; there is {near}"));
    format!("expected {what}, which is not set{hint}")
}

/// How the span has ended, with what its error says.
fn ending(node: &Node) -> String {
    let mut text = node.outcome().map_or("open", Outcome::as_str).to_owned();
    if let Some(kind) = node.record.attributes.str(names::ERROR_TYPE) {
        text = text + " " + kind;
    }
    if !node.record.status_message.is_empty() {
        text = text + ": " + &node.record.status_message;
    }
    text
}

/// A value so that its type is seen: texts in quotes.
pub(super) struct Shown<'a>(pub(super) &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome(outcome) => write!(f, "outcome {}", outcome.as_str()),
            Self::Attribute(key, value) => write!(f, "{key} = {}", Shown(value)),
            Self::IsSet(key) => write!(f, "with {key}"),
            Self::IsUnset(key) => write!(f, "without {key}"),
            Self::Where(key, _) => write!(f, "with some {key}"),
            Self::Satisfies(to, _) => write!(f, "expected {to}"),
            Self::Overlapping => f.write_str("overlapping a sibling"),
        }
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
