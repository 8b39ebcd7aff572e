//! A chat that comes in events.

use serde_json::Value as Json;

use super::{old_chat, output, usage};
use crate::provider::facts::{CalledTool, ChatFacts};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::Merge;
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{list, object, said};
use crate::provider::origin::Origin;
use crate::provider::parts;

/// Whether `body` is an event of either version.
pub(super) fn is_event(event: Option<&str>, body: &Json) -> bool {
    if body.get("is_finished").is_some_and(Json::is_boolean) {
        return said(body, "event_type").is_some();
    }
    let kind = said(body, "type").or(event).unwrap_or_default();
    let known = matches!(
        kind,
        "message-start"
            | "content-start"
            | "content-delta"
            | "content-end"
            | "tool-plan-delta"
            | "tool-call-start"
            | "tool-call-delta"
            | "tool-call-end"
            | "citation-start"
            | "citation-end"
            | "message-end"
    );
    known && body.is_object()
}

/// What the events have said.
#[derive(Debug)]
pub(super) struct Events {
    facts: ChatFacts,
    thought: Gathered,
    text: Gathered,
    /// The arguments of each call.
    arguments: Vec<Gathered>,
    content: bool,
    room: Room,
}

impl Events {
    pub(super) fn new(content: bool) -> Self {
        Self {
            facts: ChatFacts::default(),
            thought: Gathered::default(),
            text: Gathered::default(),
            arguments: Vec::new(),
            content,
            room: Room::default(),
        }
    }

    /// An event of the first version, whose last has the whole response.
    fn old(&mut self, body: &Json) {
        let (facts, room) = (&mut self.facts, &mut self.room);
        room.keep(&mut facts.id, said(body, "generation_id"));
        if self.content {
            self.text.extend(said(body, "text"), room);
        }
        for call in list(body, "tool_calls") {
            self.call(call);
        }
        if let Some(response) = object(body, "response") {
            let whole = old_chat(response, false);
            let (facts, room) = (&mut self.facts, &mut self.room);
            // What was generated without a chat has an identifier of another name.
            let id = whole.id.as_deref().or_else(|| said(response, "id"));
            room.keep(&mut facts.id, id);
            facts.usage = whole.usage;
            facts.finish_reasons = whole.finish_reasons;
        }
        if let Some(reason) = said(body, "finish_reason") {
            self.facts.finish_reasons = vec![FinishReason::new(reason)];
        }
    }

    fn call(&mut self, call: &Json) {
        if !self.room.one::<(CalledTool, Gathered)>() {
            return;
        }
        let function = object(call, "function").unwrap_or(call);
        let mut called = CalledTool::default();
        self.room.keep(&mut called.id, said(call, "id"));
        self.room.keep(&mut called.name, said(function, "name"));
        self.facts.tool_calls.push(called);
        let mut arguments = Gathered::default();
        if self.content {
            match object(function, "parameters") {
                Some(parameters) => arguments.push(&parameters.to_string(), &mut self.room),
                None => arguments.extend(said(function, "arguments"), &mut self.room),
            }
        }
        self.arguments.push(arguments);
    }

    /// What the delta of a message says.
    fn delta(&mut self, kind: &str, message: &Json) {
        let content = object(message, "content");
        let call = object(message, "tool_calls");
        match kind {
            "tool-call-start" => {
                if let Some(call) = call {
                    self.call(call);
                }
            }
            "tool-call-delta" if self.content => {
                let function = call.and_then(|call| object(call, "function"));
                let piece = function.and_then(|function| said(function, "arguments"));
                if let Some(last) = self.arguments.last_mut() {
                    last.extend(piece, &mut self.room);
                }
            }
            "tool-plan-delta" if self.content => {
                self.thought
                    .extend(said(message, "tool_plan"), &mut self.room);
            }
            "content-start" | "content-delta" if self.content => {
                let piece = |key| content.and_then(|content| said(content, key));
                self.text.extend(piece("text"), &mut self.room);
                self.thought.extend(piece("thinking"), &mut self.room);
            }
            _ => {}
        }
    }
}

impl Merge for Events {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        let origin = Origin::default();
        let delta = object(body, "delta");
        if self.facts.error.is_none() {
            let within = delta.and_then(|delta| fault_within(delta, &origin));
            self.facts.error = within.or_else(|| fault_within(body, &origin));
        }
        if said(body, "event_type").is_some() {
            return self.old(body);
        }
        let kind = said(body, "type").or(event).unwrap_or_default();
        self.room.keep(&mut self.facts.id, said(body, "id"));
        let Some(delta) = delta else { return };
        if let Some(message) = object(delta, "message") {
            self.delta(kind, message);
        }
        if kind == "message-end" {
            self.facts.usage = object(delta, "usage").map(usage).unwrap_or_default();
            let reason = said(delta, "finish_reason").map(FinishReason::new);
            self.facts.finish_reasons = reason.into_iter().collect();
        }
    }

    fn facts(&self) -> ChatFacts {
        let mut facts = self.facts.clone();
        if facts.finish_reasons.is_empty() {
            facts.finish_reasons.push(FinishReason::missing());
        }
        if self.content {
            let mut all = Vec::new();
            all.extend(self.thought.get().map(parts::reasoning));
            all.extend(self.text.get().map(parts::text));
            let calls = facts.tool_calls.iter().zip(&self.arguments);
            all.extend(calls.filter_map(|(called, arguments)| {
                let arguments = arguments.get().map(parts::arguments).unwrap_or_default();
                let name = called.name.as_deref()?;
                Some(parts::tool_call(called.id.as_deref(), name, arguments))
            }));
            facts.content = Some(output(all, facts.finish_reasons.last()));
        }
        facts
    }
}
