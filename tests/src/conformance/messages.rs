//! The JSON of messages, tools and documents, as the conventions' schemas have it.

use serde_json::Value;

use super::Sheet;

/// What is wrong with a value; none where nothing is.
type Fault = Option<String>;
type Check = fn(&Value) -> Fault;

pub(super) fn check(sheet: &mut Sheet<'_>) {
    let of: [(&str, Check); 8] = [
        ("gen_ai.input.messages", |json| each(json, message)),
        ("gen_ai.output.messages", |json| each(json, message)),
        ("gen_ai.system_instructions", |json| each(json, part)),
        ("gen_ai.tool.definitions", |json| each(json, tool)),
        ("gen_ai.tool.call.arguments", any_object),
        ("gen_ai.tool.call.result", any_object),
        ("gen_ai.retrieval.documents", |json| each(json, any_object)),
        ("gen_ai.memory.records", |json| {
            each(json, |record| needs(record, &["content"]))
        }),
    ];
    for (name, fault) in of {
        let json = match sheet.attributes.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text),
            Some(structure) => Ok(structure.clone()),
            None => continue,
        };
        match json {
            Err(error) => sheet.find("message", format!("{name} is no json: {error}")),
            Ok(json) => {
                if let Some(fault) = fault(&json) {
                    sheet.find("message", format!("{name}: {fault}"));
                }
            }
        }
    }
}

fn each(json: &Value, fault: fn(&Value) -> Fault) -> Fault {
    match json.as_array() {
        None => Some(format!("no list: {json}")),
        Some(list) => list.iter().find_map(fault),
    }
}

fn message(json: &Value) -> Fault {
    texts(json, &["role"], &["name", "finish_reason"]).or_else(|| match json.get("parts") {
        None => Some(format!("no parts: {json}")),
        Some(parts) => each(parts, part),
    })
}

fn part(json: &Value) -> Fault {
    let Some(kind) = json.get("type").and_then(Value::as_str) else {
        return Some(format!("a part without type: {json}"));
    };
    match kind {
        "text" | "reasoning" => texts(json, &["content"], &[]),
        "tool_call" => texts(json, &["name"], &["id"]),
        "tool_call_response" => needs(json, &["response"]).or_else(|| texts(json, &[], &["id"])),
        "server_tool_call" => {
            texts(json, &["name"], &["id"]).or_else(|| typed(json, "server_tool_call"))
        }
        "server_tool_call_response" => {
            texts(json, &[], &["id"]).or_else(|| typed(json, "server_tool_call_response"))
        }
        "blob" => texts(json, &["modality", "content"], &["mime_type"]).or_else(|| base64(json)),
        "uri" => texts(json, &["modality", "uri"], &["mime_type"]).or_else(|| no_data(json)),
        "file" => texts(json, &["modality", "file_id"], &["mime_type"]),
        "compaction" => texts(json, &[], &["id", "content"]),
        _ => None,
    }
}

fn tool(json: &Value) -> Fault {
    let parameters = json.get("parameters");
    let is_schema = parameters
        .is_none_or(|schema| schema.is_object() || schema.is_boolean() || schema.is_null());
    texts(json, &["type", "name"], &["description"])
        .or_else(|| (!is_schema).then(|| format!("parameters are no schema: {json}")))
}

fn any_object(json: &Value) -> Fault {
    (!json.is_object()).then(|| format!("no object: {json}"))
}

/// Some keys are texts, others may be.
fn texts(json: &Value, needed: &[&str], possible: &[&str]) -> Fault {
    let is_text = |key: &&&str| json.get(**key).is_some_and(Value::is_string);
    let lacking = needed.iter().find(|key| !is_text(key));
    let wrong = possible.iter().find(|key| {
        json.get(**key)
            .is_some_and(|value| !value.is_string() && !value.is_null())
    });
    let key = lacking.or(wrong)?;
    Some(format!("{key} is no text: {json}"))
}

fn needs(json: &Value, keys: &[&str]) -> Fault {
    let lacking = keys.iter().find(|key| json.get(**key).is_none())?;
    Some(format!("no {lacking}: {json}"))
}

fn typed(json: &Value, key: &str) -> Fault {
    match json.get(key) {
        None => Some(format!("no {key}: {json}")),
        Some(inner) => texts(inner, &["type"], &[]),
    }
}

fn base64(json: &Value) -> Fault {
    let text = json
        .get("content")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
    (!text.bytes().all(is_digit)).then(|| format!("no base64: {json}"))
}

fn no_data(json: &Value) -> Fault {
    let uri = json.get("uri").and_then(Value::as_str).unwrap_or_default();
    uri.starts_with("data:")
        .then(|| format!("a data uri is a blob: {json}"))
}
