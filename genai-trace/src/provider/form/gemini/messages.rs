//! Gemini's parts as parts of messages.

use serde_json::Value as Json;

use crate::provider::json::{list, object, said};
use crate::provider::parts;

/// The messages of a request: contents, or one, or a text.
pub(super) fn input(contents: &Json) -> Json {
    let message = |content: &Json| {
        let role = match said(content, "role") {
            Some("model") => "assistant",
            role => role.unwrap_or("user"),
        };
        parts::message(role, parts_of(content))
    };
    Json::Array(match contents {
        Json::Array(contents) => contents.iter().map(message).collect(),
        content => vec![message(content)],
    })
}

/// The instructions, which stand apart.
pub(super) fn system(body: &Json) -> Option<Json> {
    let content = body.get("systemInstruction");
    let content = content.filter(|content| !content.is_null());
    let content = content.or_else(|| object(body, "system_instruction"))?;
    Some(Json::Array(parts_of(content)))
}

/// The tools of a request: functions, and what Google runs itself.
pub(super) fn tools(body: &Json) -> Option<Json> {
    let mut tools = Vec::new();
    let given = match body.get("tools")? {
        Json::Array(given) => given.as_slice(),
        one => std::slice::from_ref(one),
    };
    for (kind, given) in given.iter().filter_map(Json::as_object).flatten() {
        match given {
            Json::Array(functions) => tools.extend(functions.iter().filter_map(|function| {
                let parameters = function.get("parametersJsonSchema");
                let parameters = parameters.or_else(|| function.get("parameters"));
                let name = said(function, "name")?;
                Some(parts::function(
                    name,
                    function.get("description"),
                    parameters,
                ))
            })),
            Json::Object(_) => tools.push(parts::tool(kind, kind)),
            _ => {}
        }
    }
    Some(Json::Array(tools))
}

/// The parts of a content: those it lists, or a text.
fn parts_of(content: &Json) -> Vec<Json> {
    match content {
        Json::String(text) => vec![parts::text(text)],
        content => list(content, "parts").iter().filter_map(part).collect(),
    }
}

/// A part; none where it says nothing.
pub(super) fn part(part: &Json) -> Option<Json> {
    if let Some(text) = said(part, "text") {
        let thought = part.get("thought").and_then(Json::as_bool) == Some(true);
        return Some(match thought {
            true => parts::reasoning(text),
            false => parts::text(text),
        });
    }
    let members = part.as_object()?;
    let known = members.iter().find_map(|(kind, inner)| data(kind, inner));
    known.or_else(|| {
        let (kind, _) = members.iter().find(|(_, inner)| inner.is_object())?;
        Some(parts::kind(kind))
    })
}

/// A part that is named for its kind. Some clients write the names of the language that they are in.
fn data(kind: &str, inner: &Json) -> Option<Json> {
    let word = |key| said(inner, key);
    let given = |key| inner.get(key);
    let mime = word("mimeType").or_else(|| word("mime_type"));
    let modality = mime.map_or("document", parts::modality);
    let code = "code_execution";
    let tool = word("toolType").unwrap_or("tool");
    Some(match kind {
        "functionCall" | "function_call" => {
            let arguments = given("args").cloned().unwrap_or_default();
            parts::tool_call(word("id"), word("name")?, arguments)
        }
        "functionResponse" | "function_response" => {
            let response = given("response").cloned().unwrap_or_default();
            parts::tool_call_response(word("id"), response)
        }
        "inlineData" | "inline_data" => parts::blob(modality, mime, word("data")?),
        "fileData" | "file_data" => {
            let uri = word("fileUri").or_else(|| word("file_uri"))?;
            parts::uri(modality, mime, uri)
        }
        "executableCode" | "executable_code" => {
            let account = parts::account(code, &["language", "code"].map(|key| (key, given(key))));
            parts::server_tool_call(word("id"), code, account)
        }
        "codeExecutionResult" | "code_execution_result" => {
            let account = parts::account(code, &["outcome", "output"].map(|key| (key, given(key))));
            parts::server_tool_call_response(word("id"), account)
        }
        "toolCall" => {
            let account = parts::account(tool, &[("arguments", given("args"))]);
            parts::server_tool_call(word("id"), tool, account)
        }
        "toolResponse" => {
            let account = parts::account(tool, &[("response", given("response"))]);
            parts::server_tool_call_response(word("id"), account)
        }
        _ => return None,
    })
}
