//! Calls of tools, joined with their spans and what they gave.

use std::collections::{HashMap, HashSet};

use genai_trace::SpanRecord;
use serde_json::Value as Json;

use crate::said::{Message, Part, Type, structured_arguments, structured_result};
use crate::span::{Brief, Kind};

/// By which a call is known.
const CALL_ID: &str = "gen_ai.tool.call.id";
/// The spans of tools, to be joined with the calls that messages tell of.
#[derive(Debug)]
pub(super) struct Tools<'a> {
    spans: Vec<(&'a SpanRecord, String)>,
    /// The span of the last call with an id: several calls may share one.
    by_id: HashMap<String, usize>,
    joined: HashSet<usize>,
}

impl<'a> Tools<'a> {
    pub(super) fn of(trace: &'a [SpanRecord]) -> Self {
        let tools = trace.iter().filter_map(|span| {
            let brief = Brief::of(span);
            (brief.kind() == Kind::Tool).then(|| (span, brief.subject().to_owned()))
        });
        let mut spans: Vec<_> = tools.collect();
        spans.sort_by_key(|(span, _)| span.start_unix_nano);
        Self {
            spans,
            by_id: HashMap::new(),
            joined: HashSet::new(),
        }
    }

    pub(super) fn is_joined(&self, span: &SpanRecord) -> bool {
        let mut joined = self
            .joined
            .iter()
            .filter_map(|place| self.spans.get(*place));
        joined.any(|(joined, _)| joined.span_id == span.span_id)
    }

    /// Says in the calls and answers of a message which spans they are.
    pub(super) fn join(&mut self, message: &mut Message) {
        for part in &mut message.parts {
            if part.span.is_some() {
                continue;
            }
            let place = match part.kind {
                Type::ToolCall => self.called(part),
                Type::ToolCallResponse => self.answered(part),
                _ => None,
            };
            let Some((span, _)) = place.and_then(|place| self.spans.get(place)) else {
                continue;
            };
            part.span = Some(span.span_id.to_string());
            if part.kind == Type::ToolCall {
                part.arguments = part.arguments.take().or_else(|| structured_arguments(span));
                part.result = part.result.take().or_else(|| structured_result(span));
            }
        }
    }

    /// The first span that is the call by its id, else by the tool's name, and that no other call is.
    fn called(&mut self, part: &Part) -> Option<usize> {
        let free = |place: &usize| !self.joined.contains(place);
        let mut free = (0..self.spans.len())
            .filter(free)
            .collect::<Vec<_>>()
            .into_iter();
        let id_of = |place: &usize| {
            let (span, _) = self.spans.get(*place)?;
            span.attributes.str(CALL_ID)
        };
        let by_id = part
            .id
            .as_deref()
            .and_then(|id| free.clone().find(|place| id_of(place) == Some(id)));
        let place = by_id.or_else(|| {
            let name = part.name.as_deref()?;
            free.find(|place| {
                let span = self.spans.get(*place);
                id_of(place).is_none() && span.is_some_and(|(_, tool)| tool == name)
            })
        })?;
        self.joined.insert(place);
        if let Some(id) = &part.id {
            self.by_id.insert(id.clone(), place);
        }
        Some(place)
    }

    /// The span of the call that was answered last with this id.
    fn answered(&self, part: &Part) -> Option<usize> {
        let id = part.id.as_deref()?;
        let known = self.by_id.get(id).copied();
        known.or_else(|| {
            let mut spans = self.spans.iter();
            spans.position(|(span, _)| span.attributes.str(CALL_ID) == Some(id))
        })
    }
}

/// What a tool's own span says of its call; none where it kept nothing.
pub(super) fn call(span: &SpanRecord) -> Option<Message> {
    let (arguments, result) = (structured_arguments(span), structured_result(span));
    if arguments.is_none() && result.is_none() {
        return None;
    }
    let id = span.span_id.to_string();
    Some(Message {
        role: "tool",
        span: id.clone(),
        parts: vec![Part {
            kind: Type::ToolCall,
            id: span.attributes.str(CALL_ID).map(str::to_owned),
            name: Some(Brief::of(span).subject().to_owned()),
            arguments,
            result,
            span: Some(id),
            ..Part::default()
        }],
        ..Message::default()
    })
}

/// Says in each call what came of it, where a later message does.
pub(super) fn results(messages: &mut [Message]) {
    let mut answers: HashMap<String, Json> = HashMap::new();
    // From the end: where an id is used again, the answer is the next one behind the call.
    for message in messages.iter_mut().rev() {
        for part in message.parts.iter_mut().rev() {
            let Some(id) = &part.id else { continue };
            match part.kind {
                Type::ToolCallResponse => {
                    if let Some(result) = &part.result {
                        answers.insert(id.clone(), result.clone());
                    }
                }
                Type::ToolCall if part.result.is_none() => part.result = answers.get(id).cloned(),
                _ => {}
            }
        }
    }
}
