//! Messages of which each thing said has an attribute of its own: `llm.input_messages.0.message.role`,
//! `gen_ai.prompt.0.content`.

use std::collections::BTreeMap;

use genai_trace::Attributes;
use serde_json::{Map, Value as Json};

/// Where messages have more members than this nobody meant it.
const MOST: usize = 10_000;
/// What lies deeper is nobody's message.
const DEEPEST: usize = 16;

/// The messages whose attributes begin with `front`, in the order of their numbers, as a provider has them.
pub(super) fn messages_of(attributes: &Attributes, front: &str) -> Vec<Json> {
    let mut messages: BTreeMap<usize, Json> = BTreeMap::new();
    let mut room = MOST;
    for (key, value) in attributes.iter() {
        let Some((number, key)) = key
            .strip_prefix(front)
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        let Some(number) = number.parse().ok().filter(|number| *number < MOST) else {
            continue;
        };
        let key = key.strip_prefix("message.").unwrap_or(key);
        let message = messages
            .entry(number)
            .or_insert_with(|| Json::Object(Map::new()));
        let value = serde_json::to_value(value).unwrap_or_default();
        put(message, &path(key), value, &mut room);
    }
    messages.into_values().collect()
}

/// `tool_calls.0.tool_call.function.name` as a provider nests it: `tool_calls`, `0`, `function`, `name`.
fn path(key: &str) -> Vec<&str> {
    let inner = key
        .split('.')
        .filter(|part| !matches!(*part, "tool_call" | "message_content"));
    let spelt = inner.map(|part| if part == "contents" { "content" } else { part });
    spelt.take(DEEPEST).collect()
}

/// Puts a value to where its path leads, over no more new elements of lists than there is `room` for.
fn put(into: &mut Json, path: &[&str], value: Json, room: &mut usize) {
    let Some((first, rest)) = path.split_first() else {
        // A text that is there already says less than what it has inside.
        *into = value;
        return;
    };
    if let Ok(number) = first.parse::<usize>() {
        if !into.is_array() {
            *into = Json::Array(Vec::new());
        }
        if let Json::Array(list) = into
            && number < MOST
        {
            if list.len() <= number {
                let new = number + 1 - list.len();
                let Some(left) = room.checked_sub(new) else {
                    return;
                };
                *room = left;
                list.resize(number + 1, Json::Object(Map::new()));
            }
            if let Some(element) = list.get_mut(number) {
                put(element, rest, value, room);
            }
        }
        return;
    }
    if !into.is_object() {
        *into = Json::Object(Map::new());
    }
    if let Json::Object(members) = into {
        put(
            members.entry(*first).or_insert(Json::Null),
            rest,
            value,
            room,
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(attributes: Json, front: &str) -> Vec<Json> {
        messages_of(&serde_json::from_value(attributes).unwrap(), front)
    }

    #[test]
    fn messages_in_many_attributes_are_put_together() {
        let found = read(
            json!({
                "llm.input_messages.1.message.content": "find x",
                "llm.input_messages.1.message.role": "user",
                "llm.input_messages.0.message.role": "system",
                "llm.input_messages.0.message.contents.0.message_content.type": "text",
                "llm.input_messages.0.message.contents.0.message_content.text": "be brief",
                "llm.input_messages.2.message.tool_calls.0.tool_call.id": "c1",
                "llm.input_messages.2.message.tool_calls.0.tool_call.function.name": "search",
                "llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments": "{\"q\":\"x\"}",
                "llm.model_name": "m",
            }),
            "llm.input_messages.",
        );
        assert_eq!(
            found,
            [
                json!({"role": "system", "content": [{"type": "text", "text": "be brief"}]}),
                json!({"role": "user", "content": "find x"}),
                json!({"tool_calls": [{"id": "c1", "function": {"name": "search", "arguments": "{\"q\":\"x\"}"}}]}),
            ]
        );
    }

    #[test]
    fn numbers_beyond_all_sense_take_no_memory() {
        let attributes = json!({"gen_ai.prompt.99999999999.role": "user", "gen_ai.prompt.0.tool_calls.99999999.id": "x"});
        assert_eq!(
            read(attributes, "gen_ai.prompt."),
            [json!({"tool_calls": []})]
        );
        let many: Map<String, Json> = (0..200)
            .map(|number| {
                let deep = ".9999".repeat(12);
                (format!("gen_ai.prompt.{number}.list{deep}"), "x".into())
            })
            .collect();
        let found = read(Json::Object(many), "gen_ai.prompt.");
        assert!(serde_json::to_string(&found).unwrap().len() < 50_000);
    }
}
