//! `genai-trace ps`, beside a process that is at work: this one.

// A test that panics is a test that fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![cfg(unix)]

use std::fs;
use std::process::Command;

use genai_trace::{Telemetry, genai_agent, genai_tool};

fn ps(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .arg("ps")
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[genai_agent("coder")]
fn agent(file: &str) -> (String, String) {
    search(file)
}

#[genai_tool("search")]
fn search(file: &str) -> (String, String) {
    (ps(&[file]), ps(&[file, "--json"]))
}

#[test]
fn what_runs_in_a_process_is_shown_while_it_runs_and_not_behind_it() {
    let folder = std::env::temp_dir().join(format!("genai-trace-cli-ps-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("traces.jsonl");
    let file = path.to_str().unwrap();
    let telemetry = Telemetry::builder()
        .jsonl(&path)
        .crash_safe(true)
        .install()
        .unwrap();
    let (shown, document) = agent(file);
    assert_eq!(ps(&[file]), "nothing runs\n");
    drop(telemetry);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], format!("process {}", std::process::id()));
    assert!(lines[1].starts_with("  invoke_agent coder for ") && lines[1].contains("  trace "));
    assert!(
        lines[2].starts_with("    execute_tool search for "),
        "{shown}"
    );
    assert_eq!(lines.len(), 3);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let open = document["open"].as_array().unwrap();
    assert_eq!(open[0]["name"], "invoke_agent coder");
    assert_eq!(open[1]["parent_span_id"], open[0]["span_id"]);
    assert!(open[1]["running_ns"].as_u64().unwrap() > 0);
    fs::remove_dir_all(&folder).unwrap();
}
