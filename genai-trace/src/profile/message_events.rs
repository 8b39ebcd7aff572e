//! Messages as events of the span: `gen_ai.user.message` and its like, of which the conventions had one for each
//! message before they became attributes.

use genai_trace_semconv::names;
use serde_json::{Map, Value as Json};

use super::gen_ai_1_36::SYSTEM;
use super::message::{answer, content, facts, flat, known, known_parts, parts, spoken};
use crate::order;
use crate::record::{Attributes, Event, SpanRecord, Value};

const SYSTEM_MESSAGE: &str = "gen_ai.system.message";
const USER_MESSAGE: &str = "gen_ai.user.message";
const ASSISTANT_MESSAGE: &str = "gen_ai.assistant.message";
const TOOL_MESSAGE: &str = "gen_ai.tool.message";
const CHOICE: &str = "gen_ai.choice";

/// What becomes of an answer.
#[derive(Clone, Copy)]
pub(super) enum Answers {
    /// A `gen_ai.choice`, which has the message in it.
    AreChoices,
    /// A message as those that went in.
    AreMessages,
}

/// Makes an event of each message that an attribute of `span` has, and takes the attribute out. What went in
/// happened when the span began, what came out when it ended. An attribute stays that is no list of messages, since
/// only its hash was kept, or has messages with more in them than the events have names for.
pub(super) fn take_out(span: &mut SpanRecord, answers: Answers) {
    let mut said = Vec::new();
    let mut left = Attributes::default();
    let (began, ended) = (span.start_unix_nano, span.end_unix_nano);
    for (key, value) in span.attributes.iter() {
        let events = match key {
            names::GEN_AI_SYSTEM_INSTRUCTIONS => instructions(value).map(|said| (0, vec![said])),
            names::GEN_AI_INPUT_MESSAGES => known(value, "parts")
                .map(|messages| (1, messages.iter().flat_map(went_in).collect())),
            names::GEN_AI_OUTPUT_MESSAGES => known(value, "finish_reason").map(|messages| {
                let messages = messages.iter().enumerate();
                (2, messages.map(|said| came_out(said, answers)).collect())
            }),
            _ => None,
        };
        match events {
            Some(events) => said.push(events),
            None => left.insert(key, value.clone()),
        }
    }
    order::sort_by_key(&mut said, |(place, _)| *place);
    let system = left.get(SYSTEM).cloned();
    for (place, messages) in said {
        for (name, facts) in messages {
            let mut attributes = Attributes::default();
            if let Some(system) = &system {
                attributes.insert(SYSTEM, system.clone());
            }
            for (key, value) in facts {
                attributes.insert(key, flat(value));
            }
            span.events.push(Event {
                name: name.to_owned(),
                time_unix_nano: if place < 2 { began } else { ended },
                attributes,
            });
        }
    }
    span.attributes = left;
    order::sort_by_key(&mut span.events, |event| event.time_unix_nano);
}

/// An event's name and what it says.
type Message = (&'static str, Map<String, Json>);

fn instructions(value: &Value) -> Option<Message> {
    let content = content(&known_parts(value)?)?;
    Some((SYSTEM_MESSAGE, facts([("content", Some(content))])))
}

/// The events of a message that went in: each answer of a tool has one.
fn went_in(message: &Json) -> Vec<Message> {
    let role = message.get("role").and_then(Json::as_str);
    let all = parts(message);
    let name = match role {
        Some("system" | "developer") => SYSTEM_MESSAGE,
        Some("assistant" | "model") => ASSISTANT_MESSAGE,
        Some("tool") => {
            let answers = all.iter().filter_map(answer);
            return answers.map(|facts| (TOOL_MESSAGE, facts)).collect();
        }
        _ => USER_MESSAGE,
    };
    vec![(name, spoken(message))]
}

fn came_out((index, message): (usize, &Json), answers: Answers) -> Message {
    let reason = message.get("finish_reason").map(finish_reason);
    match answers {
        Answers::AreChoices => {
            let mut choice = facts([
                ("index", Some(Json::from(index))),
                ("finish_reason", reason),
            ]);
            choice.insert("message".to_owned(), Json::Object(spoken(message)));
            (CHOICE, choice)
        }
        Answers::AreMessages => {
            let mut said = spoken(message);
            said.extend(facts([("finish_reason", reason)]));
            (ASSISTANT_MESSAGE, said)
        }
    }
}

/// A reason as it was spelt then.
fn finish_reason(reason: &Json) -> Json {
    match reason.as_str() {
        Some("tool_call") => Json::from("tool_calls"),
        _ => reason.clone(),
    }
}
