//! What a model's response says.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::finish_reason::FinishReason;
use super::usage::Usage;

/// What a model's response says of the call; what it does not say is `None` or empty.
///
/// A type of one's own says it with:
///
/// ```
/// use genai_trace::provider::{ChatFacts, FinishReason};
///
/// let mut facts = ChatFacts::default();
/// facts.model = Some("gpt-4o".to_owned());
/// facts.usage.input = Some(250);
/// facts.finish_reasons.push(FinishReason::new("stop"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ChatFacts {
    /// The provider that answered, where the form of the response or where it comes from tells it for sure;
    /// none where [`Origin::provider`](super::Origin::provider) says it already.
    pub provider: Option<Cow<'static, str>>,
    /// The response's identifier.
    pub id: Option<String>,
    /// The model that answered, as it calls itself.
    pub model: Option<String>,
    /// Why each choice ended, in the order of the choices.
    pub finish_reasons: Vec<FinishReason>,
    /// The tokens that were used.
    pub usage: Usage,
    /// What the provider says went wrong, also where it answered with 200.
    pub error: Option<Fault>,
    /// Where a response stands that is fetched or polled: `queued`, `in_progress`, `completed`,
    /// `incomplete`, `failed`, `cancelled`.
    pub status: Option<String>,
    /// The service tier that answered.
    pub service_tier: Option<String>,
    /// What the provider calls the state of its backend.
    pub system_fingerprint: Option<String>,
    /// The tools that the model asks to be called, in order.
    pub tool_calls: Vec<CalledTool>,
    /// What was said, where [`Origin::content`](super::Origin::content) asks for it.
    pub content: Option<Box<Content>>,
}

impl ChatFacts {
    /// Takes over what a later part of the same response says: that holds against what was said before.
    pub(crate) fn absorb(&mut self, later: ChatFacts) {
        fn put<T>(place: &mut Option<T>, value: Option<T>) {
            if value.is_some() {
                *place = value;
            }
        }
        put(&mut self.provider, later.provider);
        put(&mut self.id, later.id);
        put(&mut self.model, later.model);
        put(&mut self.error, later.error);
        put(&mut self.status, later.status);
        put(&mut self.service_tier, later.service_tier);
        put(&mut self.system_fingerprint, later.system_fingerprint);
        put(&mut self.content, later.content);
        if !later.finish_reasons.is_empty() {
            self.finish_reasons = later.finish_reasons;
        }
        self.tool_calls.extend(later.tool_calls);
        self.usage.absorb(later.usage);
    }
}

/// A tool that a model asks to be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CalledTool {
    /// The identifier of the call.
    pub id: Option<String>,
    /// The tool's name.
    pub name: Option<String>,
}

impl CalledTool {
    /// The call `id` of the tool `name`.
    pub fn new(id: Option<String>, name: Option<String>) -> Self {
        Self { id, name }
    }
}

/// What a provider says went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Its code for the error, else its type, else the status of the response: what `error.type` says.
    pub error_type: Option<String>,
    /// What it says of it.
    pub message: Option<String>,
}

impl Fault {
    /// A fault of the kind `error_type`.
    pub fn new(error_type: Option<String>, message: Option<String>) -> Self {
        Self {
            error_type,
            message,
        }
    }
}

/// What was said, each in the form of the conventions' JSON schema.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Content {
    /// `gen_ai.input.messages`: a list of messages with roles and parts.
    pub input: Option<Json>,
    /// `gen_ai.output.messages`: one message for each choice.
    pub output: Option<Json>,
    /// `gen_ai.system_instructions`: a list of parts, where they stand apart from the messages.
    pub system: Option<Json>,
    /// `gen_ai.tool.definitions`: the tools that the model may call.
    pub tools: Option<Json>,
}
