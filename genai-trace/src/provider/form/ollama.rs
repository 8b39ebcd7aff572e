//! Ollama's own chat, generate and embed.

mod request;

use serde_json::Value as Json;

use super::{Form, Merge};
use crate::provider::facts::{CalledTool, ChatFacts, Content, Fault};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, list, object, said};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::Usage;

/// Ollama's own chat, generate and embed.
#[derive(Debug)]
pub(super) struct Ollama;

impl Form for Ollama {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        [
            "/api/chat",
            "/api/generate",
            "/api/embed",
            "/api/embeddings",
        ]
        .into_iter()
        .any(|end| origin.path_ends(end))
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        request::is_request(body, self.is_named(origin) || origin.is_provider("ollama"))
    }

    fn is_response(&self, body: &Json, origin: &Origin<'_>) -> bool {
        is_answer(body)
            || is_embedding(body)
            || self.is_named(origin) && body.get("embedding").is_some_and(Json::is_array)
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, origin: &Origin<'_>) -> bool {
        is_answer(body) || self.is_named(origin) && said(body, "error").is_some()
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        is_answer(body).then_some("ollama")
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        request::request(body, origin, self.is_named(origin))
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let mut answer = Answer::new(origin.content);
        answer.take(None, body);
        let mut facts = answer.told();
        facts.error = fault_within(body, origin);
        if !is_answer(body) {
            facts.finish_reasons.clear();
            facts.content = None;
            facts.usage.output = None;
        }
        facts
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(Answer::new(content))
    }
}

/// Whether `body` is an answer, or a part of one: these always say whether they are the last.
fn is_answer(body: &Json) -> bool {
    body.get("done").is_some_and(Json::is_boolean)
        && said(body, "model").is_some()
        && (object(body, "message").is_some_and(|message| said(message, "role").is_some())
            || body.get("response").is_some_and(Json::is_string))
}

fn is_embedding(body: &Json) -> bool {
    let numbers = |one: &Json| {
        one.as_array()
            .is_some_and(|all| all.iter().all(Json::is_number))
    };
    let all = list(body, "embeddings");
    !all.is_empty() && said(body, "model").is_some() && all.iter().all(numbers)
}

/// An answer, whole or in parts.
#[derive(Debug)]
struct Answer {
    facts: ChatFacts,
    done: bool,
    thought: Gathered,
    text: Gathered,
    /// The calls, in the form of the conventions' parts.
    calls: Vec<Json>,
    content: bool,
    room: Room,
}

impl Answer {
    fn new(content: bool) -> Self {
        Self {
            facts: ChatFacts::default(),
            done: false,
            thought: Gathered::default(),
            text: Gathered::default(),
            calls: Vec::new(),
            content,
            room: Room::default(),
        }
    }

    fn call(&mut self, call: &Json) {
        let function = object(call, "function").unwrap_or(call);
        if !self.room.one::<CalledTool>() {
            return;
        }
        let mut called = CalledTool::default();
        self.room.keep(&mut called.id, said(call, "id"));
        self.room.keep(&mut called.name, said(function, "name"));
        if self.content
            && let Some(name) = called.name.as_deref()
        {
            let arguments = function.get("arguments").cloned().unwrap_or_default();
            let part = parts::tool_call(called.id.as_deref(), name, arguments);
            self.calls.push(part);
        }
        self.facts.tool_calls.push(called);
    }

    /// What was said, without a reason where none came.
    fn told(&self) -> ChatFacts {
        let mut facts = self.facts.clone();
        if self.content {
            let mut all = Vec::new();
            all.extend(self.thought.get().map(parts::reasoning));
            all.extend(self.text.get().map(parts::text));
            all.extend(self.calls.iter().cloned());
            let reason = facts
                .finish_reasons
                .last()
                .and_then(FinishReason::normalized);
            facts.content = Some(Box::new(Content {
                output: Some(vec![parts::output("assistant", all, reason)].into()),
                ..Content::default()
            }));
        }
        facts
    }
}

impl Merge for Answer {
    fn take(&mut self, _: Option<&str>, body: &Json) {
        self.room.keep(&mut self.facts.model, said(body, "model"));
        if let Some(reason) = said(body, "done_reason") {
            self.facts.finish_reasons = vec![FinishReason::new(reason)];
        }
        self.done |= body.get("done").and_then(Json::as_bool) == Some(true);
        let usage = Usage {
            input: count(body, "prompt_eval_count"),
            output: count(body, "eval_count"),
            ..Usage::default()
        };
        if !usage.is_empty() {
            self.facts.usage = usage;
        }
        if let Some(message) = said(body, "error") {
            // It has no type, and the status was sent before it happened.
            let fault = Fault::new(None, Some(message.to_owned()));
            self.facts.error.get_or_insert(fault);
        }
        let message = object(body, "message").unwrap_or(body);
        for call in list(message, "tool_calls") {
            self.call(call);
        }
        if self.content {
            self.thought
                .extend(said(message, "thinking"), &mut self.room);
            let text = said(message, "content").or_else(|| said(body, "response"));
            self.text.extend(text, &mut self.room);
        }
    }

    fn facts(&self) -> ChatFacts {
        let mut facts = self.told();
        // Old versions say that they are done, and not why.
        if facts.finish_reasons.is_empty() && !self.done {
            facts.finish_reasons.push(FinishReason::missing());
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::provider::{Origin, StreamReader, response};

    #[test]
    fn an_answer_says_its_counts_its_calls_and_its_message() {
        let body = json!({
            "model": "m", "created_at": "2026-01-01T00:00:00Z", "done": true, "done_reason": "length",
            "message": {
                "role": "assistant", "thinking": "Hm.", "content": "Hi",
                "tool_calls": [{"function": {"name": "look", "arguments": {"a": 1}}}],
            },
            "prompt_eval_count": 5, "eval_count": 7,
        });
        let facts = response(&body, &Origin::default().content(true)).unwrap();
        assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(7)));
        assert_eq!(facts.finish_reasons[0].raw, "length");
        assert_eq!(facts.tool_calls[0].name.as_deref(), Some("look"));
        assert_eq!(
            facts.content.unwrap().output.unwrap(),
            json!([{"role": "assistant", "finish_reason": "length", "parts": [
                {"type": "reasoning", "content": "Hm."},
                {"type": "text", "content": "Hi"},
                {"type": "tool_call", "name": "look", "arguments": {"a": 1}},
            ]}])
        );
    }

    fn streamed(body: &str) -> crate::provider::ChatFacts {
        let mut stream = StreamReader::new(&Origin::default().content(true));
        stream.bytes(body.as_bytes());
        stream.facts().unwrap()
    }

    #[test]
    fn a_stream_is_one_answer() {
        let facts = streamed(
            "{\"model\":\"m\",\"response\":\"H\",\"done\":false}\n\
             {\"model\":\"m\",\"response\":\"i\",\"done\":false}\n\
             {\"model\":\"m\",\"response\":\"\",\"done\":true,\"done_reason\":\"stop\",\"eval_count\":2}\n",
        );
        assert_eq!(facts.finish_reasons[0].raw, "stop");
        assert_eq!((facts.usage.input, facts.usage.output), (None, Some(2)));
        let output = facts.content.unwrap().output.unwrap();
        assert_eq!(output[0]["parts"][0]["content"], "Hi");
    }

    #[test]
    fn a_stream_that_fails_has_an_error() {
        let facts = streamed(
            "{\"model\":\"m\",\"response\":\"H\",\"done\":false}\n{\"error\":\"out of memory\"}\n",
        );
        assert_eq!(
            facts.error.unwrap().message.as_deref(),
            Some("out of memory")
        );
        assert_eq!(facts.finish_reasons[0].raw, "error");
    }

    #[test]
    fn an_old_version_is_done_without_saying_why() {
        let facts = streamed("{\"model\":\"m\",\"response\":\"H\",\"done\":true}");
        assert!(facts.finish_reasons.is_empty());
    }

    #[test]
    fn embeddings_have_input_only() {
        let body = json!({"model": "m", "embeddings": [[0.5, 1]], "prompt_eval_count": 3});
        let facts = response(&body, &Origin::default().content(true)).unwrap();
        assert_eq!((facts.usage.input, facts.usage.output), (Some(3), None));
        assert_eq!(facts.content, None);
    }
}
