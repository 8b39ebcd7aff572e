//! JSON in attributes: messages, instructions, tools, documents.

use std::collections::HashMap;

use genai_trace::{SpanRecord, Value};
use genai_trace_semconv::names;
use serde_json::Value as Json;

use super::flaw::Flaw;
use super::parts::{document, instruction, message, record, tool};
use super::rules;

/// Looks at an element of a list; what is wrong with it.
type Element = fn(&Json) -> Result<(), String>;

const LISTS: [(&str, Element); 6] = [
    (names::GEN_AI_INPUT_MESSAGES, message),
    (names::GEN_AI_OUTPUT_MESSAGES, message),
    (names::GEN_AI_SYSTEM_INSTRUCTIONS, instruction),
    (names::GEN_AI_TOOL_DEFINITIONS, tool),
    (names::GEN_AI_RETRIEVAL_DOCUMENTS, document),
    (names::GEN_AI_MEMORY_RECORDS, record),
];
const OBJECTS: [&str; 2] = [
    names::GEN_AI_TOOL_CALL_ARGUMENTS,
    names::GEN_AI_TOOL_CALL_RESULT,
];

/// What is wrong with the JSON of a span; the ids of the calls that a model asked for are added to `calls`.
pub(super) fn flaws(span: &SpanRecord, flaws: &mut Vec<Flaw>, calls: &mut Vec<String>) {
    for (key, element) in LISTS {
        let Some(said) = span.attributes.get(key) else {
            continue;
        };
        let list = match list(said) {
            Ok(list) => list,
            Err(flaw) => {
                flaws.push(flaw_of(key, flaw));
                continue;
            }
        };
        // One is enough to see what is wrong with all.
        let wrong = list.iter().enumerate().find_map(|(place, one)| {
            let wrong = element(one).err()?;
            Some((place, wrong))
        });
        if let Some((place, wrong)) = wrong {
            let message = format!("{key}[{place}] {wrong}");
            flaws.push(flaw_of(key, (&rules::JSON_SHAPE, message)));
        }
        match key {
            names::GEN_AI_INPUT_MESSAGES => flaws.extend(order(key, &list)),
            names::GEN_AI_OUTPUT_MESSAGES => {
                flaws.extend(choices(span, &list));
                let parts = parts(&list).filter(|part| is(part, "tool_call"));
                let ids = parts.filter_map(|part| part.get("id")?.as_str());
                calls.extend(ids.map(str::to_owned));
            }
            _ => {}
        }
    }
    for key in OBJECTS {
        let Some(said) = span.attributes.str(key) else {
            continue;
        };
        let is_object = matches!(serde_json::from_str(said), Ok(Json::Object(_)));
        if !is_object {
            let message = format!("{key} is no JSON object");
            flaws.push(flaw_of(key, (&rules::CONTENT_NO_OBJECT, message)));
        }
    }
}

type Wrong = (&'static crate::findings::Rule, String);

fn flaw_of(key: &str, (rule, message): Wrong) -> Flaw {
    let message = match message.starts_with(key) {
        true => message,
        false => format!("{key} {message}"),
    };
    Flaw::new(rule, message).section("schema of", key)
}

fn list(said: &Value) -> Result<Vec<Json>, Wrong> {
    let Value::String(text) = said else {
        return Err((&rules::JSON_SHAPE, "is no JSON in a string".to_owned()));
    };
    match serde_json::from_str(text) {
        Ok(Json::Array(list)) => Ok(list),
        Ok(_) => Err((&rules::JSON_SHAPE, "is no array".to_owned())),
        Err(error) => Err((&rules::JSON_BROKEN, format!("is no JSON: {error}"))),
    }
}

fn parts(messages: &[Json]) -> impl Iterator<Item = &Json> {
    let parts = messages
        .iter()
        .filter_map(|message| message.get("parts")?.as_array());
    parts.flatten()
}

fn is(part: &Json, ty: &str) -> bool {
    part.get("type").and_then(Json::as_str) == Some(ty)
}

/// A result in front of its call; where the call is not there at all the history was cut short.
fn order(key: &str, messages: &[Json]) -> Option<Flaw> {
    let id = |part: &Json| Some(part.get("id")?.as_str()?.to_owned());
    let mut calls: HashMap<String, usize> = HashMap::new();
    for (place, part) in parts(messages).enumerate() {
        if let (true, Some(id)) = (is(part, "tool_call"), id(part)) {
            calls.entry(id).or_insert(place);
        }
    }
    let early = parts(messages).enumerate().find_map(|(place, part)| {
        let id = id(part).filter(|_| is(part, "tool_call_response"))?;
        let is_early = calls.get(&id).is_some_and(|call| *call > place);
        is_early.then_some(id)
    })?;
    let message = format!("{key}: the result of {early:?} stands in front of the call");
    Some(flaw_of(key, (&rules::RESULT_BEFORE_CALL, message)))
}

fn choices(span: &SpanRecord, messages: &[Json]) -> Option<Flaw> {
    let key = names::GEN_AI_RESPONSE_FINISH_REASONS;
    let Some(Value::StringArray(reasons)) = span.attributes.get(key) else {
        return None;
    };
    // What a tool of the provider's returned stands among them.
    let is_of_tool = |message: &Json| message.get("role").and_then(Json::as_str) == Some("tool");
    let answers = messages
        .iter()
        .filter(|message| !is_of_tool(message))
        .count();
    let said = reasons.len();
    let message = format!("{key} are {said}, answers {answers}");
    let flaw = Flaw::new(&rules::FINISH_REASONS, message).said(said);
    (said != answers && answers > 0).then(|| flaw.allowed(answers).section("attribute", key))
}
