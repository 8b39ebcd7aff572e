//! Messages as texts, for those who compare them or look for something in them.

use serde_json::Value as Json;

use super::{Message, Part, Type};

impl Message {
    /// What its parts say, each on a line of its own.
    pub(crate) fn text(&self) -> String {
        text(&self.parts)
    }
}

/// What parts say, each on a line of its own.
pub(crate) fn text(parts: &[Part]) -> String {
    let parts: Vec<_> = parts.iter().map(of_part).collect();
    parts.join("\n")
}

fn of_part(part: &Part) -> String {
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_default();
    let said = |value: &Option<Json>| match value {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    match part.kind {
        Type::ToolCall => format!("{}({})", or_nothing(&part.name), said(&part.arguments)),
        Type::ToolCallResponse => said(&part.result),
        Type::File => or_nothing(if part.id.is_some() {
            &part.id
        } else {
            &part.name
        }),
        _ => or_nothing(&part.text),
    }
}

#[cfg(test)]
mod tests {
    use genai_trace::Attributes;

    use super::super::message::messages;

    /// Who says what.
    fn read(said: &str) -> Vec<(&'static str, String)> {
        let mut attributes = Attributes::default();
        attributes.insert("messages", said);
        let read = messages(&attributes, &["messages"], &[], "user");
        let read = read.iter().map(|message| (message.role, message.text()));
        read.collect()
    }

    #[test]
    fn parts_of_messages_are_read_as_text() {
        let said = r#"[{"role":"user","parts":[{"type":"text","content":"a"},{"type":"text","content":"b"}]},
            {"role":"assistant","parts":[{"type":"tool_call","id":"1","name":"rm","arguments":{"path":"x"}}]},
            {"role":"tool","parts":[{"type":"tool_call_response","id":"1","response":{"ok":true}}]},
            {"role":"user","content":"in OpenAI's form"}]"#;
        let expected = [
            ("user", "a\nb"),
            ("assistant", "rm({\"path\":\"x\"})"),
            ("tool", "{\"ok\":true}"),
            ("user", "in OpenAI's form"),
        ];
        assert_eq!(
            read(said),
            expected.map(|(role, text)| (role, text.to_owned()))
        );
    }

    #[test]
    fn what_is_no_json_is_one_message() {
        assert_eq!(read("hello {"), [("user", "hello {".to_owned())]);
    }
}
