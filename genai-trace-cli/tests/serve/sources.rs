//! What it reads.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::tempdir;

use crate::server::{Server, TRACE, fixture, lines};

#[test]
fn rotated_and_compressed_files_are_one_with_the_file_that_is_written() {
    let folder = tempdir().unwrap();
    let lines = lines();
    let compressed = folder
        .path()
        .join("traces.2026-11-22T10-00-00.000Z.jsonl.gz");
    let mut gzip = flate2::write::GzEncoder::new(
        File::create(compressed).unwrap(),
        flate2::Compression::fast(),
    );
    gzip.write_all(lines[..4].concat().as_bytes()).unwrap();
    gzip.finish().unwrap();
    let rotated = folder.path().join("traces.2026-11-22T11-00-00.000Z.jsonl");
    fs::write(rotated, lines[4..9].concat()).unwrap();
    fs::write(folder.path().join("traces.jsonl"), lines[9..].concat()).unwrap();
    let server = Server::start(folder.path(), &[]);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    let run = server.json(&format!("/api/runs/{TRACE}"));
    assert_eq!(run["spans"].as_array().unwrap().len(), 14);
    assert!(run["spans"][13]["duration"].is_f64());
}

#[test]
fn files_that_a_pattern_names_are_read_also_those_that_come_later() {
    let folder = tempdir().unwrap();
    let text = lines().concat();
    fs::write(folder.path().join("a.jsonl"), &text).unwrap();
    fs::write(folder.path().join("a.scores.jsonl"), "{}\n").unwrap();
    let server = Server::start(folder.path(), &["*.jsonl"]);
    server.until("/api/runs", |runs| runs["total"] == 1);
    let other = text.replace(TRACE, "4bf92f3577b34da6a3ce929d0e0e4736");
    fs::write(folder.path().join("b.jsonl"), other).unwrap();
    let runs = server.until("/api/runs", |runs| runs["total"] == 2);
    assert_eq!(runs["bad_lines"], 0);
}

#[test]
fn standard_input_is_read_as_it_comes() {
    let folder = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_genai-trace"));
    command
        .args(["serve", "--port", "0", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped());
    let mut server = Server::spawn(&mut command);
    let mut input = server.child.stdin.take().unwrap();
    input.write_all(lines()[..3].concat().as_bytes()).unwrap();
    input.flush().unwrap();
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 3);
    input.write_all(lines()[3..].concat().as_bytes()).unwrap();
    drop(input);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    // There is no file that a mark could be kept beside.
    let body = json!({"trace_id": TRACE, "name": "mark", "label": "good"});
    assert_eq!(server.post("/api/scores", &body.to_string()).status, 201);
    assert_eq!(server.json("/api/runs")["runs"][0]["marks"]["good"], 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_broken_is_counted_and_others_shapes_are_read() {
    let folder = tempdir().unwrap();
    fs::copy(fixture("broken.jsonl"), folder.path().join("traces.jsonl")).unwrap();
    let server = Server::start(folder.path(), &[]);
    let runs = server.until("/api/runs", |runs| runs["total"] == 2);
    assert_eq!(runs["bad_lines"], 3);
    let id = runs["runs"][1]["trace_id"].as_str().unwrap();
    let names: Vec<_> = server.json(&format!("/api/runs/{id}"))["spans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|span| span["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["agent.run", "llm_call", "tool.execute.query_db"]);
}

#[test]
fn spans_that_cannot_be_read_of_a_line_with_others_are_counted() {
    let folder = tempdir().unwrap();
    fs::copy(
        fixture("partly.otlp.jsonl"),
        folder.path().join("traces.jsonl"),
    )
    .unwrap();
    let server = Server::start(folder.path(), &[]);
    let runs = server.until("/api/runs", |runs| runs["bad_spans"] == 3);
    assert_eq!((&runs["total"], &runs["bad_lines"]), (&json!(1), &json!(0)));
}

/// A call of a model with so many tokens, as one of the ways to say how it ended.
fn call(trace: u64, tokens: u64) -> String {
    let span = json!({
        "trace_id": format!("{trace:032x}"), "span_id": "00f067aa0ba902b7", "parent_span_id": null,
        "name": "chat m", "kind": "CLIENT", "start_unix_nano": 1_790_000_000_000_000_000_u64,
        "end_unix_nano": 1_790_000_000_000_000_000 + tokens, "status": "UNSET", "status_message": "",
        "attributes": {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m",
            "gen_ai.usage.input_tokens": tokens, "filler": "x".repeat(1000)},
        "events": [], "links": [], "resource": {},
    });
    format!("{span}\n")
}

#[test]
fn of_records_that_differ_the_first_in_the_files_counts_whoever_is_asked_and_however_often() {
    let folder = tempdir().unwrap();
    // So far behind that it is read later than the beginning of the other file, where nobody sees to it.
    let mut first: String = (100..12_000).map(|trace| call(trace, 0)).collect();
    first += &call(1, 1_000);
    fs::write(folder.path().join("a.jsonl"), first).unwrap();
    let again: Vec<String> = (0..1_000).map(|more| call(1, 2_000 + more)).collect();
    fs::write(folder.path().join("b.jsonl"), again.concat()).unwrap();
    let say = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
            .args(arguments)
            .args(["a.jsonl", "b.jsonl"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    for _ in 0..2 {
        let listed = say(&["ls", "--json", "--number", "0"]);
        let runs = listed["traces"].as_array().unwrap().iter();
        let tokens = runs.map(|run| run["input_tokens"].as_u64().unwrap());
        assert_eq!(tokens.sum::<u64>(), 1_000);
        let sums = [
            &say(&["stats", "--json"])["models"]["m"]["input_tokens"],
            &say(&["cost", "--json"])["groups"]["m"]["input_tokens"],
            &say(&[
                "query",
                "--json",
                "SELECT sum(input_tokens) AS sum FROM spans",
            ])["rows"][0]["sum"],
        ];
        assert_eq!(sums, [&json!(1_000); 3]);
        let server = Server::start(folder.path(), &["a.jsonl", "b.jsonl"]);
        let run = format!("/api/runs/{:032x}", 1);
        server.until("/api/runs", |runs| runs["loading"] == 1.0);
        let run = server.json(&run);
        assert_eq!(run["run"]["input_tokens"], 1_000, "{}", run["run"]);
        assert_eq!(run["spans"][0]["tokens"]["input"], 1_000);
    }
}

/// A folder with the fixture as `traces.jsonl`, and a server of these files there.
fn of_files(files: &[&str]) -> (tempfile::TempDir, Server) {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("traces.jsonl"), lines().concat()).unwrap();
    let server = Server::start(folder.path(), files);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    (folder, server)
}

const OTHER: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[cfg(unix)]
#[test]
fn what_a_pattern_names_is_read_once_however_it_is_rotated_and_compressed() {
    let (folder, server) = of_files(&["*"]);
    let live = folder.path().join("traces.jsonl");
    let rotated = folder.path().join("traces.2026-11-21T11-43-00.000Z.jsonl");
    std::os::unix::fs::symlink("traces.jsonl", folder.path().join("latest.jsonl")).unwrap();
    fs::rename(&live, &rotated).unwrap();
    fs::write(&live, lines()[0].replace(TRACE, OTHER)).unwrap();
    let one_more = |name: &str, id: &str| {
        let line = lines()[0].replace(TRACE, &id.repeat(32));
        fs::write(folder.path().join(name), line).unwrap();
    };
    // What is found later than that has been found as well.
    one_more("b.jsonl", "b");
    server.until("/api/runs", |runs| runs["total"] == 3);
    let compressed = rotated.with_extension("jsonl.gz");
    let mut gzip = flate2::write::GzEncoder::new(
        File::create(compressed).unwrap(),
        flate2::Compression::fast(),
    );
    gzip.write_all(lines().concat().as_bytes()).unwrap();
    gzip.finish().unwrap();
    fs::remove_file(&rotated).unwrap();
    one_more("z.jsonl", "c");
    let runs = server.until("/api/runs", |runs| runs["total"] == 4);
    let all: Vec<_> = runs["runs"].as_array().unwrap().iter().collect();
    let run = all.iter().find(|run| run["trace_id"] == TRACE).unwrap();
    assert_eq!(run["spans"], 14);
    assert!(
        all.iter()
            .all(|run| run["trace_id"] == TRACE || run["spans"] == 1)
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_another_takes_the_place_of_is_gone_with_what_came_of_it() {
    let (folder, server) = of_files(&["traces.jsonl"]);
    let live = folder.path().join("traces.jsonl");
    let new = folder.path().join("new");
    fs::write(&new, lines().concat() + &lines()[0].replace(TRACE, OTHER)).unwrap();
    fs::rename(&new, &live).unwrap();
    let runs = server.until("/api/runs", |runs| runs["total"] == 2);
    assert!(
        runs["runs"]
            .as_array()
            .unwrap()
            .iter()
            .all(|run| match run["trace_id"] == TRACE {
                true => run["spans"] == 14,
                false => run["spans"] == 1,
            }),
        "{runs}"
    );
    fs::remove_file(&live).unwrap();
    fs::write(&live, &lines()[0]).unwrap();
    server.until("/api/runs", |runs| {
        runs["total"] == 1 && runs["runs"][0]["spans"] == 1
    });
}

#[test]
fn a_file_that_is_named_twice_before_it_is_there_is_read_once() {
    let folder = tempdir().unwrap();
    let server = Server::start(
        folder.path(),
        &["traces.jsonl", "./traces.jsonl", "*.jsonl"],
    );
    let path = folder.path().join("traces.jsonl");
    fs::write(&path, lines()[..13].concat()).unwrap();
    server.until("/api/runs", |runs| runs["total"] == 1);
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(lines()[13].as_bytes()).unwrap();
    fs::write(
        folder.path().join("z.jsonl"),
        lines()[0].replace(TRACE, OTHER),
    )
    .unwrap();
    let runs = server.until("/api/runs", |runs| runs["total"] == 2);
    let counts: Vec<_> = runs["runs"].as_array().unwrap().iter().collect();
    let run = counts.iter().find(|run| run["trace_id"] == TRACE).unwrap();
    assert_eq!(run["spans"], 14);
}

#[test]
fn a_writer_who_is_faster_than_the_reader_holds_up_no_other_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let block = lines().concat().repeat(100);
    fs::write(&path, &block).unwrap();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            // A debug build reads slower than this writes; 400 MB are enough for a test.
            for _ in 0..400_000_000 / block.len() {
                file.write_all(block.as_bytes()).unwrap();
                if is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    return;
                }
            }
        });
        let other = lines()[0].replace(TRACE, OTHER);
        fs::write(folder.path().join("b.jsonl"), other).unwrap();
        let server = Server::start(folder.path(), &["a.jsonl", "b.jsonl"]);
        let runs = server.until("/api/runs", |runs| {
            runs["loading"] == 1.0 && runs["total"] == 2
        });
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(runs["bad_lines"], 0);
    });
}
