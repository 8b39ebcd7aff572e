//! A chat completion that comes in chunks.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{function_arguments, function_name, stream_fault};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::{Merge, bedrock_invoke};
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, list, object, said};
use crate::provider::parts;
use crate::provider::usage::Usage;

/// How many calls of a choice are told apart, which takes a look at each: no model asks for as many.
const MOST_CALLS: usize = 1024;

/// What the chunks have said.
#[derive(Debug)]
pub(in crate::provider::form) struct Chunks {
    /// Where the choices stand.
    key: &'static str,
    usage: fn(&Json) -> Usage,
    /// Everything but what stands in the choices.
    facts: ChatFacts,
    /// By their indexes.
    choices: BTreeMap<u64, Choice>,
    content: bool,
    room: Room,
}

/// A choice so far.
#[derive(Debug, Default)]
struct Choice {
    reason: Option<FinishReason>,
    /// Whether it is what a tool of the provider gave, as with xAI.
    tool: bool,
    calls: Vec<Call>,
    thought: Gathered,
    text: Gathered,
    refusal: Gathered,
}

/// A call so far.
#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    tool: CalledTool,
    arguments: Gathered,
}

impl Chunks {
    /// Nothing yet, of choices that stand at `key` beside what `usage` reads.
    pub(in crate::provider::form) fn of(
        key: &'static str,
        usage: fn(&Json) -> Usage,
        content: bool,
    ) -> Self {
        Self {
            key,
            usage,
            facts: ChatFacts::default(),
            choices: BTreeMap::new(),
            content,
            room: Room::default(),
        }
    }

    /// What the model gave.
    fn given(&self) -> impl Iterator<Item = &Choice> {
        self.choices.values().filter(|choice| !choice.tool)
    }

    fn choice(&mut self, place: usize, said: &Json) {
        let Some(index) = count(said, "index").or_else(|| place.try_into().ok()) else {
            return;
        };
        if self.choices.contains_key(&index) || self.room.one::<Choice>() {
            let choice = self.choices.entry(index).or_default();
            choice.take(said, self.content, &mut self.room);
        }
    }
}

impl Merge for Chunks {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        let (facts, room) = (&mut self.facts, &mut self.room);
        room.keep(&mut facts.id, said(body, "id"));
        room.keep(&mut facts.model, said(body, "model"));
        room.keep(
            &mut facts.system_fingerprint,
            said(body, "system_fingerprint"),
        );
        room.keep(&mut facts.service_tier, said(body, "service_tier"));
        // Each replaces the one before: nobody's are to be added.
        let groq = || object(body, "x_groq").and_then(|groq| object(groq, "usage"));
        let choices = list(body, self.key);
        // Moonshot's stands in the choice.
        let moonshot = || choices.first().and_then(|choice| object(choice, "usage"));
        if let Some(counts) = object(body, "usage").or_else(groq).or_else(moonshot) {
            let usage = (self.usage)(counts);
            // An empty one says nothing, and so nothing else than was said.
            if !usage.is_empty() {
                facts.usage = usage;
            }
            room.keep(&mut facts.service_tier, said(counts, "service_tier"));
        } else if facts.usage.is_empty() {
            // Bedrock counts where the model was not asked to.
            facts.usage = bedrock_invoke::metrics(body).unwrap_or_default();
        }
        if facts.error.is_none() {
            facts.error = stream_fault(event, body)
                .or_else(|| choices.iter().find_map(|choice| stream_fault(None, choice)));
        }
        for (place, choice) in choices.iter().enumerate() {
            self.choice(place, choice);
        }
    }

    fn facts(&self) -> ChatFacts {
        let mut facts = self.facts.clone();
        for choice in self.given() {
            let reason = choice.reason.clone();
            let reason = reason.unwrap_or_else(FinishReason::missing);
            facts.finish_reasons.push(reason);
            let calls = choice.calls.iter().map(|call| call.tool.clone());
            facts.tool_calls.extend(calls);
        }
        if self.content {
            let messages = self.given().map(Choice::message);
            facts.content = Some(Box::new(Content {
                output: Some(messages.collect()),
                ..Content::default()
            }));
        }
        facts
    }
}

impl Choice {
    fn take(&mut self, choice: &Json, content: bool, room: &mut Room) {
        // xAI's word for none is that of its enumeration's zero.
        let reason = said(choice, "finish_reason").filter(|reason| *reason != "REASON_INVALID");
        if let Some(reason) = reason {
            self.reason = Some(FinishReason::new(reason));
        }
        let Some(delta) = object(choice, "delta") else {
            return;
        };
        self.tool |= said(delta, "role") == Some("ROLE_TOOL");
        let old = object(delta, "function_call");
        for call in list(delta, "tool_calls").iter().chain(old) {
            self.call(call, content, room);
        }
        if content {
            self.say(delta, room);
        }
    }

    fn say(&mut self, delta: &Json, room: &mut Room) {
        let thought = said(delta, "reasoning_content").or_else(|| said(delta, "reasoning"));
        self.thought.extend(thought, room);
        self.refusal.extend(said(delta, "refusal"), room);
        match delta.get("content") {
            Some(Json::String(text)) => self.text.push(text, room),
            // Mistral's, whose thought is a list of parts again.
            Some(Json::Array(parts)) => {
                for part in parts {
                    self.text.extend(said(part, "text"), room);
                    let thought = list(part, "thinking").iter();
                    let thought = thought.filter_map(|part| said(part, "text"));
                    self.thought.extend(thought, room);
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, delta: &Json, content: bool, room: &mut Room) {
        let place = match self.call_of(delta) {
            Some(place) => place,
            None if self.calls.len() < MOST_CALLS && room.one::<Call>() => {
                self.calls.push(Call {
                    index: count(delta, "index"),
                    ..Call::default()
                });
                self.calls.len() - 1
            }
            None => return,
        };
        let Some(call) = self.calls.get_mut(place) else {
            return;
        };
        room.keep(&mut call.tool.id, said(delta, "id"));
        room.keep(&mut call.tool.name, function_name(delta));
        if content {
            match function_arguments(delta) {
                Some(Json::String(piece)) => call.arguments.push(piece, room),
                // Whole arguments, as some servers of one's own give them.
                Some(all @ Json::Object(_)) => call.arguments.push(&all.to_string(), room),
                _ => {}
            }
        }
    }

    /// Which of the calls `delta` goes on with; none where it begins one.
    fn call_of(&self, delta: &Json) -> Option<usize> {
        let index = count(delta, "index");
        let id = said(delta, "id");
        let begins = function_name(delta).is_some();
        self.calls.iter().rposition(|call| {
            let known = call.tool.id.as_deref();
            let same_index = index.is_some() && index == call.index;
            match (id, known) {
                _ if index.is_some() && call.index.is_some() && !same_index => false,
                // Some providers give every call of a choice the index 0, and some every piece of a
                // call an identifier of its own: a new one begins a call where a name comes with it.
                (Some(id), Some(known)) => id == known || same_index && !begins,
                _ if same_index => true,
                // Without either, a name begins the next call.
                _ => !(begins && call.tool.name.is_some()),
            }
        })
    }

    fn message(&self) -> Json {
        let mut all = Vec::new();
        all.extend(self.thought.get().map(parts::reasoning));
        all.extend(self.text.get().map(parts::text));
        let refusal = self.refusal.get();
        all.extend(refusal.map(|text| parts::other("refusal", text)));
        all.extend(self.calls.iter().filter_map(|call| {
            let name = call.tool.name.as_deref()?;
            let arguments = call.arguments.get().map(parts::arguments);
            let id = call.tool.id.as_deref();
            Some(parts::tool_call(id, name, arguments.unwrap_or_default()))
        }));
        let reason = match &self.reason {
            Some(reason) => reason.normalized(),
            None => FinishReason::missing().normalized(),
        };
        parts::output("assistant", all, reason)
    }
}
