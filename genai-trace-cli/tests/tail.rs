//! `genai-trace tail`, beside a file that is written.

// A test that panics is a test that fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod written;

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::{TempDir, tempdir};

use written::Written;

/// Longer nothing may take here, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Tail {
    child: Child,
    out: Box<dyn BufRead>,
}

impl Tail {
    fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
            .arg("tail")
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = Box::new(BufReader::new(child.stdout.take().unwrap()));
        Self { child, out }
    }

    fn lines(&mut self, count: usize) -> Vec<String> {
        let lines = self.out.by_ref().lines().take(count);
        lines.map(|line| line.unwrap()).collect()
    }

    /// Without the time of day: how long, the trace, and what.
    fn shown(&mut self, count: usize) -> Vec<String> {
        let lines = self.lines(count);
        lines
            .iter()
            .map(|line| line.split_at(13).1.trim_start().to_owned())
            .collect()
    }

    fn ended(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "it goes on");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn complaints(&mut self) -> String {
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        said
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fixture() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/run.jsonl");
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| format!("{line}\n")).collect()
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("traces.jsonl");
    (folder, path)
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn spans_are_shown_as_they_end_behind_the_last_ones() {
    let (folder, path) = folder();
    let lines = fixture();
    append(&path, &lines[..8].concat());
    let mut tail = Tail::start(&["-n", "2"], folder.path());
    assert_eq!(
        tail.shown(2),
        [
            "118µs 5f4f0de8 gate allow_command  deny",
            "6.9ms 5f4f0de8 agent.turn"
        ]
    );
    append(&path, &lines[10]);
    append(&path, &lines[11]);
    assert_eq!(
        tail.shown(2),
        [
            "103µs 5f4f0de8 execute_tool read_file  error NotFound: no/such/file: No such file or directory (os error 2)",
            "1.6ms 5f4f0de8 chat gpt-4o-mini  1900 + 25 tokens  $0.000194",
        ]
    );
}

#[test]
fn a_file_may_come_later_be_rotated_and_be_emptied() {
    let (folder, path) = folder();
    let lines = fixture();
    let mut tail = Tail::start(&[], folder.path());
    append(&path, &lines[3]);
    assert_eq!(tail.shown(1), ["10ms 5f4f0de8 agent.turn"]);
    append(&path, &lines[1]);
    fs::rename(
        &path,
        folder.path().join("traces.2026-11-22T10-00-00.000Z.jsonl"),
    )
    .unwrap();
    append(&path, &lines[7]);
    assert_eq!(
        tail.shown(2),
        [
            "34µs 5f4f0de8 gate inside_workspace",
            "6.9ms 5f4f0de8 agent.turn"
        ]
    );
    fs::write(&path, "").unwrap();
    append(&path, &lines[13]);
    assert_eq!(tail.shown(1), ["26ms 5f4f0de8 invoke_agent coder"]);
}

#[test]
fn only_what_is_asked_for_is_shown() {
    let (folder, path) = folder();
    append(&path, &fixture().concat());
    for (arguments, expected) in [
        (&["--tool", "search"][..], "execute_tool search"),
        (&["--model", "gpt-4o-mini"], "chat gpt-4o-mini"),
        (&["--errors"], "execute_tool read_file"),
        (&["--trace", "5F4F"], "chat gpt-4o-mini"),
    ] {
        let mut tail = Tail::start(&[arguments, &["-n", "20"]].concat(), folder.path());
        let line = tail.lines(1).remove(0);
        assert!(line.contains(expected), "{arguments:?}: {line}");
    }
}

#[test]
fn records_are_lines_of_json_whatever_they_were() {
    let (folder, path) = folder();
    let lines = fixture();
    append(&path, &lines[1]);
    let other = r#"{"name":"tool.weather","context":{"trace_id":"0x4bf92f3577b34da6a3ce929d0e0e4736","span_id":"0x00f067aa0ba902b7"},"start_time":"2026-11-22T10:00:00Z","end_time":"2026-11-22T10:00:01Z","attributes":{}}"#;
    append(&path, &format!("{other}\n"));
    let mut tail = Tail::start(&["--json"], folder.path());
    let shown = tail.lines(2);
    assert_eq!(shown[0], lines[1].trim_end());
    let record: genai_trace::SpanRecord = serde_json::from_str(&shown[1]).unwrap();
    assert_eq!(record.name, "tool.weather");
}

#[test]
fn nothing_in_a_span_reaches_the_terminal() {
    let (folder, path) = folder();
    append(
        &path,
        &fixture()[10].replace("execute_tool read_file", "x\\u001b[2J\\r\\ny\u{202e}"),
    );
    let mut tail = Tail::start(&[], folder.path());
    let line = tail.lines(1).remove(0);
    assert!(line.contains("x\\u{1b}[2J\\r\\ny\\u{202e}"), "{line}");
}

#[test]
fn standard_input_is_shown_to_its_end_and_bad_lines_are_counted() {
    let (folder, _) = folder();
    let mut tail = Tail::start(&["-"], folder.path());
    let mut input = tail.child.stdin.take().unwrap();
    input
        .write_all(format!("{}no span\n{}", fixture()[1], fixture()[2]).as_bytes())
        .unwrap();
    assert_eq!(tail.lines(1).len(), 1);
    drop(input);
    assert_eq!(tail.lines(2).len(), 1);
    assert_eq!(tail.ended(), Some(0));
    assert_eq!(
        tail.complaints(),
        "genai-trace: 1 line could not be read and passed over\n"
    );
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_interrupted_and_when_nobody_reads_it() {
    let (folder, path) = folder();
    append(&path, &fixture().concat());
    let mut tail = Tail::start(&[], folder.path());
    tail.lines(10);
    let id = tail.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(tail.ended(), Some(0));
    let mut tail = Tail::start(&[], folder.path());
    tail.lines(1);
    // The other end of its pipe closes, while nothing is written.
    tail.out = Box::new(std::io::empty());
    assert_eq!(tail.ended(), Some(0));
    assert_eq!(tail.complaints(), "");
}

#[cfg(unix)]
#[test]
fn with_open_it_says_what_begins() {
    let (folder, path) = folder();
    let telemetry = genai_trace::Telemetry::builder()
        .jsonl(&path)
        .crash_safe(true)
        .install()
        .unwrap();
    let span = genai_trace::span("work").enter();
    let mut tail = Tail::start(&["--open"], folder.path());
    let begins = tail.shown(1).remove(0);
    assert!(
        begins.starts_with("begins ") && begins.ends_with(" work"),
        "{begins}"
    );
    drop(span);
    drop(telemetry);
    assert!(tail.shown(1).remove(0).ends_with(" work"));
}

#[test]
fn spans_of_a_store_are_shown_as_they_are_written() {
    let folder = tempdir().unwrap();
    let mut store = Written::at(&folder.path().join("traces.db"));
    store.spans(&fixture()[..8]);
    let mut tail = Tail::start(&["-n", "2", "traces.db"], folder.path());
    assert_eq!(
        tail.shown(2),
        [
            "118µs 5f4f0de8 gate allow_command  deny",
            "6.9ms 5f4f0de8 agent.turn"
        ]
    );
    store.spans(&fixture()[10..11]);
    assert!(tail.shown(1)[0].contains("execute_tool read_file"));
}

#[test]
fn a_store_that_comes_later_is_shown_from_its_beginning() {
    let (folder, path) = folder();
    append(&path, &fixture()[0]);
    let mut tail = Tail::start(&["-n", "1", "traces.db", "traces.jsonl"], folder.path());
    // It has looked for both when it shows the one that is there.
    assert_eq!(tail.shown(1).len(), 1);
    Written::at(&folder.path().join("traces.db")).spans(&fixture());
    assert_eq!(tail.shown(14).len(), 14);
}
