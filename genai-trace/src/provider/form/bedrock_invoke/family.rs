//! The forms of the families of models: where each has its text, its reason and its counts.

use serde_json::Value as Json;

use super::output;
use crate::provider::facts::CalledTool;
use crate::provider::finish_reason::FinishReason;
use crate::provider::form::openai_chat;
use crate::provider::json::{count, list, object, said, text};
use crate::provider::usage::{Usage, total};

/// What a model wrote, once.
pub(super) struct Choice<'a> {
    text: &'a str,
    pub(super) reason: Option<FinishReason>,
    tools: &'a [Json],
}

impl Choice<'_> {
    /// The choice as a message.
    pub(super) fn message(&self) -> Json {
        output(self.text, self.reason.as_ref())
    }

    /// The tools that it asks to be called.
    pub(super) fn tools(&self) -> Vec<CalledTool> {
        let tools = self.tools.iter().map(|tool| {
            let name = object(tool, "function").and_then(|function| text(function, "name"));
            CalledTool::new(text(tool, "id"), name)
        });
        tools.collect()
    }
}

/// Whether `body` has a form that none of the others is, wherever it comes from: Bedrock's alone, or one that
/// a provider had whose models it hosts.
pub(super) fn is_own(body: &Json) -> bool {
    let first = |key| list(body, key).first();
    let jurassic = first("completions").is_some_and(|said| object(said, "data").is_some());
    let claude = said_or_empty(body, "completion")
        && body.get("stop_reason").is_some()
        && (body.get("stop").is_some() || is_anthropics(body));
    is_bedrocks(body) || jurassic || claude
}

/// Whether `body` has a form that is Bedrock's alone.
pub(super) fn is_bedrocks(body: &Json) -> bool {
    let first = |key| list(body, key).first();
    let llama = said_or_empty(body, "generation") && body.get("generation_token_count").is_some();
    let titan = first("results").is_some_and(|result| said_or_empty(result, "outputText"));
    let piece = said_or_empty(body, "outputText") && body.get("inputTextTokenCount").is_some();
    let vector = body.get("embedding").is_some_and(Json::is_array)
        && body.get("inputTextTokenCount").is_some();
    let mistral = first("outputs")
        .is_some_and(|output| said_or_empty(output, "text") && output.get("stop_reason").is_some());
    llama || titan || piece || vector || mistral
}

/// Whether `body`, which comes from Bedrock, has the form of one of the families.
pub(super) fn is_known(body: &Json) -> bool {
    let stopped = |choice: &Json| choice.get("stop_reason").is_some();
    let choices = list(body, "choices");
    is_own(body)
        || said_or_empty(body, "generation")
        || said_or_empty(body, "completion")
        || body.get("generations").is_some_and(Json::is_array)
        || body.get("embeddings").is_some()
        || body.get("embeddingsByType").is_some()
        || body.get("embedding").is_some_and(Json::is_array)
        || list(body, "outputs")
            .first()
            .is_some_and(|output| said_or_empty(output, "text"))
        || (said_or_empty(body, "text") && body.get("finish_reason").is_some())
        || choices.first().is_some_and(stopped)
}

/// What the model wrote, each time.
pub(super) fn choices(body: &Json) -> Vec<Choice<'_>> {
    let one = |text_key, reason_key| {
        let text = body.get(text_key)?.as_str()?;
        Some(Choice {
            text,
            reason: reason(body, reason_key),
            tools: &[],
        })
    };
    let single = one("generation", "stop_reason")
        .or_else(|| one("completion", "stop_reason"))
        .or_else(|| one("outputText", "completionReason"))
        .or_else(|| one("text", "finish_reason"));
    if let Some(single) = single {
        return vec![single];
    }
    let all = |key, text_key, reason_key| {
        let all = list(body, key).iter().map(move |said| Choice {
            text: said
                .get(text_key)
                .and_then(Json::as_str)
                .unwrap_or_default(),
            reason: reason(said, reason_key),
            tools: &[],
        });
        all.collect::<Vec<_>>()
    };
    let results = all("results", "outputText", "completionReason");
    let outputs = all("outputs", "text", "stop_reason");
    let generations = all("generations", "text", "finish_reason");
    let several = [results, outputs, generations];
    if let Some(several) = several.into_iter().find(|several| !several.is_empty()) {
        return several;
    }
    let completions = list(body, "completions").iter().map(|said| Choice {
        text: object(said, "data")
            .and_then(|data| data.get("text"))
            .and_then(Json::as_str)
            .unwrap_or_default(),
        reason: object(said, "finishReason").and_then(|said| reason(said, "reason")),
        tools: &[],
    });
    let choices = list(body, "choices").iter().map(|choice| {
        let message = object(choice, "message").unwrap_or(choice);
        let text = message.get("content").or_else(|| message.get("text"));
        Choice {
            text: text.and_then(Json::as_str).unwrap_or_default(),
            reason: reason(choice, "stop_reason").or_else(|| reason(choice, "finish_reason")),
            tools: list(message, "tool_calls"),
        }
    });
    completions.chain(choices).collect()
}

/// Why a model stopped. Of a text that a stop sequence ended the conventions say nothing; a turn of
/// Claude's ends so where Anthropic gives it.
pub(super) fn reason(body: &Json, key: &str) -> Option<FinishReason> {
    let raw = said(body, key)?;
    Some(match raw {
        "stop_sequence" if !is_anthropics(body) => FinishReason::meaning(raw, None),
        raw => FinishReason::new(raw),
    })
}

/// Whether `body` is what Anthropic itself gave before there were messages.
pub(super) fn is_anthropics(body: &Json) -> bool {
    said(body, "type") == Some("completion")
}

/// What the body itself counts.
pub(super) fn usage(body: &Json) -> Usage {
    let results = list(body, "results").iter();
    let results = results.fold(None, |sum, said| total([sum, count(said, "tokenCount")]));
    let counts = object(body, "usage").unwrap_or(&Json::Null);
    // Several families speak OpenAI's form, and say as it does what was cached and what was thought.
    let spoken = openai_chat::usage(counts);
    let prompt = object(body, "prompt").map(|prompt| list(prompt, "tokens").len());
    Usage {
        input: count(body, "prompt_token_count")
            .or_else(|| count(body, "inputTextTokenCount"))
            .or(spoken.input)
            .or_else(|| count(counts, "input_tokens"))
            .or_else(|| {
                prompt
                    .and_then(|tokens| u64::try_from(tokens).ok())
                    .filter(|all| *all > 0)
            }),
        output: count(body, "generation_token_count")
            .or(results)
            .or(spoken.output)
            .or_else(|| count(counts, "output_tokens")),
        ..spoken
    }
}

fn said_or_empty(body: &Json, key: &str) -> bool {
    body.get(key).is_some_and(Json::is_string)
}
