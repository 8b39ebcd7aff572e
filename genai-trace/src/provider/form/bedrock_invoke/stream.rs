//! A stream of InvokeModel: pieces of text, and counts that Bedrock adds to the last.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::family::{is_anthropics, reason, usage};
use super::{metrics, output};
use crate::provider::facts::{CalledTool, ChatFacts, Content, Fault};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::{Merge, aws_error};
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, list, object, said, text};
use crate::provider::origin::Origin;
use crate::provider::usage::Usage;

/// Where a piece may have its text, and why it is the last.
const PIECES: [(&str, &str); 4] = [
    ("generation", "stop_reason"),
    ("completion", "stop_reason"),
    ("outputText", "completionReason"),
    ("text", "finish_reason"),
];

/// Whether `body` is a piece in OpenAI's form, or in one that says whether it is the last.
pub(super) fn is_delta(body: &Json) -> bool {
    body.get("choices").is_some_and(Json::is_array) || body.get("is_finished").is_some()
}

/// What a stream of InvokeModel has said.
#[derive(Debug, Default)]
pub(super) struct InvokeStream {
    id: Option<String>,
    model: Option<String>,
    /// What Bedrock counts.
    metrics: Option<Usage>,
    /// What the model counts; Titan's counts of pieces are none of the whole.
    counted: Usage,
    error: Option<Fault>,
    tool_calls: Vec<CalledTool>,
    choices: BTreeMap<u64, Choice>,
    content: bool,
    room: Room,
}

#[derive(Debug, Default)]
struct Choice {
    text: Gathered,
    reason: Option<FinishReason>,
    /// Whether a reason is to come.
    awaited: bool,
}

impl InvokeStream {
    pub(super) fn new(content: bool) -> Self {
        Self {
            content,
            ..Self::default()
        }
    }

    fn add(&mut self, index: u64, body: &Json, text: Option<&str>, reasons: &[&str]) {
        if !self.choices.contains_key(&index) && !self.room.one::<Choice>() {
            return;
        }
        let choice = self.choices.entry(index).or_default();
        if self.content {
            choice.text.extend(text, &mut self.room);
        }
        for key in reasons {
            choice.awaited |= body.get(*key).is_some();
            choice.reason = reason(body, key).or(choice.reason.take());
        }
    }

    /// A piece in OpenAI's form.
    fn choice(&mut self, place: usize, choice: &Json) {
        let index = count(choice, "index").or_else(|| u64::try_from(place).ok());
        let message = ["delta", "message"]
            .iter()
            .find_map(|key| object(choice, key));
        let message = message.unwrap_or(choice);
        let text = said(message, "content").or_else(|| said(message, "text"));
        let reasons = ["stop_reason", "finish_reason"];
        self.add(index.unwrap_or(0), choice, text, &reasons);
        for tool in list(message, "tool_calls") {
            let name = object(tool, "function").and_then(|function| said(function, "name"));
            // What comes after the first piece of a call are its arguments.
            if name.is_some() {
                self.room.tool(&mut self.tool_calls, said(tool, "id"), name);
            }
        }
    }
}

impl Merge for InvokeStream {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        self.metrics = metrics(body).or(self.metrics);
        self.error = aws_error::of_part(event, body)
            .or_else(|| fault_within(body, &Origin::default()))
            .or(self.error.take());
        for (key, reason) in PIECES {
            if let Some(text) = body.get(key).and_then(Json::as_str) {
                self.add(0, body, Some(text), &[reason]);
            }
        }
        for (place, said) in list(body, "outputs").iter().enumerate() {
            let index = u64::try_from(place).unwrap_or_default();
            self.add(index, said, text(said, "text").as_deref(), &["stop_reason"]);
        }
        for (place, choice) in list(body, "choices").iter().enumerate() {
            self.choice(place, choice);
        }
        if body.get("is_finished").is_some() {
            self.add(0, body, None, &["finish_reason"]);
        }
        // A response that comes whole says nothing as a stream does: only its text is taken.
        for (place, said) in list(body, "generations").iter().enumerate() {
            let index = u64::try_from(place).unwrap_or_default();
            self.add(index, said, text(said, "text").as_deref(), &[]);
        }
        if body.get("choices").is_some() || is_anthropics(body) {
            self.room.keep(&mut self.id, said(body, "id"));
            self.room.keep(&mut self.model, said(body, "model"));
        }
        if body.get("outputText").is_none() {
            self.counted.absorb(usage(body));
        }
    }

    fn facts(&self) -> ChatFacts {
        let choices: Vec<_> = self.choices.values().collect();
        let reasons = choices.iter().filter_map(|choice| {
            let missing = choice.awaited.then(FinishReason::missing);
            choice.reason.clone().or(missing)
        });
        let mut reasons: Vec<_> = reasons.collect();
        if reasons.is_empty() && self.error.is_some() {
            reasons.push(FinishReason::missing());
        }
        let content = (self.content && !choices.is_empty()).then(|| {
            let output = choices.iter().map(|choice| {
                output(
                    choice.text.get().unwrap_or_default(),
                    choice.reason.as_ref(),
                )
            });
            Box::new(Content {
                output: Some(Json::Array(output.collect())),
                ..Content::default()
            })
        });
        let metrics = self.metrics.unwrap_or_default();
        ChatFacts {
            id: self.id.clone(),
            model: self.model.clone(),
            finish_reasons: reasons,
            usage: Usage {
                input: metrics.input.or(self.counted.input),
                output: metrics.output.or(self.counted.output),
                ..self.counted
            },
            error: self.error.clone(),
            tool_calls: self.tool_calls.clone(),
            content,
            ..ChatFacts::default()
        }
    }
}
