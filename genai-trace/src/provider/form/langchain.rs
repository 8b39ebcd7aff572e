//! LangChain's results: of a run of a model, and of a message.

use serde_json::Value as Json;

use super::openai_chat::{parts_of, usage as counts};
use super::{Form, Merge, NoStream, anthropic};
use crate::provider::facts::{CalledTool, ChatFacts, Content};
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{count, list, object, said};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;
use crate::provider::usage::{ByModality, Usage};

/// LangChain's results.
#[derive(Debug)]
pub(super) struct LangChain;

impl Form for LangChain {
    fn is_request(&self, _: &Json, _: &Origin<'_>) -> bool {
        false
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        let body = inner(body);
        is_run(body) || is_message(body)
    }

    fn is_chunk(&self, _: Option<&str>, _: &Json, _: &Origin<'_>) -> bool {
        false
    }

    fn request(&self, _: &Json, _: &Origin<'_>) -> RequestFacts {
        RequestFacts::default()
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let body = inner(body);
        match is_run(body) {
            true => run(body, origin.content),
            false => {
                let mut facts = message(body);
                if origin.content {
                    facts.content = Some(output(vec![given(body, &facts)]));
                }
                facts
            }
        }
    }

    fn merge(&self, _: bool) -> Box<dyn Merge> {
        Box::new(NoStream)
    }
}

/// What LangChain's own serialisation wraps into the call of a constructor.
fn inner(body: &Json) -> &Json {
    match said(body, "type") {
        Some("constructor") => object(body, "kwargs").unwrap_or(body),
        _ => body,
    }
}

/// The result of a run, with a list of generations for each prompt.
fn is_run(body: &Json) -> bool {
    let prompts = list(body, "generations");
    let is_generation = |one: &Json| one.get("text").is_some() || object(one, "message").is_some();
    !prompts.is_empty()
        && prompts.iter().all(|all| {
            all.as_array()
                .is_some_and(|all| all.iter().all(is_generation))
        })
}

/// A message, which says what it used or what the provider said.
fn is_message(body: &Json) -> bool {
    let metadata = object(body, "response_metadata");
    let has_usage = object(body, "usage_metadata").is_some_and(|usage| {
        count(usage, "input_tokens").is_some() || count(usage, "output_tokens").is_some()
    });
    body.get("content").is_some() && (has_usage || metadata.is_some_and(is_said))
}

fn is_said(metadata: &Json) -> bool {
    [
        "model_name",
        "model",
        "finish_reason",
        "stop_reason",
        "token_usage",
    ]
    .into_iter()
    .any(|key| metadata.get(key).is_some())
}

fn run(body: &Json, content: bool) -> ChatFacts {
    let generations = list(body, "generations")
        .iter()
        .filter_map(Json::as_array)
        .flatten();
    let mut facts = ChatFacts::default();
    let mut messages = Vec::new();
    for generation in generations {
        let mut one = match object(generation, "message") {
            Some(said) => message(inner(said)),
            None => ChatFacts::default(),
        };
        let info = object(generation, "generation_info");
        if one.finish_reasons.is_empty() {
            let reason = info.and_then(reason);
            one.finish_reasons.extend(reason);
        }
        if content {
            let said = object(generation, "message").map_or(generation, inner);
            messages.push(given(said, &one));
        }
        facts.id = facts.id.or(one.id);
        facts.model = facts.model.or(one.model);
        facts.finish_reasons.extend(one.finish_reasons);
        facts.tool_calls.extend(one.tool_calls);
        if facts.usage.is_empty() {
            facts.usage = one.usage;
        }
    }
    if let Some(said_of_run) = object(body, "llm_output") {
        let usage = object(said_of_run, "token_usage").or_else(|| object(said_of_run, "usage"));
        // Of several prompts only this has the sum.
        if let Some(usage) = usage.map(of_provider).filter(|usage| !usage.is_empty()) {
            facts.usage = usage;
        }
        let model = model(said_of_run);
        facts.model = model.map(str::to_owned).or(facts.model);
        let fingerprint = said(said_of_run, "system_fingerprint");
        facts.system_fingerprint = fingerprint.map(str::to_owned);
    }
    if content {
        facts.content = Some(output(messages));
    }
    facts
}

fn message(body: &Json) -> ChatFacts {
    let empty = Json::Null;
    let metadata = object(body, "response_metadata").unwrap_or(&empty);
    let usage = match object(body, "usage_metadata") {
        Some(usage) => own(usage),
        None => ["token_usage", "usage"]
            .into_iter()
            .find_map(|key| object(metadata, key))
            .map(of_provider)
            .unwrap_or_default(),
    };
    let calls = list(body, "tool_calls").iter();
    ChatFacts {
        id: said(body, "id").map(str::to_owned),
        model: model(metadata).map(str::to_owned),
        finish_reasons: reason(metadata).into_iter().collect(),
        usage,
        service_tier: said(metadata, "service_tier").map(str::to_owned),
        system_fingerprint: said(metadata, "system_fingerprint").map(str::to_owned),
        tool_calls: calls
            .map(|call| CalledTool {
                id: said(call, "id").map(str::to_owned),
                name: said(call, "name").map(str::to_owned),
            })
            .collect(),
        ..ChatFacts::default()
    }
}

fn model(said_of_it: &Json) -> Option<&str> {
    ["model_name", "model", "model_id"]
        .into_iter()
        .find_map(|key| said(said_of_it, key))
}

fn reason(said_of_it: &Json) -> Option<FinishReason> {
    ["finish_reason", "stop_reason", "done_reason", "stopReason"]
        .into_iter()
        .find_map(|key| said(said_of_it, key))
        .map(FinishReason::new)
}

/// A count in OpenAI's words, in Anthropic's, who counts cached tokens apart, or in LangChain's.
fn of_provider(said: &Json) -> Usage {
    let says = |key| count(said, key).is_some();
    if says("prompt_tokens") || says("completion_tokens") {
        return counts(said);
    }
    match says("cache_read_input_tokens") || says("cache_creation_input_tokens") {
        true => anthropic::usage(said),
        false => own(said),
    }
}

/// A count in LangChain's words, whose input holds cached tokens too.
fn own(said: &Json) -> Usage {
    let input = object(said, "input_token_details");
    let output = object(said, "output_token_details");
    let of = |details: Option<&Json>, key| details.and_then(|details| count(details, key));
    let audio = |details| ByModality {
        audio: of(details, "audio"),
        ..ByModality::default()
    };
    Usage {
        input: count(said, "input_tokens"),
        output: count(said, "output_tokens"),
        cache_read: of(input, "cache_read"),
        cache_write: of(input, "cache_creation"),
        cache_write_1h: of(input, "ephemeral_1h_input_tokens"),
        reasoning: of(output, "reasoning"),
        input_by: audio(input),
        output_by: audio(output),
        ..Usage::default()
    }
}

/// The message that the model gave.
fn given(said_by: &Json, facts: &ChatFacts) -> Json {
    let mut all: Vec<Json> = match said_by.get("content") {
        Some(_) => {
            // Its calls are in LangChain's words.
            let mut content = serde_json::Map::new();
            content.extend(
                said_by
                    .get("content")
                    .map(|text| ("content".to_owned(), text.clone())),
            );
            parts_of(&content.into())
        }
        None => said(said_by, "text").map(parts::text).into_iter().collect(),
    };
    all.extend(list(said_by, "tool_calls").iter().filter_map(|call| {
        let arguments = call.get("args").cloned().unwrap_or_default();
        let name = said(call, "name")?;
        Some(parts::tool_call(said(call, "id"), name, arguments))
    }));
    let reason = facts.finish_reasons.first();
    parts::output("assistant", all, reason.and_then(FinishReason::normalized))
}

fn output(messages: Vec<Json>) -> Box<Content> {
    Box::new(Content {
        output: Some(messages.into()),
        ..Content::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::provider::{ChatFacts, Origin, response};

    fn facts(body: &Value) -> ChatFacts {
        response(body, &Origin::default().content(true)).unwrap()
    }

    fn message() -> Value {
        json!({
            "type": "ai", "id": "run-1", "content": "Hi",
            "tool_calls": [{"name": "look", "args": {"a": 1}, "id": "t-1", "type": "tool_call"}],
            "response_metadata": {"model_name": "m", "finish_reason": "tool_calls"},
            "usage_metadata": {
                "input_tokens": 20, "output_tokens": 9, "total_tokens": 29,
                "input_token_details": {"cache_read": 5, "cache_creation": 3, "audio": 1},
                "output_token_details": {"reasoning": 4, "audio": 0},
            },
        })
    }

    fn is_said(facts: &ChatFacts) {
        assert_eq!(facts.id.as_deref(), Some("run-1"));
        assert_eq!(facts.model.as_deref(), Some("m"));
        assert_eq!(facts.finish_reasons[0].raw, "tool_calls");
        let usage = &facts.usage;
        assert_eq!(
            (usage.input, usage.output, usage.reasoning),
            (Some(20), Some(9), Some(4))
        );
        assert_eq!((usage.cache_read, usage.cache_write), (Some(5), Some(3)));
        assert_eq!(
            (usage.input_by.audio, usage.output_by.audio),
            (Some(1), Some(0))
        );
        assert_eq!(
            facts.content.as_ref().unwrap().output.as_ref().unwrap(),
            &json!([{"role": "assistant", "finish_reason": "tool_call", "parts": [
                {"type": "text", "content": "Hi"},
                {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"a": 1}},
            ]}])
        );
    }

    #[test]
    fn a_message_says_what_it_used() {
        is_said(&facts(&message()));
    }

    #[test]
    fn a_message_may_be_wrapped_into_its_constructor() {
        is_said(&facts(
            &json!({"lc": 1, "type": "constructor", "id": ["a", "AIMessage"], "kwargs": message()}),
        ));
    }

    #[test]
    fn a_run_has_the_sum_of_its_prompts() {
        let facts = facts(&json!({
            "generations": [[{"text": "a", "generation_info": {"finish_reason": "stop"}}], [{"text": "b", "generation_info": {"finish_reason": "length"}}]],
            "llm_output": {"model_name": "m", "token_usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}},
        }));
        assert_eq!(facts.model.as_deref(), Some("m"));
        assert_eq!((facts.usage.input, facts.usage.output), (Some(3), Some(4)));
        let reasons: Vec<_> = facts
            .finish_reasons
            .iter()
            .map(|reason| reason.raw.as_str())
            .collect();
        assert_eq!(reasons, ["stop", "length"]);
    }

    #[test]
    fn a_run_without_a_count_of_its_own_has_that_of_its_message() {
        is_said(&facts(
            &json!({"generations": [[{"text": "Hi", "message": message()}]], "llm_output": null}),
        ));
    }

    #[test]
    fn what_anthropic_cached_is_part_of_the_input_of_a_run() {
        let facts = facts(&json!({
            "generations": [[{"text": "Hi"}]],
            "llm_output": {"model": "claude-opus-5", "usage": {
                "input_tokens": 3, "output_tokens": 5, "cache_creation_input_tokens": 2, "cache_read_input_tokens": 1,
            }},
        }));
        assert_eq!((facts.usage.input, facts.usage.output), (Some(6), Some(5)));
        assert_eq!(
            (facts.usage.cache_read, facts.usage.cache_write),
            (Some(1), Some(2))
        );
    }

    #[test]
    fn foreign_generations_are_nobodys() {
        for body in [
            json!({"generations": []}),
            json!({"generations": [1, 2]}),
            json!({"content": "x", "response_metadata": {}}),
            json!({"content": "x", "usage_metadata": {"input_tokens": "1"}}),
        ] {
            assert_eq!(response(&body, &Origin::default()), None, "{body}");
        }
    }
}
