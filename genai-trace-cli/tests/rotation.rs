//! Files that are rotated while a command reads others.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use tempfile::tempdir;

fn line(id: u64, name: &str) -> String {
    let span = json!({
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": format!("{id:016x}"),
        "parent_span_id": null, "name": name, "kind": "INTERNAL",
        "start_unix_nano": id, "end_unix_nano": id + 9, "status": "UNSET", "status_message": "",
        "attributes": {}, "events": [], "links": [], "resource": {},
    });
    format!("{span}\n")
}

/// What a command says of a pipe and of `traces.jsonl` behind it, where `meanwhile` is done when it reads the pipe, which
/// has the span `first`. It has listed its files by then.
fn read_slowly(folder: &Path, arguments: &[&str], meanwhile: impl FnOnce()) -> String {
    let pipe = folder.join("slow");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let command = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(arguments)
        .args(["slow", "traces.jsonl"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Opened when the command has opened it as well.
    let mut slow = File::options().write(true).open(&pipe).unwrap();
    meanwhile();
    slow.write_all(line(1, "first").as_bytes()).unwrap();
    drop(slow);
    let output = command.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    fs::remove_file(pipe).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_rotated_away_while_others_are_read_is_read_once() {
    for arguments in [
        &["stats", "--json"][..],
        &["ls", "--json"],
        &["convert", "--to", "jsonl"],
        &["query", "--json", "SELECT name FROM spans ORDER BY name"],
        &["show"],
    ] {
        let folder = tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let oldest = at("traces.2026-11-20T11-43-00.123Z.jsonl");
        fs::write(&oldest, line(2, "oldest")).unwrap();
        fs::write(at("traces.jsonl"), line(3, "last")).unwrap();
        let said = read_slowly(folder.path(), arguments, || {
            // The writer goes on in a new file, twice, and the oldest is one too many.
            for (day, name) in [(21, "later"), (22, "latest")] {
                let rotated = at(&format!("traces.2026-11-{day}T11-43-00.123Z.jsonl"));
                fs::rename(at("traces.jsonl"), rotated).unwrap();
                fs::write(at("traces.jsonl"), line(day, name)).unwrap();
            }
            fs::remove_file(&oldest).unwrap();
        });
        match arguments {
            ["convert", ..] | ["show"] => {
                for name in ["first", "oldest", "last"] {
                    assert_eq!(said.matches(name).count(), 1, "{name}: {said}");
                }
                assert!(!said.contains("late"), "{said}");
            }
            ["query", ..] => {
                let said: Json = serde_json::from_str(&said).unwrap();
                let names = json!([{"name": "first"}, {"name": "last"}, {"name": "oldest"}]);
                assert_eq!(said["rows"], names);
            }
            ["ls", ..] => {
                let said: Json = serde_json::from_str(&said).unwrap();
                assert_eq!(said["traces"][0]["spans"], 3, "{said}");
            }
            _ => {
                let said: Json = serde_json::from_str(&said).unwrap();
                assert_eq!(
                    (&said["spans"], &said["duplicate_spans"]),
                    (&json!(3), &json!(0))
                );
            }
        }
    }
}
