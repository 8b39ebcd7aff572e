//! OpenAI's chat completions, which many other providers speak too.

mod messages;
mod stream;
mod usage;

use genai_trace_semconv::values::{
    gen_ai_operation_name as operation, gen_ai_output_type as output,
};
use serde_json::Value as Json;

use super::speaker::speaker;
use super::{Form, Merge};
use crate::provider::facts::{CalledTool, ChatFacts, Content, Fault};
use crate::provider::fault::{fault, fault_within};
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{integer, list, number, object, said, text, texts};
use crate::provider::origin::Origin;
use crate::provider::request_facts::RequestFacts;

pub(super) use self::messages::{asked, part, parts_of, tools};
pub(super) use self::stream::Chunks;
pub(super) use self::usage::usage;

/// OpenAI's chat completions.
#[derive(Debug)]
pub(in crate::provider) struct OpenAiChat;

impl Form for OpenAiChat {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        origin.path_ends("/chat/completions")
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        self.is_named(origin) && body.is_object()
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        let Some(choices) = body.get("choices").and_then(Json::as_array) else {
            return false;
        };
        let object = said(body, "object");
        match choices.as_slice() {
            // Nothing was said, as where the prompt was blocked.
            [] => {
                object == Some("chat.completion")
                    || object.is_none()
                        && said(body, "model").is_some()
                        && body.get("created").is_some_and(Json::is_number)
            }
            choices => choices.iter().all(is_choice),
        }
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        let Some(choices) = body.get("choices").and_then(Json::as_array) else {
            return false;
        };
        match choices.as_slice() {
            // The first chunk of Azure tells of the prompt, the last one of OpenAI of the usage.
            [] => {
                said(body, "object") == Some("chat.completion.chunk")
                    || body.get("prompt_filter_results").is_some()
                    || body.get("usage").and_then(Json::as_object).is_some()
                        && said(body, "object").is_none()
            }
            choices => choices
                .iter()
                .all(|choice| object(choice, "delta").is_some()),
        }
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        speaker(body, "chatcmpl-")
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        let messages = body.get("messages").and_then(Json::as_array);
        let content = origin.content.then(|| asked(body));
        RequestFacts {
            operation: Some(operation::CHAT),
            max_tokens: integer(body, "max_completion_tokens")
                .or_else(|| integer(body, "max_tokens")),
            choice_count: integer(body, "n").filter(|choices| *choices != 1),
            reasoning_level: text(body, "reasoning_effort").or_else(|| {
                object(body, "reasoning").and_then(|reasoning| text(reasoning, "effort"))
            }),
            output_type: output_type(body),
            message_count: messages.and_then(|messages| messages.len().try_into().ok()),
            content: content.flatten().map(Box::new),
            ..sampling(body)
        }
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let choices = in_order(list(body, "choices"));
        let message = |choice| object(choice, "message").unwrap_or(&Json::Null);
        // Models of Mistral at Bedrock call it otherwise.
        let key = |choice: &Json| match choice.get("finish_reason") {
            Some(_) => "finish_reason",
            None => "stop_reason",
        };
        let reasons = choices
            .iter()
            .filter_map(|choice| said(choice, key(choice)));
        let calls = choices
            .iter()
            .flat_map(|choice| calls(message(choice)))
            .map(called);
        let error = fault_within(body, origin).or_else(|| {
            choices
                .iter()
                .find_map(|choice| fault_within(choice, origin))
        });
        let output = origin.content.then(|| {
            let messages = choices.iter().map(|choice| messages::given(choice));
            Box::new(Content {
                output: Some(messages.collect()),
                ..Content::default()
            })
        });
        ChatFacts {
            finish_reasons: reasons.map(FinishReason::new).collect(),
            tool_calls: calls.collect(),
            error,
            content: output,
            ..envelope(body)
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(Chunks::of("choices", usage, content))
    }
}

/// Whether `body` may be a request of this form, where nothing tells of another.
pub(in crate::provider) fn is_plain_request(body: &Json) -> bool {
    let messages = list(body, "messages");
    if !messages.is_empty() {
        return messages
            .iter()
            .all(|message| said(message, "role").is_some());
    }
    // A model and parameters alone are a request still: the messages may have been left out.
    let foreign = ["input", "prompt", "message", "contents", "texts", "query"];
    said(body, "model").is_some() && foreign.iter().all(|key| body.get(key).is_none())
}

/// What stands around the choices, in chat and text completions alike.
pub(super) fn envelope(body: &Json) -> ChatFacts {
    let usage = object(body, "usage");
    let tier = said(body, "service_tier");
    // Mistral says it with the usage.
    let tier = tier.or_else(|| usage.and_then(|usage| said(usage, "service_tier")));
    ChatFacts {
        id: said(body, "id").map(str::to_owned),
        model: said(body, "model").map(str::to_owned),
        usage: usage.map(self::usage).unwrap_or_default(),
        service_tier: tier.map(str::to_owned),
        system_fingerprint: said(body, "system_fingerprint").map(str::to_owned),
        ..ChatFacts::default()
    }
}

/// The parameters that chat and text completions share.
pub(super) fn sampling(body: &Json) -> RequestFacts {
    RequestFacts {
        model: said(body, "model").map(str::to_owned),
        max_tokens: integer(body, "max_tokens"),
        temperature: number(body, "temperature"),
        top_p: number(body, "top_p"),
        // Not OpenAI's own, but of several who speak its form.
        top_k: integer(body, "top_k"),
        frequency_penalty: number(body, "frequency_penalty"),
        presence_penalty: number(body, "presence_penalty"),
        seed: integer(body, "seed").or_else(|| integer(body, "random_seed")),
        choice_count: integer(body, "n").filter(|choices| *choices != 1),
        stop_sequences: texts(body, "stop"),
        stream: streams(body),
        service_tier: service_tier(body),
        ..RequestFacts::default()
    }
}

/// `Some(true)` where a stream is asked for.
pub(super) fn streams(body: &Json) -> Option<bool> {
    let stream = body.get("stream").and_then(Json::as_bool);
    stream.filter(|stream| *stream)
}

/// The tier that is asked for, unless the provider is to choose.
pub(super) fn service_tier(body: &Json) -> Option<String> {
    text(body, "service_tier").filter(|tier| tier != "auto")
}

/// The conventions' word for the `type` of a response format.
pub(super) fn format(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "json_object" | "json_schema" | "json" => output::JSON,
        "text" => output::TEXT,
        _ => return None,
    })
}

/// What is to come out, where that is said.
pub(super) fn output_type(body: &Json) -> Option<String> {
    let format = object(body, "response_format").and_then(|format| said(format, "type"));
    let modalities = list(body, "modalities");
    let asks = |kind: &str| modalities.iter().any(|modality| modality == kind);
    let found = match format.and_then(self::format) {
        Some(format) => Some(format),
        None if asks("audio") => Some(output::SPEECH),
        None if asks("image") => Some(output::IMAGE),
        None => None,
    };
    found.map(str::to_owned)
}

fn is_choice(choice: &Json) -> bool {
    ["message", "delta"]
        .into_iter()
        .any(|key| object(choice, key).is_some())
        || said(choice, "finish_reason").is_some() && choice.get("text").is_none()
}

/// The choices in the order of their indexes; those without one stay where they are.
pub(super) fn in_order(choices: &[Json]) -> Vec<&Json> {
    let mut choices: Vec<&Json> = choices.iter().collect();
    if choices
        .iter()
        .all(|choice| integer(choice, "index").is_some())
    {
        choices.sort_by_key(|choice| integer(choice, "index"));
    }
    choices
}

/// The calls in a message or delta, those of the time before there were tools as well.
fn calls(message: &Json) -> impl Iterator<Item = &Json> {
    let function = object(message, "function_call");
    list(message, "tool_calls").iter().chain(function)
}

fn called(call: &Json) -> CalledTool {
    CalledTool {
        id: said(call, "id").map(str::to_owned),
        name: function_name(call).map(str::to_owned),
    }
}

/// The name of what is called: a function, or a custom tool.
fn function_name(call: &Json) -> Option<&str> {
    said(inner(call), "name")
}

/// The arguments of what is called, as the text that they come in.
fn function_arguments(call: &Json) -> Option<&Json> {
    let inner = inner(call);
    inner.get("arguments").or_else(|| inner.get("input"))
}

fn inner(call: &Json) -> &Json {
    object(call, "function")
        .or_else(|| object(call, "custom"))
        .unwrap_or(call)
}

/// What a part of a stream says went wrong; `event` is the name that the wire gives it.
pub(super) fn stream_fault(event: Option<&str>, body: &Json) -> Option<Fault> {
    let origin = Origin::default();
    fault_within(body, &origin).or_else(|| (event == Some("error")).then(|| fault(body, &origin)))
}

#[cfg(test)]
mod tests;
