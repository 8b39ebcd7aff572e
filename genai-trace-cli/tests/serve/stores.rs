//! Stores of SQLite.

use std::path::{Path, PathBuf};
use std::process::Command;

use genai_trace::{LogExporter, LogRecord, SqliteLogExporter};
use serde_json::json;
use tempfile::{TempDir, tempdir};

use crate::server::{Server, TRACE, fixture, lines};
use crate::written::Written;

/// The first call of the model in the fixture.
const CHAT: &str = "18dd802ac8d1ebba";

fn folder() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("traces.db");
    (folder, path)
}

fn other(lines: &[String]) -> Vec<String> {
    let other = |line: &String| line.replace(TRACE, "4bf92f3577b34da6a3ce929d0e0e4736");
    lines.iter().map(other).collect()
}

#[test]
fn a_store_is_shown_while_it_is_written() {
    let (folder, path) = folder();
    let mut store = Written::at(&path);
    store.spans(&lines()[..4]);
    let server = Server::start(folder.path(), &["traces.db"]);
    let runs = server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 4);
    assert_eq!(runs["bad_lines"], 0);
    store.spans(&lines()[4..]);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    let run = server.json(&format!("/api/runs/{TRACE}"));
    assert_eq!(run["spans"].as_array().unwrap().len(), 14);
}

#[test]
fn a_store_that_comes_later_is_waited_for() {
    let (folder, path) = folder();
    let server = Server::start(folder.path(), &["traces.db"]);
    server.until("/api/runs", |runs| runs["loading"] == 1.0);
    let mut store = Written::at(&path);
    store.spans(&lines());
    let runs = server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    assert_eq!(runs["bad_lines"], 0);
}

#[test]
fn stores_that_a_pattern_names_are_shown_and_not_what_lies_beside_them() {
    let (folder, path) = folder();
    let mut store = Written::at(&path);
    store.spans(&lines());
    assert!(folder.path().join("traces.db-wal").exists());
    let server = Server::start(folder.path(), &["traces.db*"]);
    let runs = server.until("/api/runs", |runs| runs["loading"] == 1.0);
    assert_eq!((&runs["total"], &runs["bad_lines"]), (&json!(1), &json!(0)));
}

#[test]
fn what_was_said_and_scored_beside_the_spans_of_a_store_is_shown() {
    let (folder, path) = folder();
    let mut store = Written::at(&path);
    store.spans(&lines());
    let server = Server::start(folder.path(), &["traces.db"]);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    let event = |name: &str, attributes| -> LogRecord {
        serde_json::from_value(json!({
            "event_name": name,
            "time_unix_nano": 1_790_000_000_000_000_000_u64,
            "trace_id": TRACE,
            "span_id": CHAT,
            "attributes": attributes,
        }))
        .unwrap()
    };
    let mut events = SqliteLogExporter::open(&path).unwrap();
    let said = json!([{"role": "user", "parts": [{"type": "text", "content": "a quokka"}]}]);
    let events_of = [
        event(
            "gen_ai.client.inference.operation.details",
            json!({"gen_ai.input.messages": said}),
        ),
        event(
            "gen_ai.evaluation.result",
            json!({"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.75}),
        ),
    ];
    events.export(&events_of).unwrap();
    let runs = server.until("/api/runs?text=quokka", |runs| runs["matches"] == 1);
    let scores = &runs["runs"][0]["scores"];
    assert_eq!(scores[0]["name"], "relevance", "{runs}");
    let span = server.json(&format!("/api/runs/{TRACE}/spans/{CHAT}"));
    assert!(span.to_string().contains("a quokka"), "{span}");
}

#[test]
fn what_is_deleted_from_a_store_or_replaced_is_gone_from_the_page() {
    let (folder, path) = folder();
    let mut store = Written::at(&path);
    store.spans(&lines());
    store.spans(&other(&lines()));
    let server = Server::start(folder.path(), &["traces.db"]);
    server.until("/api/runs", |runs| runs["total"] == 2);
    let deleted = store
        .sql
        .execute("DELETE FROM spans WHERE trace_id = ?", [TRACE]);
    assert_eq!(deleted.unwrap(), 14);
    let runs = server.until("/api/runs", |runs| runs["total"] == 1);
    assert_ne!(runs["runs"][0]["trace_id"], TRACE);
    store.sql.execute("DELETE FROM spans", []).unwrap();
    server.until("/api/runs", |runs| runs["total"] == 0);
    store.spans(&lines()[..3]);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 3);

    drop(store);
    let new = folder.path().join("new.db");
    Written::at(&new).spans(&other(&lines()[..2]));
    // What is not in the old one by now belongs to it alone.
    for beside in ["traces.db-wal", "traces.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(beside));
    }
    std::fs::rename(new, path).unwrap();
    let runs = server.until("/api/runs", |runs| {
        runs["total"] == 1 && runs["runs"][0]["spans"] == 2
    });
    assert_ne!(runs["runs"][0]["trace_id"], TRACE);
}

/// The spans of the runs in a report.
fn reported(folder: &Path, file: &Path) -> usize {
    let output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(["report", "-o", "-"])
        .arg(file)
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let page = String::from_utf8(output.stdout).unwrap();
    page.matches("\"span_id\":\"").count()
}

#[test]
fn a_report_of_a_store_has_what_one_of_the_file_has() {
    let (folder, path) = folder();
    Written::at(&path).spans(&lines());
    let of_store = reported(folder.path(), &path);
    assert!(of_store >= 14);
    assert_eq!(of_store, reported(folder.path(), &fixture("run.jsonl")));
}

#[test]
fn a_store_that_cannot_be_read_is_said_and_keeps_nobody_from_the_others() {
    let (folder, path) = folder();
    std::fs::write(&path, b"SQLite format 3\0 and no more of it").unwrap();
    std::fs::write(folder.path().join("a.jsonl"), lines().concat()).unwrap();
    let server = Server::start(folder.path(), &["traces.db", "a.jsonl"]);
    let runs = server.until("/api/runs", |runs| runs["loading"] == 1.0);
    assert_eq!(runs["total"], 1);
}
