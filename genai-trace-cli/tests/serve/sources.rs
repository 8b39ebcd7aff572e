//! What it reads.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::tempdir;

use crate::server::{Server, TRACE, fixture, lines};

#[test]
fn rotated_and_compressed_files_are_one_with_the_file_that_is_written() {
    let folder = tempdir().unwrap();
    let lines = lines();
    let compressed = folder
        .path()
        .join("traces.2026-11-22T10-00-00.000Z.jsonl.gz");
    let mut gzip = flate2::write::GzEncoder::new(
        File::create(compressed).unwrap(),
        flate2::Compression::fast(),
    );
    gzip.write_all(lines[..4].concat().as_bytes()).unwrap();
    gzip.finish().unwrap();
    let rotated = folder.path().join("traces.2026-11-22T11-00-00.000Z.jsonl");
    fs::write(rotated, lines[4..9].concat()).unwrap();
    fs::write(folder.path().join("traces.jsonl"), lines[9..].concat()).unwrap();
    let server = Server::start(folder.path(), &[]);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    let run = server.json(&format!("/api/runs/{TRACE}"));
    assert_eq!(run["spans"].as_array().unwrap().len(), 14);
    assert!(run["spans"][13]["duration"].is_f64());
}

#[test]
fn files_that_a_pattern_names_are_read_also_those_that_come_later() {
    let folder = tempdir().unwrap();
    let text = lines().concat();
    fs::write(folder.path().join("a.jsonl"), &text).unwrap();
    fs::write(folder.path().join("a.scores.jsonl"), "{}\n").unwrap();
    let server = Server::start(folder.path(), &["*.jsonl"]);
    server.until("/api/runs", |runs| runs["total"] == 1);
    let other = text.replace(TRACE, "4bf92f3577b34da6a3ce929d0e0e4736");
    fs::write(folder.path().join("b.jsonl"), other).unwrap();
    let runs = server.until("/api/runs", |runs| runs["total"] == 2);
    assert_eq!(runs["bad_lines"], 0);
}

#[test]
fn standard_input_is_read_as_it_comes() {
    let folder = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_genai-trace"));
    command
        .args(["serve", "--port", "0", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped());
    let mut server = Server::spawn(&mut command);
    let mut input = server.child.stdin.take().unwrap();
    input.write_all(lines()[..3].concat().as_bytes()).unwrap();
    input.flush().unwrap();
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 3);
    input.write_all(lines()[3..].concat().as_bytes()).unwrap();
    drop(input);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    // There is no file that a mark could be kept beside.
    let body = json!({"trace_id": TRACE, "name": "mark", "label": "good"});
    assert_eq!(server.post("/api/scores", &body.to_string()).status, 201);
    assert_eq!(server.json("/api/runs")["runs"][0]["marks"]["good"], 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_broken_is_counted_and_others_shapes_are_read() {
    let folder = tempdir().unwrap();
    fs::copy(fixture("broken.jsonl"), folder.path().join("traces.jsonl")).unwrap();
    let server = Server::start(folder.path(), &[]);
    let runs = server.until("/api/runs", |runs| runs["total"] == 2);
    assert_eq!(runs["bad_lines"], 3);
    let id = runs["runs"][1]["trace_id"].as_str().unwrap();
    let names: Vec<_> = server.json(&format!("/api/runs/{id}"))["spans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|span| span["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["agent.run", "llm_call", "tool.execute.query_db"]);
}
