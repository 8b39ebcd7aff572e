//! The same call again and again: an agent that is stuck.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use genai_trace::SpanRecord;

use super::seen::Span;
use crate::said;
use crate::span::{Brief, Kind};

/// What a call asks of whom, where its arguments are said; of two calls that ask the same it is the same.
pub(super) fn asked(span: &SpanRecord, brief: &Brief<'_>) -> Option<u64> {
    let kind = brief.kind();
    let is_tool = kind == Kind::Tool;
    if !is_tool && !kind.calls_a_model() {
        return None;
    }
    let arguments = match is_tool {
        true => said::arguments(span)?,
        false => said::whole_input(span)?.to_string().into(),
    };
    let mut hasher = DefaultHasher::new();
    (is_tool, brief.subject(), arguments).hash(&mut hasher);
    Some(hasher.finish())
}

/// The calls that an agent has made more than `most` times in a row, one when the other had ended, those that began
/// first in front. `spans` are in the order in which they began. Between calls of a tool it may call models, and between
/// those of a model tools.
pub(super) fn repeats<'a>(spans: &[&'a Span], most: usize) -> Vec<Vec<&'a Span>> {
    let agents = agents(spans);
    let mut rows: HashMap<(u64, Kind), Vec<&'a Span>> = HashMap::new();
    let mut found = Vec::new();
    let is_call = |span: &&&Span| span.seen.kind == Kind::Tool || span.seen.kind.calls_a_model();
    for span in spans.iter().filter(is_call) {
        let agent = agents.get(&span.id).copied().unwrap_or(0);
        let row = rows.entry((agent, span.seen.kind)).or_default();
        let goes_on = row.last().is_some_and(|last| {
            span.seen.asked.is_some()
                && span.seen.asked == last.seen.asked
                && span.start >= last.end
        });
        if !goes_on {
            found.push(std::mem::take(row));
        }
        row.push(span);
    }
    found.extend(rows.into_values());
    found.retain(|row| row.len() > most);
    found.sort_by_key(|row| row.first().map(|span| (span.start, span.id)));
    found
}

/// The agent that each span is in, by its number: itself where it is one; without any what is missing at the top.
fn agents(spans: &[&Span]) -> HashMap<u64, u64> {
    let by_id: HashMap<u64, &Span> = spans.iter().map(|span| (span.id, *span)).collect();
    let mut agents: HashMap<u64, u64> = HashMap::new();
    for span in spans {
        let (mut way, mut at) = (Vec::new(), *span);
        let agent = loop {
            if let Some(known) = agents.get(&at.id) {
                break *known;
            }
            // As long as nothing better is known, so that a circle ends.
            agents.insert(at.id, at.id);
            way.push(at.id);
            match by_id.get(&at.parent) {
                _ if at.seen.kind == Kind::Agent => break at.id,
                Some(parent) => at = parent,
                None => break at.parent,
            }
        };
        agents.extend(way.into_iter().map(|id| (id, agent)));
    }
    agents
}
