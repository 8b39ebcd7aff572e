//! Messages that are events of the span: one event for each, or one for all.

use genai_trace::{Attributes, Event};
use serde_json::{Map, Value as Json};

use super::message::{message, messages};
use super::spelling::{INPUTS, OUTPUTS};
use super::{Said, json, part};

/// The event that has all that was said in a call.
const DETAILS: &str = "gen_ai.client.inference.operation.details";

impl Said {
    pub(super) fn take_events(&mut self, events: &[Event]) {
        for event in events {
            let attributes = &event.attributes;
            match event.name.as_str() {
                DETAILS => self.take_details(attributes),
                "gen_ai.content.prompt" => {
                    let said = messages(attributes, &["gen_ai.prompt"], &[], "user");
                    self.input.extend(said);
                }
                "gen_ai.content.completion" => {
                    let said = messages(attributes, &["gen_ai.completion"], &[], "assistant");
                    self.output.extend(said);
                }
                name => self.take_message(name, attributes),
            }
        }
    }

    /// What the span has itself is not said a second time.
    fn take_details(&mut self, attributes: &Attributes) {
        if self.system.is_empty() {
            self.system = part::instructions(attributes);
        }
        if self.input.is_empty() {
            self.input = messages(attributes, INPUTS, &[], "user");
        }
        if self.output.is_empty() {
            self.output = messages(attributes, OUTPUTS, &[], "assistant");
        }
        if self.tools.is_empty() {
            self.tools = super::message::tools(attributes);
        }
    }

    fn take_message(&mut self, name: &str, attributes: &Attributes) {
        let role = match name {
            "gen_ai.system.message" => "system",
            "gen_ai.user.message" => "user",
            "gen_ai.assistant.message" => "assistant",
            "gen_ai.tool.message" => "tool",
            "gen_ai.choice" => "assistant",
            _ => return,
        };
        let mut members = Map::new();
        for (key, value) in attributes.iter() {
            members.insert(key.to_owned(), json(value));
        }
        if let Some(Json::Object(inner)) = members.remove("message") {
            members.extend(inner);
        }
        let found = message(&Json::Object(members), role);
        match name {
            "gen_ai.choice" => self.output.push(found),
            _ => self.input.push(found),
        }
    }
}
