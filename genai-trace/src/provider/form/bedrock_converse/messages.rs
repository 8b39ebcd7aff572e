//! Converse's blocks of content as parts of messages.

use serde_json::Value as Json;

use crate::provider::json::{list, object, said};
use crate::provider::parts;

/// The messages of a request.
pub(super) fn input(body: &Json) -> Json {
    let messages = list(body, "messages").iter().map(|message| {
        let role = said(message, "role").unwrap_or("user");
        let content = list(message, "content").iter().filter_map(part);
        parts::message(role, content.collect())
    });
    Json::Array(messages.collect())
}

/// The instructions, which stand apart.
pub(super) fn system(body: &Json) -> Option<Json> {
    let blocks = list(body, "system").iter().filter_map(part);
    let blocks: Vec<_> = blocks.collect();
    (!blocks.is_empty()).then_some(Json::Array(blocks))
}

/// The tools of a request.
pub(super) fn tools(body: &Json) -> Option<Json> {
    let tools = object(body, "toolConfig")?.get("tools")?.as_array()?;
    let tools = tools.iter().filter_map(|tool| {
        let (kind, inner) = tool.as_object()?.iter().next()?;
        let name = said(inner, "name")?;
        Some(match kind.as_str() {
            "toolSpec" => {
                let schema = object(inner, "inputSchema").and_then(|schema| schema.get("json"));
                parts::function(name, inner.get("description"), schema)
            }
            kind => parts::tool(kind, name),
        })
    });
    Some(Json::Array(tools.collect()))
}

/// A block, which is named for its kind; none where it says nothing.
pub(super) fn part(block: &Json) -> Option<Json> {
    let members = block.as_object()?;
    members.iter().find_map(|(kind, inner)| data(kind, inner))
}

fn data(kind: &str, inner: &Json) -> Option<Json> {
    let word = |key| said(inner, key);
    let id = word("toolUseId");
    Some(match kind {
        "text" => parts::text(inner.as_str()?),
        "toolUse" => {
            let name = word("name").unwrap_or_default();
            let arguments = inner.get("input");
            if word("type") == Some("server_tool_use") {
                let account = parts::account(name, &[("arguments", arguments)]);
                return Some(parts::server_tool_call(id, name, account));
            }
            parts::tool_call(id, name, arguments.cloned().unwrap_or_default())
        }
        "toolResult" => {
            let content = inner.get("content");
            match word("type") {
                Some(kind) => {
                    let account = parts::account(kind, &[("content", content)]);
                    parts::server_tool_call_response(id, account)
                }
                None => parts::tool_call_response(id, content.cloned().unwrap_or_default()),
            }
        }
        "reasoningContent" => match object(inner, "reasoningText") {
            Some(reasoning) => parts::reasoning(said(reasoning, "text").unwrap_or_default()),
            None => parts::kind("redacted_reasoning"),
        },
        "image" | "document" | "video" | "audio" => source(kind, inner),
        "guardContent" => parts::text(said(object(inner, "text")?, "text")?),
        "citationsContent" => {
            let texts = list(inner, "content").iter();
            let texts: Vec<_> = texts.filter_map(|part| said(part, "text")).collect();
            parts::text(&texts.concat())
        }
        "searchResult" => parts::kind(kind),
        _ => return None,
    })
}

/// An image or a document, wherever it comes from.
fn source(kind: &str, inner: &Json) -> Json {
    let Some(source) = object(inner, "source") else {
        return parts::kind(kind);
    };
    let mime = said(inner, "format").and_then(|format| mime(kind, format));
    let stored = object(source, "s3Location").and_then(|place| said(place, "uri"));
    match (said(source, "bytes"), stored, said(source, "text")) {
        (Some(bytes), _, _) => parts::blob(kind, mime.as_deref(), bytes),
        (_, Some(uri), _) => parts::uri(kind, mime.as_deref(), uri),
        (_, _, Some(text)) => parts::text(text),
        _ => parts::kind(kind),
    }
}

/// The MIME type of a format, where its name is that of the type as well.
fn mime(kind: &str, format: &str) -> Option<String> {
    match (kind, format) {
        ("document", "pdf") => Some("application/pdf".to_owned()),
        ("document", _) => None,
        _ => Some(format!("{kind}/{format}")),
    }
}
