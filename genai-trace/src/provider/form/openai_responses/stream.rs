//! A response that comes in events.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{given, items, response};
use crate::provider::facts::{CalledTool, ChatFacts, Fault};
use crate::provider::fault::{fault, fault_within};
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::Merge;
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, list, object, said};
use crate::provider::origin::Origin;
use crate::provider::parts;

/// What the events have said.
#[derive(Debug)]
pub(super) struct Events {
    /// What the last event said that carried the response; the whole of it once it has ended.
    facts: ChatFacts,
    ended: bool,
    /// What went wrong outside of the response.
    error: Option<Fault>,
    /// By their places in the output, until the response has ended.
    items: BTreeMap<u64, Item>,
    content: bool,
    room: Room,
}

/// An item of the output so far.
#[derive(Debug, Default)]
struct Item {
    called: Option<CalledTool>,
    /// Why the generation ended, where the item is whole and says it.
    reason: Option<&'static str>,
    thought: Gathered,
    text: Gathered,
    refusal: Gathered,
    arguments: Gathered,
}

impl Events {
    pub(super) fn new(content: bool) -> Self {
        Self {
            facts: ChatFacts::default(),
            ended: false,
            error: None,
            items: BTreeMap::new(),
            content,
            room: Room::default(),
        }
    }

    fn whole(&mut self, body: &Json, ended: bool) {
        // What has ended is not undone by an event that comes too late.
        if self.ended {
            return;
        }
        let origin = Origin::default().content(self.content && ended);
        self.facts = response(body, &origin);
        self.ended = ended;
        if ended && list(body, "output").is_empty() && !self.items.is_empty() {
            self.fill();
        }
    }

    /// Some providers end with a response whose output is left out: it came with the events before.
    fn fill(&mut self) {
        self.facts.tool_calls = self.called();
        if self.facts.finish_reasons.is_empty() {
            self.facts.finish_reasons = self.reasons();
        }
        if self.content {
            let content = given(self.parts(), &self.facts.finish_reasons);
            self.facts.content = Some(Box::new(content));
        }
    }

    fn item(&mut self, body: &Json) -> Option<(&mut Item, &mut Room)> {
        let index = count(body, "output_index").unwrap_or(0);
        if !self.items.contains_key(&index) && !self.room.one::<Item>() {
            return None;
        }
        Some((self.items.entry(index).or_default(), &mut self.room))
    }

    fn called(&self) -> Vec<CalledTool> {
        let called = self.items.values().filter_map(|item| item.called.clone());
        called.collect()
    }

    fn reasons(&self) -> Vec<FinishReason> {
        let mut reasons: Vec<&str> = Vec::new();
        for reason in self.items.values().filter_map(|item| item.reason) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons.into_iter().map(FinishReason::new).collect()
    }

    fn parts(&self) -> Vec<Json> {
        self.items.values().flat_map(Item::parts).collect()
    }
}

impl Merge for Events {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        let kind = said(body, "type").or(event).unwrap_or_default();
        if let Some(response) = object(body, "response") {
            let ended = matches!(
                kind,
                "response.completed"
                    | "response.done"
                    | "response.incomplete"
                    | "response.failed"
                    | "response.cancelled"
            );
            return self.whole(response, ended);
        }
        let origin = Origin::default();
        if kind == "error" {
            self.error.get_or_insert_with(|| fault(body, &origin));
        } else if self.error.is_none() {
            self.error = fault_within(body, &origin);
        }
        let content = self.content;
        let delta = || said(body, "delta").filter(|_| content);
        match kind {
            "response.output_item.added" | "response.output_item.done" => {
                let Some(body_of_item) = object(body, "item") else {
                    return;
                };
                if let Some((item, room)) = self.item(body) {
                    item.know(body_of_item, room, kind.ends_with("done"));
                }
            }
            "response.output_text.delta" => self.gather(body, delta(), |item| &mut item.text),
            "response.refusal.delta" => self.gather(body, delta(), |item| &mut item.refusal),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                self.gather(body, delta(), |item| &mut item.thought);
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.gather(body, delta(), |item| &mut item.arguments);
            }
            _ => {}
        }
    }

    fn facts(&self) -> ChatFacts {
        let mut facts = self.facts.clone();
        if !self.ended {
            facts.finish_reasons = vec![FinishReason::missing()];
            facts.tool_calls = self.called();
            if self.content {
                let content = given(self.parts(), &facts.finish_reasons);
                facts.content = Some(Box::new(content));
            }
        }
        facts.error = facts.error.or_else(|| self.error.clone());
        facts
    }
}

impl Events {
    fn gather(
        &mut self,
        body: &Json,
        piece: Option<&str>,
        text: impl Fn(&mut Item) -> &mut Gathered,
    ) {
        if let Some(piece) = piece
            && let Some((item, room)) = self.item(body)
        {
            text(item).push(piece, room);
        }
    }
}

impl Item {
    /// Takes in what the item is; the pieces of its text come apart from it.
    fn know(&mut self, item: &Json, room: &mut Room, done: bool) {
        if let Some(called) = items::called(item) {
            let kept = self.called.get_or_insert_default();
            room.keep(&mut kept.id, called.id.as_deref());
            room.keep(&mut kept.name, called.name.as_deref());
        }
        if done {
            self.reason = items::reason(item);
        }
    }

    fn parts(&self) -> Vec<Json> {
        let mut all = Vec::new();
        all.extend(self.thought.get().map(parts::reasoning));
        all.extend(self.text.get().map(parts::text));
        let refusal = self.refusal.get();
        all.extend(refusal.map(|text| parts::other("refusal", text)));
        if let Some(called) = &self.called
            && let Some(name) = called.name.as_deref()
        {
            let arguments = self.arguments.get().map(parts::arguments);
            let id = called.id.as_deref();
            all.push(parts::tool_call(id, name, arguments.unwrap_or_default()));
        }
        all
    }
}
