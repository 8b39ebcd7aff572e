//! `genai-trace recover`, as a user runs it.

// A test that panics is a test that fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::tempdir;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn help_says_what_it_does_and_how_it_exits() {
    let folder = tempdir().unwrap();
    let output = run(folder.path(), &["recover", "--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stdout(&output),
        "\
Puts what crashed processes have left into the traces file, each span once.

Spans that had ended become the lines that their process would have written. Spans that were open follow with the outcome \"crashed\". Processes that are still running are left alone.

Exits with 0, with 1 where something could not be recovered, and with 2 where it is misused.

Usage: genai-trace recover [OPTIONS] [FILE]

Arguments:
  [FILE]
          The traces file; what crashes leave lies in FILE.d
          
          [default: traces.jsonl]

Options:
      --json
          Prints one JSON document instead of a line of text

  -h, --help
          Print help (see a summary with '-h')
"
    );
}

#[test]
fn where_nothing_crashed_there_is_nothing_to_do() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("traces.jsonl"), "").unwrap();
    let output = run(folder.path(), &["recover"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stdout(&output),
        "0 finished and 0 open spans recovered from 0 black boxes\n"
    );
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "nothing but the file");
}

#[test]
fn a_file_that_never_was_is_an_error_that_names_it() {
    let folder = tempdir().unwrap();
    let output = run(folder.path(), &["recover", "trace.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    let reason = "there is neither \"trace.jsonl\" nor \"trace.jsonl.d\"";
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!("genai-trace: {reason}\n")
    );
    assert_eq!(stdout(&output), "");
    let output = run(folder.path(), &["recover", "--json", "trace.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said, serde_json::json!({ "error": reason }));
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 0, "not even an empty file");
}

/// How `recover` exits that prints to `output`, and what it says of it.
fn run_into(output: impl Into<std::process::Stdio>) -> (Option<i32>, String) {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("traces.jsonl"), "").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .arg("recover")
        .current_dir(folder.path())
        .stdout(output)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_a_failure() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let (code, said) = run_into(full);
    assert_eq!(code, Some(1));
    assert!(
        said.starts_with("genai-trace: cannot write to standard output: "),
        "{said}"
    );
}

#[test]
fn a_reader_of_the_output_that_has_gone_away_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(run_into(writer), (Some(0), String::new()));
}

#[test]
fn a_broken_box_is_kept_named_and_a_finding() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("t.jsonl.d")).unwrap();
    let path = folder.path().join("t.jsonl.d/7-0.box");
    fs::write(&path, [1; 100]).unwrap();
    let output = run(folder.path(), &["recover", "t.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        "0 finished and 0 open spans recovered from 0 black boxes; \
         \"t.jsonl.d/7-0.box.bad\" is bad: it is no black box\n"
    );
    fs::write(&path, [1; 5]).unwrap();
    let output = run(folder.path(), &["recover", "--json", "t.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        "{\"alive\":0,\"already_there\":0,\"bad\":[{\"path\":\"t.jsonl.d/7-0.box.bad\",\
         \"reason\":\"it has 5 bytes, fewer than a header\"}],\"boxes\":0,\"finished\":0,\"open\":0}\n"
    );
}

#[test]
fn a_folder_that_cannot_be_read_is_said_on_standard_error() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("t.jsonl.d"), "a file").unwrap();
    let output = run(folder.path(), &["recover", "t.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "genai-trace: cannot recover from \"t.jsonl.d\": Not a directory (os error 20)\n"
    );
}

#[test]
fn misuse_exits_with_2() {
    let folder = tempdir().unwrap();
    for arguments in [&["recover", "--nonsense"][..], &["recovr"], &[]] {
        assert_eq!(
            run(folder.path(), arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}

/// The program that crashes: this test again, in a process of its own.
#[test]
fn crashing() {
    let Some(file) = std::env::var_os("GENAI_TRACE_CLI_CRASH") else {
        return;
    };
    let _telemetry = genai_trace::Telemetry::builder()
        .jsonl(file)
        .crash_safe(true)
        .install()
        .unwrap();
    genai_trace::span("ended").run(|| {});
    genai_trace::span("open").attr("app.step", &3).run(|| {
        let open = genai_trace::current();
        println!("open is {}", open.span_id().unwrap());
        std::process::abort();
    });
}

#[test]
fn after_a_crash_every_span_is_in_the_file_once() {
    let folder = tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashing", "--nocapture"])
        .env("GENAI_TRACE_CLI_CRASH", folder.path().join("traces.jsonl"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if std::time::Instant::now() > until {
            child.kill().unwrap();
            panic!("the program that is to crash hangs");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), None, "killed by its own signal");
    let said = stdout(&output).split_once("open is ").unwrap().1;
    let open = said.lines().next().unwrap();

    let output = run(folder.path(), &["recover"]);
    assert_eq!(
        stdout(&output),
        "1 finished and 1 open span recovered from 1 black box\n"
    );
    assert_eq!(output.status.code(), Some(0));
    let text = fs::read_to_string(folder.path().join("traces.jsonl")).unwrap();
    let spans: Vec<genai_trace::SpanRecord> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names, ["ended", "open"]);
    assert_eq!(spans[1].span_id.to_string(), open);
    assert_eq!(spans[1].outcome(), genai_trace::Outcome::Crashed);
    assert_eq!(
        spans[1].attributes.get("app.step"),
        Some(&genai_trace::Value::Int(3))
    );
    let output = run(folder.path(), &["recover", "--json"]);
    assert_eq!(
        stdout(&output),
        "{\"alive\":0,\"already_there\":0,\"bad\":[],\"boxes\":0,\"finished\":0,\"open\":0}\n"
    );
}
