//! The messages of the crate `genai` as the conventions have them.

use serde_json::Value as Json;

use crate::provider::facts::Content;
use crate::provider::json::{list, object, said};
use crate::provider::parts as part;

/// What a part of a message may be; each stands under its own name.
pub(super) const KINDS: [&str; 7] = [
    "Text",
    "ToolCall",
    "ToolResponse",
    "ReasoningContent",
    "ThoughtSignature",
    "Binary",
    "Custom",
];

/// What a request says.
pub(super) fn asked(body: &Json) -> Content {
    let messages = list(body, "messages").iter().map(|message| {
        let role = said(message, "role").unwrap_or("User").to_lowercase();
        part::message(&role, parts(list(message, "content")).collect())
    });
    let tools = list(body, "tools").iter().filter_map(|tool| {
        let name = said(tool, "name")?;
        Some(part::function(
            name,
            tool.get("description"),
            tool.get("schema"),
        ))
    });
    Content {
        input: Some(messages.collect()),
        system: said(body, "system").map(|text| vec![part::text(text)].into()),
        tools: body.get("tools").map(|_| tools.collect()),
        ..Content::default()
    }
}

/// The parts of a content that have a place in the conventions.
pub(super) fn parts(content: &[Json]) -> impl Iterator<Item = Json> {
    content.iter().filter_map(|one| {
        if let Some(text) = said(one, "Text") {
            Some(part::text(text))
        } else if let Some(thought) = said(one, "ReasoningContent") {
            Some(part::reasoning(thought))
        } else if let Some(call) = object(one, "ToolCall") {
            let arguments = call.get("fn_arguments").cloned().unwrap_or_default();
            Some(part::tool_call(
                said(call, "call_id"),
                said(call, "fn_name")?,
                arguments,
            ))
        } else if let Some(answer) = object(one, "ToolResponse") {
            let response = answer.get("content").cloned().unwrap_or_default();
            Some(part::tool_call_response(said(answer, "call_id"), response))
        } else {
            None
        }
    })
}
