//! Messages as attributes have them: JSON in a text, read leniently.

use serde_json::{Map, Value as Json, json};

use crate::record::Value;

/// The elements of a list in a text; none where only its hash was kept, say.
pub(super) fn list(value: &Value) -> Option<Vec<Json>> {
    match serde_json::from_str(value.as_str()?).ok()? {
        Json::Array(all) => Some(all),
        _ => None,
    }
}

/// The messages in a text, where all that they say is what [`spoken`] and [`answer`] have, or stands under `beside`.
pub(super) fn known(value: &Value, beside: &str) -> Option<Vec<Json>> {
    let messages = list(value)?;
    let are_known = messages.iter().all(|message| is_known(message, beside));
    are_known.then_some(messages)
}

/// The parts in a text, where all that they say is what [`content`] has.
pub(super) fn known_parts(value: &Value) -> Option<Vec<Json>> {
    let parts = list(value)?;
    let is_said = |part: &Json| is_known_part(part) && !is(part, "tool_call");
    parts.iter().all(is_said).then_some(parts)
}

fn is_known(message: &Json, beside: &str) -> bool {
    let is_tool = message.get("role").and_then(Json::as_str) == Some("tool");
    let of_tool = |part: &Json| {
        is(part, "tool_call_response") && has_only(part, &["type", "id", "response", "result"])
    };
    has_only(message, &["role", "name", "parts", beside])
        && message.get("parts").is_some_and(Json::is_array)
        && match is_tool {
            true => parts(message).iter().all(of_tool),
            false => parts(message).iter().all(is_known_part),
        }
}

/// Whether nothing else is in a part: content keeps as it is what is neither a text nor a call.
fn is_known_part(part: &Json) -> bool {
    match part.get("type").and_then(Json::as_str) {
        Some("text") => has_only(part, &["type", "content"]),
        Some("tool_call") => has_only(part, &["type", "id", "name", "arguments"]),
        _ => part.is_object(),
    }
}

fn has_only(object: &Json, keys: &[&str]) -> bool {
    let object = object.as_object();
    object.is_some_and(|object| object.keys().all(|key| keys.contains(&key.as_str())))
}

/// What a message says: its role, its content, the tools that it calls.
pub(super) fn spoken(message: &Json) -> Map<String, Json> {
    let all = parts(message);
    let calls: Vec<Json> = all.iter().filter_map(call).collect();
    facts([
        ("role", message.get("role").cloned()),
        ("name", message.get("name").cloned()),
        ("content", content(all)),
        (
            "tool_calls",
            (!calls.is_empty()).then_some(Json::Array(calls)),
        ),
    ])
}

pub(super) fn parts(message: &Json) -> &[Json] {
    let parts = message.get("parts").and_then(Json::as_array);
    parts.map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn is(part: &Json, kind: &str) -> bool {
    part.get("type").and_then(Json::as_str) == Some(kind)
}

/// The text of the parts, or the parts themselves where they are more than text; nothing of calls of tools.
pub(super) fn content(parts: &[Json]) -> Option<Json> {
    let said: Vec<&Json> = parts.iter().filter(|part| !is(part, "tool_call")).collect();
    let texts: Option<Vec<&str>> = said
        .iter()
        .map(|part| {
            part.get("content")
                .and_then(Json::as_str)
                .filter(|_| is(part, "text"))
        })
        .collect();
    match texts {
        Some(texts) if texts.is_empty() => None,
        Some(texts) => Some(Json::from(texts.join("\n"))),
        None => Some(json!(said)),
    }
}

/// A part that calls a tool, as OpenAI spells it.
pub(super) fn call(part: &Json) -> Option<Json> {
    is(part, "tool_call").then(|| {
        let function = facts([
            ("name", part.get("name").cloned()),
            ("arguments", part.get("arguments").map(text)),
        ]);
        Json::Object(facts([
            ("id", part.get("id").cloned()),
            ("type", Some(Json::from("function"))),
            ("function", Some(Json::Object(function))),
        ]))
    })
}

/// A text as it is, anything else as JSON in a text.
pub(super) fn text(said: &Json) -> Json {
    match said {
        Json::String(_) => said.clone(),
        other => Json::from(other.to_string()),
    }
}

/// What a part says that is a tool's answer.
pub(super) fn answer(part: &Json) -> Option<Map<String, Json>> {
    is(part, "tool_call_response").then(|| {
        let said = part.get("response").or(part.get("result"));
        facts([("id", part.get("id").cloned()), ("content", said.cloned())])
    })
}

pub(super) fn facts<const N: usize>(said: [(&str, Option<Json>); N]) -> Map<String, Json> {
    let said = said.into_iter();
    said.filter_map(|(key, value)| Some((key.to_owned(), value.filter(|value| !value.is_null())?)))
        .collect()
}

/// A value as an attribute has it: what has structure is JSON in a text.
pub(super) fn flat(value: Json) -> Value {
    match value {
        Json::String(text) => text.into(),
        Json::Bool(truth) => truth.into(),
        Json::Number(ref number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            (None, None) => value.to_string().into(),
        },
        other => other.to_string().into(),
    }
}
