//! What was said, in the form that the conventions of today have for it.

use genai_trace::{Attributes, SpanRecord};
use genai_trace_semconv::names;
use serde_json::{Map, Value as Json, json};

use super::message::messages;
use super::spelling::{ARGUMENTS, INPUTS, OUTPUTS, RESULTS};
use super::{Message, Part, Said, Type, arguments, result};
use crate::content::MISSING;
use crate::span::{Brief, Kind};

/// All that went into a span: as it was said where one attribute has it, else as messages.
pub(crate) fn whole_input(span: &SpanRecord) -> Option<Json> {
    let keys = if is_tool(span) { ARGUMENTS } else { INPUTS };
    as_said(span, keys).or_else(|| written(&Said::in_span(span).input))
}

/// All that came out of it.
pub(crate) fn whole_output(span: &SpanRecord) -> Option<Json> {
    let keys = if is_tool(span) { RESULTS } else { OUTPUTS };
    as_said(span, keys).or_else(|| written(&Said::in_span(span).output))
}

/// The messages in the attribute `key`, as today's conventions have them; `role` is whose they are where they do not say.
pub(crate) fn messages_in(attributes: &Attributes, key: &str, role: &'static str) -> Option<Json> {
    written(&messages(attributes, &[key], &[], role))
}

/// Puts what was said, wherever it stands, into the attributes that today's conventions have for it.
pub(crate) fn lay_in(span: &mut SpanRecord) {
    let said = match is_tool(span) {
        true => [
            (names::GEN_AI_TOOL_CALL_ARGUMENTS, arguments(span)),
            (names::GEN_AI_TOOL_CALL_RESULT, result(span)),
        ]
        .map(|(key, said)| (key, said.map(std::borrow::Cow::into_owned))),
        false => {
            let said = Said::in_span(span);
            [
                (names::GEN_AI_INPUT_MESSAGES, written(&said.input)),
                (names::GEN_AI_OUTPUT_MESSAGES, written(&said.output)),
            ]
            .map(|(key, said)| (key, said.map(|said| said.to_string())))
        }
    };
    for (key, said) in said {
        if let Some(said) = said.filter(|_| span.attributes.get(key).is_none()) {
            span.attributes.insert(key, said);
        }
    }
}

fn is_tool(span: &SpanRecord) -> bool {
    Brief::of(span).kind() == Kind::Tool
}

fn as_said(span: &SpanRecord, keys: &[&str]) -> Option<Json> {
    let said = keys.iter().find_map(|key| span.attributes.get(key))?;
    let said = said.as_str()?;
    Some(serde_json::from_str(said).unwrap_or_else(|_| said.into()))
}

fn written(messages: &[Message]) -> Option<Json> {
    let all = messages.iter().map(message);
    (!messages.is_empty()).then(|| all.collect())
}

fn message(message: &Message) -> Json {
    let parts: Vec<Json> = message.parts.iter().map(part).collect();
    let mut written = Map::new();
    written.insert("role".to_owned(), message.role.into());
    for (key, said) in [("name", &message.name), ("finish_reason", &message.finish)] {
        if let Some(said) = said {
            written.insert(key.to_owned(), said.as_str().into());
        }
    }
    written.insert("parts".to_owned(), parts.into());
    written.into()
}

fn part(part: &Part) -> Json {
    match part.kind {
        Type::Text => json!({"type": "text", "content": part.text}),
        Type::Reasoning => json!({"type": "reasoning", "content": part.text}),
        Type::ToolCall => {
            json!({"type": "tool_call", "id": part.id, "name": part.name, "arguments": part.arguments})
        }
        Type::ToolCallResponse => {
            json!({"type": "tool_call_response", "id": part.id, "response": part.result})
        }
        Type::Blob => json!({"type": "blob", "mime_type": part.mime, "content": part.text}),
        Type::Uri => json!({"type": "uri", "mime_type": part.mime, "uri": part.text}),
        Type::File => json!({"type": "file", "mime_type": part.mime, "file_id": part.id}),
        Type::Missing => json!({ MISSING: part.text }),
        // It is kept as it was written.
        Type::Other => part
            .text
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or(Json::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(attributes: &Json, events: &Json) -> SpanRecord {
        let record = json!({
            "trace_id": format!("{:032x}", 1), "span_id": format!("{:016x}", 1), "parent_span_id": null,
            "name": "chat m", "kind": "CLIENT", "start_unix_nano": 1, "end_unix_nano": 2, "status": "UNSET",
            "status_message": "", "attributes": attributes, "events": events, "links": [], "resource": {},
        });
        serde_json::from_value(record).unwrap()
    }

    #[test]
    fn messages_of_events_and_of_others_are_put_into_the_attributes_of_today() {
        let event = |name: &str, content: &str| json!({"name": name, "time_unix_nano": 1, "attributes": {"content": content}});
        let mut span = span(
            &json!({"gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "four"}),
            &json!([event("gen_ai.user.message", "2+2?")]),
        );
        lay_in(&mut span);
        assert_eq!(
            span.attributes.str("gen_ai.input.messages"),
            Some(r#"[{"parts":[{"content":"2+2?","type":"text"}],"role":"user"}]"#)
        );
        assert_eq!(
            span.attributes.str("gen_ai.output.messages"),
            Some(r#"[{"parts":[{"content":"four","type":"text"}],"role":"assistant"}]"#)
        );
    }

    #[test]
    fn what_stands_there_already_is_left_as_it_is() {
        let mut span = span(&json!({"gen_ai.input.messages": "[1"}), &json!([]));
        lay_in(&mut span);
        assert_eq!(span.attributes.str("gen_ai.input.messages"), Some("[1"));
        assert_eq!(whole_input(&span), Some("[1".into()));
        assert_eq!(whole_output(&span), None);
    }
}
