//! A store of SQLite is read as the file would be that had been written in its place.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use genai_trace::{Score, Telemetry, genai_agent, genai_chat, genai_tool, record, span};

#[genai_tool("read_file")]
fn read_file(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat() {
    record!(
        gen_ai.usage.input_tokens = 1200,
        gen_ai.usage.output_tokens = 130
    );
}

#[genai_agent("coder")]
fn agent() {
    let _ = read_file("/no/such\u{1b}[31m/file");
    chat();
}

/// One at a time has the telemetry of this process.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder with the same spans, events and scores in `traces.jsonl` and in `traces.db`.
fn written(name: &str) -> PathBuf {
    let _turn = turn();
    let folder = std::env::temp_dir().join(format!("genai-trace-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, store) = (folder.join("traces.jsonl"), folder.join("traces.db"));
    let telemetry = Telemetry::builder()
        .service_name("coder")
        .jsonl(&file)
        .events(folder.join("traces.events.jsonl"))
        .sqlite(&store)
        .events_sqlite(&store)
        .install()
        .unwrap();
    agent();
    let trace = span("odd\n\"name\"").run(|| genai_trace::current().trace_id().unwrap());
    Score::new("thumb", true).trace(trace).record();
    assert!(!telemetry.shutdown(Duration::from_secs(30)).has_losses());
    folder
}

fn genai_trace(folder: &Path, arguments: &[&str]) -> String {
    let (out, complaint) = genai_trace_with_complaint(folder, arguments);
    assert_eq!(complaint, "", "{arguments:?}");
    out
}

fn genai_trace_with_complaint(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let [out, complaint] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (out, complaint)
}

#[test]
fn every_command_says_of_a_store_what_it_says_of_the_file() {
    let folder = written("store");
    let commands: [&[&str]; 8] = [
        &["ls"],
        &["show", "--attributes"],
        &["show", "--json"],
        &["stats"],
        &["cost", "--json"],
        &["stats", "--since", "1h", "--json"],
        &[
            "query",
            "SELECT name, status, kind, attributes, resource FROM traces ORDER BY span_id",
        ],
        &[
            "query",
            "--json",
            "SELECT name, value, trace_id, is_on_span FROM scores JOIN events USING (trace_id, name) UNION ALL SELECT name, count(*), trace_id, is_on_span FROM events GROUP BY 1",
        ],
    ];
    for command in commands {
        let [of_file, of_store] = ["traces.jsonl", "traces.db"]
            .map(|file| genai_trace(&folder, &[command, &[file]].concat()));
        assert_eq!(of_store, of_file, "{command:?}");
        assert!(of_file.lines().count() >= 1);
    }
    let (both, complaint) = genai_trace_with_complaint(
        &folder,
        &[
            "query",
            "--csv",
            "SELECT count(*) FROM spans",
            "traces.db",
            "traces.jsonl",
        ],
    );
    assert_eq!(both, "count(*)\r\n4\r\n");
    let twice = "genai-trace: 4 spans stand there again and count once\n";
    assert_eq!(complaint, twice);
    // It is only read.
    assert!(!folder.join("traces.db-wal").exists());
    std::fs::remove_dir_all(folder).unwrap();
}

/// What the command says in `folder` when whoever runs it may read there, and nothing more.
#[cfg(unix)]
fn said_to_a_reader(folder: &Path, arguments: &[&str]) -> Output {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    let change = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for file in std::fs::read_dir(folder).unwrap() {
        change(&file.unwrap().path(), 0o444);
    }
    change(folder, 0o555);
    let mut command = Command::new(env!("CARGO_BIN_EXE_genai-trace"));
    command.args(arguments).current_dir(folder);
    if folder.metadata().unwrap().uid() == 0 {
        // To root nothing is forbidden.
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().unwrap();
    change(folder, 0o755);
    output
}

#[test]
#[cfg(unix)]
fn a_store_that_may_only_be_read_is_read() {
    let folder = written("read-only");
    for arguments in [
        ["ls", "traces.db"].as_slice(),
        &["query", "SELECT name FROM spans", "traces.db"],
    ] {
        let output = said_to_a_reader(&folder, arguments);
        let [out, complaint] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert_eq!((complaint.as_str(), output.status.code()), ("", Some(0)));
        assert!(out.contains("coder"), "{out}");
    }
    std::fs::write(folder.join("traces.db-wal"), "frames").unwrap();
    let output = said_to_a_reader(&folder, &["ls", "traces.db"]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        complaint.contains("what was written last is still in the -wal beside it"),
        "{complaint}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_store_that_is_being_made_has_no_traces() {
    let folder = tempfile::tempdir().unwrap();
    let making = rusqlite::Connection::open(folder.path().join("made.db")).unwrap();
    making
        .execute_batch("PRAGMA journal_mode = wal; VACUUM")
        .unwrap();
    assert_eq!(
        genai_trace(folder.path(), &["ls", "made.db"]),
        "no traces\n"
    );
    let count = ["query", "--csv", "SELECT count(*) FROM spans", "made.db"];
    assert_eq!(genai_trace(folder.path(), &count), "count(*)\r\n0\r\n");
}

/// The beginning of the id of the trace of the agent in `folder`.
fn trace_of_agent(folder: &Path) -> String {
    let query = "SELECT trace_id FROM spans WHERE agent = 'coder'";
    let said = genai_trace(folder, &["query", "--csv", query, "traces.db"]);
    said.lines().nth(1).unwrap().to_owned()
}

#[test]
fn a_mark_lies_beside_the_store_under_a_name_of_its_own_and_a_query_finds_it() {
    let folder = written("marks");
    let trace = trace_of_agent(&folder);
    let marked = genai_trace(&folder, &["score", "-f", "traces.db", &trace, "good"]);
    assert!(marked.contains("good"), "{marked}");
    assert!(folder.join("traces.db.scores.jsonl").exists());
    assert!(!folder.join("traces.scores.db").exists());
    // That of the file of the same name is another's.
    assert!(!genai_trace(&folder, &["ls", "traces.jsonl"]).contains("good"));
    assert!(genai_trace(&folder, &["ls", "traces.db"]).contains("good"));
    for query in [
        "SELECT name FROM scores ORDER BY name",
        "SELECT attributes.\"gen_ai.evaluation.name\" FROM events WHERE name = 'gen_ai.evaluation.result' ORDER BY 1",
        "SELECT s.name FROM scores AS s JOIN spans USING (trace_id) GROUP BY s.name ORDER BY 1",
    ] {
        for since in [["--since", "1h"].as_slice(), &[]] {
            let arguments = [&["query", "--csv", query, "traces.db"], since].concat();
            let said = genai_trace(&folder, &arguments);
            let names: Vec<_> = said.lines().skip(1).collect();
            assert_eq!(names, ["mark", "thumb"], "{arguments:?}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_query_says_what_spans_cost_whether_the_store_is_asked_in_its_place_or_not() {
    let folder = written("costs");
    for query in [
        "SELECT sum(cost_usd) > 0.001, count(cost_usd) FROM spans",
        "SELECT max(cost_usd) > 0.001, count(*) FROM traces WHERE cost_usd > 0",
        "SELECT cost_usd > 0.001, 1 FROM spans JOIN observation_log USING (trace_id) WHERE operation = 'chat'",
    ] {
        for more in [
            ["traces.db"].as_slice(),
            &["traces.db", "--since", "1h"],
            &["traces.jsonl"],
        ] {
            let said = genai_trace(&folder, &[&["query", "--csv", query], more].concat());
            assert_eq!(said.lines().nth(1), Some("1,1"), "{query} {more:?}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_score_of_an_open_span_is_said_once_wherever_its_event_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let _turn = turn();
    let telemetry = Telemetry::builder()
        .jsonl(path("traces.jsonl"))
        .sqlite(path("traces.db"))
        .events_sqlite(path("traces.db"))
        .install()
        .unwrap();
    span("scored").run(|| genai_trace::score!("early", 0.5));
    assert!(!telemetry.shutdown(Duration::from_secs(30)).has_losses());
    for file in ["traces.db", "traces.jsonl"] {
        for command in [["show", file].as_slice(), &["score", "-f", file]] {
            let said = genai_trace(folder.path(), command);
            assert_eq!(said.matches("early 0.5").count(), 1, "{command:?}: {said}");
        }
    }
}
