//! What OpenInference has that no row of a table says.

use genai_trace_semconv::names as conventions;
use serde_json::{Map, Value as Json, json};

use crate::profile::backend::list;
use crate::profile::message::flat;
use crate::profile::table::{Words, spelt};
use crate::record::{SpanRecord, Value};
use crate::span::names;

/// What `from` says, under `to` as well.
pub(super) fn copy(span: &mut SpanRecord, from: &str, to: &str) {
    if let Some(value) = span.attributes.get(from).cloned() {
        span.attributes.add(to, value);
    }
}

/// What `from` says, as the backend spells it, under `to` as well.
pub(super) fn word(span: &mut SpanRecord, from: &str, words: Words, to: &str) {
    let said = span.attributes.str(from);
    if let Some(word) = said.and_then(|said| spelt(words, said)) {
        span.attributes.add(to, Value::from(word));
    }
}

/// Whether what stands under `of` is JSON or a text.
pub(super) fn mime(span: &mut SpanRecord, of: &str, to: &str) {
    if let Some(Value::String(text)) = span.attributes.get(of) {
        let is_json = text.starts_with(['{', '[']) && serde_json::from_str::<Json>(text).is_ok();
        let kind = if is_json {
            "application/json"
        } else {
            "text/plain"
        };
        span.attributes.add(to, Value::from(kind));
    }
}

/// Each tool that a model was told of has an attribute of its own, in the form that most of them are told in.
pub(super) fn tools(span: &mut SpanRecord) {
    let key = |index: usize| format!("llm.tools.{index}.tool.json_schema");
    let tools = list(span, conventions::GEN_AI_TOOL_DEFINITIONS);
    let are_free = (0..tools.len()).all(|index| span.attributes.get(&key(index)).is_none());
    if tools.is_empty() || !are_free {
        return;
    }
    span.attributes.remove(conventions::GEN_AI_TOOL_DEFINITIONS);
    for (index, tool) in tools.into_iter().enumerate() {
        let tool = flat(as_function(tool));
        span.attributes.add(&key(index), tool);
    }
}

fn as_function(tool: Json) -> Json {
    match tool {
        Json::Object(mut said) if !said.contains_key("function") => {
            let kind = said
                .remove("type")
                .unwrap_or_else(|| Json::from("function"));
            let mut tool = Map::new();
            tool.insert("type".to_owned(), kind);
            tool.insert("function".to_owned(), Json::Object(said));
            Json::Object(tool)
        }
        other => other,
    }
}

/// One reason is a text there.
pub(super) fn finish_reason(span: &mut SpanRecord) {
    const REASON: &str = "llm.finish_reason";
    span.attributes.rename(names::FINISH_REASONS, REASON);
    if let Some(value) = span.attributes.get_mut(REASON)
        && let Value::StringArray(reasons) = value
        && let [reason] = reasons.as_slice()
    {
        *value = Value::String(reason.clone());
    }
}

/// Documents that were found, each with attributes of its own.
pub(super) fn documents(span: &mut SpanRecord) {
    let key = conventions::GEN_AI_RETRIEVAL_DOCUMENTS;
    for (index, document) in list(span, key).iter().enumerate() {
        for said in ["id", "score", "content", "metadata"] {
            if let Some(value) = document.get(said) {
                let key = format!("retrieval.documents.{index}.document.{said}");
                span.attributes.add(&key, flat(value.clone()));
            }
        }
    }
}

/// One format is a text there.
pub(super) fn encoding_format(span: &mut SpanRecord) {
    let key = conventions::GEN_AI_REQUEST_ENCODING_FORMATS;
    if let Some(value) = span.attributes.get_mut(key)
        && let Value::StringArray(formats) = value
        && let [format] = formats.as_slice()
    {
        *value = Value::String(format.clone());
    }
}

/// The kind of output that was asked for, as requests ask for it.
pub(super) fn response_format(span: &mut SpanRecord, parameters: &str) {
    const FORMAT: &str = "response_format";
    let Some(value) = span.attributes.get_mut(parameters) else {
        return;
    };
    let said = value.as_str().map(serde_json::from_str);
    if let Some(Ok(Json::Object(mut object))) = said
        && let Some(Json::String(kind)) = object.get(FORMAT)
    {
        let kind = match kind.as_str() {
            "json" => "json_object",
            other => other,
        };
        let format = json!({ "type": kind });
        object.insert(FORMAT.to_owned(), format);
        *value = Value::String(Json::Object(object).to_string());
    }
}
