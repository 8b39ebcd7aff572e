#![deny(warnings)]
use std::borrow::Cow;

use futures::stream::{self, Stream};
use genai_trace::{SpanContext, genai_agent, genai_chat, genai_gate, genai_span, genai_tool};

#[genai_agent(
    "coder",
    id = "asst_1",
    description = "Writes code",
    version = version,
    model = Some("gpt-4o"),
    remote,
    provider = "openai",
    conversation_id = id,
    fields("app.turn" = 1, app.mode = "fast", app.r#type.match = version, "app.ratio" = -0.5, app.on = true),
    ret_fields("app.size" = |text| text.as_ref().ok().map(String::len), "app.ok" = Result::is_ok),
    err = classify,
    root,
    sample = 0.1,
    links = Vec::<SpanContext>::new(),
    crate = ::genai_trace,
)]
fn agent(id: &str, version: &str) -> Result<String, std::io::Error> {
    Ok(format!("{id} {version}"))
}

#[genai_agent(name = format!("coder-{number}"))]
fn named(number: u32) -> u32 {
    number
}

#[genai_chat(
    provider = provider,
    model = "gpt-4o",
    operation = "generate_content",
    stream,
    prompt(name = "summary", version = version),
    max_tokens = 0x100u32,
    temperature = 1,
    top_p = 0.9f32,
    top_k = Some(40),
    frequency_penalty = -0.5,
    presence_penalty = penalty,
    seed = -1,
    choice_count = 2usize,
    stop_sequences = ["\n", "stop"],
    reasoning_level = "low",
    output_type = "json",
    previous_response_id = None::<&str>,
    server_address = "localhost",
    server_port = 8080u16,
)]
fn chat(provider: &str, version: String, penalty: f64) -> impl Stream<Item = usize> + use<> {
    stream::iter([provider.len() + version.len() + penalty.abs() as usize])
}

#[genai_tool("read_file", call_id = id, description = concat!("Read", " a file"), tool_type = "extension", error_if = is_zero, err = text)]
fn tool(id: Option<String>) -> Result<usize, String> {
    id.map(|id| id.len()).ok_or_else(String::new)
}

#[genai_tool(parent = parent)]
fn below(parent: &SpanContext) {
    let _ = parent;
}

#[genai_gate("allow", fields("command" = command))]
fn gate(command: &str) -> bool {
    command == "ls"
}

#[genai_span]
fn step() {}

#[genai_span()]
fn other_step() {}

fn classify(error: &std::io::Error) -> Cow<'static, str> {
    format!("{:?}", error.kind()).into()
}

fn text(error: &String) -> Cow<'static, str> {
    error.clone().into()
}

fn is_zero(result: &Result<usize, String>) -> bool {
    *result == Ok(0)
}

fn main() {
    assert_eq!(agent("a", "b").ok().as_deref(), Some("a b"));
    assert_eq!(named(1), 1);
    assert_eq!(chat("a", "b".to_owned(), 1.0).size_hint(), (1, Some(1)));
    assert_eq!(tool(Some(String::new())), Ok(0));
    let _ = below;
    assert!(gate("ls"));
    step();
    other_step();
}
