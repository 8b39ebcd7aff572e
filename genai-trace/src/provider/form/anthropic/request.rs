//! What a request for Messages asks.

use genai_trace_semconv::values::{
    gen_ai_operation_name as operation, gen_ai_output_type as output, gen_ai_provider_name as name,
};
use serde_json::Value as Json;

use super::messages;
use crate::provider::facts::Content;
use crate::provider::form::address;
use crate::provider::json::{integer, list, number, object, said, text, texts, truth};
use crate::provider::origin::Origin;
use crate::provider::parts as part;
use crate::provider::request_facts::RequestFacts;

/// Anthropic's own words tell its requests from those of OpenAI's form; else where they go to does.
pub(super) fn is_request(body: &Json, origin: &Origin<'_>) -> bool {
    if !body.get("messages").is_some_and(Json::is_array) {
        return false;
    }
    if super::is_path(origin) || body.get("anthropic_version").is_some() {
        return true;
    }
    if origin.url.is_some()
        || origin
            .provider
            .is_some_and(|provider| provider != "anthropic")
    {
        return false;
    }
    let tools = list(body, "tools");
    let claude = || said(body, "model").is_some_and(|model| model.starts_with("claude-"));
    origin.provider.is_some()
        || tools.iter().any(|tool| tool.get("input_schema").is_some())
        || (body.get("max_tokens").is_some()
            && (claude() || body.get("system").is_some() || body.get("stop_sequences").is_some()))
}

/// Who is asked: Bedrock and Vertex want a version in the body, which Anthropic wants in a header.
pub(super) fn provider(body: &Json) -> Option<&'static str> {
    let claude = || said(body, "model").is_some_and(|model| model.starts_with("claude-"));
    match said(body, "anthropic_version") {
        Some(version) if version.starts_with("bedrock") => Some(name::AWS_BEDROCK),
        Some(version) if version.starts_with("vertex") => Some(name::GCP_VERTEX_AI),
        Some(_) => None,
        None => claude().then_some(name::ANTHROPIC),
    }
}

pub(super) fn facts(body: &Json, origin: &Origin<'_>) -> RequestFacts {
    let path = origin.url.and_then(address::google);
    let path = path.or_else(|| origin.url.and_then(address::bedrock));
    let streamed = path.as_ref().and_then(|(_, call)| {
        matches!(*call, "streamRawPredict" | "invoke-with-response-stream").then_some(true)
    });
    let config = object(body, "output_config");
    let format = config.and_then(|config| object(config, "format"));
    let format = format.or_else(|| object(body, "output_format"));
    RequestFacts {
        operation: Some(operation::CHAT),
        model: text(body, "model").or_else(|| path.map(|(model, _)| model)),
        max_tokens: integer(body, "max_tokens"),
        temperature: number(body, "temperature"),
        top_p: number(body, "top_p"),
        top_k: integer(body, "top_k"),
        stop_sequences: texts(body, "stop_sequences"),
        stream: truth(body, "stream").or(streamed),
        reasoning_level: config.and_then(|config| text(config, "effort")),
        output_type: format
            .filter(|format| said(format, "type") == Some("json_schema"))
            .map(|_| output::JSON.to_owned()),
        service_tier: text(body, "service_tier").filter(|tier| tier != "auto"),
        message_count: u64::try_from(list(body, "messages").len()).ok(),
        content: origin.content.then(|| {
            Box::new(Content {
                input: Some(messages::input(body)),
                system: system(body),
                tools: messages::tools(body),
                ..Content::default()
            })
        }),
        ..RequestFacts::default()
    }
}

/// The instructions, which stand apart: a text, or blocks of text.
fn system(body: &Json) -> Option<Json> {
    let parts = match body.get("system")? {
        Json::String(content) => vec![part::text(content)],
        blocks => messages::parts(blocks),
    };
    Some(Json::Array(parts)).filter(|parts| parts != &Json::Array(Vec::new()))
}
