//! Anthropic's blocks of content as parts of messages.

use serde_json::Value as Json;

use crate::provider::json::{list, object, said};
use crate::provider::parts as part;

/// The messages of a request.
pub(super) fn input(body: &Json) -> Json {
    let messages = list(body, "messages").iter().map(|message| {
        let role = said(message, "role").unwrap_or("user");
        part::message(role, parts(message.get("content").unwrap_or(&Json::Null)))
    });
    Json::Array(messages.collect())
}

/// The tools of a request.
pub(super) fn tools(body: &Json) -> Option<Json> {
    let tools = body.get("tools")?.as_array()?.iter().filter_map(|tool| {
        // A server of tools has no name that is required.
        let name = said(tool, "name").or_else(|| said(tool, "mcp_server_name"))?;
        let schema = tool.get("input_schema");
        Some(match said(tool, "type") {
            Some(kind) if kind != "custom" && schema.is_none() => part::tool(kind, name),
            _ => part::function(name, tool.get("description"), schema),
        })
    });
    Some(Json::Array(tools.collect()))
}

/// The parts of a content: a text, or blocks.
pub(super) fn parts(content: &Json) -> Vec<Json> {
    match content {
        Json::String(content) => vec![part::text(content)],
        Json::Array(blocks) => blocks.iter().filter_map(block).collect(),
        _ => Vec::new(),
    }
}

/// A block as a part; none where it has no type.
pub(super) fn block(block: &Json) -> Option<Json> {
    let kind = said(block, "type")?;
    let content = |key| said(block, key).unwrap_or_default();
    let id = said(block, "id");
    let answered = said(block, "tool_use_id");
    let answer = || block.get("content").cloned().unwrap_or_default();
    let name = said(block, "name").unwrap_or_default();
    let input = || block.get("input").cloned().unwrap_or_default();
    Some(match kind {
        "text" => part::text(content("text")),
        "thinking" => part::reasoning(content("thinking")),
        "redacted_thinking" => part::kind(kind),
        "tool_use" => part::tool_call(id, name, input()),
        "tool_result" => part::tool_call_response(answered, answer()),
        "server_tool_use" | "mcp_tool_use" => {
            let account = part::account(name, &[("arguments", block.get("input"))]);
            part::server_tool_call(id, name, account)
        }
        "image" | "document" => source(kind, block),
        "container_upload" => part::file("document", None, content("file_id")),
        "compaction" => part::account(kind, &[("content", block.get("content"))]),
        _ if kind.ends_with("_tool_result") => {
            let account = part::account(kind, &[("content", block.get("content"))]);
            part::server_tool_call_response(answered, account)
        }
        _ => block.clone(),
    })
}

/// An image or a document, wherever it comes from.
fn source(kind: &str, block: &Json) -> Json {
    let modality = if kind == "image" { "image" } else { "document" };
    let Some(source) = object(block, "source") else {
        return part::kind(kind);
    };
    let mime = said(source, "media_type");
    match (said(source, "type"), said(source, "data")) {
        (Some("base64"), Some(data)) => part::blob(modality, mime, data),
        (Some("text"), Some(data)) => part::text(data),
        (Some("url"), _) => part::uri(modality, mime, said(source, "url").unwrap_or_default()),
        (Some("file"), _) => {
            part::file(modality, mime, said(source, "file_id").unwrap_or_default())
        }
        _ => part::kind(kind),
    }
}
