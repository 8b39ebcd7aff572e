//! A span as a summary sees it.

use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

use genai_trace_semconv::names as conventions;
use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use crate::export::tree::{push_visible, short_duration};
use crate::record::{Attributes, SpanRecord, Status};
use crate::recorder::span_in_flight::SpanInFlight;
use crate::span::ids::SpanId;
use crate::span::names;

/// At most so many bytes of arguments and results are shown.
const LONGEST_ARGUMENTS: usize = 100;

/// A span as a summary sees it.
pub(super) struct Step<'a> {
    pub(super) id: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) operation: Option<&'a str>,
    /// The tool, the model, the agent; else the span's own name.
    pub(super) subject: &'a str,
    /// It is not the span's own name, which says the operation as well.
    is_named: bool,
    start: u64,
    pub(super) duration: Duration,
    pub(super) is_open: bool,
    pub(super) has_failed: bool,
    message: &'a str,
    pub(super) attributes: &'a Attributes,
}

impl<'a> Step<'a> {
    /// All spans, in the order in which they began.
    pub(super) fn all(spans: &'a [SpanRecord], open: &'a [SpanInFlight]) -> Vec<Self> {
        let ended = spans.iter().map(|span| Self {
            duration: span.duration(),
            has_failed: span.status == Status::Error,
            message: &span.status_message,
            ..Self::of(
                span.span_id,
                span.parent_span_id,
                &span.name,
                span.start_unix_nano,
                &span.attributes,
            )
        });
        let open = open.iter().map(|span| Self {
            duration: span.running_for,
            is_open: true,
            ..Self::of(
                span.span_id,
                span.parent_span_id,
                &span.name,
                span.start_unix_nano,
                &span.attributes,
            )
        });
        let mut all: Vec<_> = ended.chain(open).collect();
        crate::order::sort_by_key(&mut all, |step| (step.start, step.parent.is_some()));
        all
    }

    fn of(
        id: SpanId,
        parent: Option<SpanId>,
        name: &'a str,
        start: u64,
        attributes: &'a Attributes,
    ) -> Self {
        let operation = attributes.str(names::OPERATION);
        let said = match operation {
            Some(operation::EXECUTE_TOOL) => attributes.str(names::TOOL_NAME),
            Some(operation::INVOKE_AGENT) => attributes.str(names::AGENT_NAME),
            Some(
                operation::CHAT
                | operation::TEXT_COMPLETION
                | operation::GENERATE_CONTENT
                | operation::EMBEDDINGS,
            ) => attributes.str(names::REQUEST_MODEL),
            _ => None,
        };
        Self {
            id,
            parent,
            operation,
            subject: said.unwrap_or(name),
            is_named: said.is_some(),
            start,
            duration: Duration::ZERO,
            is_open: false,
            has_failed: false,
            message: "",
            attributes,
        }
    }

    pub(super) fn is_tool(&self) -> bool {
        self.operation == Some(operation::EXECUTE_TOOL)
    }

    pub(super) fn is_agent(&self) -> bool {
        self.operation == Some(operation::INVOKE_AGENT)
    }

    /// Whether it is a call of a model: those have tokens.
    pub(super) fn is_model(&self) -> bool {
        matches!(
            self.operation,
            Some(
                operation::CHAT
                    | operation::TEXT_COMPLETION
                    | operation::GENERATE_CONTENT
                    | operation::EMBEDDINGS
            )
        )
    }

    /// Whether it is worth a line: a call of something, and no step of one's own.
    pub(super) fn is_call(&self) -> bool {
        self.operation.is_some() && !(self.is_agent() && self.parent.is_none())
    }

    /// What it is, with the arguments of a tool.
    pub(super) fn called(&self) -> String {
        let mut called = String::new();
        let verb = match self.operation {
            Some(operation::INVOKE_AGENT) => "agent",
            Some(operation::EXECUTE_TOOL) | None => "",
            Some(other) if self.is_model() => other,
            Some(_) => "",
        };
        if self.is_named && !verb.is_empty() {
            push_visible(verb, &mut called);
            called.push(' ');
        }
        push_visible(self.subject, &mut called);
        if let Some(arguments) = self.arguments() {
            let _ = write!(called, "({})", shortened(arguments, LONGEST_ARGUMENTS));
        }
        called
    }

    /// What it was, how long it took and what came of it.
    pub(super) fn line(&self) -> String {
        let mut line = format!("{} {}", self.called(), short_duration(self.duration));
        let tokens =
            [names::INPUT_TOKENS, names::OUTPUT_TOKENS].map(|key| self.attributes.int(key));
        if self.is_model() && tokens.iter().any(Option::is_some) {
            let [input, output] = tokens.map(|tokens| tokens.unwrap_or(0));
            let _ = write!(line, ", {input} tokens in, {output} out");
        }
        if self.has_failed {
            let _ = write!(
                line,
                ", failed: {}",
                shortened(&self.error(), LONGEST_ARGUMENTS)
            );
        } else if self.is_open {
            line.push_str(", open");
        } else if let Some(result) = self.attributes.str(conventions::GEN_AI_TOOL_CALL_RESULT) {
            let _ = write!(line, " -> {}", shortened(result, LONGEST_ARGUMENTS));
        }
        line
    }

    pub(super) fn arguments(&self) -> Option<&'a str> {
        self.attributes.str(conventions::GEN_AI_TOOL_CALL_ARGUMENTS)
    }

    /// What went wrong.
    pub(super) fn error(&self) -> Cow<'a, str> {
        match (self.attributes.str(names::ERROR_TYPE), self.message) {
            (Some(kind), "") => kind.into(),
            (Some(kind), message) if message != kind => format!("{kind}: {message}").into(),
            (_, "") => "an error".into(),
            (_, message) => message.into(),
        }
    }

    /// What a gate said that let nothing through, and why.
    pub(super) fn denial(&self) -> Option<(&'a str, Option<&'a str>)> {
        let decision = self.attributes.str(names::GATE_DECISION)?;
        (decision != "allow").then(|| (decision, self.attributes.str(names::GATE_REASON)))
    }

    /// The last thing that a user said to it.
    pub(super) fn question(&self) -> Option<String> {
        self.text_of(conventions::GEN_AI_INPUT_MESSAGES, Some("user"))
    }

    /// What it answered.
    pub(super) fn answer(&self) -> Option<String> {
        self.text_of(conventions::GEN_AI_OUTPUT_MESSAGES, None)
    }

    /// The text of the last message of that role.
    fn text_of(&self, key: &str, role: Option<&str>) -> Option<String> {
        let messages: Json = serde_json::from_str(self.attributes.str(key)?).ok()?;
        let is_of_role = |message: &&Json| {
            role.is_none_or(|role| message.get("role").and_then(Json::as_str) == Some(role))
        };
        let message = messages.as_array()?.iter().rev().find(is_of_role)?;
        let parts = message.get("parts")?.as_array()?;
        // Neither what was thought nor what pictures are made of.
        let texts = parts
            .iter()
            .filter(|part| part.get("type").and_then(Json::as_str) == Some("text"))
            .filter_map(|part| part.get("content").and_then(Json::as_str));
        let text = texts.collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }
}

/// What the run began with.
pub(super) fn root<'s, 'a>(steps: &'s [Step<'a>]) -> Option<&'s Step<'a>> {
    let root = steps.iter().find(|step| step.parent.is_none());
    root.or(steps.first())
}

/// The beginning of a text on one line, of at most so many bytes and nothing that a terminal would obey.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let words = text.split_whitespace();
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        let room = most.saturating_sub(line.len());
        push_visible(
            word.get(..word.floor_char_boundary(room))
                .unwrap_or_default(),
            &mut line,
        );
        if line.len() >= most {
            break;
        }
    }
    if line.len() >= most {
        line.truncate(line.floor_char_boundary(most));
        line.push('…');
    }
    line
}
