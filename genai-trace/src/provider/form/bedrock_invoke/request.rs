//! What a request to InvokeModel asks, in the words of whichever family.

use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use super::is_bedrock;
use crate::provider::facts::Content;
use crate::provider::form::{address, openai_chat};
use crate::provider::json::{integer, list, number, object, said, text, texts, truth};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;

pub(super) fn is_request(body: &Json, origin: &Origin<'_>) -> bool {
    let has = |key| body.get(key).is_some();
    let own = (has("inputText") && (has("textGenerationConfig") || has("embeddingConfig")))
        || (has("prompt") && (has("max_gen_len") || has("max_tokens_to_sample")));
    own || (body.is_object() && is_bedrock(origin))
}

pub(super) fn facts(body: &Json, origin: &Origin<'_>) -> RequestFacts {
    let path = origin.url.and_then(address::bedrock);
    let streamed = path
        .as_ref()
        .and_then(|(_, call)| (*call == "invoke-with-response-stream").then_some(true));
    let model = path.map(|(model, _)| model);
    let config = object(body, "textGenerationConfig").unwrap_or(body);
    let whole = |keys: &[&str]| keys.iter().find_map(|key| integer(config, key));
    let part = |keys: &[&str]| keys.iter().find_map(|key| number(config, key));
    // Jurassic has objects where others have numbers.
    let penalty = |key, other| {
        let scaled = object(body, key).and_then(|penalty| number(penalty, "scale"));
        scaled.or_else(|| number(body, other))
    };
    let embeddings = object(body, "embeddingConfig");
    let nova = object(body, "singleEmbeddingParams");
    RequestFacts {
        operation: Some(operation_of(body, model.as_deref())),
        max_tokens: whole(&[
            "max_tokens",
            "max_gen_len",
            "max_tokens_to_sample",
            "maxTokenCount",
            "maxTokens",
            "max_completion_tokens",
        ]),
        temperature: number(config, "temperature"),
        top_p: part(&["top_p", "topP", "p"]),
        top_k: whole(&["top_k", "topK", "topKReturn", "k"]),
        frequency_penalty: penalty("frequencyPenalty", "frequency_penalty"),
        presence_penalty: penalty("presencePenalty", "presence_penalty"),
        seed: whole(&["seed"]),
        choice_count: whole(&["n", "num_generations", "numResults"]).filter(|choices| *choices > 1),
        stop_sequences: ["stop_sequences", "stopSequences", "stop"]
            .into_iter()
            .find_map(|key| texts(config, key)),
        stream: truth(body, "stream").or(streamed),
        reasoning_level: text(body, "reasoning_effort"),
        dimension_count: integer(body, "dimensions")
            .or_else(|| integer(body, "output_dimension"))
            .or_else(|| embeddings.and_then(|said| integer(said, "outputEmbeddingLength")))
            .or_else(|| nova.and_then(|said| integer(said, "embeddingDimension"))),
        encoding_formats: ["embeddingTypes", "embedding_types"]
            .into_iter()
            .find_map(|key| texts(body, key)),
        message_count: inputs(body),
        output_type: openai_chat::output_type(body),
        content: origin.content.then(|| Box::new(asked(body))),
        // Anthropic itself takes a prompt too, and has its model beside it.
        model: model
            .or_else(|| text(body, "modelId"))
            .or_else(|| text(body, "model")),
        ..RequestFacts::default()
    }
}

fn operation_of(body: &Json, model: Option<&str>) -> &'static str {
    let has = |key| body.get(key).is_some();
    let embeds = has("texts")
        || has("inputImage")
        || (has("inputText") && !has("textGenerationConfig"))
        || model.is_some_and(|model| model.contains("embed"));
    match () {
        () if model.is_some_and(|model| model.contains("titan-text")) => operation::TEXT_COMPLETION,
        () if embeds => operation::EMBEDDINGS,
        () if has("messages") || has("message") => operation::CHAT,
        () => operation::TEXT_COMPLETION,
    }
}

fn inputs(body: &Json) -> Option<u64> {
    let listed = ["messages", "texts"];
    let listed = listed.iter().find_map(|key| body.get(key)?.as_array());
    if let Some(listed) = listed {
        return u64::try_from(listed.len()).ok();
    }
    let history = list(body, "chat_history").len();
    let one = ["prompt", "message", "inputText"];
    let one = one.iter().any(|key| body.get(key).is_some());
    one.then_some(history + 1)
        .and_then(|all| u64::try_from(all).ok())
}

/// What is said to the model. Families that have messages write them as OpenAI does.
fn asked(body: &Json) -> Content {
    let prompt = ["prompt", "inputText", "message"];
    let prompt = prompt.into_iter().find_map(|key| said(body, key));
    let spoken = || openai_chat::asked(body).unwrap_or_default();
    prompt.map_or_else(spoken, |prompt| {
        let history = list(body, "chat_history").iter().map(|turn| {
            let role = match said(turn, "role") {
                Some("CHATBOT") => "assistant",
                Some("SYSTEM") => "system",
                _ => "user",
            };
            parts::message(
                role,
                vec![parts::text(said(turn, "message").unwrap_or_default())],
            )
        });
        let last = parts::message("user", vec![parts::text(prompt)]);
        let system = text(body, "preamble").map(|said| Json::Array(vec![parts::text(&said)]));
        Content {
            input: Some(Json::Array(history.chain([last]).collect())),
            system,
            ..Content::default()
        }
    })
}
