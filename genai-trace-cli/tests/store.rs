//! A store of SQLite is read as the file would be that had been written in its place.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use genai_trace::{Score, Telemetry, genai_agent, genai_chat, genai_tool, record, span};

#[genai_tool("read_file")]
fn read_file(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat() {
    record!(
        gen_ai.usage.input_tokens = 1200,
        gen_ai.usage.output_tokens = 130
    );
}

#[genai_agent("coder")]
fn agent() {
    let _ = read_file("/no/such\u{1b}[31m/file");
    chat();
}

/// A folder with the same spans, events and scores in `traces.jsonl` and in `traces.db`.
fn written(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("genai-trace-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, store) = (folder.join("traces.jsonl"), folder.join("traces.db"));
    let telemetry = Telemetry::builder()
        .service_name("coder")
        .jsonl(&file)
        .events(folder.join("traces.events.jsonl"))
        .sqlite(&store)
        .events_sqlite(&store)
        .install()
        .unwrap();
    agent();
    let trace = span("odd\n\"name\"").run(|| genai_trace::current().trace_id().unwrap());
    Score::new("thumb", true).trace(trace).record();
    assert!(!telemetry.shutdown(Duration::from_secs(30)).has_losses());
    folder
}

fn genai_trace(folder: &Path, arguments: &[&str]) -> String {
    let (out, complaint) = genai_trace_with_complaint(folder, arguments);
    assert_eq!(complaint, "", "{arguments:?}");
    out
}

fn genai_trace_with_complaint(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let [out, complaint] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (out, complaint)
}

#[test]
fn every_command_says_of_a_store_what_it_says_of_the_file() {
    let folder = written("store");
    let commands: [&[&str]; 8] = [
        &["ls"],
        &["show", "--attributes"],
        &["show", "--json"],
        &["stats"],
        &["cost", "--json"],
        &["stats", "--since", "1h", "--json"],
        &[
            "query",
            "SELECT name, status, kind, attributes, resource FROM traces ORDER BY span_id",
        ],
        &[
            "query",
            "--json",
            "SELECT name, value, trace_id, is_on_span FROM scores JOIN events USING (trace_id, name) UNION ALL SELECT name, count(*), trace_id, is_on_span FROM events GROUP BY 1",
        ],
    ];
    for command in commands {
        let [of_file, of_store] = ["traces.jsonl", "traces.db"]
            .map(|file| genai_trace(&folder, &[command, &[file]].concat()));
        assert_eq!(of_store, of_file, "{command:?}");
        assert!(of_file.lines().count() >= 1);
    }
    let (both, complaint) = genai_trace_with_complaint(
        &folder,
        &[
            "query",
            "--csv",
            "SELECT count(*) FROM spans",
            "traces.db",
            "traces.jsonl",
        ],
    );
    assert_eq!(both, "count(*)\r\n4\r\n");
    let twice = "genai-trace: 4 spans stand there again and count once\n";
    assert_eq!(complaint, twice);
    // It is only read.
    assert!(!folder.join("traces.db-wal").exists());
    std::fs::remove_dir_all(folder).unwrap();
}
