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
fn what_is_read_is_never_written_over_and_a_failure_leaves_what_was_there() {
    let folder = TempDir::new().unwrap();
    let [file, link, out] =
        ["traces.jsonl", "link.jsonl", "out.jsonl"].map(|name| folder.path().join(name));
    fs::copy(RUN, &file).unwrap();
    let before = fs::read(&file).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for output in [&file, &link] {
        let refused = convert(&["--to", "otlp", "-o", &text(output), &text(&file)]);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    }
    fs::write(&out, "kept").unwrap();
    let missing = text(&folder.path().join("missing.jsonl"));
    let failed = convert(&["--to", "otlp", "-o", &text(&out), &missing]);
    assert_eq!(failed.status.code(), Some(2));
    assert_eq!(fs::read(&out).unwrap(), b"kept");
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_file_that_is_written_anew_keeps_its_rights_and_a_link_its_place() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let [out, link] = ["out.jsonl", "link.jsonl"].map(|name| folder.path().join(name));
    fs::write(&out, "old").unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&out, &link).unwrap();
    let done = convert(&["--to", "jsonl", "-o", &text(&link), RUN]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(
        fs::metadata(&out).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 14);
}
