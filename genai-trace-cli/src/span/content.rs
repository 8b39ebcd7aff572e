//! What was said in a span, whatever the attributes are called that hold it.

use genai_trace::{SpanRecord, Value};
use serde_json::Value as Json;

/// Arguments of a tool, as the conventions and others call them.
const ARGUMENTS: &[&str] = &[
    "gen_ai.tool.call.arguments",
    "tool.arguments",
    "tool.parameters",
    "tool.input",
    "input.value",
    "langfuse.observation.input",
];
/// What a tool returned.
const RESULTS: &[&str] = &[
    "gen_ai.tool.call.result",
    "tool.result",
    "tool.output",
    "output.value",
    "langfuse.observation.output",
];
/// What a model or an agent was told.
const INPUTS: &[&str] = &[
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "messages",
    "input.value",
    "langfuse.observation.input",
];
/// What it answered.
const OUTPUTS: &[&str] = &[
    "gen_ai.output.messages",
    "gen_ai.completion",
    "output.value",
    "langfuse.observation.output",
];
const INSTRUCTIONS: &[&str] = &["gen_ai.system_instructions"];

/// A message, as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) text: String,
}

/// The arguments of a tool's call.
pub(crate) fn arguments(span: &SpanRecord) -> Option<&str> {
    first(span, ARGUMENTS)
}

/// What a tool returned.
pub(crate) fn result(span: &SpanRecord) -> Option<&str> {
    first(span, RESULTS)
}

/// What a model or an agent was told, without instructions that stand apart.
pub(crate) fn input(span: &SpanRecord) -> Vec<Message> {
    first(span, INPUTS).map_or_else(Vec::new, messages)
}

/// What a model or an agent answered.
pub(crate) fn output(span: &SpanRecord) -> Vec<Message> {
    first(span, OUTPUTS).map_or_else(Vec::new, messages)
}

/// All that went into a span, as it was said.
pub(crate) fn whole_input(span: &SpanRecord, is_tool: bool) -> Option<Json> {
    input_text(span, is_tool).map(as_json)
}

/// The same, in the text in which it stands there.
pub(crate) fn input_text(span: &SpanRecord, is_tool: bool) -> Option<&str> {
    first(span, if is_tool { ARGUMENTS } else { INPUTS })
}

/// All that came out of it, as it was said.
pub(crate) fn whole_output(span: &SpanRecord, is_tool: bool) -> Option<Json> {
    first(span, if is_tool { RESULTS } else { OUTPUTS }).map(as_json)
}

fn as_json(said: &str) -> Json {
    serde_json::from_str(said).unwrap_or_else(|_| said.into())
}

/// System instructions that stand apart from the messages.
pub(crate) fn instructions(span: &SpanRecord) -> Option<String> {
    let said = first(span, INSTRUCTIONS)?;
    Some(match serde_json::from_str(said) {
        Ok(parts) => text(&parts),
        Err(_) => said.to_owned(),
    })
}

fn first<'a>(span: &'a SpanRecord, names: &[&str]) -> Option<&'a str> {
    let found = names.iter().find_map(|name| span.attributes.get(name));
    found.and_then(Value::as_str)
}

/// The messages in a JSON text; what is none is one message without a role.
fn messages(said: &str) -> Vec<Message> {
    match serde_json::from_str(said) {
        Ok(Json::Array(all)) => all.iter().map(message).collect(),
        Ok(one @ Json::Object(_)) => vec![message(&one)],
        _ => vec![Message {
            role: String::new(),
            text: said.to_owned(),
        }],
    }
}

fn message(message: &Json) -> Message {
    let role = message.get("role").and_then(Json::as_str);
    let said = message.get("parts").or_else(|| message.get("content"));
    Message {
        role: role.unwrap_or_default().to_owned(),
        text: text(said.unwrap_or(message)),
    }
}

/// What parts say, each on a line of its own.
fn text(parts: &Json) -> String {
    match parts {
        Json::String(text) => text.clone(),
        Json::Array(parts) => {
            let parts: Vec<_> = parts.iter().map(part).collect();
            parts.join("\n")
        }
        one => part(one),
    }
}

fn part(part: &Json) -> String {
    let member = |name| part.get(name);
    let said = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match (part, part.get("type").and_then(Json::as_str)) {
        (Json::String(text), _) => text.clone(),
        (_, Some("tool_call")) => {
            let name = member("name").map(said).unwrap_or_default();
            let arguments = member("arguments").map(said).unwrap_or_default();
            format!("{name}({arguments})")
        }
        (_, Some("tool_call_response")) => {
            let response = member("response").or_else(|| member("result"));
            response.map(said).unwrap_or_default()
        }
        _ => match member("content").or_else(|| member("text")) {
            Some(content) => said(content),
            None => part.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_messages_are_read_as_text() {
        let said = r#"[{"role":"user","parts":[{"type":"text","content":"a"},{"type":"text","content":"b"}]},
            {"role":"assistant","parts":[{"type":"tool_call","id":"1","name":"rm","arguments":{"path":"x"}}]},
            {"role":"tool","parts":[{"type":"tool_call_response","id":"1","response":{"ok":true}}]},
            {"role":"user","content":"in OpenAI's form"}]"#;
        let read: Vec<_> = messages(said)
            .into_iter()
            .map(|message| (message.role, message.text))
            .collect();
        let expected = [
            ("user", "a\nb"),
            ("assistant", "rm({\"path\":\"x\"})"),
            ("tool", "{\"ok\":true}"),
            ("user", "in OpenAI's form"),
        ];
        assert_eq!(
            read,
            expected.map(|(role, text)| (role.to_owned(), text.to_owned()))
        );
    }

    #[test]
    fn what_is_no_json_is_one_message() {
        let read = messages("hello {");
        assert_eq!((read.len(), read[0].text.as_str()), (1, "hello {"));
    }
}
