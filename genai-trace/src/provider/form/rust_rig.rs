//! What the crate `rig-core` makes of every provider's answers.

use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use super::{Form, Merge, NoStream, find_provider};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{count, integer, list, number, object, said, text, texts};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::Usage;

/// The crate `rig-core`.
#[derive(Debug)]
pub(super) struct RustRig;

impl Form for RustRig {
    fn is_request(&self, body: &Json, _: &Origin<'_>) -> bool {
        !list(body, "chat_history").is_empty()
            && body.get("documents").is_some_and(Json::is_array)
            && body.get("tools").is_some_and(Json::is_array)
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        object(body, "origin").is_some_and(|origin| said(origin, "provider").is_some())
            && object(body, "usage").is_some()
            && body.get("choice").is_some_and(Json::is_array)
    }

    fn is_chunk(&self, _: Option<&str>, _: &Json, _: &Origin<'_>) -> bool {
        // The events of its streams say neither what was used nor why the model stopped.
        false
    }

    fn request(&self, body: &Json, _: &Origin<'_>) -> RequestFacts {
        let options = object(body, "options").unwrap_or(&Json::Null);
        let reasoning = object(options, "reasoning");
        RequestFacts {
            operation: Some(operation::CHAT),
            model: text(body, "model"),
            max_tokens: integer(body, "max_tokens"),
            temperature: number(body, "temperature"),
            top_p: number(options, "top_p"),
            seed: integer(options, "seed"),
            stop_sequences: texts(options, "stop"),
            reasoning_level: reasoning.and_then(|reasoning| text(reasoning, "effort")),
            message_count: list(body, "chat_history").len().try_into().ok(),
            ..RequestFacts::default()
        }
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let raw = object(body, "raw").unwrap_or(&Json::Null);
        // What the provider said holds; the framework's own account is there for what that leaves out.
        let form = find_provider(origin, |form| form.is_response(raw, origin));
        let mut facts = own(body, origin.content);
        if let Some(form) = form {
            let mut said_by_provider = form.response(raw, origin);
            if said_by_provider.usage.is_empty() {
                said_by_provider.usage = facts.usage;
            }
            said_by_provider.id = said_by_provider.id.or(facts.id);
            said_by_provider.model = said_by_provider.model.or(facts.model);
            facts = said_by_provider;
        }
        facts
    }

    fn merge(&self, _: bool) -> Box<dyn Merge> {
        Box::new(NoStream)
    }
}

/// The framework's own account.
fn own(body: &Json, content: bool) -> ChatFacts {
    let from = object(body, "origin").unwrap_or(&Json::Null);
    let reason = body.get("finish_reason").and_then(reason);
    let choice = list(body, "choice");
    let calls = choice
        .iter()
        .filter_map(|part| object(part, "function").map(|call| (part, call)));
    let content = content.then(|| {
        let normalized = reason.as_ref().and_then(FinishReason::normalized);
        let said_parts = choice.iter().filter_map(part).collect();
        Box::new(Content {
            output: Some(vec![parts::output("assistant", said_parts, normalized)].into()),
            ..Content::default()
        })
    });
    ChatFacts {
        id: text(from, "response_id"),
        model: text(from, "response_model"),
        finish_reasons: reason.into_iter().collect(),
        usage: body.get("usage").map(usage).unwrap_or_default(),
        tool_calls: calls
            .map(|(part, call)| CalledTool {
                id: text(part, "id"),
                name: text(call, "name"),
            })
            .collect(),
        content,
        ..ChatFacts::default()
    }
}

/// A word of the framework's, or the provider's own under `other`.
fn reason(reason: &Json) -> Option<FinishReason> {
    let word = reason.as_str().or_else(|| said(reason, "other"))?;
    Some(FinishReason::new(word))
}

/// The input holds what a cache gave and took, as the conventions have it.
fn usage(said_of_it: &Json) -> Usage {
    Usage {
        input: count(said_of_it, "input_tokens"),
        output: count(said_of_it, "output_tokens"),
        cache_read: count(said_of_it, "cached_input_tokens"),
        cache_write: count(said_of_it, "cache_creation_input_tokens"),
        reasoning: count(said_of_it, "reasoning_tokens"),
        ..Usage::default()
    }
}

/// A text or a call; of what else there is the provider's own account tells.
fn part(part: &Json) -> Option<Json> {
    match object(part, "function") {
        Some(call) => {
            let arguments = call.get("arguments").cloned().unwrap_or_default();
            Some(parts::tool_call(
                said(part, "id"),
                said(call, "name")?,
                arguments,
            ))
        }
        None => said(part, "text").map(parts::text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::provider::{Origin, StreamReader, request, response};

    fn answer(raw: Value) -> Value {
        json!({
            "choice": [{"type": "text", "text": "I look."}, {"type": "toolcall", "id": "t-1", "function": {"name": "look", "arguments": {"a": 1}}}],
            "usage": {"input_tokens": 110, "output_tokens": 20, "total_tokens": 130, "cached_input_tokens": 90, "cache_creation_input_tokens": 8, "reasoning_tokens": 5},
            "origin": {"api": "x", "provider": "anthropic", "model": "claude", "response_model": "claude-1", "response_id": "msg_1"},
            "finish_reason": "tool_calls", "raw": raw,
        })
    }

    #[test]
    fn a_response_says_what_the_provider_said() {
        let raw = json!({
            "id": "msg_2", "type": "message", "role": "assistant", "model": "claude-2", "content": [],
            "stop_reason": "tool_use", "usage": {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 2},
        });
        let facts = response(&answer(raw), &Origin::default()).unwrap();
        assert_eq!(facts.id.as_deref(), Some("msg_2"));
        assert_eq!(facts.model.as_deref(), Some("claude-2"));
        assert_eq!(facts.finish_reasons[0].raw, "tool_use");
        assert_eq!(
            (facts.usage.input, facts.usage.output),
            (Some(100), Some(2))
        );
    }

    #[test]
    fn without_that_the_framework_says_what_it_has_made_of_it() {
        for raw in [Value::Null, json!({"a": 1}), answer(Value::Null)] {
            let facts = response(&answer(raw), &Origin::default().content(true)).unwrap();
            assert_eq!(facts.id.as_deref(), Some("msg_1"));
            assert_eq!(facts.model.as_deref(), Some("claude-1"));
            assert_eq!(facts.finish_reasons[0].raw, "tool_calls");
            let usage = &facts.usage;
            assert_eq!(
                (usage.input, usage.output, usage.reasoning),
                (Some(110), Some(20), Some(5))
            );
            assert_eq!((usage.cache_read, usage.cache_write), (Some(90), Some(8)));
            assert_eq!(facts.tool_calls[0].name.as_deref(), Some("look"));
            assert_eq!(
                facts.content.unwrap().output.unwrap(),
                json!([{"role": "assistant", "finish_reason": "tool_call", "parts": [
                    {"type": "text", "content": "I look."},
                    {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
                ]}])
            );
        }
    }

    #[test]
    fn a_reason_that_only_the_provider_has_is_its_own_word() {
        let mut body = answer(Value::Null);
        body["finish_reason"] = json!({"other": "pause_turn"});
        let facts = response(&body, &Origin::default()).unwrap();
        assert_eq!(facts.finish_reasons[0].raw, "pause_turn");
    }

    #[test]
    fn a_request_says_its_parameters() {
        let body = json!({
            "model": null, "chat_history": [{"role": "user", "content": []}], "documents": [], "tools": [],
            "temperature": 0.5, "max_tokens": 64, "tool_choice": null,
            "options": {"reasoning": {"effort": "low"}, "top_p": 0.9, "seed": 7, "stop": ["END"]},
        });
        let facts = request(&body, &Origin::default()).unwrap();
        assert_eq!((facts.max_tokens, facts.temperature), (Some(64), Some(0.5)));
        assert_eq!((facts.top_p, facts.seed), (Some(0.9), Some(7)));
        assert_eq!(facts.stop_sequences.unwrap(), ["END"]);
        assert_eq!(facts.reasoning_level.as_deref(), Some("low"));
        assert_eq!(facts.message_count, Some(1));
        assert_eq!(facts.model, None);
    }

    #[test]
    fn its_events_and_what_looks_alike_are_nobodys() {
        for body in [
            json!({"item": "event", "value": {"event": "text", "part": 0, "text": "Hi"}}),
            json!({"choice": [], "usage": {}, "origin": "x"}),
        ] {
            let origin = Origin::default();
            assert_eq!(response(&body, &origin), None, "{body}");
            let mut stream = StreamReader::new(&origin);
            stream.part(None, &body);
            assert_eq!(stream.facts(), None, "{body}");
        }
    }
}
