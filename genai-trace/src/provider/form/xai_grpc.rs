//! xAI's chat over gRPC, as the JSON of its messages.

use genai_trace_semconv::values::{
    gen_ai_operation_name as operation, gen_ai_provider_name as name,
};
use serde_json::Value as Json;

use super::openai_chat::{Chunks, parts_of, tools};
use super::{Form, Merge};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{count, integer, list, number, object, said, texts};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::{ByModality, Usage, total};

/// xAI's chat over gRPC.
#[derive(Debug)]
pub(super) struct XaiGrpc;

impl Form for XaiGrpc {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        let path = origin.path();
        path.is_some_and(|path| path.contains("/xai_api."))
    }

    fn is_request(&self, body: &Json, _: &Origin<'_>) -> bool {
        let messages = list(body, "messages");
        !messages.is_empty() && messages.iter().all(|message| role(message).is_some())
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        has_outputs(body, "message")
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        has_outputs(body, "delta")
    }

    fn asks(&self, _: &Json) -> Option<&'static str> {
        Some(name::X_AI)
    }

    fn answers(&self, _: &Json) -> Option<&'static str> {
        Some(name::X_AI)
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        let format = object(body, "response_format")
            .and_then(|format| said(format, "format_type"))
            .filter(|format| format.contains("JSON"));
        let effort = said(body, "reasoning_effort").map(|effort| lower(effort, "EFFORT_"));
        let content = origin.content.then(|| {
            let messages = list(body, "messages").iter();
            Box::new(Content {
                input: Some(messages.map(message).collect()),
                tools: tools(list(body, "tools")),
                ..Content::default()
            })
        });
        RequestFacts {
            operation: Some(operation::CHAT),
            model: said(body, "model").map(str::to_owned),
            max_tokens: integer(body, "max_tokens"),
            temperature: number(body, "temperature"),
            top_p: number(body, "top_p"),
            frequency_penalty: number(body, "frequency_penalty"),
            presence_penalty: number(body, "presence_penalty"),
            seed: integer(body, "seed"),
            choice_count: integer(body, "n").filter(|choices| *choices != 1),
            stop_sequences: texts(body, "stop"),
            reasoning_level: effort,
            output_type: format.map(|_| "json".to_owned()),
            previous_response_id: said(body, "previous_response_id").map(str::to_owned),
            message_count: list(body, "messages").len().try_into().ok(),
            content,
            ..RequestFacts::default()
        }
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let outputs = list(body, "outputs");
        let given = |output| object(output, "message").filter(|_| !is_tool(output));
        let calls = outputs
            .iter()
            .filter_map(given)
            .flat_map(|message| list(message, "tool_calls"));
        let content = origin.content.then(|| {
            let messages = outputs.iter().filter_map(|output| {
                let message = object(output, "message")?;
                let reason = reason(output);
                let reason = reason.as_ref().and_then(FinishReason::normalized);
                let role = role(message).unwrap_or_else(|| "assistant".to_owned());
                Some(parts::output(&role, parts_of(message), reason))
            });
            Box::new(Content {
                output: Some(messages.collect()),
                ..Content::default()
            })
        });
        ChatFacts {
            id: said(body, "id").map(str::to_owned),
            model: said(body, "model").map(str::to_owned),
            // What a tool gave is an output as well, and has no reason.
            finish_reasons: outputs.iter().filter_map(reason).collect(),
            usage: object(body, "usage").map(usage).unwrap_or_default(),
            system_fingerprint: said(body, "system_fingerprint").map(str::to_owned),
            tool_calls: calls
                .map(|call| CalledTool {
                    id: said(call, "id").map(str::to_owned),
                    name: object(call, "function")
                        .and_then(|function| said(function, "name"))
                        .map(str::to_owned),
                })
                .collect(),
            content,
            ..ChatFacts::default()
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(Chunks::of("outputs", usage, content))
    }
}

fn has_outputs(body: &Json, within: &str) -> bool {
    let outputs = list(body, "outputs");
    !outputs.is_empty()
        && outputs
            .iter()
            .all(|output| object(output, within).is_some())
}

fn is_tool(output: &Json) -> bool {
    object(output, "message").is_some_and(|message| said(message, "role") == Some("ROLE_TOOL"))
}

/// The role, where it is the name of one in the enumeration.
fn role(message: &Json) -> Option<String> {
    let role = said(message, "role")?;
    role.starts_with("ROLE_").then(|| lower(role, "ROLE_"))
}

fn lower(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_ascii_lowercase()
}

fn reason(output: &Json) -> Option<FinishReason> {
    let reason = said(output, "finish_reason")?;
    // The enumeration's zero says that there is none.
    (reason != "REASON_INVALID").then(|| FinishReason::new(reason))
}

/// The message that `message` of a request is.
fn message(message: &Json) -> Json {
    let role = role(message).unwrap_or_else(|| "user".to_owned());
    let text = list(message, "content")
        .iter()
        .filter_map(|part| said(part, "text"));
    if role == "tool" {
        let text: String = text.collect();
        let id = said(message, "tool_call_id");
        return parts::message(&role, vec![parts::tool_call_response(id, text.into())]);
    }
    let mut all: Vec<Json> = text.map(parts::text).collect();
    all.extend(list(message, "content").iter().filter_map(|part| {
        let image = object(part, "image_url")?;
        Some(parts::uri("image", None, said(image, "image_url")?))
    }));
    // Content has been read: what is left are the calls and the thought.
    let mut rest = message.clone();
    if let Some(rest) = rest.as_object_mut() {
        rest.remove("content");
    }
    all.extend(parts_of(&rest));
    parts::message(&role, all)
}

/// Reasoning is counted beside the completion.
fn usage(said: &Json) -> Usage {
    let reasoning = count(said, "reasoning_tokens");
    let output = count(said, "completion_tokens");
    Usage {
        input: count(said, "prompt_tokens"),
        output: total([output, reasoning]),
        cache_read: count(said, "cached_prompt_text_tokens"),
        reasoning,
        input_by: ByModality {
            text: count(said, "prompt_text_tokens"),
            audio: None,
            image: count(said, "prompt_image_tokens"),
        },
        ..Usage::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::provider::{Origin, StreamReader, request, response};

    #[test]
    fn reasoning_is_output_and_tools_have_no_reason() {
        let body = json!({
            "id": "x-1", "model": "m", "outputs": [
                {"finish_reason": "REASON_TOOL_CALLS", "message": {"role": "ROLE_ASSISTANT", "tool_calls": [
                    {"id": "t-1", "function": {"name": "look", "arguments": "{}"}},
                ]}},
                {"index": 1, "message": {"role": "ROLE_TOOL", "content": "done"}},
                {"index": 2, "finish_reason": "REASON_STOP", "message": {"role": "ROLE_ASSISTANT", "content": "Hi"}},
            ],
            "usage": {"prompt_tokens": 5, "completion_tokens": 3, "reasoning_tokens": 4, "cached_prompt_text_tokens": 2},
        });
        let facts = response(&body, &Origin::default()).unwrap();
        let reasons: Vec<_> = facts
            .finish_reasons
            .iter()
            .map(|reason| reason.normalized())
            .collect();
        assert_eq!(reasons, [Some("tool_call"), Some("stop")]);
        assert_eq!((facts.usage.input, facts.usage.output), (Some(5), Some(7)));
        assert_eq!(
            (facts.usage.cache_read, facts.usage.reasoning),
            (Some(2), Some(4))
        );
        assert_eq!(facts.tool_calls.len(), 1);
    }

    #[test]
    fn a_stream_of_deltas_is_one_message() {
        let mut stream = StreamReader::new(&Origin::default().content(true));
        for (text, reason) in [("H", "REASON_INVALID"), ("i", "REASON_STOP")] {
            stream.part(None, &json!({
                "id": "x-1", "model": "m",
                "outputs": [
                    {"index": 0, "delta": {"content": text, "role": "ROLE_ASSISTANT"}, "finish_reason": reason},
                    {"index": 1, "delta": {"content": "t", "role": "ROLE_TOOL"}},
                ],
                "usage": {"prompt_tokens": 5, "completion_tokens": 3, "reasoning_tokens": 4},
            }));
        }
        let facts = stream.facts().unwrap();
        assert_eq!(facts.finish_reasons.len(), 1);
        assert_eq!(facts.finish_reasons[0].raw, "REASON_STOP");
        assert_eq!(facts.usage.output, Some(7));
        let output = facts.content.unwrap().output.unwrap();
        assert_eq!(output[0]["parts"][0]["content"], "Hi");
    }

    #[test]
    fn a_request_has_the_names_of_enumerations() {
        let body = json!({
            "model": "m", "reasoning_effort": "EFFORT_LOW",
            "messages": [{"role": "ROLE_USER", "content": [{"text": "Hi"}]}],
            "tools": [{"function": {"name": "look", "parameters": "{}"}}],
        });
        let facts = request(&body, &Origin::default().content(true)).unwrap();
        assert_eq!(facts.reasoning_level.as_deref(), Some("low"));
        assert_eq!(
            facts.content.unwrap().input.unwrap(),
            json!([{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}])
        );
    }
}
