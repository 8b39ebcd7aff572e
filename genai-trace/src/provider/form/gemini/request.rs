//! What a request to generate content asks.

use genai_trace_semconv::values::{
    gen_ai_operation_name as operation, gen_ai_output_type as output,
};
use serde_json::Value as Json;

use super::messages;
use crate::provider::facts::Content;
use crate::provider::form::address;
use crate::provider::json::{integer, list, number, object, said, text, texts};
use crate::provider::origin::Origin;
use crate::provider::request_facts::RequestFacts;

pub(super) fn facts(body: &Json, origin: &Origin<'_>) -> RequestFacts {
    let path = origin.url.and_then(address::google);
    let streamed = path
        .as_ref()
        .and_then(|(_, method)| (*method == "streamGenerateContent").then_some(true));
    let config = object(body, "generationConfig").unwrap_or(&Json::Null);
    let thinking = object(config, "thinkingConfig");
    RequestFacts {
        operation: Some(operation::GENERATE_CONTENT),
        model: path.map(|(model, _)| model).or_else(|| model(body)),
        max_tokens: integer(config, "maxOutputTokens"),
        temperature: number(config, "temperature"),
        top_p: number(config, "topP"),
        top_k: integer(config, "topK"),
        frequency_penalty: number(config, "frequencyPenalty"),
        presence_penalty: number(config, "presencePenalty"),
        seed: integer(config, "seed"),
        choice_count: integer(config, "candidateCount").filter(|choices| *choices > 1),
        stop_sequences: texts(config, "stopSequences"),
        stream: streamed,
        reasoning_level: thinking
            .and_then(|thinking| said(thinking, "thinkingLevel"))
            .map(str::to_ascii_lowercase),
        output_type: output_type(config).map(str::to_owned),
        service_tier: text(body, "serviceTier").filter(|tier| !tier.eq_ignore_ascii_case("auto")),
        message_count: match body.get("contents") {
            Some(Json::Array(contents)) => u64::try_from(contents.len()).ok(),
            Some(Json::Object(_) | Json::String(_)) => Some(1),
            _ => None,
        },
        content: origin.content.then(|| {
            Box::new(Content {
                input: body.get("contents").map(messages::input),
                system: messages::system(body),
                tools: messages::tools(body),
                ..Content::default()
            })
        }),
        ..RequestFacts::default()
    }
}

/// The model that a body names, as a path would.
pub(in crate::provider::form) fn model(body: &Json) -> Option<String> {
    let model = said(body, "model")?;
    Some(model.strip_prefix("models/").unwrap_or(model).to_owned())
}

/// What is to come out, where that is said.
fn output_type(config: &Json) -> Option<&'static str> {
    let modalities = list(config, "responseModalities");
    let among = |name| {
        let mut modalities = modalities.iter().filter_map(Json::as_str);
        modalities.any(|modality| modality.eq_ignore_ascii_case(name))
    };
    let schema = ["responseSchema", "responseJsonSchema"];
    let schema = schema.iter().any(|key| object(config, key).is_some());
    match said(config, "responseMimeType") {
        _ if among("IMAGE") => Some(output::IMAGE),
        _ if among("AUDIO") => Some(output::SPEECH),
        Some("application/json" | "text/x.enum") => Some(output::JSON),
        _ if schema => Some(output::JSON),
        Some("text/plain") => Some(output::TEXT),
        _ if among("TEXT") => Some(output::TEXT),
        _ => None,
    }
}
