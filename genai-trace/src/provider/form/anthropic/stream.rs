//! A stream of Messages: what was said last holds, and nothing is added up.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::usage::Counts;
use super::{called, messages, output};
use crate::provider::facts::{CalledTool, ChatFacts, Fault};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::{Merge, aws_error};
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;

/// What a stream of Messages has said.
#[derive(Debug, Default)]
pub(super) struct AnthropicStream {
    id: Option<String>,
    model: Option<String>,
    counts: Counts,
    service_tier: Option<String>,
    reason: Option<FinishReason>,
    error: Option<Fault>,
    tool_calls: Vec<CalledTool>,
    /// The blocks of content by their index, where they are wanted.
    blocks: Option<BTreeMap<u64, Block>>,
    room: Room,
}

/// A block as it began, and what was added to it.
#[derive(Debug)]
struct Block {
    start: Json,
    text: Gathered,
    input: Gathered,
}

impl AnthropicStream {
    pub(super) fn new(content: bool) -> Self {
        Self {
            blocks: content.then(BTreeMap::new),
            ..Self::default()
        }
    }

    fn usage(&mut self, body: &Json) {
        if let Some(usage) = object(body, "usage") {
            self.counts.take(usage);
            self.service_tier = text(usage, "service_tier").or(self.service_tier.take());
        }
    }

    fn stopped(&mut self, body: &Json) {
        if let Some(raw) = said(body, "stop_reason") {
            self.reason = Some(FinishReason::new(raw));
        }
    }
}

impl Merge for AnthropicStream {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        match said(body, "type") {
            Some("message_start") => {
                if let Some(message) = object(body, "message") {
                    self.id = text(message, "id").or(self.id.take());
                    self.model = text(message, "model").or(self.model.take());
                    self.usage(message);
                    self.stopped(message);
                }
            }
            Some("content_block_start") => {
                let Some(block) = object(body, "content_block") else {
                    return;
                };
                if let Some(tool) = called(block) {
                    let (id, name) = (tool.id.as_deref(), tool.name.as_deref());
                    self.room.tool(&mut self.tool_calls, id, name);
                }
                if let (Some(blocks), Some(index)) = (&mut self.blocks, count(body, "index"))
                    && self.room.value(block)
                {
                    blocks.insert(index, Block::new(block));
                }
            }
            Some("content_block_delta") => {
                let Some(blocks) = &mut self.blocks else {
                    return;
                };
                let block = count(body, "index").and_then(|index| blocks.get_mut(&index));
                if let (Some(block), Some(delta)) = (block, object(body, "delta")) {
                    block.add(delta, &mut self.room);
                }
            }
            Some("message_delta") => {
                self.usage(body);
                if let Some(delta) = object(body, "delta") {
                    self.stopped(delta);
                }
            }
            Some("error") => {
                self.error = fault_within(body, &Origin::default()).or(self.error.take())
            }
            Some(_) => {}
            None => self.error = aws_error::of_part(event, body).or(self.error.take()),
        }
    }

    fn facts(&self) -> ChatFacts {
        let reason = self.reason.clone().unwrap_or_else(FinishReason::missing);
        let content = self.blocks.as_ref().map(|blocks| {
            let parts = blocks.values();
            let parts = parts.filter_map(|block| messages::block(&block.whole()));
            output(parts.collect(), Some(&reason))
        });
        ChatFacts {
            id: self.id.clone(),
            model: self.model.clone(),
            finish_reasons: vec![reason],
            usage: self.counts.usage(),
            error: self.error.clone(),
            service_tier: self.service_tier.clone(),
            tool_calls: self.tool_calls.clone(),
            content,
            ..ChatFacts::default()
        }
    }
}

impl Block {
    fn new(start: &Json) -> Self {
        Self {
            start: start.clone(),
            text: Gathered::default(),
            input: Gathered::default(),
        }
    }

    fn add(&mut self, delta: &Json, room: &mut Room) {
        let (to, more) = match said(delta, "type") {
            Some("text_delta") => (&mut self.text, said(delta, "text")),
            Some("thinking_delta") => (&mut self.text, said(delta, "thinking")),
            Some("compaction_delta") => (&mut self.text, said(delta, "content")),
            Some("input_json_delta") => (&mut self.input, said(delta, "partial_json")),
            _ => return,
        };
        to.push(more.unwrap_or_default(), room);
    }

    /// The block as it would stand in a response that is not streamed.
    fn whole(&self) -> Json {
        let mut whole = self.start.clone();
        let key = match said(&whole, "type") {
            Some("text") => "text",
            Some("thinking") => "thinking",
            Some("compaction") => "content",
            _ => "input",
        };
        let value = match (key, self.input.get(), self.text.get()) {
            ("input", Some(input), _) => parts::arguments(input),
            ("input", None, _) | (_, _, None) => return whole,
            (key, _, Some(text)) => {
                let begun = said(&whole, key).unwrap_or_default();
                Json::from(format!("{begun}{text}"))
            }
        };
        if let Some(members) = whole.as_object_mut() {
            members.insert(key.to_owned(), value);
        }
        whole
    }
}
