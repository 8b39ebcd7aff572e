//! What a request to Converse asks, or one in Nova's form.

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

pub(super) fn is_request(body: &Json, origin: &Origin<'_>) -> bool {
    let call = origin.url.and_then(address::bedrock);
    match call.as_ref().map(|(_, call)| *call) {
        Some("converse" | "converse-stream") => body.is_object(),
        _ => {
            let own = ["inferenceConfig", "toolConfig", "schemaVersion"];
            let messages = list(body, "messages");
            own.iter().any(|key| body.get(key).is_some())
                && !messages.is_empty()
                && messages.iter().all(|message| blocks(message).is_some())
        }
    }
}

/// The blocks of a message, which have no type as others' have.
fn blocks(message: &Json) -> Option<&Vec<Json>> {
    let blocks = message.get("content")?.as_array()?;
    let untyped = blocks.iter().all(|block| block.get("type").is_none());
    untyped.then_some(blocks)
}

pub(super) fn facts(body: &Json, origin: &Origin<'_>) -> RequestFacts {
    let path = origin.url.and_then(address::bedrock);
    let streamed = path.as_ref().and_then(|(_, call)| {
        matches!(*call, "converse-stream" | "invoke-with-response-stream").then_some(true)
    });
    let config = object(body, "inferenceConfig").unwrap_or(&Json::Null);
    // What only the model itself knows.
    let more = object(body, "additionalModelRequestFields").unwrap_or(&Json::Null);
    let inner = object(more, "inferenceConfig").unwrap_or(&Json::Null);
    let tier = object(body, "serviceTier").and_then(|tier| text(tier, "type"));
    let format = object(body, "outputConfig").and_then(|config| object(config, "textFormat"));
    RequestFacts {
        operation: Some(operation::CHAT),
        model: path
            .map(|(model, _)| model)
            .or_else(|| text(body, "modelId")),
        max_tokens: first(&[config], &["maxTokens", "max_new_tokens"], integer),
        temperature: number(config, "temperature"),
        top_p: first(&[config], &["topP", "top_p"], number),
        top_k: first(&[config, more, inner], &["topK", "top_k"], integer),
        stop_sequences: first(&[config], &["stopSequences", "stop_sequences"], texts),
        stream: streamed,
        reasoning_level: effort(body).or_else(|| effort(more)),
        output_type: format
            .filter(|format| said(format, "type") == Some("json_schema"))
            .map(|_| output::JSON.to_owned()),
        service_tier: tier.filter(|tier| tier != "auto"),
        message_count: u64::try_from(list(body, "messages").len()).ok(),
        content: origin.content.then(|| {
            Box::new(Content {
                input: Some(messages::input(body)),
                system: messages::system(body),
                tools: messages::tools(body),
                ..Content::default()
            })
        }),
        ..RequestFacts::default()
    }
}

/// How much to think, in the words of whichever model.
fn effort(fields: &Json) -> Option<String> {
    let inner = |object_key, key| object(fields, object_key).and_then(|inner| text(inner, key));
    inner("output_config", "effort")
        .or_else(|| inner("reasoningConfig", "maxReasoningEffort"))
        .or_else(|| text(fields, "reasoning_effort"))
}

/// The first of `keys` that one of `places` has.
fn first<T>(places: &[&Json], keys: &[&str], read: fn(&Json, &str) -> Option<T>) -> Option<T> {
    let mut places = places.iter();
    places.find_map(|place| keys.iter().find_map(|key| read(place, key)))
}
