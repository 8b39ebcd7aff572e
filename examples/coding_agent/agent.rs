//! The agent: turns of one model call and the tool calls that it asks for, until it answers.

use std::borrow::Cow;
use std::fmt;
use std::thread;

use genai_trace::{SpanContext, genai_agent, genai_span, record};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{ChatClient, ChatError};
use crate::gates::{self, Denial};
use crate::tools::{ToolCall, ToolError, Toolbox};

/// The most turns that one question may take.
const MAX_TURNS: usize = 16;

const INSTRUCTIONS: &str = "You answer questions about the files of a workspace. Look before you \
    answer: count by tools, never by guess. A call may fail or be denied; read why, and find \
    another way.";

/// An agent with its model and its tools.
pub(crate) struct Agent {
    pub(crate) client: ChatClient,
    pub(crate) toolbox: Toolbox,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum AgentError {
    Chat(ChatError),
    /// The model's message has neither text nor tool calls that can be read.
    NoAnswer(String),
    TooManyTurns,
}

impl Agent {
    /// Answers one question: one trace, with this span as its root.
    #[genai_agent(
        "coder",
        description = "answers questions about the files of a folder",
        model = self.client.model,
        fields(agent.max_turns = MAX_TURNS),
        args(question),
        ret,
        err = AgentError::kind
    )]
    pub(crate) fn answer(&self, question: &str) -> Result<String, AgentError> {
        let mut messages = vec![
            json!({ "role": "system", "content": INSTRUCTIONS }),
            json!({ "role": "user", "content": question }),
        ];
        for turn in 1..=MAX_TURNS {
            if let Some(answer) = self.turn(turn, &mut messages)? {
                record!(
                    agent.turns_used = turn,
                    agent.final_answer_length = answer.len(),
                    agent.hit_max_turns = false,
                );
                return Ok(answer);
            }
        }
        record!(agent.turns_used = MAX_TURNS, agent.hit_max_turns = true);
        Err(AgentError::TooManyTurns)
    }

    /// Asks the model once and does what it asks for; the answer, if the model is done.
    #[genai_span("agent.turn", fields(agent.turn_number = turn), err = AgentError::kind)]
    fn turn(&self, turn: usize, messages: &mut Vec<Value>) -> Result<Option<String>, AgentError> {
        let completion = self.client.chat(&json!({
            "model": self.client.model,
            "messages": messages,
            "tools": Toolbox::definitions(),
            "max_completion_tokens": 4096,
        }))?;
        let message = completion
            .choices
            .into_iter()
            .next()
            .map(|choice| choice.message);
        let message = message.ok_or_else(|| AgentError::NoAnswer("no choice".into()))?;
        let asked = Asked::read(&message)?;
        messages.push(message);
        if asked.tool_calls.is_empty() {
            let answer = asked.content.filter(|text| !text.is_empty());
            return answer
                .map(Some)
                .ok_or_else(|| AgentError::NoAnswer("an empty message".into()));
        }

        let calls: Vec<ToolCall> = asked.tool_calls.into_iter().map(ToolCall::from).collect();
        for (call, result) in calls.iter().zip(self.run(&calls)) {
            let content = result.to_string();
            messages.push(json!({ "role": "tool", "tool_call_id": call.id, "content": content }));
        }
        Ok(None)
    }

    /// Asks the gates about each call, then runs those that may run, all at the same time.
    fn run(&self, calls: &[ToolCall]) -> Vec<Value> {
        let verdicts: Vec<Result<(), Denial>> = calls
            .iter()
            .map(|call| gates::check(call, &self.toolbox.workspace))
            .collect();
        // The threads start without a span, so each tool is told which turn it belongs to.
        let turn = genai_trace::current().context();
        let turn = turn.as_ref();
        thread::scope(|scope| {
            let started: Vec<_> = calls
                .iter()
                .zip(verdicts)
                .map(|(call, verdict)| {
                    let tool = move || self.run_tool(turn, call);
                    verdict.map(|()| thread::Builder::new().spawn_scoped(scope, tool))
                })
                .collect();
            started
                .into_iter()
                .zip(calls)
                .map(|(started, call)| match started {
                    Err(denial) => denial.to_json(),
                    // No thread to be had: one after the other, then.
                    Ok(Err(_)) => self.run_tool(turn, call),
                    Ok(Ok(thread)) => thread
                        .join()
                        .unwrap_or_else(|_| ToolError::Panicked.to_json()),
                })
                .collect()
        })
    }

    fn run_tool(&self, turn: Option<&SpanContext>, call: &ToolCall) -> Value {
        self.toolbox
            .call(turn, call)
            .unwrap_or_else(|error| error.to_json())
    }
}

/// What the agent reads of the assistant's message.
#[derive(Deserialize)]
struct Asked {
    content: Option<String>,
    #[serde(default)]
    tool_calls: Vec<AskedCall>,
}

#[derive(Deserialize)]
struct AskedCall {
    id: String,
    function: AskedFunction,
}

#[derive(Deserialize)]
struct AskedFunction {
    name: String,
    arguments: String,
}

impl Asked {
    fn read(message: &Value) -> Result<Self, AgentError> {
        Self::deserialize(message).map_err(|error| AgentError::NoAnswer(error.to_string()))
    }
}

impl From<AskedCall> for ToolCall {
    fn from(call: AskedCall) -> Self {
        let AskedFunction { name, arguments } = call.function;
        Self {
            id: call.id,
            name,
            arguments,
        }
    }
}

impl AgentError {
    /// The value of `error.type`.
    fn kind(&self) -> Cow<'static, str> {
        match self {
            Self::Chat(error) => error.kind(),
            Self::NoAnswer(_) => "no_answer".into(),
            Self::TooManyTurns => "too_many_turns".into(),
        }
    }
}

impl From<ChatError> for AgentError {
    fn from(error: ChatError) -> Self {
        Self::Chat(error)
    }
}

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chat(error) => write!(f, "{error}"),
            Self::NoAnswer(why) => write!(f, "the model's message has no answer: {why}"),
            Self::TooManyTurns => write!(f, "no answer within {MAX_TURNS} turns"),
        }
    }
}

impl std::error::Error for AgentError {}
