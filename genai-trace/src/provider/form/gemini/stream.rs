//! A stream of responses: parts are added to their candidate, the last count replaces those before.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{called, content_of, messages, reason, usage};
use crate::provider::facts::{CalledTool, ChatFacts, Content, Fault};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::Merge;
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, list, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::usage::Usage;

/// What a stream of responses has said.
#[derive(Debug, Default)]
pub(super) struct GeminiStream {
    id: Option<String>,
    model: Option<String>,
    usage: Usage,
    service_tier: Option<String>,
    error: Option<Fault>,
    candidates: BTreeMap<u64, Candidate>,
    tool_calls: Vec<CalledTool>,
    content: bool,
    room: Room,
}

/// A candidate, with the parts that it has so far.
#[derive(Debug, Default)]
struct Candidate {
    reason: Option<FinishReason>,
    parts: Vec<Part>,
}

/// Texts that follow each other are one; all else stands for itself.
#[derive(Debug)]
enum Part {
    Text { thought: bool, text: Gathered },
    Whole(Json),
}

impl GeminiStream {
    pub(super) fn new(content: bool) -> Self {
        Self {
            content,
            ..Self::default()
        }
    }

    fn candidate(&mut self, body: &Json) {
        // A single candidate may come without its number.
        let index = count(body, "index").unwrap_or(0);
        if !self.candidates.contains_key(&index) && !self.room.one::<Candidate>() {
            return;
        }
        let candidate = self.candidates.entry(index).or_default();
        candidate.reason = reason(body).or(candidate.reason.take());
        for part in list(content_of(body), "parts") {
            if let Some(tool) = called(part) {
                let (id, name) = (tool.id.as_deref(), tool.name.as_deref());
                self.room.tool(&mut self.tool_calls, id, name);
            }
            if self.content {
                candidate.add(part, &mut self.room);
            }
        }
    }
}

impl Merge for GeminiStream {
    fn take(&mut self, _: Option<&str>, body: &Json) {
        self.id = text(body, "responseId").or(self.id.take());
        self.model = text(body, "modelVersion").or(self.model.take());
        if let Some(counts) = object(body, "usageMetadata") {
            self.usage = usage(counts);
            self.service_tier = text(counts, "serviceTier").or(self.service_tier.take());
        }
        self.error = fault_within(body, &Origin::default()).or(self.error.take());
        for candidate in list(body, "candidates") {
            self.candidate(candidate);
        }
    }

    fn facts(&self) -> ChatFacts {
        let reasons = self.candidates.values().map(|candidate| {
            let reason = candidate.reason.clone();
            reason.unwrap_or_else(FinishReason::missing)
        });
        let mut reasons: Vec<_> = reasons.collect();
        if reasons.is_empty() && self.error.is_some() {
            reasons.push(FinishReason::missing());
        }
        let content = (self.content && !self.candidates.is_empty()).then(|| {
            let candidates = self.candidates.values().zip(&reasons);
            let output = candidates.map(|(candidate, reason)| {
                let parts = candidate.parts.iter().map(Part::json);
                parts::output("assistant", parts.collect(), reason.normalized())
            });
            Box::new(Content {
                output: Some(Json::Array(output.collect())),
                ..Content::default()
            })
        });
        ChatFacts {
            id: self.id.clone(),
            model: self.model.clone(),
            usage: self.usage,
            finish_reasons: reasons,
            error: self.error.clone(),
            service_tier: self.service_tier.clone(),
            tool_calls: self.tool_calls.clone(),
            content,
            ..ChatFacts::default()
        }
    }
}

impl Candidate {
    fn add(&mut self, part: &Json, room: &mut Room) {
        let thought = part.get("thought").and_then(Json::as_bool) == Some(true);
        match (self.parts.last_mut(), said(part, "text")) {
            (
                Some(Part::Text {
                    thought: before,
                    text,
                }),
                Some(more),
            ) if *before == thought => {
                text.push(more, room);
            }
            (_, Some(more)) if room.one::<Part>() => {
                let mut text = Gathered::default();
                text.push(more, room);
                self.parts.push(Part::Text { thought, text });
            }
            (_, None) if room.value(part) => {
                self.parts.extend(messages::part(part).map(Part::Whole));
            }
            _ => {}
        }
    }
}

impl Part {
    fn json(&self) -> Json {
        match self {
            Self::Text { thought, text } => {
                let text = text.get().unwrap_or_default();
                match thought {
                    true => parts::reasoning(text),
                    false => parts::text(text),
                }
            }
            Self::Whole(part) => part.clone(),
        }
    }
}
