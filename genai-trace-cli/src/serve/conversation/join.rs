//! Calls of tools, joined with their spans and what they gave.

use std::collections::{HashMap, HashSet};

use genai_trace::{SpanId, SpanRecord};
use serde_json::Value as Json;

use crate::said::{Message, Part, Type, structured_arguments, structured_result};
use crate::span::{Brief, Kind};

/// By which a call is known.
const CALL_ID: &str = "gen_ai.tool.call.id";

/// The spans of a trace's tools. They are looked up once, however many of its spans are told of.
#[derive(Debug)]
pub(in crate::serve) struct Called<'a> {
    spans: Vec<&'a SpanRecord>,
    by_id: HashMap<&'a str, Vec<usize>>,
    /// Those without an id of their own.
    by_name: HashMap<String, Vec<usize>>,
}

impl<'a> Called<'a> {
    pub(in crate::serve) fn of(trace: &'a [SpanRecord]) -> Self {
        let tools = trace.iter().filter_map(|span| {
            let brief = Brief::of(span);
            (brief.kind() == Kind::Tool).then(|| (span, brief.subject().to_owned()))
        });
        let mut tools: Vec<_> = tools.collect();
        tools.sort_by_key(|(span, _)| span.start_unix_nano);
        let mut called = Self {
            spans: Vec::new(),
            by_id: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (place, (span, tool)) in tools.into_iter().enumerate() {
            called.spans.push(span);
            let places = match span.attributes.str(CALL_ID) {
                Some(id) => called.by_id.entry(id).or_default(),
                None => called.by_name.entry(tool).or_default(),
            };
            places.push(place);
        }
        called
    }

    fn with_id(&self, id: &str) -> &[usize] {
        self.by_id.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    fn with_name(&self, name: &str) -> &[usize] {
        self.by_name
            .get(name)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// The spans of tools, to be joined with the calls that messages tell of.
#[derive(Debug)]
pub(super) struct Tools<'a> {
    called: &'a Called<'a>,
    /// The span of the last call with an id: several calls may share one.
    by_id: HashMap<String, usize>,
    joined: HashSet<usize>,
}

impl<'a> Tools<'a> {
    pub(super) fn of(called: &'a Called<'a>) -> Self {
        Self {
            called,
            by_id: HashMap::new(),
            joined: HashSet::new(),
        }
    }

    /// The ids of the spans that were joined.
    pub(super) fn joined(&self) -> HashSet<SpanId> {
        let spans = self.joined.iter();
        let spans = spans.filter_map(|place| self.called.spans.get(*place));
        spans.map(|span| span.span_id).collect()
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
            let Some(span) = place.and_then(|place| self.called.spans.get(place)) else {
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
        let free = |places: &[usize]| {
            let mut places = places.iter();
            places.find(|place| !self.joined.contains(place)).copied()
        };
        let id = part.id.as_deref();
        let by_id = id.and_then(|id| free(self.called.with_id(id)));
        let place = by_id.or_else(|| free(self.called.with_name(part.name.as_deref()?)))?;
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
        known.or_else(|| self.called.with_id(id).first().copied())
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
