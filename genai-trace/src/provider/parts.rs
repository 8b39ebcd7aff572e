//! Messages and their parts, as the conventions' JSON schemas have them.

use serde_json::{Map, Value as Json, json};

/// A message of `role`.
pub(super) fn message(role: &str, parts: Vec<Json>) -> Json {
    json!({"role": role, "parts": parts})
}

/// A message that the model gave, with its reason in the conventions' word where there is one.
pub(super) fn output(role: &str, parts: Vec<Json>, finish_reason: Option<&str>) -> Json {
    match finish_reason {
        Some(reason) => json!({"role": role, "parts": parts, "finish_reason": reason}),
        None => message(role, parts),
    }
}

/// Text.
pub(super) fn text(content: &str) -> Json {
    json!({"type": "text", "content": content})
}

/// What a model thought.
pub(super) fn reasoning(content: &str) -> Json {
    json!({"type": "reasoning", "content": content})
}

/// Text of a kind that the schemas leave open, as a refusal.
pub(super) fn other(kind: &str, content: &str) -> Json {
    json!({"type": kind, "content": content})
}

/// A tool that the model asks to be called.
pub(super) fn tool_call(id: Option<&str>, name: &str, arguments: Json) -> Json {
    let mut part = start("tool_call", id);
    part.insert("name".to_owned(), name.into());
    part.insert("arguments".to_owned(), arguments);
    part.into()
}

/// What a tool gave.
pub(super) fn tool_call_response(id: Option<&str>, response: Json) -> Json {
    let mut part = start("tool_call_response", id);
    part.insert("response".to_owned(), response);
    part.into()
}

/// A tool that the provider runs itself; `call` is its own account of it.
pub(super) fn server_tool_call(id: Option<&str>, name: &str, call: Json) -> Json {
    let mut part = start("server_tool_call", id);
    part.insert("name".to_owned(), name.into());
    part.insert("server_tool_call".to_owned(), call);
    part.into()
}

/// What a tool of the provider gave; `response` is its own account of it.
pub(super) fn server_tool_call_response(id: Option<&str>, response: Json) -> Json {
    let mut part = start("server_tool_call_response", id);
    part.insert("server_tool_call_response".to_owned(), response);
    part.into()
}

/// What a tool of the provider says of itself: its `kind`, and those of `members` that are there.
pub(super) fn account(kind: &str, members: &[(&str, Option<&Json>)]) -> Json {
    let mut account = start(kind, None);
    for (key, value) in members {
        if let Some(value) = value {
            account.insert((*key).to_owned(), (*value).clone());
        }
    }
    account.into()
}

/// A part of another kind, of which only that is said.
pub(super) fn kind(kind: &str) -> Json {
    json!({"type": kind})
}

/// What data of the MIME type `mime` stands for.
pub(super) fn modality(mime: &str) -> &'static str {
    match mime.split('/').next() {
        Some("image") => "image",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "document",
    }
}

/// Data that was sent along, in base 64.
pub(super) fn blob(modality: &str, mime_type: Option<&str>, content: &str) -> Json {
    data("blob", modality, mime_type, "content", content)
}

/// Data that lies elsewhere. A URL that holds the data itself is a blob.
pub(super) fn uri(modality: &str, mime_type: Option<&str>, uri: &str) -> Json {
    match data_url(uri) {
        Some((mime, content)) => blob(modality, mime_type.or(mime), content),
        None => data("uri", modality, mime_type, "uri", uri),
    }
}

/// A file that the provider keeps.
pub(super) fn file(modality: &str, mime_type: Option<&str>, file_id: &str) -> Json {
    data("file", modality, mime_type, "file_id", file_id)
}

/// The arguments of a call: JSON where they are the text of JSON, else the text.
pub(super) fn arguments(said: &str) -> Json {
    serde_json::from_str(said).unwrap_or_else(|_| said.into())
}

/// A function that the model may call.
pub(super) fn function(name: &str, description: Option<&Json>, parameters: Option<&Json>) -> Json {
    let mut tool = Map::new();
    tool.insert("type".to_owned(), "function".into());
    tool.insert("name".to_owned(), name.into());
    if let Some(description) = description.filter(|description| !description.is_null()) {
        tool.insert("description".to_owned(), description.clone());
    }
    // Forms that have no JSON themselves have the schema as its text; a text that is none is no schema.
    let parameters = match parameters {
        Some(Json::String(text)) => Some(arguments(text)).filter(|schema| !schema.is_string()),
        parameters => parameters.filter(|schema| !schema.is_null()).cloned(),
    };
    if let Some(parameters) = parameters {
        tool.insert("parameters".to_owned(), parameters);
    }
    tool.into()
}

/// A tool of another kind that the model may call.
pub(super) fn tool(kind: &str, name: &str) -> Json {
    json!({"type": kind, "name": name})
}

fn start(kind: &str, id: Option<&str>) -> Map<String, Json> {
    let mut part = Map::new();
    part.insert("type".to_owned(), kind.into());
    if let Some(id) = id {
        part.insert("id".to_owned(), id.into());
    }
    part
}

fn data(kind: &str, modality: &str, mime_type: Option<&str>, key: &str, value: &str) -> Json {
    let mut part = Map::new();
    part.insert("type".to_owned(), kind.into());
    part.insert("modality".to_owned(), modality.into());
    if let Some(mime_type) = mime_type {
        part.insert("mime_type".to_owned(), mime_type.into());
    }
    part.insert(key.to_owned(), value.into());
    part.into()
}

/// The type and the content of `data:type;base64,content`.
fn data_url(url: &str) -> Option<(Option<&str>, &str)> {
    let (head, content) = url.strip_prefix("data:")?.split_once(',')?;
    let mime = head.strip_suffix(";base64")?;
    Some(((!mime.is_empty()).then_some(mime), content))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{arguments, function, uri};

    #[test]
    fn a_url_that_holds_the_data_is_a_blob() {
        assert_eq!(
            uri("image", None, "data:image/png;base64,AAAA"),
            json!({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"})
        );
        assert_eq!(
            uri("image", None, "https://host/a.png"),
            json!({"type": "uri", "modality": "image", "uri": "https://host/a.png"})
        );
    }

    #[test]
    fn the_schema_of_a_function_may_be_a_text() {
        let schema = |said: Json| {
            function("look", None, Some(&said))
                .get("parameters")
                .cloned()
        };
        assert_eq!(
            schema(json!({"type": "object"})),
            Some(json!({"type": "object"}))
        );
        assert_eq!(
            schema(json!(r#"{"type": "object"}"#)),
            Some(json!({"type": "object"}))
        );
        assert_eq!(schema(json!("nothing")), None);
        assert_eq!(schema(json!(null)), None);
    }

    #[test]
    fn arguments_that_are_no_json_stay_text() {
        assert_eq!(arguments(r#"{"a": 1}"#), json!({"a": 1}));
        assert_eq!(arguments(r#"{"a": "#), json!(r#"{"a": "#));
    }
}
