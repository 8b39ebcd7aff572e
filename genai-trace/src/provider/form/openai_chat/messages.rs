//! What was said in a chat completion, in the form of the conventions' schemas.

use serde_json::Value as Json;

use super::{calls, function_arguments, function_name};
use crate::provider::facts::Content;
use crate::provider::finish_reason::FinishReason;
use crate::provider::json::{list, object, said};
use crate::provider::parts;

/// What a request says to the model.
pub(in crate::provider::form) fn asked(body: &Json) -> Option<Content> {
    let messages = body.get("messages").and_then(Json::as_array);
    let tools = tools(list(body, "tools")).or_else(|| tools(list(body, "functions")));
    if messages.is_none() && tools.is_none() {
        return None;
    }
    Some(Content {
        input: messages.map(|messages| messages.iter().map(message).collect()),
        tools,
        ..Content::default()
    })
}

/// What a choice of a response says.
pub(super) fn given(choice: &Json) -> Json {
    let said_by = object(choice, "message").unwrap_or(&Json::Null);
    let role = said(said_by, "role").unwrap_or("assistant");
    let reason = said(choice, "finish_reason").map(FinishReason::new);
    let reason = reason.as_ref().and_then(FinishReason::normalized);
    parts::output(role, parts_of(said_by), reason)
}

/// The tools that are offered; none where there are none.
pub(in crate::provider::form) fn tools(offered: &[Json]) -> Option<Json> {
    let tools: Vec<Json> = offered.iter().filter_map(tool).collect();
    (!tools.is_empty()).then(|| tools.into())
}

fn tool(offered: &Json) -> Option<Json> {
    let kind = said(offered, "type").unwrap_or("function");
    // Within `function` in chat completions, beside its type in the Responses API, alone before there
    // were tools.
    let function = object(offered, kind).unwrap_or(offered);
    match (kind, said(function, "name")) {
        ("function", Some(name)) => Some(parts::function(
            name,
            function.get("description"),
            function.get("parameters"),
        )),
        ("function", None) => None,
        (kind, name) => Some(parts::tool(kind, name.unwrap_or(kind))),
    }
}

fn message(message: &Json) -> Json {
    let role = said(message, "role").unwrap_or("user");
    let mut converted = match role {
        "tool" | "function" => {
            let id = said(message, "tool_call_id");
            let response = message.get("content").cloned().unwrap_or_default();
            parts::message("tool", vec![parts::tool_call_response(id, response)])
        }
        // What was called system is called developer for newer models.
        "developer" => parts::message("system", parts_of(message)),
        role => parts::message(role, parts_of(message)),
    };
    if let (Some(name), Some(converted)) = (said(message, "name"), converted.as_object_mut()) {
        converted.insert("name".to_owned(), name.into());
    }
    converted
}

/// The parts of a message: what was thought, what was said, and what is to be called.
pub(in crate::provider::form) fn parts_of(message: &Json) -> Vec<Json> {
    let mut all = Vec::new();
    let thought = said(message, "reasoning_content").or_else(|| said(message, "reasoning"));
    all.extend(thought.map(parts::reasoning));
    match message.get("content") {
        Some(Json::String(content)) if !content.is_empty() => all.push(parts::text(content)),
        Some(Json::Array(content)) => all.extend(content.iter().filter_map(part)),
        _ => {}
    }
    all.extend(said(message, "refusal").map(|refusal| parts::other("refusal", refusal)));
    if let Some(audio) = object(message, "audio") {
        all.extend(said(audio, "data").map(|data| parts::blob("audio", None, data)));
        all.extend(said(audio, "transcript").map(parts::text));
    }
    for image in list(message, "images") {
        all.extend(url(image, "image_url").map(|url| parts::uri("image", None, url)));
    }
    all.extend(calls(message).filter_map(|call| {
        let name = function_name(call)?;
        let arguments = match function_arguments(call) {
            Some(Json::String(arguments)) => parts::arguments(arguments),
            arguments => arguments.cloned().unwrap_or_default(),
        };
        Some(parts::tool_call(said(call, "id"), name, arguments))
    }));
    all
}

/// A part of a message's content.
pub(in crate::provider::form) fn part(part: &Json) -> Option<Json> {
    let text = || said(part, "text").map(parts::text);
    Some(match said(part, "type")? {
        "text" | "input_text" | "output_text" => text()?,
        "refusal" => parts::other("refusal", said(part, "refusal")?),
        // Mistral's, whose thought is a list of parts again.
        "thinking" => {
            let thought: String = list(part, "thinking")
                .iter()
                .filter_map(|part| said(part, "text"))
                .collect();
            parts::reasoning(&thought)
        }
        "image_url" => parts::uri("image", None, url(part, "image_url")?),
        "video_url" => parts::uri("video", None, url(part, "video_url")?),
        "document_url" => parts::uri("document", None, url(part, "document_url")?),
        "input_audio" => match part.get("input_audio")? {
            Json::String(data) => parts::blob("audio", None, data),
            audio => {
                let mime = said(audio, "format").map(|format| format!("audio/{format}"));
                parts::blob("audio", mime.as_deref(), said(audio, "data")?)
            }
        },
        "file" => {
            let file = object(part, "file")?;
            match said(file, "file_id") {
                Some(id) => parts::file("document", None, id),
                None => parts::uri("document", None, said(file, "file_data")?),
            }
        }
        kind => text().or_else(|| Some(parts::other(kind, said(part, "content")?)))?,
    })
}

/// The URL at `key`: alone, or in an object.
fn url<'a>(part: &'a Json, key: &str) -> Option<&'a str> {
    match part.get(key)? {
        Json::String(url) => Some(url),
        url => said(url, "url"),
    }
}
