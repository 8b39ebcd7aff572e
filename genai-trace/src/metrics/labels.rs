//! What tells one series from another.

use std::hash::{Hash, Hasher};

use super::symbol::Symbol;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// What a gate said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Decision {
    Allow,
    Deny,
    Ask,
}

impl Decision {
    /// The decision that a word of the attribute names.
    pub(crate) fn from_word(word: &str) -> Option<Decision> {
        [Decision::Allow, Decision::Deny, Decision::Ask]
            .into_iter()
            .find(|decision| decision.as_str() == word)
    }

    /// The word for the decision in labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Decision::Allow => "allow",
            Decision::Deny => "deny",
            Decision::Ask => "ask",
        }
    }
}

/// What tells one series from another: every fact about a span that some view shows as a label.
///
/// A call of the Model Context Protocol has no model and no provider: in their places stand the tool or the
/// prompt that it is about (`model`), the version of the protocol (`provider`), and in that of the kind of
/// tool how it is carried (`tool_type`). A request that came in over HTTP has its method (`subject`), its route
/// (`model`), its scheme (`provider`) and its status (`server_port`) there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Labels {
    pub(crate) operation: Operation,
    pub(crate) outcome: Outcome,
    /// What the gate said; gates only.
    pub(crate) decision: Option<Decision>,
    /// Whether this is an agent's span with no agent above, or a session of the Model Context Protocol.
    pub(crate) top: bool,
    /// 0 for none.
    pub(crate) server_port: u16,
    /// The name of the tool, agent, workflow or gate; none for model calls and steps.
    pub(crate) subject: Symbol,
    /// The requested model. On a top agent's span the only model of the run, or
    /// [`Symbol::MIXED`]; so too `provider`.
    pub(crate) model: Symbol,
    pub(crate) provider: Symbol,
    pub(crate) response_model: Symbol,
    pub(crate) error_type: Symbol,
    /// The nearest agent above.
    pub(crate) agent: Symbol,
    pub(crate) tool_type: Symbol,
    pub(crate) server_address: Symbol,
}

impl Labels {
    /// A span of `operation` that ended well and of which nothing else is known.
    pub(crate) const fn new(operation: Operation) -> Labels {
        Labels {
            operation,
            outcome: Outcome::Ok,
            decision: None,
            top: false,
            server_port: 0,
            subject: Symbol::NONE,
            model: Symbol::NONE,
            provider: Symbol::NONE,
            response_model: Symbol::NONE,
            error_type: Symbol::NONE,
            agent: Symbol::NONE,
            tool_type: Symbol::NONE,
            server_address: Symbol::NONE,
        }
    }

    /// The series that takes in what has no room of its own: names are given up, and what views
    /// filter by is kept, so that totals stay exact.
    pub(crate) const fn overflowed(self) -> Labels {
        Labels {
            server_port: 0,
            subject: Symbol::OVERFLOW,
            model: Symbol::OVERFLOW,
            provider: Symbol::OVERFLOW,
            response_model: Symbol::OVERFLOW,
            error_type: Symbol::OVERFLOW,
            agent: Symbol::OVERFLOW,
            tool_type: Symbol::OVERFLOW,
            server_address: Symbol::OVERFLOW,
            ..self
        }
    }
}

impl Hash for Labels {
    /// Hashes all fields in five words, where one by one they would be fourteen.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let pair = |a: Symbol, b: Symbol| u64::from(a.number()) << 32 | u64::from(b.number());
        let small = u64::from(self.server_port) << 32
            | (self.operation.index() as u64) << 24
            | (self.outcome.index() as u64) << 16
            | self.decision.map_or(0, |decision| 1 + decision as u64) << 8
            | u64::from(self.top);
        for word in [
            small,
            pair(self.subject, self.model),
            pair(self.provider, self.response_model),
            pair(self.error_type, self.agent),
            pair(self.tool_type, self.server_address),
        ] {
            state.write_u64(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::hash::Mixing;
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    #[test]
    fn every_field_tells_series_apart_and_changes_the_hash() {
        let plain = Labels::new(Operation::Tool);
        let name = Symbol::from_number(9);
        let all = [
            plain,
            Labels::new(Operation::Chat),
            Labels {
                outcome: Outcome::Error,
                ..plain
            },
            Labels {
                decision: Some(Decision::Allow),
                ..plain
            },
            Labels {
                decision: Some(Decision::Deny),
                ..plain
            },
            Labels { top: true, ..plain },
            Labels {
                server_port: 443,
                ..plain
            },
            Labels {
                subject: name,
                ..plain
            },
            Labels {
                model: name,
                ..plain
            },
            Labels {
                provider: name,
                ..plain
            },
            Labels {
                response_model: name,
                ..plain
            },
            Labels {
                error_type: name,
                ..plain
            },
            Labels {
                agent: name,
                ..plain
            },
            Labels {
                tool_type: name,
                ..plain
            },
            Labels {
                server_address: name,
                ..plain
            },
        ];
        let distinct: HashSet<Labels> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
        let hashes: HashSet<u64> = all.map(|labels| Mixing::default().hash_one(labels)).into();
        assert_eq!(hashes.len(), all.len());
    }
}
