//! Parts of messages, as the conventions have them and as providers do.

use genai_trace::Attributes;
use serde_json::Value as Json;

use super::spelling::INSTRUCTIONS;
use super::{Part, Type, value};
use crate::content::MISSING;

/// Instructions that stand apart from the messages.
pub(super) fn instructions(attributes: &Attributes) -> Vec<Part> {
    let said = value(attributes, INSTRUCTIONS);
    said.map(|said| parts(&said)).unwrap_or_default()
}

/// The parts of a message's content: a text, a part, or several.
pub(super) fn parts(content: &Json) -> Vec<Part> {
    match content {
        Json::Null => Vec::new(),
        Json::Array(all) => all.iter().map(part).collect(),
        one => vec![part(one)],
    }
}

fn part(part: &Json) -> Part {
    if let Some(said) = part.as_str() {
        return text(said);
    }
    let of = |key: &str| part.get(key).filter(|value| !value.is_null());
    let said = |key: &str| of(key).and_then(Json::as_str).map(str::to_owned);
    let kind = said("type").unwrap_or_default();
    match kind.as_str() {
        "text" | "input_text" | "output_text" => text(&first(part, &["content", "text"])),
        "reasoning" | "thinking" => Part {
            kind: Type::Reasoning,
            text: Some(first(part, &["content", "thinking", "text"])),
            ..Part::default()
        },
        "tool_call" | "tool_use" | "server_tool_call" => Part {
            kind: Type::ToolCall,
            id: said("id"),
            name: said("name"),
            arguments: of("arguments").or_else(|| of("input")).map(structure),
            ..Part::default()
        },
        "tool_call_response" | "tool_result" | "server_tool_call_response" => Part {
            kind: Type::ToolCallResponse,
            id: said("id").or_else(|| said("tool_use_id")),
            name: said("name"),
            result: ["response", "result", "content"]
                .into_iter()
                .find_map(of)
                .map(structure),
            ..Part::default()
        },
        "blob" => Part {
            kind: Type::Blob,
            text: said("content").or_else(|| said("data")),
            mime: said("mime_type").or_else(|| said("modality")),
            ..Part::default()
        },
        "uri" => uri(
            first(part, &["uri"]),
            said("mime_type").or_else(|| said("modality")),
        ),
        "image_url" => {
            let url = part.pointer("/image_url/url").and_then(Json::as_str);
            uri(url.unwrap_or_default().to_owned(), Some("image".to_owned()))
        }
        "file" => Part {
            kind: Type::File,
            id: said("file_id"),
            name: said("name").or_else(|| said("filename")),
            mime: said("mime_type"),
            ..Part::default()
        },
        "" => untyped(part),
        _ => other(part),
    }
}

/// As Gemini has them.
fn untyped(part: &Json) -> Part {
    if let Some(missing) = missing(part) {
        return missing;
    }
    let said = |value: &Json, key: &str| value.get(key).and_then(Json::as_str).map(str::to_owned);
    if let Some(words) = said(part, "text").or_else(|| said(part, "content")) {
        return text(&words);
    }
    if let Some(call) = part
        .get("functionCall")
        .or_else(|| part.get("function_call"))
    {
        return Part {
            kind: Type::ToolCall,
            id: said(call, "id"),
            name: said(call, "name"),
            arguments: call.get("args").map(structure),
            ..Part::default()
        };
    }
    match part
        .get("functionResponse")
        .or_else(|| part.get("function_response"))
    {
        Some(answer) => Part {
            kind: Type::ToolCallResponse,
            id: said(answer, "id"),
            name: said(answer, "name"),
            result: answer.get("response").map(structure),
            ..Part::default()
        },
        None => other(part),
    }
}

/// What stands for content that is not there.
pub(super) fn missing(value: &Json) -> Option<Part> {
    Some(Part {
        kind: Type::Missing,
        text: Some(value.get(MISSING)?.as_str()?.to_owned()),
        ..Part::default()
    })
}

pub(super) fn text(text: &str) -> Part {
    Part {
        text: Some(text.to_owned()),
        ..Part::default()
    }
}

fn uri(uri: String, mime: Option<String>) -> Part {
    Part {
        kind: Type::Uri,
        text: Some(uri),
        mime,
        ..Part::default()
    }
}

fn other(part: &Json) -> Part {
    Part {
        kind: Type::Other,
        text: Some(part.to_string()),
        name: part.get("type").and_then(Json::as_str).map(str::to_owned),
        ..Part::default()
    }
}

fn first(part: &Json, keys: &[&str]) -> String {
    let found = keys.iter().find_map(|key| part.get(key));
    match found {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// What stands as JSON in a text, where it is an object or a list.
pub(super) fn structure(value: &Json) -> Json {
    let read = value
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    let structured = read.filter(|read: &Json| read.is_object() || read.is_array());
    structured.unwrap_or_else(|| value.clone())
}
