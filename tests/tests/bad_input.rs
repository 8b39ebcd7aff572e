//! Whatever a program is given, it gets a clear error or a counted loss, and returns what it would
//! have returned.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("genai-trace-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("traces.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn program(file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_program"));
    command.env_clear().env("GENAI_TRACE_FILE", file).arg("10");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The program has no telemetry, says why, and computes what it would have computed.
fn assert_runs_without(output: &Output, why: &str) {
    assert_eq!(text(&output.stderr), format!("no telemetry: {why}\n"));
    assert_eq!(text(&output.stdout), "sum 90\n");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_missing_folder_is_named() {
    let output = program(Path::new("/no/such/folder/traces.jsonl"))
        .output()
        .unwrap();
    assert_runs_without(
        &output,
        "cannot open the traces file \"/no/such/folder/traces.jsonl\": No such file or directory (os error 2)",
    );
}

#[test]
fn a_folder_in_the_place_of_the_file_is_named() {
    let folder = Folder::new("directory");
    let output = program(&folder.0).output().unwrap();
    assert_runs_without(
        &output,
        &format!(
            "cannot open the traces file {:?}: Is a directory (os error 21)",
            folder.0
        ),
    );
}

#[test]
fn a_file_that_may_not_be_written_is_named() {
    let folder = Folder::new("permission");
    let file = folder.file();
    fs::write(&file, "").unwrap();
    let mut command = program(&file);
    // Whoever runs the tests as root would be allowed everything.
    let root = fs::metadata("/proc/self")
        .is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
    if root {
        let copy = std::env::temp_dir().join(format!("genai-trace-program-{}", std::process::id()));
        fs::copy(env!("CARGO_BIN_EXE_program"), &copy).unwrap();
        command = Command::new(&copy);
        command
            .env_clear()
            .env("GENAI_TRACE_FILE", &file)
            .arg("10")
            .uid(65534)
            .gid(65534);
        let output = command.output();
        fs::remove_file(&copy).unwrap();
        return assert_runs_without(
            &output.unwrap(),
            &format!("cannot open the traces file {file:?}: Permission denied (os error 13)"),
        );
    }
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o444)).unwrap();
    let output = command.output().unwrap();
    assert_runs_without(
        &output,
        &format!("cannot open the traces file {file:?}: Permission denied (os error 13)"),
    );
}

#[test]
fn a_full_disk_is_counted_and_said_once() {
    let output = program(Path::new("/dev/full")).output().unwrap();
    let cause = "cannot write \"/dev/full\": No space left on device (os error 28)";
    assert_eq!(
        text(&output.stderr),
        format!("genai-trace: exporter jsonl: {cause}\n")
    );
    let stdout = text(&output.stdout);
    assert!(stdout.starts_with("sum 90\n"), "{stdout}");
    assert!(
        stdout.contains(&format!(
            "report: 10 spans ended; jsonl: 0 written, 0 dropped, 10 failed ({cause})"
        )),
        "{stdout}"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_malformed_variable_is_named_with_what_is_allowed() {
    let folder = Folder::new("variable");
    let output = program(&folder.file())
        .env("GENAI_TRACE_BUFFER_BYTES", "lots")
        .output()
        .unwrap();
    assert_runs_without(
        &output,
        "GENAI_TRACE_BUFFER_BYTES is \"lots\": expected an integer from 4096 to 1073741824",
    );
    assert!(!folder.file().exists());
}

#[test]
fn a_second_init_is_refused_and_the_first_goes_on() {
    let folder = Folder::new("second");
    let output = program(&folder.file()).output().unwrap();
    let stdout = text(&output.stdout);
    assert!(
        stdout.contains("second init: telemetry is installed already: shut the first down before a second is installed\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("report: 10 spans ended; jsonl: 10 written, 0 dropped, 0 failed\n"),
        "{stdout}"
    );
    assert_eq!(
        fs::read_to_string(folder.file()).unwrap().lines().count(),
        10
    );
}

#[test]
fn telemetry_that_is_disabled_writes_nothing() {
    let folder = Folder::new("disabled");
    let output = program(&folder.file())
        .env("OTEL_SDK_DISABLED", "true")
        .output()
        .unwrap();
    let stdout = text(&output.stdout);
    assert!(
        stdout.starts_with("sum 90\n") && stdout.contains("report: 0 spans ended\n"),
        "{stdout}"
    );
    assert!(!folder.file().exists());
}

#[test]
fn a_last_line_that_was_torn_spoils_no_other() {
    let folder = Folder::new("torn");
    fs::write(folder.file(), "{\"trace_id\":\"4bf9").unwrap();
    program(&folder.file()).output().unwrap();
    program(&folder.file()).output().unwrap();
    let file = fs::read_to_string(folder.file()).unwrap();
    let (torn, rest) = file.split_once('\n').unwrap();
    assert_eq!(torn, "{\"trace_id\":\"4bf9");
    assert_eq!(rest.lines().count(), 20);
    for line in rest.lines() {
        serde_json::from_str::<genai_trace::SpanRecord>(line).unwrap();
    }
}

#[test]
fn hostile_values_are_bounded_and_a_million_names_are_one_overflow() {
    let folder = Folder::new("hostile");
    let output = program(&folder.file())
        .arg("hostile")
        .env("GENAI_TRACE_BUFFER_BYTES", "1073741824")
        .output()
        .unwrap();
    let stdout = text(&output.stdout);
    assert!(
        stdout.contains("lengths 2097162\n") && stdout.contains("names 10888890\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("jsonl: 1000014 written, 0 dropped, 0 failed"),
        "{stdout}"
    );
    let metrics: u64 = stdout
        .split("metrics: ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(metrics < 20_000_000, "{metrics} bytes of metrics");
    let mut odd = Vec::new();
    for line in fs::read_to_string(folder.file()).unwrap().lines() {
        assert!(line.len() < 1_000_000);
        let span: genai_trace::SpanRecord = serde_json::from_str(line).unwrap();
        if !span.name.starts_with("execute_tool tool ") && !span.name.ends_with("double") {
            odd.push((span.name.chars().take(30).collect::<String>(), span.dropped));
        }
    }
    odd.sort_by(|a, b| a.0.cmp(&b.0));
    let truncated = Some(genai_trace::Dropped {
        truncated: 1,
        ..Default::default()
    });
    assert_eq!(
        odd,
        [
            ("execute_tool".to_owned(), truncated),
            ("execute_tool a\u{1b}[31m\nb\0".to_owned(), None),
            (format!("execute_tool {}", "é".repeat(17)), truncated),
            (
                "unnamed".to_owned(),
                Some(genai_trace::Dropped {
                    attributes: 2,
                    ..Default::default()
                })
            ),
        ]
    );
}
