//! A stream of an interaction: the last account of it holds, what steps say is joined.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{called, output_of, parts_of, take, usage};
use crate::provider::facts::ChatFacts;
use crate::provider::fault::fault_within;
use crate::provider::form::Merge;
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;

/// What a stream of an interaction has said.
#[derive(Debug, Default)]
pub(super) struct InteractionStream {
    facts: ChatFacts,
    /// The steps by their index, where they are wanted.
    steps: Option<BTreeMap<u64, Step>>,
    room: Room,
}

/// A step as it began, and what was added to it.
#[derive(Debug)]
struct Step {
    start: Json,
    text: Gathered,
    thought: Gathered,
    arguments: Gathered,
}

impl InteractionStream {
    pub(super) fn new(content: bool) -> Self {
        Self {
            steps: content.then(BTreeMap::new),
            ..Self::default()
        }
    }

    fn start(&mut self, body: &Json, start: &Json) {
        if let Some(tool) = called(start) {
            let (id, name) = (tool.id.as_deref(), tool.name.as_deref());
            self.room.tool(&mut self.facts.tool_calls, id, name);
        }
        if let (Some(steps), Some(index)) = (&mut self.steps, count(body, "index"))
            && self.room.value(start)
        {
            steps.insert(index, Step::new(start));
        }
    }
}

impl Merge for InteractionStream {
    fn take(&mut self, _: Option<&str>, body: &Json) {
        // What was used so far, of which the end says the whole.
        let metadata = object(body, "metadata");
        if let Some(counts) = metadata.and_then(|metadata| object(metadata, "usage")) {
            self.facts.usage = usage(counts);
        }
        if let Some(interaction) = object(body, "interaction") {
            take(&mut self.facts, interaction);
        }
        let kind = said(body, "event_type").unwrap_or_default();
        if kind == "interaction.status_update" {
            self.facts.status = text(body, "status").or(self.facts.status.take());
        }
        self.facts.error = fault_within(body, &Origin::default()).or(self.facts.error.take());
        if let Some(start) = object(body, "step").or_else(|| object(body, "content")) {
            self.start(body, start);
        }
        let Some(delta) = object(body, "delta") else {
            return;
        };
        // A call that comes whole, where steps are not begun.
        if let Some(tool) = called(delta) {
            let (id, name) = (tool.id.as_deref(), tool.name.as_deref());
            self.room.tool(&mut self.facts.tool_calls, id, name);
        }
        let step = self.steps.as_mut().zip(count(body, "index"));
        if let Some(step) = step.and_then(|(steps, index)| steps.get_mut(&index)) {
            step.add(delta, &mut self.room);
        }
    }

    fn facts(&self) -> ChatFacts {
        let mut facts = self.facts.clone();
        let steps = self.steps.as_ref().filter(|steps| !steps.is_empty());
        facts.content =
            steps.map(|steps| output_of(steps.values().flat_map(Step::parts).collect()));
        facts
    }
}

impl Step {
    fn new(start: &Json) -> Self {
        Self {
            start: start.clone(),
            text: Gathered::default(),
            thought: Gathered::default(),
            arguments: Gathered::default(),
        }
    }

    fn add(&mut self, delta: &Json, room: &mut Room) {
        match said(delta, "type") {
            Some("text") => self
                .text
                .push(said(delta, "text").unwrap_or_default(), room),
            Some("thought_summary") => {
                let content = object(delta, "content").unwrap_or(delta);
                self.thought
                    .push(said(content, "text").unwrap_or_default(), room);
            }
            Some("arguments_delta") => {
                let more = said(delta, "arguments");
                self.arguments.push(more.unwrap_or_default(), room);
            }
            // What comes whole stands for the step.
            Some(_) if delta.get("arguments").is_some() && room.value(delta) => {
                self.start = delta.clone();
            }
            _ => {}
        }
    }

    fn parts(&self) -> Vec<Json> {
        let mut joined = Vec::new();
        joined.extend(self.thought.get().map(parts::reasoning));
        joined.extend(self.text.get().map(parts::text));
        if !joined.is_empty() {
            return joined;
        }
        let mut whole = self.start.clone();
        if let (Some(arguments), Some(members)) = (self.arguments.get(), whole.as_object_mut()) {
            members.insert("arguments".to_owned(), parts::arguments(arguments));
        }
        parts_of(&whole)
    }
}
