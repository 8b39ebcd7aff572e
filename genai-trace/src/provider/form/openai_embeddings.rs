//! OpenAI's embeddings, which many other providers speak too.

use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use super::speaker::speaker;
use super::{Form, Merge};
use crate::provider::facts::ChatFacts;
use crate::provider::json::{count, integer, list, object, said, texts};
use crate::provider::origin::Origin;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::Usage;

/// OpenAI's embeddings.
#[derive(Debug)]
pub(super) struct OpenAiEmbeddings;

impl Form for OpenAiEmbeddings {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        origin.path_ends("/embeddings") && !origin.path_ends("/api/embeddings")
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        let has_input = match body.get("input") {
            Some(Json::String(_)) => true,
            Some(Json::Array(all)) => !all.is_empty(),
            _ => false,
        };
        let model = said(body, "model");
        has_input
            && model.is_some()
            && (self.is_named(origin)
                || [
                    "encoding_format",
                    "dimensions",
                    "output_dimension",
                    "output_dtype",
                ]
                .into_iter()
                .any(|key| body.get(key).is_some())
                || model.is_some_and(|model| model.contains("embed"))
                || list(body, "input").first().is_some_and(Json::is_string))
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        let is_embedding = |one: &Json| match one.get("embedding") {
            Some(Json::Array(numbers)) => numbers.iter().all(Json::is_number),
            Some(Json::String(_)) => true,
            _ => false,
        };
        match list(body, "data") {
            // Nothing was embedded, and yet counted.
            [] => {
                let tokens = body
                    .get("usage")
                    .and_then(|usage| count(usage, "prompt_tokens"));
                said(body, "object") == Some("list") && tokens.is_some()
            }
            all => all.iter().all(is_embedding),
        }
    }

    fn is_chunk(&self, _: Option<&str>, _: &Json, _: &Origin<'_>) -> bool {
        false
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        // Only others give an identifier to them.
        speaker(body, "").filter(|_| body.get("id").is_none())
    }

    fn request(&self, body: &Json, _: &Origin<'_>) -> RequestFacts {
        RequestFacts {
            operation: Some(operation::EMBEDDINGS),
            model: said(body, "model").map(str::to_owned),
            dimension_count: integer(body, "dimensions")
                .or_else(|| integer(body, "output_dimension")),
            encoding_formats: texts(body, "encoding_format"),
            message_count: match body.get("input") {
                // Numbers are the tokens of one text.
                Some(Json::Array(all)) if all.iter().all(Json::is_number) => Some(1),
                Some(Json::Array(all)) => all.len().try_into().ok(),
                _ => Some(1),
            },
            ..RequestFacts::default()
        }
    }

    fn response(&self, body: &Json, _: &Origin<'_>) -> ChatFacts {
        let usage = object(body, "usage");
        ChatFacts {
            model: said(body, "model").map(str::to_owned),
            usage: Usage {
                input: usage.and_then(|usage| {
                    // Voyage says only how many there were in all.
                    count(usage, "prompt_tokens").or_else(|| count(usage, "total_tokens"))
                }),
                ..Usage::default()
            },
            ..ChatFacts::default()
        }
    }

    fn merge(&self, _: bool) -> Box<dyn Merge> {
        Box::new(super::NoStream)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::provider::{Origin, request, response};

    #[test]
    fn embeddings_cost_input_and_nothing_else() {
        let body = json!({
            "object": "list", "model": "e-1", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 1]}],
            "usage": {"prompt_tokens": 8, "completion_tokens": 0, "total_tokens": 8},
        });
        let facts = response(&body, &Origin::default()).unwrap();
        assert_eq!(facts.model.as_deref(), Some("e-1"));
        assert_eq!((facts.usage.input, facts.usage.output), (Some(8), None));
        assert!(facts.finish_reasons.is_empty());
    }

    #[test]
    fn a_request_says_how_embeddings_are_to_be() {
        let body = json!({"model": "e-1", "input": ["a", "b"], "dimensions": 256, "encoding_format": "base64"});
        let facts = request(&body, &Origin::default()).unwrap();
        assert_eq!(facts.operation, Some("embeddings"));
        assert_eq!(
            (facts.dimension_count, facts.message_count),
            (Some(256), Some(2))
        );
        assert_eq!(facts.encoding_formats, Some(vec!["base64".to_owned()]));
    }

    #[test]
    fn the_path_tells_a_text_to_embed_from_one_to_answer() {
        let body = json!({"model": "m", "input": "Hi"});
        let of = |url| {
            request(&body, &Origin::default().url(url))
                .unwrap()
                .operation
        };
        assert_eq!(
            of("https://api.openai.com/v1/embeddings"),
            Some("embeddings")
        );
        assert_eq!(of("https://api.openai.com/v1/responses?x=1"), Some("chat"));
    }

    #[test]
    fn other_lists_of_data_are_nobodys() {
        for body in [
            json!({"data": []}),
            json!({"data": [{"id": 1}]}),
            json!({"object": "list", "data": [{"embedding": ["a"]}]}),
        ] {
            assert_eq!(response(&body, &Origin::default()), None, "{body}");
        }
    }
}
