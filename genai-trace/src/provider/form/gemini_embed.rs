//! Google's embeddings: embedContent and batchEmbedContents of Gemini, predict of Vertex.

use genai_trace_semconv::values::{
    gen_ai_operation_name as operation, gen_ai_provider_name as name,
};
use serde_json::Value as Json;

use super::gemini::{request_model, usage};
use super::{Form, Merge, NoStream, address};
use crate::provider::facts::ChatFacts;
use crate::provider::json::{count, integer, list, object};
use crate::provider::origin::Origin;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::{Usage, total};

/// Google's embeddings.
#[derive(Debug)]
pub(super) struct GeminiEmbed;

impl Form for GeminiEmbed {
    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        let Some((model, method)) = origin.url.and_then(address::google) else {
            let parts = |said: &Json| object(said, "content").is_some_and(is_content);
            return parts(body) || list(body, "requests").first().is_some_and(parts);
        };
        match method {
            "embedContent" | "batchEmbedContents" | "asyncBatchEmbedContent" => body.is_object(),
            "predict" => model.contains("embedding") && body.get("instances").is_some(),
            _ => false,
        }
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        let has_values = |said: &Json| said.get("values").is_some_and(Json::is_array);
        let predicted = |said: &Json| object(said, "embeddings").is_some_and(has_values);
        object(body, "embedding").is_some_and(has_values)
            || list(body, "embeddings").first().is_some_and(has_values)
            || list(body, "predictions").first().is_some_and(predicted)
    }

    fn is_chunk(&self, _: Option<&str>, _: &Json, _: &Origin<'_>) -> bool {
        false
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        match body.get("predictions") {
            Some(_) => Some(name::GCP_VERTEX_AI),
            None => Some(name::GCP_GEN_AI),
        }
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        let path = origin.url.and_then(address::google);
        let requests = list(body, "requests");
        let one = requests.first().unwrap_or(body);
        let parameters = object(body, "parameters");
        let config = object(one, "embedContentConfig");
        let inputs = match (requests, list(body, "instances")) {
            ([], []) => 1,
            (requests, instances) => requests.len() + instances.len(),
        };
        RequestFacts {
            operation: Some(operation::EMBEDDINGS),
            model: path.map(|(model, _)| model).or_else(|| request_model(one)),
            dimension_count: [Some(one), config, parameters]
                .into_iter()
                .flatten()
                .find_map(|said| integer(said, "outputDimensionality")),
            message_count: u64::try_from(inputs).ok(),
            ..RequestFacts::default()
        }
    }

    fn response(&self, body: &Json, _: &Origin<'_>) -> ChatFacts {
        let predicted = list(body, "predictions").iter().map(|said| {
            let statistics = object(said, "embeddings")?.get("statistics")?;
            count(statistics, "token_count")
        });
        let predicted = predicted.fold(None, |sum, tokens| total([sum, tokens]));
        let said = object(body, "usageMetadata").map(usage).unwrap_or_default();
        ChatFacts {
            usage: Usage {
                input: said.input.or(predicted),
                output: None,
                ..said
            },
            ..ChatFacts::default()
        }
    }

    fn merge(&self, _: bool) -> Box<dyn Merge> {
        Box::new(NoStream)
    }
}

fn is_content(said: &Json) -> bool {
    said.get("parts").is_some_and(Json::is_array)
}
