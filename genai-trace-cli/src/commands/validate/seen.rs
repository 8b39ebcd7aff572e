//! What is to be known of a span when its trace is judged.

use std::hash::{DefaultHasher, Hash, Hasher};

use genai_trace::{SpanKind, SpanRecord};
use genai_trace_semconv::names;

use super::flaw::Flaw;
use super::{attributes, messages, names as spans, tokens};
use crate::span::{Brief, Kind};
use crate::traces::Held;

/// A span of a trace that is judged.
pub(super) type Span = Held<Seen>;

/// What is to be known of it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) has_usage: bool,
    /// Its parent is in another process.
    pub(super) is_entry: bool,
    /// The calls of tools that a model asked for, by their ids.
    pub(super) asked: Box<[u64]>,
    /// The call that a tool answers.
    pub(super) answers: Option<u64>,
    pub(super) flaws: Vec<Flaw>,
}

impl Seen {
    pub(super) fn of(span: &SpanRecord) -> Self {
        let (mut flaws, mut asked) = (Vec::new(), Vec::new());
        attributes::flaws(span, &mut flaws);
        spans::flaws(span, &mut flaws);
        tokens::flaws(span, &mut flaws);
        messages::flaws(span, &mut flaws, &mut asked);
        let brief = Brief::of(span);
        let facts = &brief.facts;
        let is_model = matches!(brief.kind(), Kind::Model);
        let call = span.attributes.str(names::GEN_AI_TOOL_CALL_ID);
        Self {
            has_usage: facts.input_tokens.is_some() || facts.output_tokens.is_some(),
            is_entry: matches!(span.kind, SpanKind::Server | SpanKind::Consumer),
            asked: asked.iter().filter(|_| is_model).map(hash).collect(),
            answers: call.filter(|_| brief.kind() == Kind::Tool).map(hash),
            flaws,
        }
    }
}

fn hash(id: impl AsRef<str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.as_ref().hash(&mut hasher);
    hasher.finish()
}
