//! What cannot be read, as each command passes it over.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};
use tempfile::{TempDir, tempdir};

fn line(id: u64, attributes: &str) -> String {
    format!(
        r#"{{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"{id:016x}","parent_span_id":null,"name":"step {id}","kind":"INTERNAL","start_unix_nano":{id},"end_unix_nano":{},"status":"UNSET","status_message":"","attributes":{attributes},"events":[],"links":[],"resource":{{}}}}"#,
        id * 7919
    )
}

fn compressed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn run(arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_genai-trace"));
    command.args(arguments).arg(file).output().unwrap()
}

fn said(output: &Output) -> (&str, &str) {
    let text = |bytes| std::str::from_utf8(bytes).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn document(arguments: &[&str], file: &Path) -> Json {
    serde_json::from_slice(&run(arguments, file).stdout).unwrap()
}

/// A traces file with two rotated away from it, of which one is compressed and torn.
fn torn() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let live = folder.path().join("traces.jsonl");
    let rotated = |name: &str| folder.path().join(format!("traces.2026-11-{name}"));
    let lines = |ids: std::ops::Range<u64>| -> String {
        let lines = ids.map(|id| line(id, "{}") + "\n");
        lines.collect()
    };
    fs::write(rotated("20T11-43-00.123Z.jsonl"), lines(1..11)).unwrap();
    let packed = compressed(&lines(1_000..4_000));
    let mut torn = File::create(rotated("21T11-43-00.123Z.jsonl.gz")).unwrap();
    torn.write_all(&packed[..packed.len() / 2]).unwrap();
    fs::write(&live, lines(11..21)).unwrap();
    (folder, live)
}

#[test]
fn a_compressed_file_that_is_torn_is_read_as_far_as_it_goes_and_the_tear_is_a_bad_line() {
    let (_folder, live) = torn();
    let all = document(&["stats", "--json"], &live);
    let spans = all["spans"].as_u64().unwrap();
    assert!((1_000..3_020).contains(&spans), "{spans}");
    assert_eq!(all["bad_lines"], 1);
    for command in [
        &["stats"][..],
        &["ls"],
        &["cost"],
        &["show"],
        &["summary"],
        &["query", "SELECT count(*) FROM spans"],
        &["convert", "--to", "jsonl"],
        &["convert", "--to", "otlp", "--where", "name = 'step 5'"],
    ] {
        let output = run(command, &live);
        assert_eq!(output.status.code(), Some(0), "{command:?} {output:?}");
        let (out, complaint) = said(&output);
        assert!(!out.is_empty(), "{command:?}");
        let tear =
            "is no span and was passed over: zero bytes stand in it, as where a file is torn";
        assert!(complaint.contains(tear), "{command:?} {complaint}");
    }
    let asked = document(&["query", "--json", "SELECT count(*) n FROM spans"], &live);
    assert_eq!(
        (&asked["rows"][0]["n"], &asked["bad_lines"]),
        (&json!(spans), &json!(1))
    );
    for command in ["check", "validate"] {
        let found = document(&[command, "--json"], &live);
        assert_eq!(found["counts"]["unreadable"], 1, "{command}");
        assert_eq!(found["spans"], spans, "{command}");
        let findings = found["findings"].as_array().unwrap();
        let tear = findings
            .iter()
            .find(|finding| finding["rule"] == "unreadable");
        assert!(tear.unwrap()["file"].as_str().unwrap().ends_with(".gz"));
        assert_eq!(run(&[command], &live).status.code(), Some(1), "{command}");
    }
}

#[test]
fn tail_shows_the_last_spans_of_a_compressed_file_and_ends() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("traces.jsonl.gz");
    let lines: Vec<_> = (1..=5).map(|id| line(id, "{}")).collect();
    fs::write(&path, compressed(&lines.join("\n"))).unwrap();
    let output = run(&["tail", "--json", "-n", "2"], &path);
    assert!(output.status.success(), "{output:?}");
    let last = format!("{}\n{}\n", lines[3], lines[4]);
    assert_eq!(said(&output), (&*last, ""));
    assert_eq!(said(&run(&["tail", "-n", "0"], &path)), ("", ""));
}

#[test]
fn commands_agree_which_line_is_a_span() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("traces.jsonl");
    let nested = |levels: usize| {
        let attributes = format!(r#"{{"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        line(2, &attributes)
    };
    for (second, is_span) in [
        (nested(100), true),
        (nested(130), false),
        (nested(1_001), false),
        (line(2, r#"{"x":1e999}"#), false),
    ] {
        let whole = line(1, "{}");
        fs::write(&path, format!("{whole}\n{second}\n")).unwrap();
        let spans = 1 + u64::from(is_span);
        let bad = u64::from(!is_span);
        for command in ["stats", "check", "validate"] {
            let found = document(&[command, "--json"], &path);
            let counts = (&found["spans"], &found["bad_lines"]);
            assert_eq!(counts, (&json!(spans), &json!(bad)), "{command} {second}");
        }
        let query = r#"SELECT name FROM spans WHERE json_extract(attributes, "$.y") IS NULL"#;
        let asked = document(&["query", "--json", query], &path);
        let rows = asked["rows"].as_array().unwrap().len();
        assert_eq!((rows as u64, &asked["bad_lines"]), (spans, &json!(bad)));
        for command in [&["convert", "--to", "jsonl"][..], &["show"]] {
            let output = run(command, &path);
            let (out, complaint) = said(&output);
            assert_eq!(out.contains("step 2"), is_span, "{command:?} {second}");
            assert_eq!(complaint.is_empty(), is_span, "{command:?} {second}");
        }
    }
}
