//! A file and its copy are judged as the file alone.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;

fn judged(command: &str, files: &[&Path]) -> Json {
    let output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args([command, "--json"])
        .args((command == "check").then_some("--no-errors"))
        .args(files)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn of_a_file_and_its_copy_each_span_counts_once_and_each_finding_is_told_once() {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.jsonl");
    for (file, spans) in [
        ("tests/fixtures/run.jsonl", 14),
        ("tests/fixtures/invalid.jsonl", 5),
    ] {
        let file = Path::new(file);
        fs::copy(file, &copy).unwrap();
        for command in ["check", "validate"] {
            let alone = judged(command, &[file]);
            let both = judged(command, &[file, &copy]);
            assert_eq!(both["spans"], spans, "{command} {file:?}");
            for same in ["findings", "counts", "spans", "traces"] {
                assert_eq!(both[same], alone[same], "{command} {file:?} {same}");
            }
            let again = |of: &Json| of["duplicate_spans"].as_u64().unwrap();
            assert_eq!(again(&both), again(&alone) + spans + again(&alone));
        }
    }
}
