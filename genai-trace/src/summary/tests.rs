use super::*;

fn line(id: u64, parent: u64, name: &str, start: u64, end: u64, more: &str) -> SpanRecord {
    let parent = match parent {
        0 => "null".to_owned(),
        parent => format!("\"{parent:016x}\""),
    };
    let ms = 1_000_000;
    let line = format!(
        r#"{{"trace_id":"{:032x}","span_id":"{id:016x}","parent_span_id":{parent},"name":"{name}","kind":"INTERNAL","start_unix_nano":{},"end_unix_nano":{},"events":[],"links":[],"resource":{{}},{more}}}"#,
        1,
        start * ms,
        end * ms
    );
    serde_json::from_str(&line).unwrap()
}

fn tool(id: u64, start: u64, name: &str, more: &str, status: &str) -> SpanRecord {
    let attributes = format!(
        r#"{status},"attributes":{{"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"{name}"{more}}}"#
    );
    let name = format!("execute_tool {name}");
    line(id, 1, &name, start, start + 10 * id, &attributes)
}

const OK: &str = r#""status":"UNSET","status_message":"""#;
const FAILED: &str = r#""status":"ERROR","status_message":"no such file: \u001b[31mx""#;

fn run() -> Vec<SpanRecord> {
    let messages = |role: &str, text: &str| {
        format!(
            r#"[{{\"role\":\"{role}\",\"parts\":[{{\"type\":\"text\",\"content\":\"{text}\"}}]}}]"#
        )
    };
    let agent = format!(
        r#"{OK},"attributes":{{"gen_ai.operation.name":"invoke_agent","gen_ai.agent.name":"coder","gen_ai.input.messages":"{}","gen_ai.output.messages":"{}"}}"#,
        messages("user", "Where does   TODO stand?"),
        messages("assistant", "In src/lib.rs.")
    );
    let chat = format!(
        r#"{OK},"attributes":{{"gen_ai.operation.name":"chat","gen_ai.request.model":"gpt-4o","gen_ai.usage.input_tokens":1200,"gen_ai.usage.output_tokens":40,"llm.cost.usd":0.003}}"#
    );
    let gate = format!(
        r#"{OK},"attributes":{{"genai_trace.gate.decision":"deny","genai_trace.gate.reason":"outside"}}"#
    );
    let arguments =
        r#","gen_ai.tool.call.arguments":"{\"path\":\"a\"}","gen_ai.tool.call.result":"12 lines""#;
    vec![
        line(1, 0, "invoke_agent coder", 0, 900, &agent),
        line(2, 1, "chat gpt-4o", 1, 300, &chat),
        line(3, 1, "gate inside", 310, 311, &gate),
        tool(4, 320, "read_file", arguments, OK),
        tool(5, 400, "read_file", arguments, OK),
        tool(6, 500, "read_file", arguments, FAILED),
    ]
}

#[test]
fn a_run_is_told_by_what_mattered() {
    assert_eq!(
        summarize(&run(), &[], 1_000),
        r#"agent coder: ended well after 900ms, 6 spans, 1 model call of gpt-4o (1200 tokens in, 40 out, $0.003000), 3 tool calls, 1 error
Failed: read_file({"path":"a"}): no such file: \u{1b}[31mx
Gate: gate inside said deny (outside)
Repeated: read_file({"path":"a"}) 3 times
Asked: Where does TODO stand?
Answered: In src/lib.rs.
Slowest: chat gpt-4o 299ms, read_file({"path":"a"}) 60ms, read_file({"path":"a"}) 50ms
Calls in their order:
1. chat gpt-4o 299ms, 1200 tokens in, 40 out
2. read_file({"path":"a"}) 40ms -> 12 lines
3. read_file({"path":"a"}) 50ms -> 12 lines
4. read_file({"path":"a"}) 60ms, failed: no such file: \u{1b}[31mx
"#
    );
}

#[test]
fn thoughts_and_pictures_are_neither_asked_nor_answered_and_others_answers_are_not_the_runs() {
    let parts = |parts: &str| format!(r#"[{{\"role\":\"user\",\"parts\":[{parts}]}}]"#);
    let text = |text: &str| format!(r#"{{\"type\":\"text\",\"content\":\"{text}\"}}"#);
    let other = |kind: &str| format!(r#"{{\"type\":\"{kind}\",\"content\":\"hidden\"}}"#);
    let said = |input: &str, output: &str| {
        format!(
            r#"{OK},"attributes":{{"gen_ai.operation.name":"generate_content","gen_ai.request.model":"gemini","gen_ai.input.messages":"{input}","gen_ai.output.messages":"{output}"}}"#
        )
    };
    let question = parts(&format!("{},{}", other("blob"), text("What is it?")));
    let answer = parts(&format!("{},{}", other("reasoning"), text("A cat.")));
    let both = summarize(
        &[line(
            1,
            0,
            "generate_content gemini",
            0,
            5,
            &said(&question, &answer),
        )],
        &[],
        500,
    );
    assert!(
        both.contains("\nAsked: What is it?\nAnswered: A cat.\n"),
        "{both}"
    );
    assert!(
        both.starts_with(
            "generate_content gemini: ended well after 5.0ms, 1 span, 1 model call of gemini"
        ),
        "{both}"
    );
    let bare = format!(r#"{OK},"attributes":{{"gen_ai.operation.name":"invoke_agent"}}"#);
    let below = [
        line(1, 0, "invoke_agent", 0, 9, &bare),
        line(
            2,
            1,
            "generate_content gemini",
            1,
            5,
            &said(&question, &answer),
        ),
    ];
    let summary = summarize(&below, &[], 500);
    assert!(
        summary.starts_with("invoke_agent: ended") && !summary.contains("Answered"),
        "{summary}"
    );
}

#[test]
fn it_keeps_to_its_room_whatever_that_is() {
    let mut spans = run();
    spans.extend((7..400).map(|id| tool(id, 1_000 + id, "search", "", FAILED)));
    for tokens in (0..60).chain([100, 333, 1_000, 5_000]) {
        let summary = summarize(&spans, &[], tokens);
        assert!(summary.len() <= tokens * 3, "{tokens}: {}", summary.len());
        assert!(
            tokens < 20 || summary.starts_with("agent coder: ended"),
            "{summary}"
        );
    }
    let some = summarize(&run(), &[], 200);
    assert!(some.contains("calls are left out"), "{some}");
}

#[test]
fn of_an_error_that_was_handed_up_only_the_beginning_is_told() {
    let agent = format!(r#"{FAILED},"attributes":{{"gen_ai.operation.name":"invoke_agent"}}"#);
    let spans = [
        line(1, 0, "invoke_agent", 0, 9, &agent),
        tool(2, 1, "read_file", "", FAILED),
    ];
    let told = failures(&Step::all(&spans, &[]));
    assert_eq!(told, ["Failed: read_file: no such file: \\u{1b}[31mx"]);
}

#[test]
fn of_nothing_nothing_is_known() {
    assert_eq!(summarize(&[], &[], 100), "nothing is known of this run\n");
}
