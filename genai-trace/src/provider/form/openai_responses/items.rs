//! The items of which input and output of a response are made.

use serde_json::Value as Json;

use crate::provider::facts::CalledTool;
use crate::provider::form::openai_chat;
use crate::provider::json::{list, object, said};
use crate::provider::parts;

/// Tools that the provider runs, by the types of their items.
const SERVER_TOOLS: &[&str] = &[
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
    "mcp_call",
    "mcp_list_tools",
    "mcp_approval_request",
    "x_search_call",
    "collections_search_call",
];

/// Tools that the caller runs, without being functions.
const LOCAL_TOOLS: &[&str] = &[
    "computer_call",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
];

/// Whether `kind` is the type of an item.
pub(super) fn is_known(kind: &str) -> bool {
    matches!(
        kind,
        "message"
            | "reasoning"
            | "function_call"
            | "custom_tool_call"
            | "compaction"
            | "item_reference"
    ) || SERVER_TOOLS.contains(&kind)
        || LOCAL_TOOLS.contains(&kind)
        || kind.ends_with("_call_output")
}

/// Why an item ended the generation: a message because all was said, a call because a tool is to be
/// called. One that is not finished is no reason.
pub(super) fn reason(item: &Json) -> Option<&'static str> {
    let status = said(item, "status");
    if status.is_some_and(|status| status != "completed") {
        return None;
    }
    match said(item, "type")? {
        "message" => Some("stop"),
        "function_call" | "custom_tool_call" => Some("tool_call"),
        _ => None,
    }
}

/// The tool that an item asks to be called.
pub(super) fn called(item: &Json) -> Option<CalledTool> {
    let kind = said(item, "type")?;
    matches!(kind, "function_call" | "custom_tool_call").then(|| CalledTool {
        id: id(item).map(str::to_owned),
        name: said(item, "name").map(str::to_owned),
    })
}

fn id(item: &Json) -> Option<&str> {
    said(item, "call_id").or_else(|| said(item, "id"))
}

/// The parts that an item of the output is.
pub(super) fn part(item: &Json) -> Option<Vec<Json>> {
    let kind = said(item, "type").unwrap_or("message");
    Some(match kind {
        "message" => content(item.get("content")?),
        "reasoning" => {
            let thought = list(item, "summary").iter().chain(list(item, "content"));
            let thought: Vec<&str> = thought.filter_map(|part| said(part, "text")).collect();
            match thought.as_slice() {
                // What it thought is encrypted.
                [] => return None,
                thought => vec![parts::reasoning(&thought.join("\n"))],
            }
        }
        "function_call" | "custom_tool_call" => {
            let arguments = said(item, "arguments").map(parts::arguments);
            let input = || said(item, "input").map(Json::from);
            let arguments = arguments.or_else(input).unwrap_or_default();
            vec![parts::tool_call(id(item), said(item, "name")?, arguments)]
        }
        kind if LOCAL_TOOLS.contains(&kind) => {
            let arguments = item.get("action").or_else(|| item.get("operation"));
            let arguments = arguments.cloned().unwrap_or_default();
            vec![parts::tool_call(id(item), name(kind), arguments)]
        }
        kind if SERVER_TOOLS.contains(&kind) => {
            let name = said(item, "name").unwrap_or_else(|| name(kind));
            vec![parts::server_tool_call(
                said(item, "id"),
                name,
                item.clone(),
            )]
        }
        kind => vec![parts::other(
            kind,
            said(item, "content").unwrap_or_default(),
        )],
    })
}

fn name(kind: &str) -> &str {
    kind.trim_end_matches("_call")
}

/// The message that an item of the input is.
pub(super) fn message(item: &Json) -> Option<Json> {
    let kind = said(item, "type").unwrap_or("message");
    if kind.ends_with("_call_output") {
        let response = item.get("output").cloned().unwrap_or_default();
        let part = parts::tool_call_response(id(item), response);
        return Some(parts::message("tool", vec![part]));
    }
    let role = match said(item, "role") {
        Some("developer") => "system",
        Some(role) => role,
        None => "assistant",
    };
    Some(parts::message(role, part(item)?))
}

fn content(said_in_it: &Json) -> Vec<Json> {
    match said_in_it {
        Json::String(text) => vec![parts::text(text)],
        Json::Array(all) => all.iter().filter_map(content_part).collect(),
        _ => Vec::new(),
    }
}

fn content_part(part: &Json) -> Option<Json> {
    let data = |modality, url: &str, bytes: &str| {
        let file = said(part, "file_id").map(|id| parts::file(modality, None, id));
        let url = || said(part, url).map(|url| parts::uri(modality, None, url));
        let bytes = || said(part, bytes).map(|data| parts::uri(modality, None, data));
        file.or_else(url).or_else(bytes)
    };
    match said(part, "type")? {
        "input_image" => data("image", "image_url", "image_data"),
        "input_file" => data("document", "file_url", "file_data"),
        "output_audio" => Some(parts::blob("audio", None, said(part, "data")?)),
        "input_audio" if object(part, "input_audio").is_none() => {
            Some(parts::blob("audio", None, said(part, "data")?))
        }
        _ => openai_chat::part(part),
    }
}
