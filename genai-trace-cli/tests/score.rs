//! Scores as users give them: kept beside the file, found by the other commands.

// A test that panics is a test that fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What a command answers in `folder`, and with which code.
fn answer(folder: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

/// A folder with a run of the example in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        "tests/fixtures/run.jsonl",
        folder.path().join("traces.jsonl"),
    )
    .unwrap();
    folder
}

#[test]
fn a_mark_is_kept_and_a_later_one_holds() {
    let folder = folder();
    let (text, code) = answer(folder.path(), &["score", "5f4f", "good"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("good"), "{text}");
    let (text, _) = answer(
        folder.path(),
        &["score", "5F4F", "bad", "--comment", "it gave up"],
    );
    assert!(text.contains("bad: it gave up"), "{text}");
    assert!(!text.contains("good"), "{text}");
    let (listed, _) = answer(folder.path(), &["ls"]);
    assert!(listed.trim_end().ends_with("bad"), "{listed}");
    let kept = std::fs::read_to_string(folder.path().join("traces.scores.jsonl")).unwrap();
    assert_eq!(kept.lines().count(), 2);
}

#[test]
fn a_score_of_a_span_stands_on_its_line_of_the_tree() {
    let folder = folder();
    for score in [
        ["score", "5f4f/0b5e", "relevance", "-0.5"],
        ["score", "5f4f/0b5e", "tone", "dry"],
        ["score", "5f4f", "note", "look \u{1b}[31mat it"],
    ] {
        let (text, code) = answer(folder.path(), &score);
        assert_eq!(code, Some(0), "{text}");
    }
    let (tree, _) = answer(folder.path(), &["show"]);
    let line = tree
        .lines()
        .find(|line| line.contains("read_file"))
        .unwrap();
    assert!(line.ends_with("relevance -0.5  tone dry"), "{line}");
    assert!(tree.contains("note: look \\u{1b}[31mat it"), "{tree}");
}

#[test]
fn what_is_not_there_gets_no_score() {
    let folder = folder();
    let (text, code) = answer(folder.path(), &["score", "abc", "good"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("there is no trace \"abc\""), "{text}");
    assert!(!folder.path().join("traces.scores.jsonl").exists());
}
