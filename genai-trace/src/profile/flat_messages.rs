//! Messages of which each thing said has an attribute of its own, as backends had them before there was a
//! convention.

use genai_trace_semconv::names as conventions;
use serde_json::Value as Json;

use super::backend::list;
use super::message::{answer, content, flat, is, parts};
use crate::record::SpanRecord;

/// What the attributes are called: `llm.input_messages.0.message.role`.
pub(super) struct Keys {
    /// In front of the number of a message that went in, and of one that came out.
    pub(super) input: &'static str,
    pub(super) output: &'static str,
    /// Behind that number.
    pub(super) message: &'static str,
    /// Of a call of a tool, behind its number.
    pub(super) call_id: &'static str,
    pub(super) call_name: &'static str,
    pub(super) call_arguments: &'static str,
    /// Of a part of a message that is more than text, behind its number; where there is none, the parts are JSON.
    pub(super) part: Option<&'static str>,
}

/// Says each message in attributes of its own as well. The attribute with all of them stays: it may say more.
pub(super) fn flatten(span: &mut SpanRecord, keys: &Keys) {
    let mut writer = Writer {
        span,
        keys,
        next: 0,
    };
    let instructions = list(writer.span, conventions::GEN_AI_SYSTEM_INSTRUCTIONS);
    if !instructions.is_empty() {
        writer.message(keys.input, &Json::from("system"), &instructions);
    }
    for (messages, front) in [
        (conventions::GEN_AI_INPUT_MESSAGES, keys.input),
        (conventions::GEN_AI_OUTPUT_MESSAGES, keys.output),
    ] {
        for said in list(writer.span, messages) {
            writer.any(front, &said);
        }
        writer.next = 0;
    }
}

struct Writer<'a> {
    span: &'a mut SpanRecord,
    keys: &'a Keys,
    /// The number of the next message.
    next: usize,
}

impl Writer<'_> {
    /// A message; each answer of a tool in it is one of its own.
    fn any(&mut self, front: &str, message: &Json) {
        let role = message.get("role").unwrap_or(&Json::Null);
        let all = parts(message);
        let answers: Vec<_> = all.iter().filter_map(answer).collect();
        if answers.len() < all.len() || all.is_empty() {
            let others = all.iter().filter(|part| answer(part).is_none());
            self.put(front, "name", message.get("name").cloned());
            let reason = message.get("finish_reason");
            self.put(front, "finish_reason", reason.cloned());
            self.message(front, role, &others.cloned().collect::<Vec<_>>());
        }
        for answer in answers {
            self.put(front, "role", Some(Json::from("tool")));
            self.put(front, "name", message.get("name").cloned());
            self.put(front, "tool_call_id", answer.get("id").cloned());
            self.put(front, "content", answer.get("content").cloned());
            self.next += 1;
        }
    }

    fn message(&mut self, front: &str, role: &Json, parts: &[Json]) {
        self.put(front, "role", Some(role.clone()));
        match (content(parts), self.keys.part) {
            (Some(Json::Array(said)), Some(part)) => {
                for (index, said) in said.iter().enumerate() {
                    self.part(front, &format!("contents.{index}.{part}"), said);
                }
            }
            (content, _) => self.put(front, "content", content),
        }
        let calls = parts.iter().filter(|part| is(part, "tool_call"));
        for (index, call) in calls.enumerate() {
            for (key, said) in [
                (self.keys.call_id, "id"),
                (self.keys.call_name, "name"),
                (self.keys.call_arguments, "arguments"),
            ] {
                let key = format!("tool_calls.{index}.{key}");
                self.put(front, &key, call.get(said).cloned());
            }
        }
        self.next += 1;
    }

    /// A text, a thought, an image, or what it is as JSON.
    fn part(&mut self, front: &str, key: &str, part: &Json) {
        let (kind, under, said) = match (image(part), part.get("content")) {
            (Some(url), _) => ("image", "image.image.url", url),
            (None, Some(text)) if is(part, "text") => ("text", "text", text.clone()),
            (None, Some(text)) if is(part, "reasoning") => ("reasoning", "text", text.clone()),
            _ => ("text", "text", Json::from(part.to_string())),
        };
        self.put(front, &format!("{key}type"), Some(Json::from(kind)));
        self.put(front, &format!("{key}{under}"), Some(said));
    }

    fn put(&mut self, front: &str, key: &str, said: Option<Json>) {
        if let Some(said) = said.filter(|said| !said.is_null()) {
            let key = format!("{front}{}{}{key}", self.next, self.keys.message);
            self.span.attributes.add(&key, flat(said));
        }
    }
}

/// The address of an image; one that stands in the message itself is an address of its own.
fn image(part: &Json) -> Option<Json> {
    let text = |key: &str| part.get(key).and_then(Json::as_str);
    if text("modality") != Some("image") {
        return None;
    }
    match (part.get("uri"), text("content")) {
        (Some(uri), _) => Some(uri.clone()),
        (None, Some(content)) if is(part, "blob") => {
            let mime = text("mime_type").unwrap_or("image/png");
            Some(Json::from(format!("data:{mime};base64,{content}")))
        }
        _ => None,
    }
}
