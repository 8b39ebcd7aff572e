//! What samplers look at stands on a span from its beginning: whoever asks for it while the body runs finds it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use genai_trace::{
    SpanInFlight, SpanRecord, genai_agent, genai_chat, genai_create_agent, genai_embeddings,
    genai_fetch_response, genai_mcp, genai_memory, genai_plan, genai_retrieval, genai_tool,
    genai_workflow,
};
use genai_trace_semconv::SPANS;
use genai_trace_tests::recorded_as;
use serde_json::{Value, json};

/// What is called in every body, to look at the span that is open.
type Look<'a> = &'a dyn Fn();

#[genai_chat(request = request, url = "https://api.openai.com/v1/chat/completions")]
fn chat(request: &Value, look: Look<'_>) {
    look();
}

#[genai_chat(provider = "openai", model = model, operation = "text_completion", server_address = "host", server_port = 80)]
fn complete(model: &str, look: Look<'_>) {
    look();
}

#[genai_chat(provider = "gcp.gemini", model = model, operation = "generate_content", url = "http://host/")]
fn generate(model: String, look: Look<'_>) {
    look();
}

#[genai_embeddings(provider = "openai", request = request, url = "http://host/")]
fn embed(request: &Value, look: Look<'_>) {
    look();
}

#[genai_fetch_response(provider = "openai", response_id = "resp_1", url = "http://host/")]
fn fetch(look: Look<'_>) {
    look();
}

#[genai_create_agent("tutor", provider = "openai", model = "gpt-4o", url = "http://host/")]
fn create(look: Look<'_>) {
    look();
}

#[genai_agent(name = name, remote, provider = "openai", model = "gpt-4o", fields("server.address" = "host", "server.port" = 80))]
fn delegate(name: &str, look: Look<'_>) {
    look();
}

#[genai_retrieval("docs")]
fn search(look: Look<'_>) {
    look();
}

#[genai_memory("search_memory")]
fn remember(look: Look<'_>) {
    look();
}

#[genai_mcp(server, method = "tools/call", tool = "write_file")]
fn serve(look: Look<'_>) {
    look();
}

#[genai_tool("read_file")]
fn read_file(look: Look<'_>) {
    look();
}

#[genai_tool(name = name, tool_type = "extension", skill = "review", skill_resource = "policy.md")]
fn dispatch(name: &str, look: Look<'_>) {
    look();
}

#[genai_plan]
fn plan(look: Look<'_>) {
    look();
}

#[genai_agent("coder", model = "gpt-4o")]
fn coder(look: Look<'_>) {
    look();
    plan(look);
    read_file(look);
    dispatch("read_policy", look);
}

#[genai_workflow("nightly")]
fn nightly(look: Look<'_>) {
    look();
    coder(look);
    let request = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "why?"}]});
    chat(&request, look);
    complete("davinci", look);
    generate("gemini".to_owned(), look);
    embed(&json!({"model": "small", "input": "why?"}), look);
    fetch(look);
    create(look);
    delegate("critic", look);
    search(look);
    remember(look);
    serve(look);
}

/// What samplers look at on spans of the operation: every attribute that is asked for at the start.
fn asked_at_start(operation: &str) -> BTreeSet<&'static str> {
    let spans = SPANS
        .iter()
        .filter(|span| span.operations.contains(&operation));
    let attributes = spans.flat_map(|span| span.attributes);
    let asked = attributes.filter(|attribute| attribute.at_start);
    asked.map(|attribute| attribute.attribute).collect()
}

/// Checks that what `span` has in the end of what is asked for at the start was there when it was `open`: how
/// much that was.
fn check(span: &SpanRecord, open: &SpanInFlight) -> usize {
    let operation = span
        .attributes
        .str("gen_ai.operation.name")
        .unwrap_or_default();
    assert_eq!(open.name, span.name);
    let mut checked = 0;
    for attribute in asked_at_start(operation) {
        if let Some(value) = span.attributes.get(attribute) {
            let name = &span.name;
            assert_eq!(
                open.attributes.get(attribute),
                Some(value),
                "{attribute} of {name}"
            );
            checked += 1;
        }
    }
    checked
}

#[test]
fn what_samplers_look_at_is_there_from_the_beginning() {
    let folder = std::env::temp_dir().join(format!("genai-trace-at-start-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("traces.jsonl");
    let open: Mutex<HashMap<_, SpanInFlight>> = Mutex::default();
    // With crash safety all that was said of a span can be seen while it is open.
    let recorded = recorded_as(
        |telemetry| telemetry.jsonl(&file).crash_safe(true),
        |telemetry| {
            nightly(&|| {
                let mut seen = open.lock().unwrap();
                for span in telemetry.open_spans() {
                    seen.entry(span.span_id).or_insert(span);
                }
            });
        },
    );
    std::fs::remove_dir_all(&folder).unwrap();
    let open = open.into_inner().unwrap();
    assert_eq!(recorded.spans.len(), 15);
    let checked = |span: &SpanRecord| (span.name.clone(), check(span, &open[&span.span_id]));
    let checked: HashMap<String, usize> = recorded.spans.iter().map(checked).collect();
    for (name, count) in [
        // Operation, provider, model, address and port.
        ("chat gpt-4o", 5),
        ("text_completion davinci", 5),
        ("generate_content gemini", 5),
        ("embeddings small", 5),
        ("fetch_response", 4),
        // And the agent.
        ("create_agent tutor", 6),
        ("invoke_agent critic", 6),
        ("invoke_agent coder", 3),
        // Operation, tool, its type and the agent.
        ("execute_tool read_file", 4),
        // And the skill with its resource.
        ("execute_tool read_policy review policy.md", 6),
        ("invoke_workflow nightly", 1),
        ("plan coder", 2),
    ] {
        assert_eq!(checked.get(name), Some(&count), "{name}");
    }
}
