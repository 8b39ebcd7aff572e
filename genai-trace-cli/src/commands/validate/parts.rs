//! The schemas of messages and of what else stands in attributes as JSON.

use serde_json::Value as Json;

/// What a message of today is: a role, and parts.
pub(super) fn message(message: &Json) -> Result<(), String> {
    text(message, "role")?;
    let parts = message.get("parts").and_then(Json::as_array);
    let parts = parts.ok_or_else(|| "has no array `parts`".to_owned())?;
    for (place, one) in parts.iter().enumerate() {
        part(one).map_err(|wrong| format!("parts[{place}] {wrong}"))?;
    }
    match message.get("name") {
        None | Some(Json::Null | Json::String(_)) => Ok(()),
        Some(_) => Err("has a `name` that is no string".to_owned()),
    }
}

/// System instructions are texts, or parts of one's own.
pub(super) fn instruction(instruction: &Json) -> Result<(), String> {
    match text(instruction, "type")? {
        "text" => text(instruction, "content").map(|_| ()),
        _ => Ok(()),
    }
}

/// The definition of a tool.
pub(super) fn tool(tool: &Json) -> Result<(), String> {
    text(tool, "type")?;
    text(tool, "name").map(|_| ())
}

/// A document that was found.
pub(super) fn document(document: &Json) -> Result<(), String> {
    if !document.is_object() {
        return Err("is no object".to_owned());
    }
    match document.get("score") {
        None | Some(Json::Null | Json::Number(_)) => Ok(()),
        Some(_) => Err("has a `score` that is no number".to_owned()),
    }
}

/// A record of a memory.
pub(super) fn record(record: &Json) -> Result<(), String> {
    any(record, "content")
}

fn part(part: &Json) -> Result<(), String> {
    match text(part, "type")? {
        "text" | "reasoning" => text(part, "content").map(|_| ()),
        "tool_call" => text(part, "name").map(|_| ()),
        "tool_call_response" => any(part, "response"),
        "server_tool_call" => {
            text(part, "name")?;
            typed(part, "server_tool_call")
        }
        "server_tool_call_response" => typed(part, "server_tool_call_response"),
        "blob" => text(part, "modality").and_then(|_| text(part, "content").map(|_| ())),
        "uri" => text(part, "modality").and_then(|_| text(part, "uri").map(|_| ())),
        "file" => text(part, "modality").and_then(|_| text(part, "file_id").map(|_| ())),
        // Any other type may have anything in it.
        _ => Ok(()),
    }
}

/// A member that is an object with a type of its own.
fn typed(part: &Json, key: &str) -> Result<(), String> {
    any(part, key)?;
    let inner = part.get(key).unwrap_or(&Json::Null);
    text(inner, "type")
        .map(|_| ())
        .map_err(|wrong| format!("{key} {wrong}"))
}

fn text<'a>(object: &'a Json, key: &str) -> Result<&'a str, String> {
    let said = object.get(key).and_then(Json::as_str);
    said.ok_or_else(|| format!("has no string `{key}`"))
}

fn any(object: &Json, key: &str) -> Result<(), String> {
    match object.get(key) {
        Some(_) => Ok(()),
        None => Err(format!("has no `{key}`")),
    }
}
