//! A crate in which no `genai_trace` is to be found.
#![deny(warnings)]

use facade::observability::{GateDecision, genai_agent, genai_gate};
use telemetry::{MemoryExporter, Telemetry, genai_chat, genai_span, genai_tool, record};

#[genai_tool(
    "read",
    crate = telemetry,
    call_id = id,
    fields("file.path" = path),
    ret_fields("file.length" = |result| result.as_ref().ok().map(String::len)),
    err = kind
)]
fn read(id: &str, path: &str) -> Result<String, std::num::ParseIntError> {
    record!(crate = telemetry, "app.call" = id);
    path.parse::<u8>().map(|number| number.to_string())
}

fn kind(_: &std::num::ParseIntError) -> &'static str {
    "no_number"
}

#[genai_chat(crate = ::telemetry, provider = "openai", model = "gpt-4o", response = reply)]
async fn chat(question: &str) -> String {
    question.to_owned()
}

fn reply(text: &String) -> &String {
    text
}

#[genai_gate(crate = facade::observability)]
fn allow(command: &str) -> GateDecision {
    match command {
        "rm" => GateDecision::Deny("it deletes".to_owned()),
        _ => GateDecision::Allow,
    }
}

#[genai_span(crate = crate::inside::known_as)]
fn step() {
    record!(crate = inside::known_as, app.step = 1);
}

mod inside {
    pub(crate) use facade::trace as known_as;
}

facade::tool!(made, 7);

#[genai_agent("coder", crate = facade::trace)]
async fn agent() {
    assert_eq!(read("call_1", "7").as_deref(), Ok("7"));
    assert!(read("call_2", "seven").is_err());
    assert_eq!(chat("why?").await, "why?");
    assert_eq!(allow("ls"), GateDecision::Allow);
    assert_eq!(made(), 7);
    step();
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install()?;
    let mut agent = std::pin::pin!(agent());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(agent.as_mut().poll(&mut cx).is_ready());
    drop(telemetry);
    let spans = memory.spans();
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "chat gpt-4o",
            "execute_tool made",
            "execute_tool read",
            "execute_tool read",
            "gate allow",
            "invoke_agent coder",
            "step",
        ]
    );
    let attribute = |span: &str, key: &str| {
        let mut values = spans
            .iter()
            .filter(|found| found.name == span)
            .filter_map(|found| found.attributes.get(key));
        values.next_back().map(|value| format!("{value:?}"))
    };
    assert_eq!(attribute("step", "app.step").as_deref(), Some("Int(1)"));
    assert_eq!(
        attribute("execute_tool made", "tool.recorded").as_deref(),
        Some("Int(7)")
    );
    assert!(
        attribute("execute_tool read", "error.type").is_some_and(|kind| kind.contains("no_number"))
    );
    Ok(())
}
