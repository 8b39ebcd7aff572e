//! What a span is known by when its like is looked for in another run.

use std::hash::{DefaultHasher, Hash, Hasher};

use genai_trace::SpanRecord;
use serde_json::Value as Json;

use super::messages::Spoken;
use crate::said::{Said, arguments};
use crate::span::{Brief, Kind};

/// To take a span out, or to put one in. Two of them are dearer than any pair that is allowed.
pub(super) const ALONE: u32 = 4;
/// A pair that says something else: other arguments, other messages.
const SAYS_OTHERWISE: u32 = 2;
/// A pair below which something is otherwise, where nobody looks what.
pub(super) const BELOW_OTHERWISE: u32 = 1;
/// A pair of another name, where that may be.
const NAMED_OTHERWISE: u32 = 5;

/// What a span is known by.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) kind: Kind,
    subject: String,
    /// What it was given; none where the trace does not say it.
    given: Option<u64>,
}

impl Call {
    pub(super) fn of(span: &SpanRecord) -> Self {
        let brief = Brief::of(span);
        let kind = brief.kind();
        let given = match kind {
            Kind::Model | Kind::Embeddings | Kind::Agent => {
                let messages = Spoken::all(&Said::in_span(span).input);
                (!messages.is_empty()).then(|| hash(&messages))
            }
            // The members of an object stand in an order of their own.
            _ => arguments(span).map(|said| match serde_json::from_str::<Json>(&said) {
                Ok(json) => hash(&json.to_string()),
                Err(_) => hash(&said),
            }),
        };
        Call {
            kind,
            subject: brief.subject().to_owned(),
            given,
        }
    }

    /// What it costs to lay one over the other; none where they are not the same at all.
    pub(super) fn cost(&self, other: &Call) -> Option<u32> {
        if self.kind != other.kind {
            return None;
        }
        let name = match (self.subject == other.subject, self.kind) {
            (true, _) => 0,
            // The same place in the run, with another model or as another agent.
            (false, Kind::Model | Kind::Embeddings | Kind::Agent) => NAMED_OTHERWISE,
            (false, _) => return None,
        };
        let given = match (self.given, other.given) {
            (Some(one), Some(other)) if one != other => SAYS_OTHERWISE,
            _ => 0,
        };
        Some(name + given)
    }

    /// A number for all that it is known by.
    pub(super) fn fingerprint(&self) -> u64 {
        hash(self)
    }

    /// Whether it is known well enough to be the same call at another place.
    pub(super) const fn is_known_anywhere(&self) -> bool {
        match self.kind {
            Kind::Tool | Kind::Gate | Kind::Retrieval => true,
            Kind::Model | Kind::Embeddings | Kind::Agent => self.given.is_some(),
            Kind::Step => false,
        }
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
