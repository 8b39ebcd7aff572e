//! The conversation as the planner sees it: the last question and what the tools said since.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::plan::Wanted;
use super::protocol::{ApiError, Call, Message};

/// The last question and every tool call since, in order, with its result.
pub(super) struct Conversation<'a> {
    pub(super) question: &'a str,
    pub(super) exchanges: Vec<Exchange>,
    offered: &'a [&'a str],
}

/// A tool call and its result.
pub(super) struct Exchange {
    pub(super) tool: String,
    pub(super) arguments: Value,
    result: Value,
}

/// Why a call brought no result.
#[derive(Deserialize)]
pub(super) struct Failure {
    /// The kind: `denied`, `too_large` ...
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
}

impl<'a> Conversation<'a> {
    /// Reads the messages and checks them as the API does.
    pub(super) fn read(messages: &'a [Message], offered: &'a [&'a str]) -> Result<Self, ApiError> {
        let mut question = None;
        let mut exchanges = Vec::new();
        let mut open: Vec<&Call> = Vec::new();
        for message in messages {
            match message {
                Message::Tool {
                    tool_call_id,
                    content,
                } => {
                    let call = open.iter().position(|call| call.id == *tool_call_id);
                    let call = call.map(|position| open.remove(position)).ok_or_else(|| {
                        let message = format!("no open tool call has the id `{tool_call_id}`");
                        ApiError::invalid("unknown_tool_call", message)
                    })?;
                    exchanges.push(Exchange::new(call, content));
                }
                _ if !open.is_empty() => break,
                Message::System {} => {}
                Message::User { content } => {
                    question = Some(content.as_str());
                    exchanges.clear();
                }
                Message::Assistant { tool_calls } => {
                    if let Some(call) = tool_calls
                        .iter()
                        .find(|call| !offered.contains(&call.function.name.as_str()))
                    {
                        let name = &call.function.name;
                        let message = format!("the tool `{name}` is not among the request's tools");
                        return Err(ApiError::invalid("tool_not_offered", message));
                    }
                    open.extend(tool_calls);
                }
            }
        }
        if let Some(call) = open.first() {
            let message = format!("the tool call `{}` has no result", call.id);
            return Err(ApiError::invalid("missing_tool_result", message));
        }
        let question =
            question.ok_or_else(|| ApiError::invalid("no_question", "no message is a user's"))?;
        Ok(Self {
            question,
            exchanges,
            offered,
        })
    }

    /// Whether the request offers a tool.
    pub(super) fn offers(&self, tool: &str) -> bool {
        self.offered.contains(&tool)
    }

    /// The exchange in which this was asked before.
    pub(super) fn find(&self, call: &Wanted) -> Option<&Exchange> {
        self.exchanges
            .iter()
            .find(|exchange| exchange.tool == call.tool && exchange.arguments == call.arguments)
    }
}

impl Exchange {
    fn new(call: &Call, content: &str) -> Self {
        let text = |text: &str| {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
        };
        Self {
            tool: call.function.name.clone(),
            arguments: text(&call.function.arguments),
            result: text(content),
        }
    }

    /// The result as the type it should have, or why there is none.
    pub(super) fn outcome<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        if let Some(failure) = self.failure() {
            return Err(failure);
        }
        T::deserialize(&self.result).map_err(|error| Failure {
            kind: "unreadable".to_owned(),
            message: format!("the result is not understood: {error}"),
        })
    }

    /// The result, if there is one and it is understood.
    pub(super) fn result<T: DeserializeOwned>(&self) -> Option<T> {
        self.outcome().ok()
    }

    /// Why the call failed, if the tool says so.
    pub(super) fn failure(&self) -> Option<Failure> {
        Failure::deserialize(self.result.get("error")?).ok()
    }
}

impl Failure {
    /// Whether the message has this word.
    pub(super) fn names(&self, word: &str) -> bool {
        self.message
            .split(|c: char| !c.is_alphanumeric())
            .any(|said| said == word)
    }
}
