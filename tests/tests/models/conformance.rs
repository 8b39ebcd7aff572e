//! The check of spans against the conventions: it passes what is right, and finds each of many faults.

use genai_trace::{
    Operation, SpanRecord, genai_agent, genai_chat, genai_gate, genai_tool, record, span,
};
use genai_trace_tests::conformance::{Namespaces, check, check_spans};
use genai_trace_tests::recorded;
use serde_json::{Value, json};

/// What a user adds, here.
const APP: Namespaces<'static> = Namespaces::These(&["app."]);

const START: u64 = 1_790_000_000_000_000_000;
const END: u64 = START + 1_000_000_000;

/// A line that is right, of a span with these attributes.
fn line(name: &str, kind: &str, attributes: Value) -> Value {
    json!({
        "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331",
        "parent_span_id": null, "name": name, "kind": kind,
        "start_unix_nano": START, "end_unix_nano": END, "status": "UNSET", "status_message": "",
        "attributes": attributes, "events": [], "links": [],
        "resource": {"service.name": "coder"},
    })
}

/// A model call that says all that there is to say.
fn chat() -> Value {
    let messages = json!([
        {"role": "user", "parts": [{"type": "text", "content": "why?"}]},
        {"role": "assistant", "parts": [
            {"type": "reasoning", "content": "let me see"},
            {"type": "tool_call", "id": "c1", "name": "read_file", "arguments": {"path": "a"}},
        ]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "text"}]},
        {"role": "user", "parts": [
            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGk="},
            {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
            {"type": "something_new", "whatever": 1},
        ]},
    ]);
    let answer = json!([
        {"role": "assistant", "finish_reason": "stop", "parts": [{"type": "text", "content": "so"}]},
    ]);
    let tools =
        json!([{"type": "function", "name": "read_file", "parameters": {"type": "object"}}]);
    line(
        "chat gpt-4o",
        "CLIENT",
        json!({
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.request.max_tokens": 100, "gen_ai.request.temperature": 0.5,
            "gen_ai.request.stream": true, "gen_ai.request.choice.count": 2,
            "gen_ai.response.id": "r1", "gen_ai.response.finish_reasons": ["stop", "stop"],
            "gen_ai.response.time_to_first_chunk": 0.25,
            "gen_ai.conversation.id": "conversation 7",
            "gen_ai.usage.input_tokens": 100, "gen_ai.usage.cache_read.input_tokens": 60,
            "gen_ai.usage.cache_write.input_tokens": 20,
            "genai_trace.usage.cache_write_1h.input_tokens": 10,
            "gen_ai.usage.output_tokens": 50, "gen_ai.usage.reasoning.output_tokens": 30,
            "gen_ai.input.messages": messages.to_string(),
            "gen_ai.output.messages": answer.to_string(),
            "gen_ai.tool.definitions": tools.to_string(),
            "openai.api.type": "chat_completions", "openai.response.service_tier": "default",
            "server.address": "api.openai.com", "server.port": 443,
            "llm.cost.usd": 0.0006, "genai_trace.cost.status": "priced",
            "genai_trace.stream.chunks": 12, "app.turn": 3,
        }),
    )
}

/// A tool that failed.
fn tool() -> Value {
    let mut line = line(
        "execute_tool read_file",
        "INTERNAL",
        json!({
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "read_file",
            "gen_ai.tool.type": "function", "gen_ai.tool.call.id": "c1",
            "gen_ai.tool.call.arguments": "{\"path\":\"a\"}", "error.type": "NotFound",
        }),
    );
    line["status"] = json!("ERROR");
    line["status_message"] = json!("no such file");
    line["events"] = json!([{
        "name": "exception", "time_unix_nano": START + 5,
        "attributes": {"exception.type": "std::io::Error", "exception.message": "no such file"},
    }]);
    line
}

/// One line of each type of span.
fn every_type() -> Vec<Value> {
    let model = |operation: &str| {
        json!({
            "gen_ai.operation.name": operation, "gen_ai.provider.name": "gcp.gemini",
            "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 5,
        })
    };
    let mcp = |name: &str, kind: &str| {
        let attributes = json!({
            "mcp.method.name": "tools/call", "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "look_up", "mcp.session.id": "s", "network.transport": "pipe",
        });
        line(name, kind, attributes)
    };
    vec![
        chat(),
        tool(),
        line("text_completion m", "CLIENT", model("text_completion")),
        line("generate_content m", "INTERNAL", model("generate_content")),
        line("embeddings m", "CLIENT", model("embeddings")),
        line(
            "retrieval docs",
            "CLIENT",
            json!({
                "gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "docs",
                "gen_ai.retrieval.documents": "[{\"id\":\"1\",\"score\":0.5}]",
            }),
        ),
        line(
            "fetch_response",
            "CLIENT",
            json!({
                "gen_ai.operation.name": "fetch_response", "gen_ai.provider.name": "openai",
                "gen_ai.response.id": "r1", "gen_ai.response.status": "completed",
            }),
        ),
        line(
            "search_memory",
            "INTERNAL",
            json!({
                "gen_ai.operation.name": "search_memory", "gen_ai.memory.store.id": "m",
                "gen_ai.memory.records": "[{\"content\":\"x\"}]",
            }),
        ),
        line(
            "create_agent coder",
            "CLIENT",
            json!({
                "gen_ai.operation.name": "create_agent", "gen_ai.provider.name": "openai",
                "gen_ai.agent.name": "coder", "gen_ai.agent.version": "2",
            }),
        ),
        line(
            "invoke_agent coder",
            "INTERNAL",
            json!({
                "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "coder",
                "gen_ai.agent.id": "a1", "genai_trace.total.input_tokens": 100,
            }),
        ),
        line(
            "invoke_agent",
            "CLIENT",
            json!({
                "gen_ai.operation.name": "invoke_agent", "gen_ai.provider.name": "openai",
                "gen_ai.agent.id": "a1",
            }),
        ),
        line(
            "invoke_workflow nightly",
            "INTERNAL",
            json!({
                "gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "nightly",
            }),
        ),
        line(
            "plan coder",
            "INTERNAL",
            json!({
                "gen_ai.operation.name": "plan", "gen_ai.agent.name": "coder",
            }),
        ),
        mcp("tools/call look_up", "CLIENT"),
        mcp("tools/call look_up", "SERVER"),
        line(
            "gate allow_command",
            "INTERNAL",
            json!({
                "genai_trace.gate.decision": "deny", "genai_trace.gate.reason": "rm",
            }),
        ),
        line(
            "agent.turn",
            "INTERNAL",
            json!({"app.turn": 1, "genai_trace.outcome": "cancelled"}),
        ),
    ]
}

fn rules(lines: &[Value]) -> Vec<&'static str> {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let findings = check(&lines.join("\n"), APP);
    findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_right_line_of_every_type_of_span_passes() {
    for line in every_type() {
        let findings = check(&line.to_string(), APP);
        assert_eq!(findings, [], "{line}");
    }
}

/// A good line with one thing wrong: the rule that it breaks, and how it is made wrong.
struct Fault {
    rule: &'static str,
    of: fn() -> Value,
    /// Where, as a JSON pointer: `/status`, or the name of an attribute.
    place: &'static str,
    /// What stands there; nothing where that is `null`.
    value: Value,
}

fn fault(rule: &'static str, of: fn() -> Value, place: &'static str, value: Value) -> Fault {
    Fault {
        rule,
        of,
        place,
        value,
    }
}

impl Fault {
    fn line(&self) -> Value {
        let mut line = (self.of)();
        let (within, key) = match self.place.strip_prefix('/') {
            Some(key) => (&mut line, key),
            None => (&mut line["attributes"], self.place),
        };
        let within = within.as_object_mut().unwrap();
        match self.value.is_null() {
            true => assert!(within.remove(key).is_some(), "{key} is not there"),
            false => assert_ne!(
                within.insert(key.to_owned(), self.value.clone()),
                Some(self.value.clone())
            ),
        }
        line
    }
}

/// The details of the call in `chat`, with their structure.
fn details() -> Value {
    let mut attributes = chat()["attributes"].clone();
    for key in [
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.tool.definitions",
    ] {
        let text = attributes[key].as_str().expect("JSON in a text").to_owned();
        attributes[key] = serde_json::from_str(&text).expect("JSON");
    }
    event("gen_ai.client.inference.operation.details", 5, attributes)
}

/// What went wrong in a call.
fn exception() -> Value {
    let attributes = json!({"exception.type": "Overloaded", "exception.message": "slow down"});
    event("gen_ai.client.operation.exception", 13, attributes)
}

/// A score that came later, for a whole trace.
fn evaluation() -> Value {
    let mut event = event(
        "gen_ai.evaluation.result",
        9,
        json!({
            "gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.87,
            "gen_ai.evaluation.score.label": "good", "gen_ai.response.id": "r1",
        }),
    );
    event["span_id"] = Value::Null;
    event
        .as_object_mut()
        .expect("an object")
        .remove("severity_number");
    event
}

/// An event that is right, of the span in `line`.
fn event(name: &str, severity: u8, attributes: Value) -> Value {
    json!({
        "event_name": name, "time_unix_nano": END, "severity_number": severity,
        "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331",
        "attributes": attributes, "resource": {"service.name": "coder"},
    })
}

fn faults_of_events() -> Vec<Fault> {
    let messages = json!([{"role": "user", "parts": [{"type": "text", "text": "why?"}]}]);
    let details_of_call = "gen_ai.client.inference.operation.detail";
    vec![
        // The line.
        fault("event_name", details, "/event_name", json!(details_of_call)),
        fault("severity", details, "/severity_number", json!(9)),
        fault("severity", exception, "/severity_number", Value::Null),
        fault("severity", evaluation, "/severity_number", json!(25)),
        fault("id", details, "/span_id", json!("b7ad6b71")),
        fault("id", exception, "/trace_id", json!("")),
        fault("id", evaluation, "/trace_id", json!("0")),
        fault("time", exception, "/time_unix_nano", json!(1_000_000)),
        fault("keys", details, "/resource", Value::Null),
        fault("keys", details, "/body", json!("text")),
        fault("resource", evaluation, "/resource", json!({})),
        // Names, types and levels.
        fault("required", details, "gen_ai.provider.name", Value::Null),
        fault(
            "required",
            evaluation,
            "gen_ai.evaluation.name",
            Value::Null,
        ),
        fault(
            "unknown_name",
            evaluation,
            "gen_ai.evaluation.score",
            json!(1.0),
        ),
        fault("deprecated_name", details, "gen_ai.system", json!("openai")),
        fault(
            "misplaced",
            evaluation,
            "gen_ai.request.model",
            json!("gpt-4o"),
        ),
        fault("misplaced", details, "gen_ai.tool.name", json!("read_file")),
        fault("misplaced", exception, "error.type", json!("Overloaded")),
        fault("namespace", details, "user.mood", json!("good")),
        fault(
            "type",
            evaluation,
            "gen_ai.evaluation.score.value",
            json!("high"),
        ),
        fault(
            "type",
            evaluation,
            "gen_ai.evaluation.score.value",
            json!(1),
        ),
        fault(
            "type",
            exception,
            "exception.message",
            json!(["slow", "down"]),
        ),
        fault("type", details, "gen_ai.usage.input_tokens", json!("100")),
        fault("type", details, "gen_ai.input.messages", json!("[]")),
        // What they say.
        fault(
            "says_nothing",
            nameless_exception,
            "exception.type",
            Value::Null,
        ),
        fault(
            "says_nothing",
            unlabelled,
            "gen_ai.evaluation.score.value",
            Value::Null,
        ),
        fault("message", details, "gen_ai.input.messages", messages),
        fault(
            "message",
            details,
            "gen_ai.output.messages",
            json!([{"parts": []}]),
        ),
        fault(
            "message",
            details,
            "gen_ai.tool.definitions",
            json!([{"name": "read_file"}]),
        ),
        fault(
            "part",
            details,
            "gen_ai.usage.cache_read.input_tokens",
            json!(90),
        ),
    ]
}

fn nameless_exception() -> Value {
    let attributes = json!({"exception.type": "Overloaded"});
    event("gen_ai.client.operation.exception", 13, attributes)
}

fn unlabelled() -> Value {
    let mut event = evaluation();
    let attributes = event["attributes"].as_object_mut().expect("attributes");
    attributes.remove("gen_ai.evaluation.score.label");
    event
}

#[test]
fn a_right_event_of_every_name_passes() {
    for event in [
        details(),
        exception(),
        evaluation(),
        nameless_exception(),
        unlabelled(),
    ] {
        assert_eq!(check(&event.to_string(), APP), [], "{event}");
    }
    assert_eq!(rules(&[chat(), details(), evaluation()]), [""; 0]);
}

#[test]
fn every_seeded_fault_of_an_event_is_found() {
    for fault in faults_of_events() {
        let line = fault.line();
        let found = rules(std::slice::from_ref(&line));
        let what = format!("{} {}: {line}", fault.place, fault.value);
        assert!(found.contains(&fault.rule), "{found:?} for {what}");
        assert!(found.len() <= 3, "{found:?} for {what}");
    }
}

#[test]
fn an_event_that_does_not_go_with_its_span_is_found() {
    let found = |place: &str, key: &str, value: Value| {
        let mut event = details();
        let within = if place.is_empty() {
            &mut event
        } else {
            &mut event[place]
        };
        within[key] = value;
        rules(&[chat(), event])
    };
    let other = json!("0af7651916cd43dd8448eb211c80319d");
    assert_eq!(found("", "trace_id", other), ["event_span"]);
    assert_eq!(found("", "time_unix_nano", json!(END + 1)), ["event_span"]);
    assert_eq!(
        found("attributes", "gen_ai.request.model", json!("o3")),
        ["event_span"]
    );
    assert_eq!(
        found("attributes", "gen_ai.response.id", json!("r2")),
        ["event_span"]
    );
    // Of a call that has not failed.
    assert_eq!(rules(&[chat(), exception()]), ["event_span"]);
}

#[test]
fn an_evaluation_within_a_span_is_looked_at_as_well() {
    let with = |attributes: Value| {
        let mut line = chat();
        line["events"] = json!([{
            "name": "gen_ai.evaluation.result", "time_unix_nano": START + 5, "attributes": attributes,
        }]);
        rules(&[line])
    };
    let right =
        json!({"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.5});
    assert_eq!(with(right), [""; 0]);
    let nameless = json!({"gen_ai.evaluation.score.value": 0.5});
    assert_eq!(with(nameless), ["required"]);
    assert_eq!(
        with(json!({"gen_ai.evaluation.name": "relevance"})),
        ["says_nothing"]
    );
}

fn faults() -> Vec<Fault> {
    let message = |parts: Value| json!(json!([{"role": "user", "parts": parts}]).to_string());
    vec![
        // The line.
        fault(
            "id",
            chat,
            "/trace_id",
            json!("0AF7651916CD43DD8448EB211C80319C"),
        ),
        fault("id", chat, "/span_id", json!("0000000000000000")),
        fault("id", chat, "/parent_span_id", json!("b7ad6b7169203331")),
        fault("time", chat, "/end_unix_nano", json!(START - 1)),
        fault("time", chat, "/start_unix_nano", json!(1_000_000)),
        fault("keys", chat, "/events", Value::Null),
        fault("keys", chat, "/duration_ms", json!(5)),
        fault("resource", chat, "/resource", json!({})),
        fault("kind", chat, "/kind", json!("SERVER")),
        fault("status", chat, "/status", json!("OK")),
        fault("status_message", chat, "/status_message", json!("fine")),
        fault("error_type", tool, "error.type", Value::Null),
        fault("error_type", chat, "error.type", json!("timeout")),
        fault(
            "event",
            tool,
            "/events",
            json!([{"name": "exception", "time_unix_nano": END + 1,
            "attributes": {"exception.type": "E"}}]),
        ),
        fault(
            "event",
            tool,
            "/events",
            json!([{"name": "exception", "time_unix_nano": START,
            "attributes": {}}]),
        ),
        // Names and types.
        fault("span_name", chat, "/name", json!("chat")),
        fault("span_name", tool, "/name", json!("read_file")),
        fault("unknown_name", chat, "gen_ai.usage.input_token", json!(5)),
        fault("deprecated_name", chat, "gen_ai.system", json!("openai")),
        fault(
            "deprecated_name",
            chat,
            "gen_ai.usage.prompt_tokens",
            json!(5),
        ),
        fault("namespace", chat, "user.mood", json!("good")),
        fault("namespace", chat, "genai_trace.invented", json!(1)),
        fault("type", chat, "gen_ai.usage.output_tokens", json!("50")),
        fault("type", chat, "gen_ai.request.temperature", json!(1)),
        fault(
            "type",
            chat,
            "gen_ai.response.finish_reasons",
            json!("stop"),
        ),
        fault(
            "type",
            chat,
            "gen_ai.input.messages",
            json!([{"role": "user", "parts": []}]),
        ),
        fault("type", chat, "genai_trace.stream.chunks", json!("12")),
        fault("value", chat, "openai.api.type", json!("Chat_Completions")),
        fault(
            "operation",
            chat,
            "gen_ai.operation.name",
            json!("completion"),
        ),
        fault("operation", chat, "gen_ai.operation.name", Value::Null),
        // What stands where.
        fault("required", chat, "gen_ai.provider.name", Value::Null),
        fault("required", tool, "gen_ai.tool.name", Value::Null),
        fault("misplaced", chat, "gen_ai.tool.name", json!("read_file")),
        fault(
            "usage_on_leaf",
            tool,
            "gen_ai.usage.input_tokens",
            json!(100),
        ),
        fault("server", chat, "server.port", Value::Null),
        fault("server", chat, "server.port", json!(70_000)),
        // What values mean.
        fault("only_true", chat, "gen_ai.request.stream", json!(false)),
        fault(
            "only_true",
            chat,
            "gen_ai.conversation.compacted",
            json!(false),
        ),
        fault(
            "choice_count",
            chat,
            "gen_ai.request.choice.count",
            json!(1),
        ),
        fault(
            "conversation",
            chat,
            "gen_ai.conversation.id",
            json!("0af7651916cd43dd8448eb211c80319c"),
        ),
        fault(
            "first_chunk",
            chat,
            "gen_ai.response.time_to_first_chunk",
            json!(1.5),
        ),
        fault(
            "finish_reasons",
            chat,
            "gen_ai.response.finish_reasons",
            json!([]),
        ),
        fault("negative", chat, "gen_ai.usage.output_tokens", json!(-1)),
        fault(
            "part",
            chat,
            "gen_ai.usage.cache_read.input_tokens",
            json!(90),
        ),
        fault(
            "part",
            chat,
            "gen_ai.usage.reasoning.output_tokens",
            json!(51),
        ),
        fault(
            "part",
            chat,
            "genai_trace.usage.cache_write_1h.input_tokens",
            json!(21),
        ),
        fault("outcome", tool, "genai_trace.outcome", json!("cancelled")),
        fault("outcome", chat, "genai_trace.outcome", json!("ok")),
        fault("cost", chat, "genai_trace.cost.status", json!("unknown")),
        fault("cost", chat, "llm.cost.usd", Value::Null),
        // Messages.
        fault(
            "message",
            chat,
            "gen_ai.input.messages",
            json!("[{\"role\""),
        ),
        fault("message", chat, "gen_ai.input.messages", json!("{}")),
        fault(
            "message",
            chat,
            "gen_ai.output.messages",
            json!("[{\"role\":\"assistant\"}]"),
        ),
        fault(
            "message",
            chat,
            "gen_ai.input.messages",
            message(json!([{"content": "x"}])),
        ),
        fault(
            "message",
            chat,
            "gen_ai.input.messages",
            message(json!([{"type": "text", "text": "x"}])),
        ),
        fault(
            "message",
            chat,
            "gen_ai.input.messages",
            message(json!([{"type": "tool_call", "id": "c"}])),
        ),
        fault(
            "message",
            chat,
            "gen_ai.input.messages",
            message(json!([{"type": "tool_call_response", "id": "c", "result": 1}])),
        ),
        fault(
            "message",
            chat,
            "gen_ai.input.messages",
            message(
                json!([{"type": "uri", "modality": "image", "uri": "data:image/png;base64,aGk="}]),
            ),
        ),
        fault(
            "message",
            chat,
            "gen_ai.input.messages",
            message(json!([{"type": "blob", "modality": "image", "content": "not base64!"}])),
        ),
        fault(
            "message",
            chat,
            "gen_ai.tool.definitions",
            json!("[{\"name\":\"read_file\"}]"),
        ),
        fault(
            "message",
            tool,
            "gen_ai.tool.call.arguments",
            json!("\"path\""),
        ),
    ]
}

#[test]
fn every_seeded_fault_is_found() {
    let faults = faults();
    assert!(faults.len() >= 30);
    for fault in faults {
        let line = fault.line();
        let found = rules(std::slice::from_ref(&line));
        let what = format!("{} {}: {line}", fault.place, fault.value);
        assert!(found.contains(&fault.rule), "{found:?} for {what}");
        // One thing is wrong, and so little more than that is found.
        assert!(found.len() <= 3, "{found:?} for {what}");
    }
}

#[test]
fn spans_that_do_not_go_together_are_found() {
    let parent = line("agent.turn", "INTERNAL", json!({}));
    let child = |start: u64, end: u64| {
        let mut child = line("agent.step", "INTERNAL", json!({}));
        child["span_id"] = json!("00f067aa0ba902b7");
        child["parent_span_id"] = parent["span_id"].clone();
        child["start_unix_nano"] = json!(start);
        child["end_unix_nano"] = json!(end);
        child
    };
    let found = |child| rules(&[parent.clone(), child]);
    assert_eq!(found(child(START, END)), [""; 0]);
    assert_eq!(found(child(START - 1, END)), ["parent_range"]);
    assert_eq!(found(child(START, END + 1)), ["parent_range"]);
    assert_eq!(found(parent.clone()), ["twice"]);
    assert_eq!(check("{\"trace_id\":\n", APP)[0].rule, "json");
}

#[genai_tool("read_file")]
fn read_file(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

#[genai_gate("allow_command")]
fn allow(command: &str) -> bool {
    command != "rm"
}

#[genai_chat(provider = "openai", model = model)]
fn ask(model: &str) -> Result<(), std::fmt::Error> {
    record!(
        gen_ai.usage.input_tokens = 10,
        gen_ai.usage.output_tokens = 5,
        gen_ai.response.finish_reasons = ["stop"],
        server.address = "localhost",
        server.port = 8080,
    );
    Ok(())
}

#[genai_agent("coder", conversation_id = "c7")]
fn run() {
    let _ = read_file("no/such/file");
    allow("rm");
    let _ = ask("gpt-4o");
    span("app.step").attr("app.step", &1).run(|| {});
    span("nightly").operation(Operation::Workflow).run(|| {});
    span("docs").operation(Operation::Retrieval).run(|| {});
    let _ = std::panic::catch_unwind(|| span("x").operation(Operation::Tool).run(|| panic!("no")));
}

#[test]
fn what_is_recorded_is_as_the_conventions_have_it() {
    let recorded = recorded(run);
    let spans: &[SpanRecord] = &recorded.spans;
    assert_eq!(spans.len(), 8);
    assert_eq!(check_spans(spans, APP), []);
}
