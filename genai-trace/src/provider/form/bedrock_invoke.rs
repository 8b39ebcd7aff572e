//! Bedrock's InvokeModel, where each family of models has a form of its own. Anthropic's and Nova's are
//! those of Messages and of Converse.

mod family;
mod request;
mod stream;

use genai_trace_semconv::values::gen_ai_provider_name as name;
use serde_json::Value as Json;

use self::family::Choice;
use self::stream::InvokeStream;
use super::{Form, Merge, address, aws_error};
use crate::provider::facts::{ChatFacts, Content};
use crate::provider::fault::fault;
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{count, list, object, text};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::Usage;

/// Bedrock's InvokeModel.
#[derive(Debug)]
pub(super) struct BedrockInvoke;

impl Form for BedrockInvoke {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        let path = origin.url.and_then(address::bedrock);
        path.is_some_and(|(_, call)| call.starts_with("invoke"))
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        request::is_request(body, origin)
    }

    fn is_response(&self, body: &Json, origin: &Origin<'_>) -> bool {
        body.is_object()
            && (family::is_own(body)
                || (family::is_known(body) && is_bedrock(origin))
                || aws_error::has_type(body)
                || object(body, "Output").is_some_and(aws_error::has_type))
    }

    fn is_chunk(&self, event: Option<&str>, body: &Json, origin: &Origin<'_>) -> bool {
        let framed = || event == Some("chunk") || is_bedrock(origin);
        let known = || family::is_known(body) || stream::is_delta(body);
        let is_one = family::is_own(body) || metrics(body).is_some() || (known() && framed());
        is_one && !(event.is_none() && is_whole(body))
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        (family::is_bedrocks(body) || metrics(body).is_some()).then_some(name::AWS_BEDROCK)
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        request::facts(body, origin)
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let choices = family::choices(body);
        let content = (origin.content && !choices.is_empty()).then(|| {
            let output = choices.iter().map(Choice::message);
            Box::new(Content {
                output: Some(Json::Array(output.collect())),
                ..Content::default()
            })
        });
        let outer = object(body, "Output").unwrap_or(body);
        let error = aws_error::has_type(outer).then(|| fault(outer, origin));
        ChatFacts {
            // Cohere's chat has the one that Cohere itself would give.
            id: text(body, "id").or_else(|| text(body, "generation_id")),
            model: text(body, "model"),
            tool_calls: choices.iter().flat_map(Choice::tools).collect(),
            finish_reasons: choices
                .into_iter()
                .filter_map(|choice| choice.reason)
                .collect(),
            usage: or_headers(family::usage(body), origin),
            error,
            content,
            ..ChatFacts::default()
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(InvokeStream::new(content))
    }
}

/// Whether `body` has a form in which families answer as a whole. What looks so in a stream has the name of its
/// frame or the counts that Bedrock adds.
fn is_whole(body: &Json) -> bool {
    let forms = ["results", "generations", "completions"];
    forms.into_iter().any(|key| !list(body, key).is_empty()) && metrics(body).is_none()
}

/// Whether the request went to Bedrock.
fn is_bedrock(origin: &Origin<'_>) -> bool {
    origin.is_provider(name::AWS_BEDROCK) || origin.url.and_then(address::bedrock).is_some()
}

/// The counts of the last part of a stream, which Bedrock adds to it.
pub(super) fn metrics(body: &Json) -> Option<Usage> {
    let said = object(body, "amazon-bedrock-invocationMetrics")?;
    Some(Usage {
        input: count(said, "inputTokenCount"),
        output: count(said, "outputTokenCount"),
        ..Usage::default()
    })
}

/// What the body says was used, else what the headers say.
pub(super) fn or_headers(said: Usage, origin: &Origin<'_>) -> Usage {
    let count = |header| {
        let count = origin.header(header)?.trim().parse::<u64>().ok();
        count.filter(|count| i64::try_from(*count).is_ok())
    };
    Usage {
        input: said
            .input
            .or_else(|| count("x-amzn-bedrock-input-token-count")),
        output: said
            .output
            .or_else(|| count("x-amzn-bedrock-output-token-count")),
        ..said
    }
}

/// A text as a message of the model's.
fn output(text: &str, reason: Option<&FinishReason>) -> Json {
    let parts = match text {
        "" => Vec::new(),
        text => vec![parts::text(text)],
    };
    parts::output(
        "assistant",
        parts,
        reason.and_then(FinishReason::normalized),
    )
}

#[cfg(test)]
mod tests;
