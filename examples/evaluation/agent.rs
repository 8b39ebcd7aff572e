//! The agent: it asks its model, runs the tools that this calls, and gives their results back.

use std::fmt;

use genai_trace::{GenAiError, genai_agent, genai_chat, genai_tool};
use serde_json::{Value, json};

use crate::model;

/// After so many answers of the model nothing is to be expected of more.
const MOST_STEPS: u32 = 4;

/// What a run took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spent {
    /// Answers of the model.
    pub(crate) steps: u32,
    /// Tokens, in and out.
    pub(crate) tokens: u64,
}

/// Why there is no answer.
#[derive(Debug, GenAiError)]
pub(crate) enum Stuck {
    /// The model goes round in circles.
    TooManySteps,
    /// The model has answered in no form that is known.
    NoMessage,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stuck::TooManySteps => write!(f, "no end after {MOST_STEPS} steps"),
            Stuck::NoMessage => f.write_str("the model said nothing"),
        }
    }
}

/// Says what the things in `question` cost.
#[genai_agent("shopkeeper", model = model::NAME, args(question), ret)]
pub(crate) fn shopkeeper(question: &str, spent: &mut Spent) -> Result<String, Stuck> {
    let mut messages = vec![json!({"role": "user", "content": question})];
    while spent.steps < MOST_STEPS {
        let reply = chat(&json!({"model": model::NAME, "messages": messages}));
        spent.steps += 1;
        spent.tokens += reply
            .pointer("/usage/total_tokens")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        let message = reply
            .pointer("/choices/0/message")
            .ok_or(Stuck::NoMessage)?;
        let calls = message.get("tool_calls").and_then(Value::as_array);
        let Some(calls) = calls.filter(|calls| !calls.is_empty()) else {
            let answer = message.get("content").and_then(Value::as_str);
            return answer.map(str::to_owned).ok_or(Stuck::NoMessage);
        };
        messages.push(message.clone());
        messages.extend(calls.iter().map(called));
    }
    Err(Stuck::TooManySteps)
}

/// Runs the tool that the model calls: the message that answers it.
fn called(call: &Value) -> Value {
    let text = |pointer| {
        call.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let arguments: Value = serde_json::from_str(text("/function/arguments")).unwrap_or_default();
    let item = arguments.get("item").and_then(Value::as_str);
    let id = text("/id");
    let result = match price(id, item.unwrap_or_default()) {
        Ok(coins) => json!({"coins": coins}),
        Err(error) => json!({"error": error.to_string()}),
    };
    json!({"role": "tool", "tool_call_id": id, "content": result.to_string()})
}

// `unchecked`: this provider is made up, and not among those that the conventions list.
#[genai_chat(unchecked provider = "example", request = request)]
fn chat(request: &Value) -> Value {
    model::complete(request)
}

/// Why there is no price.
#[derive(Debug, GenAiError)]
enum NoPrice {
    NotSold,
    NotKnownYet,
}

impl fmt::Display for NoPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoPrice::NotSold => "not sold here",
            NoPrice::NotKnownYet => "not priced yet, ask again",
        })
    }
}

/// What one of a kind costs.
#[genai_tool("price", call_id = id, args(item), ret)]
fn price(id: &str, item: &str) -> Result<u64, NoPrice> {
    match item {
        "apples" => Ok(2),
        "pears" => Ok(3),
        "figs" => Err(NoPrice::NotKnownYet),
        _ => Err(NoPrice::NotSold),
    }
}
