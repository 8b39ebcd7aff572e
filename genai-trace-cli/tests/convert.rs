//! `genai-trace convert` into files.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const RUN: &str = "tests/fixtures/run.jsonl";

fn convert(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .arg("convert")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn spans_that_went_out_as_otlp_come_back_as_they_were() {
    let folder = TempDir::new().unwrap();
    let [otlp, back, ours] =
        ["otlp.jsonl", "back.jsonl", "ours.jsonl"].map(|name| folder.path().join(name));
    for (to, from, into) in [
        ("otlp", RUN, &otlp),
        ("jsonl", &text(&otlp), &back),
        ("jsonl", RUN, &ours),
    ] {
        let output = convert(&["--to", to, "-o", &text(into), from]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(
            (&output.stdout[..], &output.stderr[..]),
            (&b""[..], &b""[..])
        );
    }
    let spans = |path: &Path| -> Vec<serde_json::Value> {
        let lines = fs::read_to_string(path).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    assert_eq!(spans(&ours).len(), 14);
    assert_eq!(spans(&back), spans(&ours));
    assert_eq!(spans(Path::new(RUN)), spans(&ours));
}

#[test]
fn a_file_may_be_converted_in_its_own_place_and_a_failure_leaves_it_as_it_was() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("traces.jsonl");
    fs::copy(RUN, &file).unwrap();
    let before = fs::read(&file).unwrap();
    let missing = text(&folder.path().join("missing.jsonl"));
    let failed = convert(&["--to", "otlp", "-o", &text(&file), &missing]);
    assert_eq!(failed.status.code(), Some(2));
    assert_eq!(fs::read(&file).unwrap(), before);
    let done = convert(&["--to", "otlp", "-o", &text(&file), &text(&file)]);
    assert!(done.status.success(), "{done:?}");
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .starts_with("{\"resourceSpans\":[")
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}
