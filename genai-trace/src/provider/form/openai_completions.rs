//! OpenAI's text completions, the form before chat.

use std::collections::BTreeMap;

use genai_trace_semconv::values::gen_ai_operation_name as operation;
use serde_json::Value as Json;

use super::openai_chat::{envelope, in_order, sampling, stream_fault};
use super::speaker::speaker;
use super::{Form, Merge};
use crate::provider::facts::{ChatFacts, Content};
use crate::provider::fault::fault_within;
use crate::provider::finish_reason::FinishReason;
use crate::provider::gathered::{Gathered, Room};
use crate::provider::json::{count, list, object, said};
use crate::provider::origin::Origin;
use crate::provider::parts;
use crate::provider::request_facts::RequestFacts;

/// OpenAI's text completions.
#[derive(Debug)]
pub(super) struct OpenAiCompletions;

impl Form for OpenAiCompletions {
    fn is_named(&self, origin: &Origin<'_>) -> bool {
        origin.path_ends("/completions") && !origin.path_ends("/chat/completions")
    }

    fn is_request(&self, body: &Json, origin: &Origin<'_>) -> bool {
        let has_prompt = matches!(body.get("prompt"), Some(Json::String(_) | Json::Array(_)));
        has_prompt && (said(body, "model").is_some() || self.is_named(origin))
    }

    fn is_response(&self, body: &Json, _: &Origin<'_>) -> bool {
        is_completion(body)
    }

    fn is_chunk(&self, _: Option<&str>, body: &Json, _: &Origin<'_>) -> bool {
        is_completion(body)
    }

    fn answers(&self, body: &Json) -> Option<&'static str> {
        speaker(body, "cmpl-")
    }

    fn request(&self, body: &Json, origin: &Origin<'_>) -> RequestFacts {
        let prompts = match body.get("prompt") {
            Some(Json::String(prompt)) => vec![prompt.as_str()],
            prompt => {
                let all = prompt.and_then(Json::as_array).into_iter().flatten();
                all.filter_map(Json::as_str).collect()
            }
        };
        let content = origin.content.then(|| {
            let messages = prompts
                .iter()
                .map(|prompt| parts::message("user", vec![parts::text(prompt)]));
            Box::new(Content {
                input: Some(messages.collect()),
                ..Content::default()
            })
        });
        RequestFacts {
            operation: Some(operation::TEXT_COMPLETION),
            // Of tokens in place of text there is one prompt.
            message_count: Some(prompts.len().max(1).try_into().unwrap_or(u64::MAX)),
            content,
            ..sampling(body)
        }
    }

    fn response(&self, body: &Json, origin: &Origin<'_>) -> ChatFacts {
        let choices = in_order(list(body, "choices"));
        let reasons = choices
            .iter()
            .filter_map(|choice| said(choice, "finish_reason"));
        let content = origin.content.then(|| {
            let messages = choices.iter().map(|choice| {
                let reason = said(choice, "finish_reason").map(FinishReason::new);
                message(said(choice, "text"), reason.as_ref())
            });
            Box::new(Content {
                output: Some(messages.collect()),
                ..Content::default()
            })
        });
        ChatFacts {
            finish_reasons: reasons.map(FinishReason::new).collect(),
            error: fault_within(body, origin),
            content,
            ..envelope(body)
        }
    }

    fn merge(&self, content: bool) -> Box<dyn Merge> {
        Box::new(Pieces {
            content,
            ..Pieces::default()
        })
    }
}

fn is_completion(body: &Json) -> bool {
    let choices = list(body, "choices");
    let is_choice = |choice: &Json| {
        choice.get("text").is_some_and(Json::is_string)
            && ["finish_reason", "index", "logprobs"]
                .into_iter()
                .any(|key| choice.get(key).is_some())
    };
    match choices {
        [] => said(body, "object") == Some("text_completion"),
        choices => choices.iter().all(is_choice),
    }
}

fn message(text: Option<&str>, reason: Option<&FinishReason>) -> Json {
    let said = text.map(parts::text).into_iter().collect();
    parts::output("assistant", said, reason.and_then(FinishReason::normalized))
}

/// What the pieces of a stream have said.
#[derive(Debug, Default)]
struct Pieces {
    facts: ChatFacts,
    /// By their indexes.
    choices: BTreeMap<u64, Choice>,
    content: bool,
    room: Room,
}

#[derive(Debug, Default)]
struct Choice {
    reason: Option<FinishReason>,
    text: Gathered,
}

impl Merge for Pieces {
    fn take(&mut self, event: Option<&str>, body: &Json) {
        let now = envelope(body);
        let facts = &mut self.facts;
        self.room.keep(&mut facts.id, now.id.as_deref());
        self.room.keep(&mut facts.model, now.model.as_deref());
        let fingerprint = now.system_fingerprint.as_deref();
        self.room.keep(&mut facts.system_fingerprint, fingerprint);
        if object(body, "usage").is_some() {
            facts.usage = now.usage;
        }
        if facts.error.is_none() {
            facts.error = stream_fault(event, body);
        }
        for (place, choice) in list(body, "choices").iter().enumerate() {
            let index = count(choice, "index").or_else(|| place.try_into().ok());
            let Some(index) = index else { continue };
            if !self.choices.contains_key(&index) && !self.room.one::<Choice>() {
                continue;
            }
            let kept = self.choices.entry(index).or_default();
            if let Some(reason) = said(choice, "finish_reason") {
                kept.reason = Some(FinishReason::new(reason));
            }
            if self.content {
                kept.text.extend(said(choice, "text"), &mut self.room);
            }
        }
    }

    fn facts(&self) -> ChatFacts {
        let mut facts = self.facts.clone();
        let mut messages = Vec::new();
        for choice in self.choices.values() {
            let reason = choice.reason.clone();
            let reason = reason.unwrap_or_else(FinishReason::missing);
            if self.content {
                messages.push(message(choice.text.get(), Some(&reason)));
            }
            facts.finish_reasons.push(reason);
        }
        if self.content {
            facts.content = Some(Box::new(Content {
                output: Some(messages.into()),
                ..Content::default()
            }));
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::provider::{Origin, StreamReader, request, response};

    #[test]
    fn a_completion_says_its_reasons_and_its_text() {
        let body = json!({
            "id": "cmpl-1", "object": "text_completion", "model": "m",
            "choices": [
                {"text": "b", "index": 1, "logprobs": null, "finish_reason": "stop"},
                {"text": "a", "index": 0, "logprobs": null, "finish_reason": "length"},
            ],
            "usage": {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
        });
        let facts = response(&body, &Origin::default().content(true)).unwrap();
        assert_eq!(facts.finish_reasons[0].raw, "length");
        assert_eq!((facts.usage.input, facts.usage.output), (Some(2), Some(3)));
        assert_eq!(
            facts.content.unwrap().output.unwrap(),
            json!([
                {"role": "assistant", "finish_reason": "length", "parts": [{"type": "text", "content": "a"}]},
                {"role": "assistant", "finish_reason": "stop", "parts": [{"type": "text", "content": "b"}]},
            ])
        );
    }

    #[test]
    fn a_stream_of_pieces_is_one_text_a_choice() {
        let mut stream = StreamReader::new(&Origin::default().content(true));
        for (text, reason) in [("a", json!(null)), ("b", json!("stop"))] {
            stream.part(
                None,
                &json!({"id": "cmpl-1", "choices": [{"text": text, "index": 0, "finish_reason": reason}]}),
            );
        }
        let facts = stream.facts().unwrap();
        assert_eq!(facts.finish_reasons[0].raw, "stop");
        let output = facts.content.unwrap().output.unwrap();
        assert_eq!(output[0]["parts"][0]["content"], "ab");
    }

    #[test]
    fn a_request_has_a_prompt() {
        let body = json!({"model": "m", "prompt": ["a", "b"], "max_tokens": 5, "stop": "x"});
        let facts = request(&body, &Origin::default()).unwrap();
        assert_eq!(facts.operation, Some("text_completion"));
        assert_eq!((facts.max_tokens, facts.message_count), (Some(5), Some(2)));
        assert_eq!(facts.stop_sequences, Some(vec!["x".to_owned()]));
        assert_eq!(facts.content, None);
    }
}
