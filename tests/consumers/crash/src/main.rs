//! A tool panics in a program that aborts on panics; started again it finds what the first had left.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use genai_trace::{Outcome, SpanRecord, Telemetry, genai_agent, genai_tool};

#[genai_tool("read_file")]
fn read_file(path: &str) -> usize {
    assert!(path != "secret", "not for you");
    path.len()
}

#[genai_agent("coder")]
fn run() -> usize {
    read_file("Cargo.toml") + read_file("secret")
}

fn telemetry(file: &Path) -> Result<Telemetry, genai_trace::InitError> {
    Telemetry::builder().jsonl(file).crash_safe(true).install()
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = Path::new("traces.jsonl");
    if std::env::args().nth(1).as_deref() == Some("die") {
        let _telemetry = telemetry(file)?;
        run();
        return Ok(());
    }
    let died = Command::new(std::env::current_exe()?).arg("die").output()?;
    assert!(!died.status.success(), "it should have died");
    let report = telemetry(file)?.shutdown(Duration::from_secs(5));
    assert!(report.complete, "{report}");
    let text = std::fs::read_to_string(file)?;
    let spans: Vec<SpanRecord> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let found: Vec<_> = spans
        .iter()
        .map(|span| (span.name.as_str(), span.outcome()))
        .collect();
    let expected = [
        ("execute_tool read_file", Outcome::Ok),
        ("invoke_agent coder", Outcome::Crashed),
        ("execute_tool read_file", Outcome::Crashed),
    ];
    assert_eq!(found, expected);
    Ok(())
}
