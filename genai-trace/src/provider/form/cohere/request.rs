//! What is asked of Cohere.

use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use super::{call, parts_of};
use crate::provider::facts::Content;
use crate::provider::form::openai_chat::{format, streams, tools};
use crate::provider::json::{integer, list, number, object, said, texts};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;

/// What only requests of this form have beside `messages`.
const TELLING: &[&str] = &["p", "k", "citation_options", "safety_mode", "strict_tools"];

/// Whether `body` is a request of this form; `known` where it goes to Cohere.
pub(super) fn is_request(body: &Json, known: bool) -> bool {
    let messages = list(body, "messages");
    if !messages.is_empty() {
        return known || TELLING.iter().any(|key| body.get(key).is_some());
    }
    let model = said(body, "model").is_some();
    let old_chat = said(body, "message").is_some()
        && (model || body.get("chat_history").is_some() || body.get("preamble").is_some());
    let embed = model && said(body, "input_type").is_some() && embedded(body).is_some();
    let rerank = model && said(body, "query").is_some() && body.get("documents").is_some();
    known && (embedded(body).is_some() || now(body).is_some()) || old_chat || embed || rerank
}

/// What is said now: a message, or a prompt where there is no chat.
fn now(body: &Json) -> Option<&str> {
    said(body, "message").or_else(|| said(body, "prompt"))
}

/// How many texts, images or both are to be embedded.
fn embedded(body: &Json) -> Option<u64> {
    let all = ["texts", "inputs", "images"].into_iter();
    let lists = all.filter_map(|key| body.get(key).and_then(Json::as_array));
    let count = lists.map(Vec::len).reduce(usize::saturating_add)?;
    count.try_into().ok()
}

pub(super) fn request(body: &Json, origin: &Origin<'_>) -> RequestFacts {
    let model = said(body, "model").map(str::to_owned);
    let messages = body.get("messages").and_then(Json::as_array);
    if messages.is_none() && now(body).is_none() {
        let embedded = embedded(body);
        return RequestFacts {
            // The conventions have no word for ranking.
            operation: embedded.map(|_| operation::EMBEDDINGS),
            model,
            dimension_count: integer(body, "output_dimension"),
            encoding_formats: texts(body, "embedding_types"),
            message_count: embedded,
            ..RequestFacts::default()
        };
    }
    let kind = object(body, "response_format").and_then(|format| said(format, "type"));
    let history = list(body, "chat_history").len();
    let count = messages.map_or(history.saturating_add(1), Vec::len);
    RequestFacts {
        operation: Some(match body.get("prompt") {
            Some(_) => operation::TEXT_COMPLETION,
            None => operation::CHAT,
        }),
        model,
        choice_count: integer(body, "num_generations").filter(|choices| *choices != 1),
        max_tokens: integer(body, "max_tokens"),
        temperature: number(body, "temperature"),
        top_p: number(body, "p"),
        top_k: integer(body, "k"),
        frequency_penalty: number(body, "frequency_penalty"),
        presence_penalty: number(body, "presence_penalty"),
        seed: integer(body, "seed"),
        stop_sequences: texts(body, "stop_sequences"),
        stream: streams(body),
        output_type: kind.and_then(format).map(str::to_owned),
        conversation_id: said(body, "conversation_id").map(str::to_owned),
        message_count: count.try_into().ok(),
        content: origin.content.then(|| Box::new(asked(body))),
        ..RequestFacts::default()
    }
}

fn asked(body: &Json) -> Content {
    let input = match body.get("messages").and_then(Json::as_array) {
        Some(messages) => messages.iter().map(new_message).collect(),
        None => {
            let mut all: Vec<Json> = list(body, "chat_history").iter().map(old_message).collect();
            let now = now(body).map(parts::text);
            all.push(parts::message("user", now.into_iter().collect()));
            all
        }
    };
    let system = said(body, "preamble").map(|text| vec![parts::text(text)]);
    Content {
        input: Some(input.into()),
        system: system.map(Json::from),
        tools: tools(list(body, "tools")),
        ..Content::default()
    }
}

fn new_message(message: &Json) -> Json {
    let role = said(message, "role").unwrap_or("user");
    if role == "tool" {
        let response = message.get("content").cloned().unwrap_or_default();
        let id = said(message, "tool_call_id");
        return parts::message(role, vec![parts::tool_call_response(id, response)]);
    }
    parts::message(role, parts_of(message))
}

fn old_message(message: &Json) -> Json {
    let role = match said(message, "role") {
        Some("CHATBOT") => "assistant",
        Some("SYSTEM") => "system",
        Some("TOOL") => "tool",
        _ => "user",
    };
    let mut all: Vec<Json> = said(message, "message")
        .map(parts::text)
        .into_iter()
        .collect();
    all.extend(list(message, "tool_calls").iter().filter_map(call));
    let results = list(message, "tool_results").iter();
    all.extend(results.map(|result| parts::tool_call_response(None, result.clone())));
    parts::message(role, all)
}
