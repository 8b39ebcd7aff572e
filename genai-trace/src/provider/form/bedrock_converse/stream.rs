//! A stream of Converse: each part is of one kind, the counts come last and once.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{called, messages, output, usage};
use crate::provider::facts::{CalledTool, ChatFacts, Fault};
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::{Merge, aws_error, bedrock_invoke};
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, object, said, text};
use crate::provider::parts;
use crate::provider::usage::Usage;

/// The kinds of parts, with a member that they have.
const KINDS: [(&str, &str); 6] = [
    ("messageStart", "role"),
    ("contentBlockStart", "contentBlockIndex"),
    ("contentBlockDelta", "delta"),
    ("contentBlockStop", "contentBlockIndex"),
    ("messageStop", "stopReason"),
    ("metadata", "usage"),
];

/// Whether this is a part of such a stream, or the error that one begins with.
pub(super) fn is_part(event: Option<&str>, body: &Json) -> bool {
    // Gemini's interactions have metadata with a usage too, beside what they call the event.
    let is_named_within = body.get("event_type").is_some();
    kind(event, body).is_some() && !is_named_within
        || (event.is_some() && aws_error::has_type(body))
}

/// The kind of a part, which the wire names or which its only member is named for, and what it says.
fn kind<'a>(event: Option<&str>, body: &'a Json) -> Option<(&'static str, &'a Json)> {
    KINDS.iter().find_map(|(kind, member)| {
        let inner = match event == Some(kind) {
            true => body,
            false => object(body, kind)?,
        };
        inner.get(member).is_some().then_some((*kind, inner))
    })
}

/// What a stream of Converse has said.
#[derive(Debug, Default)]
pub(super) struct ConverseStream {
    reason: Option<FinishReason>,
    usage: Usage,
    service_tier: Option<String>,
    error: Option<Fault>,
    tool_calls: Vec<CalledTool>,
    /// The blocks of content by their index, where they are wanted.
    blocks: Option<BTreeMap<u64, Block>>,
    room: Room,
}

/// A block as it began, where it did, and what was added to it.
#[derive(Debug, Default)]
struct Block {
    start: Option<Json>,
    text: Gathered,
    reasoning: Gathered,
    input: Gathered,
}

impl ConverseStream {
    pub(super) fn new(content: bool) -> Self {
        Self {
            blocks: content.then(BTreeMap::new),
            ..Self::default()
        }
    }

    /// The block that `body` is of; there is none where it is not wanted, or no more room.
    fn block(&mut self, body: &Json) -> Option<(&mut Block, &mut Room)> {
        let index = count(body, "contentBlockIndex")?;
        let blocks = self.blocks.as_mut()?;
        if !blocks.contains_key(&index) && !self.room.one::<Block>() {
            return None;
        }
        Some((blocks.entry(index).or_default(), &mut self.room))
    }

    fn start(&mut self, body: &Json) {
        let Some(start) = object(body, "start") else {
            return;
        };
        if let Some(tool) = called(start) {
            let (id, name) = (tool.id.as_deref(), tool.name.as_deref());
            self.room.tool(&mut self.tool_calls, id, name);
        }
        if let Some((block, room)) = self.block(body)
            && room.value(start)
        {
            block.start = Some(start.clone());
        }
    }
}

impl Merge for ConverseStream {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        if self.usage.is_empty() {
            self.usage = bedrock_invoke::metrics(body).unwrap_or_default();
        }
        let Some((kind, inner)) = kind(event, body) else {
            self.error = aws_error::of_part(event, body).or(self.error.take());
            return;
        };
        match kind {
            "contentBlockStart" => self.start(inner),
            "contentBlockDelta" => {
                let delta = object(inner, "delta");
                if let (Some(delta), Some((block, room))) = (delta, self.block(inner)) {
                    block.add(delta, room);
                }
            }
            "messageStop" => {
                self.reason = said(inner, "stopReason").map(FinishReason::new);
            }
            "metadata" => {
                if let Some(counts) = object(inner, "usage") {
                    self.usage = usage(counts);
                }
                let tier = object(inner, "serviceTier").and_then(|tier| text(tier, "type"));
                self.service_tier = tier.or(self.service_tier.take());
            }
            _ => {}
        }
    }

    fn facts(&self) -> ChatFacts {
        let reason = self.reason.clone().unwrap_or_else(FinishReason::missing);
        let content = self.blocks.as_ref().map(|blocks| {
            let parts = blocks.values().filter_map(Block::part);
            output(parts.collect(), Some(&reason))
        });
        ChatFacts {
            finish_reasons: vec![reason],
            usage: self.usage,
            service_tier: self.service_tier.clone(),
            error: self.error.clone(),
            tool_calls: self.tool_calls.clone(),
            content,
            ..ChatFacts::default()
        }
    }
}

impl Block {
    fn add(&mut self, delta: &Json, room: &mut Room) {
        let inner = |kind, key| object(delta, kind).and_then(|inner| said(inner, key));
        self.text.extend(said(delta, "text"), room);
        self.reasoning
            .extend(inner("reasoningContent", "text"), room);
        self.input.extend(inner("toolUse", "input"), room);
    }

    fn part(&self) -> Option<Json> {
        if let Some(text) = self.text.get() {
            return Some(parts::text(text));
        }
        if let Some(reasoning) = self.reasoning.get() {
            return Some(parts::reasoning(reasoning));
        }
        let mut whole = self.start.clone()?;
        let tool = whole.get_mut("toolUse").and_then(Json::as_object_mut);
        if let (Some(tool), Some(input)) = (tool, self.input.get()) {
            tool.insert("input".to_owned(), parts::arguments(input));
        }
        messages::part(&whole)
    }
}
