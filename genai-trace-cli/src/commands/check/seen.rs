//! What is to be known of a span when its trace is judged.

use genai_trace::SpanRecord;

use super::patterns::{Hit, hits};
use super::repeats::asked;
use crate::pricing::{Spent, spent};
use crate::span::{Brief, Kind};
use crate::traces::Held;

/// A span of a trace that is judged.
pub(super) type Span = Held<Seen>;

/// What is to be known of it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) kind: Kind,
    /// The name of the tool that it calls.
    pub(super) tool: Option<Box<str>>,
    /// What it asks, of a call whose arguments are said.
    pub(super) asked: Option<u64>,
    pub(super) tokens: u64,
    pub(super) spent: Spent,
    pub(super) is_turn: bool,
    pub(super) has_crashed: bool,
    /// How it failed, where it did.
    pub(super) failure: Option<Box<str>>,
    pub(super) hits: Vec<Hit>,
}

impl Seen {
    pub(super) fn of(span: &SpanRecord) -> Self {
        let brief = Brief::of(span);
        let kind = brief.kind();
        let facts = &brief.facts;
        let tokens = facts.input_tokens.unwrap_or(0) + facts.output_tokens.unwrap_or(0);
        let failure = brief.has_failed.then(|| {
            let said = [facts.error_type.as_deref(), Some(&*span.status_message)];
            let said = said.into_iter().flatten().filter(|text| !text.is_empty());
            said.collect::<Vec<_>>().join(": ").into()
        });
        Self {
            kind,
            tool: (kind == Kind::Tool).then(|| brief.subject().into()),
            asked: asked(span, &brief),
            tokens: if kind.calls_a_model() { tokens } else { 0 },
            spent: spent(&brief),
            is_turn: span.name == "agent.turn",
            has_crashed: facts.outcome.as_deref() == Some("crashed"),
            failure,
            hits: hits(span),
        }
    }
}
