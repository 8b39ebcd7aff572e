//! The life of one agent invocation, made up and offline: a chat around a tool that works, a tool
//! that fails and a tool that a gate denies.
//!
//! ```text
//! cargo run --example capstone
//! ```
//!
//! It writes `traces.jsonl` into a temporary folder, reads it back, prints three of its spans and
//! the metrics, removes the folder and exits with 0.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use genai_trace::{
    GateDecision, SpanRecord, Telemetry, genai_agent, genai_chat, genai_gate, genai_tool, record,
    span,
};

const MODEL: &str = "claude-sonnet-4-5";

/// What the made-up model asks for: a tool with its argument.
const SCRIPT: [(&str, &str); 3] = [
    ("read_file", "src/lib.rs"),
    ("run_tests", "--all"),
    ("write_file", "/etc/hosts"),
];

fn main() -> ExitCode {
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("capstone: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo() -> Result<(), Box<dyn Error>> {
    let folder = Folder::new()?;
    let file = folder.0.join("traces.jsonl");
    let telemetry = Telemetry::builder()
        .service_name("capstone")
        .jsonl(&file)
        .install()?;

    let answer = invoke("make the tests pass");
    let report = telemetry.shutdown(Duration::from_secs(5));

    let mut out = io::stdout().lock();
    writeln!(out, "answer: {answer}\n{report}\n")?;
    let spans = read(&file)?;
    for operation in ["invoke_agent", "chat", "execute_tool"] {
        if let Some(span) = spans.iter().find(|span| span.name.starts_with(operation)) {
            writeln!(out, "{}", serde_json::to_string(span)?)?;
        }
    }
    write!(out, "\n{}", telemetry.metrics_text())?;
    Ok(())
}

/// The whole invocation: the root of the trace.
#[genai_agent("harness", model = MODEL)]
fn invoke(task: &str) -> String {
    let results = chat(task);
    // Any callable can have a span, without an attribute.
    span("summarise")
        .attr("app.results", &results.len())
        .run(|| results.join("; "))
}

/// A model call; what it asks for happens inside it, as in a provider's own agent loop.
#[genai_chat(provider = "anthropic", model = MODEL, max_tokens = 1024)]
fn chat(task: &str) -> Vec<String> {
    let mut results = Vec::new();
    for (call, (tool, argument)) in (1..).zip(SCRIPT) {
        let id = format!("call_{call}");
        let result = match allow_path(argument) {
            GateDecision::Deny(reason) => format!("{tool} denied: {reason}"),
            _ => run(tool, argument, &id).unwrap_or_else(|error| format!("{tool} failed: {error}")),
        };
        results.push(result);
    }
    record!(
        gen_ai.response.id = "msg_1",
        gen_ai.response.model = MODEL,
        gen_ai.response.finish_reasons = ["end_turn"],
        gen_ai.usage.input_tokens = task.len() * 25,
        gen_ai.usage.output_tokens = results.iter().map(String::len).sum::<usize>() / 4,
    );
    results
}

/// Denies whatever is not in the project.
#[genai_gate("allow_path")]
fn allow_path(argument: &str) -> GateDecision {
    if argument.starts_with('/') {
        GateDecision::Deny(format!("{argument} is not in the project"))
    } else {
        GateDecision::Allow
    }
}

fn run(tool: &str, argument: &str, id: &str) -> io::Result<String> {
    match tool {
        "read_file" => read_file(argument, id),
        "run_tests" => run_tests(argument, id),
        other => Err(io::Error::other(format!("there is no tool {other}"))),
    }
}

#[genai_tool("read_file", call_id = id)]
fn read_file(path: &str, id: &str) -> io::Result<String> {
    thread::sleep(Duration::from_millis(7));
    Ok(format!("{path} has 3 functions"))
}

#[genai_tool("run_tests", call_id = id)]
fn run_tests(arguments: &str, id: &str) -> io::Result<String> {
    thread::sleep(Duration::from_millis(30));
    Err(io::Error::new(
        io::ErrorKind::TimedOut,
        format!("no end in sight with {arguments}"),
    ))
}

/// The spans of a file: each line is one, by itself.
fn read(file: &Path) -> Result<Vec<SpanRecord>, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let spans: Result<_, _> = text.lines().map(serde_json::from_str).collect();
    Ok(spans?)
}

/// A folder of its own, removed at the end, whatever the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("genai-trace-capstone-{}", std::process::id()));
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody is left who could do better.
        let _ = fs::remove_dir_all(&self.0);
    }
}
