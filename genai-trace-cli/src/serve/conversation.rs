//! What was said in a run: each message once, in its order, and calls of tools with what came of them.

mod cut;
mod join;

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use genai_trace::SpanRecord;
use serde::Serialize;

pub(super) use self::join::Called;
use self::join::Tools;
use crate::said::{Message, Part, Said, Tool};
use crate::span::{Brief, Kind};

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Conversation {
    system: Vec<Part>,
    messages: Vec<Message>,
    tools: Vec<Tool>,
}

/// What was said in a span; none where nothing of it was kept.
pub(super) fn of_span(span: &SpanRecord, called: &Called<'_>) -> Option<Conversation> {
    let mut conversation = Conversation::default();
    match Brief::of(span).kind() {
        Kind::Tool => conversation.messages.extend(join::call(span)),
        _ => {
            let said = told(span);
            conversation.system = said.system;
            conversation.messages = said.input;
            conversation.messages.extend(said.output);
            conversation.tools = said.tools;
        }
    }
    if conversation.system.is_empty() && conversation.messages.is_empty() {
        return None;
    }
    conversation.finish(called);
    Some(conversation)
}

/// What was said in a run.
pub(super) fn of_run(trace: &[SpanRecord]) -> Conversation {
    let mut calls: Vec<&SpanRecord> = of_kind(trace, Kind::Model).collect();
    calls.sort_by_key(|span| span.start_unix_nano);
    let mut all: Vec<Said> = calls.into_iter().map(told).collect();
    all.retain(|said| !said.is_empty());
    if all.is_empty() {
        // Nothing of the calls was kept: perhaps of those who made them.
        all = of_kind(trace, Kind::Agent).map(told).collect();
    }
    let mut conversation = Conversation::default();
    let mut seen = Seen::default();
    for said in all {
        conversation.take(said, &mut seen);
    }
    let called = Called::of(trace);
    let mut conversation = conversation.with_other_calls(trace, &called);
    conversation.finish(&called);
    conversation
}

fn told(span: &SpanRecord) -> Said {
    Said::in_span(span).with_system_apart()
}

fn of_kind(trace: &[SpanRecord], kind: Kind) -> impl Iterator<Item = &SpanRecord> {
    trace
        .iter()
        .filter(move |span| Brief::of(span).kind() == kind)
}

/// How often what was said has come.
#[derive(Debug, Default)]
struct Seen(HashMap<String, usize>);

impl Conversation {
    /// Adds what was said in a call. Each call repeats what was said before: what it has not more often than all calls
    /// before it is not new.
    fn take(&mut self, said: Said, seen: &mut Seen) {
        for part in said.system {
            if !self.system.contains(&part) {
                self.system.push(part);
            }
        }
        for tool in said.tools {
            if self.tools.iter().all(|known| known.name != tool.name) {
                self.tools.push(tool);
            }
        }
        let mut here: HashMap<String, usize> = HashMap::new();
        for message in said.input.into_iter().chain(said.output) {
            let what = what(&message);
            let times = here.entry(what.clone()).or_default();
            *times += 1;
            let known = seen.0.entry(what).or_default();
            if *times > *known {
                *known = *times;
                self.messages.push(message);
            }
        }
    }

    /// The spans of the tools that were called.
    pub(super) fn spans(&self) -> HashSet<String> {
        let parts = self.messages.iter().flat_map(|message| &message.parts);
        parts.filter_map(|part| part.span.clone()).collect()
    }

    /// With the calls of tools that no message tells of.
    fn with_other_calls(mut self, trace: &[SpanRecord], called: &Called<'_>) -> Self {
        let mut tools = Tools::of(called);
        for message in &mut self.messages {
            tools.join(message);
        }
        let joined = tools.joined();
        let mut others: Vec<_> = of_kind(trace, Kind::Tool)
            .filter(|span| !joined.contains(&span.span_id))
            .collect();
        others.sort_by_key(|span| span.start_unix_nano);
        self.messages
            .extend(others.into_iter().filter_map(join::call));
        self
    }

    /// Joins calls with their tools and results, and cuts what is too long.
    fn finish(&mut self, called: &Called<'_>) {
        let mut tools = Tools::of(called);
        for message in &mut self.messages {
            tools.join(message);
        }
        join::results(&mut self.messages);
        let parts = self
            .messages
            .iter_mut()
            .flat_map(|message| &mut message.parts);
        self.system.iter_mut().chain(parts).for_each(cut::cut);
    }
}

/// What tells a message from others: who says what, wherever.
fn what(message: &Message) -> String {
    let mut what = message.role.to_owned();
    for part in &message.parts {
        let said = [&part.text, &part.id, &part.name].map(|text| text.as_deref().map(str::trim));
        let values = [&part.arguments, &part.result];
        // Writing into a text does not fail.
        let _ = write!(what, "\n{:?} {said:?} {values:?}", part.kind);
    }
    what
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::said::Type;

    /// A span of this number, with these attributes.
    fn span(number: u64, name: &str, attributes: Json) -> SpanRecord {
        let record = json!({
            "trace_id": format!("{:032x}", 1), "span_id": format!("{number:016x}"), "parent_span_id": null,
            "name": name, "kind": "INTERNAL", "start_unix_nano": number, "end_unix_nano": number + 1,
            "status": "UNSET", "status_message": "", "attributes": attributes, "events": [], "links": [],
            "resource": {},
        });
        serde_json::from_value(record).unwrap()
    }

    fn text(role: &str, text: &str) -> Json {
        json!({"role": role, "parts": [{"type": "text", "content": text}]})
    }

    fn chat(number: u64, input: &[Json], output: &[Json]) -> SpanRecord {
        let attributes = json!({
            "gen_ai.operation.name": "chat",
            "gen_ai.input.messages": json!(input).to_string(),
            "gen_ai.output.messages": json!(output).to_string(),
        });
        span(number, "chat m", attributes)
    }

    /// Who says what, in short.
    fn shown(conversation: &Conversation) -> Vec<String> {
        let messages = conversation.messages.iter();
        let shown = messages.map(|message| {
            let parts: Vec<String> = message
                .parts
                .iter()
                .map(|part| match part.kind {
                    Type::ToolCall => format!(
                        "{}({}) = {} in {}",
                        part.name.as_deref().unwrap_or("?"),
                        part.arguments.clone().unwrap_or_default(),
                        part.result.clone().unwrap_or_default(),
                        part.span
                            .as_deref()
                            .unwrap_or("no span")
                            .trim_start_matches('0'),
                    ),
                    _ => part
                        .text
                        .clone()
                        .unwrap_or_else(|| part.result.clone().unwrap_or_default().to_string()),
                })
                .collect();
            format!("{}: {}", message.role, parts.join(" | "))
        });
        shown.collect()
    }

    #[test]
    fn what_each_call_repeats_is_said_once_and_what_is_said_twice_twice() {
        let (ask, yes, more) = (
            text("user", "go on?"),
            text("assistant", "yes"),
            text("user", "go on?"),
        );
        let system = text("system", "be brief");
        let trace = [
            chat(
                1,
                &[system.clone(), ask.clone()],
                std::slice::from_ref(&yes),
            ),
            chat(2, &[system, ask, yes.clone(), more], &[yes]),
        ];
        let conversation = of_run(&trace);
        assert_eq!(
            shown(&conversation),
            [
                "user: go on?",
                "assistant: yes",
                "user: go on?",
                "assistant: yes"
            ]
        );
        assert_eq!(conversation.system.len(), 1);
        assert_eq!(conversation.messages[3].span, format!("{:016x}", 2));
    }

    #[test]
    fn a_call_of_a_tool_stands_with_its_result_and_its_span() {
        let call = json!({"role": "assistant", "finish_reason": "tool_call", "parts": [
            {"type": "tool_call", "id": "c1", "name": "search", "arguments": {"q": "x"}},
        ]});
        let answer = json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "3 lines"}]});
        let tool = span(
            2,
            "execute_tool search",
            json!({"gen_ai.tool.name": "search", "gen_ai.tool.call.id": "c1"}),
        );
        let trace = [
            chat(1, &[text("user", "find x")], std::slice::from_ref(&call)),
            tool,
            chat(
                3,
                &[text("user", "find x"), call, answer],
                &[text("assistant", "there")],
            ),
        ];
        let expected = [
            "user: find x",
            "assistant: search({\"q\":\"x\"}) = \"3 lines\" in 2",
            "tool: \"3 lines\"",
            "assistant: there",
        ];
        assert_eq!(shown(&of_run(&trace)), expected);
    }

    #[test]
    fn where_only_tools_kept_content_their_calls_are_the_conversation() {
        let attributes =
            json!({"tool.name": "rm", "tool.arguments": "{\"path\":\"a\"}", "tool.output": "gone"});
        let trace = [
            span(1, "chat m", json!({})),
            span(2, "tool.call", attributes),
        ];
        assert_eq!(
            shown(&of_run(&trace)),
            ["tool: rm({\"path\":\"a\"}) = \"gone\" in 2"]
        );
        assert_eq!(
            shown(&of_span(&trace[1], &Called::of(&trace)).unwrap()),
            ["tool: rm({\"path\":\"a\"}) = \"gone\" in 2"]
        );
        assert_eq!(of_span(&trace[0], &Called::of(&trace)), None);
    }

    #[test]
    fn a_long_text_is_cut_and_says_how_long_it_is() {
        let long = "é".repeat(100_000);
        let trace = [chat(1, &[text("user", &long)], &[])];
        let conversation = of_run(&trace);
        let part = &conversation.messages[0].parts[0];
        assert_eq!(
            (part.text.as_ref().unwrap().len(), part.cut),
            (64 << 10, Some(200_000))
        );
    }

    #[test]
    fn thousands_of_spans_are_told_of_one_by_one_without_looking_through_all_for_each() {
        let call = |number: u64| {
            json!({"role": "assistant", "parts": [
                {"type": "tool_call", "id": format!("c{number}"), "name": "search", "arguments": {}},
            ]})
        };
        let trace: Vec<_> = (1..=4000)
            .map(|number| match number % 2 {
                1 => chat(number, &[], &[call(number + 1)]),
                _ => span(
                    number,
                    "execute_tool search",
                    json!({"gen_ai.tool.name": "search", "gen_ai.tool.call.id": format!("c{number}")}),
                ),
            })
            .collect();
        let began = std::time::Instant::now();
        let called = Called::of(&trace);
        for (number, span) in trace.iter().enumerate().step_by(2) {
            let said = of_span(span, &called).unwrap();
            let expected = format!("{:016x}", number + 2);
            assert_eq!(said.messages[0].parts[0].span.as_deref(), Some(&*expected));
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
    }
}
