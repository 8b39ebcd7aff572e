//! What changes while somebody looks.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use genai_trace::{Telemetry, genai_agent, genai_tool};
use serde_json::{Value as Json, json};
use tempfile::tempdir;

use crate::server::{Server, TRACE, connect, lines};

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_run_appears_as_it_is_written_and_whoever_looks_is_told() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("traces.jsonl");
    let server = Server::start(folder.path(), &[]);
    server.until("/api/runs", |runs| {
        runs["loading"] == 1.0 && runs["total"] == 0
    });
    let address = &server.address;
    let mut news = connect(address);
    let request = format!("GET /api/live HTTP/1.1\r\nhost: {address}\r\n\r\n");
    news.write_all(request.as_bytes()).unwrap();
    let mut news = BufReader::new(news).lines();
    let head = news.find(|line| line.as_ref().unwrap().is_empty());
    assert!(head.is_some());
    // Something comes at once, with nothing to tell: browsers wait for it.
    assert!(news.next().unwrap().unwrap().len() < 5);
    let lines = lines();
    append(&path, &lines[..13].concat());
    let told = news
        .find(|line| line.as_ref().unwrap().contains(TRACE))
        .unwrap()
        .unwrap();
    let told: Json = serde_json::from_str(told.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(told["changed"], json!([TRACE]));
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 13);
    append(&path, &lines[13]);
    let run = server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    assert_eq!(run["runs"][0]["name"], "invoke_agent coder");
}

#[test]
fn a_file_that_is_rotated_or_emptied_is_followed() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("traces.jsonl");
    let (lines, other) = (lines(), "4bf92f3577b34da6a3ce929d0e0e4736");
    append(&path, &lines[..5].concat());
    let server = Server::start(folder.path(), &[]);
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 5);
    append(&path, &lines[5]);
    fs::rename(
        &path,
        folder.path().join("traces.2026-11-22T10-00-00.000Z.jsonl"),
    )
    .unwrap();
    append(&path, &lines[6..].concat());
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 14);
    let run = server.json(&format!("/api/runs/{TRACE}"));
    assert_eq!(run["spans"].as_array().unwrap().len(), 14);
    fs::write(&path, "").unwrap();
    let left = server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 6);
    assert_eq!(left["total"], 1);
    append(&path, &lines[0].replace(TRACE, other));
    server.until("/api/runs", |runs| runs["total"] == 2);
    assert_eq!(
        server.json(&format!("/api/runs/{other}"))["spans"][0]["name"],
        "chat gpt-4o-mini"
    );
}

#[genai_agent("coder")]
fn agent(server: &Server) -> Json {
    search(server)
}

#[genai_tool("search")]
fn search(server: &Server) -> Json {
    let listed = server.until("/api/runs?live=1", |runs| runs["runs"][0]["open"] == 2);
    let id = listed["runs"][0]["trace_id"].as_str().unwrap().to_owned();
    json!([listed, server.json(&format!("/api/runs/{id}"))])
}

#[cfg(unix)]
#[test]
fn spans_in_flight_are_shown_until_they_end() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("traces.jsonl");
    let telemetry = Telemetry::builder()
        .jsonl(&path)
        .crash_safe(true)
        .install()
        .unwrap();
    let server = Server::start(folder.path(), &[]);
    let seen = agent(&server);
    let (run, trace) = (&seen[0]["runs"][0], &seen[1]);
    assert_eq!(
        (&run["outcome"], &run["duration"]),
        (&json!("running"), &Json::Null)
    );
    assert_eq!(
        (&run["name"], &run["agents"]),
        (&json!("invoke_agent coder"), &json!(["coder"]))
    );
    let spans = trace["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 2);
    assert_eq!(
        (&spans[1]["name"], &spans[1]["depth"]),
        (&json!("execute_tool search"), &json!(1))
    );
    assert_eq!(
        (&spans[1]["outcome"], &spans[1]["duration"]),
        (&json!("running"), &Json::Null)
    );
    drop(telemetry);
    let ended = server.until("/api/runs", |runs| {
        runs["runs"][0]["open"] == 0 && runs["runs"][0]["spans"] == 2
    });
    assert_eq!(ended["runs"][0]["outcome"], "ok");
    assert!(ended["runs"][0]["duration"].is_f64());
}

#[test]
fn marks_are_kept_and_the_last_one_holds() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let mark = |server: &Server, label: Json, comment: Json| {
        let body = json!({"trace_id": TRACE, "span_id": null, "name": "mark", "label": label, "value": null, "comment": comment});
        let answer = server.post("/api/scores", &body.to_string());
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    };
    let marks = |server: &Server| server.json("/api/runs")["runs"][0]["marks"].clone();
    let kept = mark(&server, json!("bad"), json!("too slow"));
    assert_eq!(
        (&kept["label"], &kept["value"]),
        (&json!("bad"), &json!(0.0))
    );
    assert_eq!(marks(&server), json!({"good": 0, "bad": 1, "notes": 1}));
    mark(&server, json!("good"), Json::Null);
    assert_eq!(marks(&server), json!({"good": 1, "bad": 0, "notes": 0}));
    let text = fs::read_to_string(folder.path().join("traces.scores.jsonl")).unwrap();
    let records: Vec<genai_trace::LogRecord> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 2);
    assert_eq!(records[1].trace_id.unwrap().to_string(), TRACE);
    drop(server);
    let server = Server::start(folder.path(), &[]);
    server.until("/api/runs", |runs| runs["runs"][0]["marks"]["good"] == 1);
    assert_eq!(
        server.json(&format!("/api/runs/{TRACE}"))["scores"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    mark(&server, Json::Null, Json::Null);
    assert_eq!(marks(&server), json!({"good": 0, "bad": 0, "notes": 0}));
}

#[test]
fn what_is_marked_in_the_viewer_and_on_the_command_line_is_one() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let file = folder.path().join("traces.jsonl");
    let on_command_line = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_genai-trace"));
        command
            .arg("score")
            .args(arguments)
            .arg("--file")
            .arg(&file);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let say = |said: Json| {
        let mut body = json!({"trace_id": TRACE});
        body.as_object_mut()
            .unwrap()
            .extend(said.as_object().unwrap().clone());
        assert_eq!(server.post("/api/scores", &body.to_string()).status, 201);
    };
    let marks = |wanted: Json| {
        server.until("/api/runs", |runs| runs["runs"][0]["marks"] == wanted);
    };
    say(json!({"name": "mark", "label": "good"}));
    say(json!({"name": "note", "comment": "as it should be"}));
    let listed = on_command_line(&[TRACE]);
    assert!(listed.contains("good\n"), "{listed}");
    assert!(listed.contains("note: as it should be\n"), "{listed}");
    on_command_line(&[TRACE, "bad", "--comment", "on second thoughts"]);
    marks(json!({"good": 0, "bad": 1, "notes": 2}));
    say(json!({"name": "mark"}));
    say(json!({"name": "note"}));
    assert_eq!(on_command_line(&[TRACE]), "no scores\n");
    on_command_line(&[TRACE, "note", "and yet"]);
    marks(json!({"good": 0, "bad": 0, "notes": 1}));
}

#[test]
fn a_score_of_nothing_that_is_there_is_refused() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let none = "0".repeat(31) + "1";
    for (body, status) in [
        (json!({"trace_id": none, "name": "mark"}), 404),
        (
            json!({"trace_id": TRACE, "name": "mark", "span_id": "00000000000007ff"}),
            404,
        ),
        (json!({"trace_id": "x", "name": "mark"}), 400),
        (json!({"trace_id": TRACE, "name": " "}), 400),
        (
            json!({"trace_id": TRACE, "name": "mark", "span_id": "x"}),
            400,
        ),
        (
            json!({"trace_id": TRACE, "name": "mark", "lable": "good"}),
            400,
        ),
        (
            json!({"trace_id": TRACE, "name": "mark", "label": "so so"}),
            400,
        ),
        (
            json!({"trace_id": TRACE, "name": "mark", "comment": "x".repeat(70_000)}),
            400,
        ),
        (json!({"trace_id": TRACE, "name": "x".repeat(300_000)}), 413),
        (json!(7), 400),
    ] {
        let answer = server.post("/api/scores", &body.to_string());
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.json()["error"].is_string());
    }
    assert!(!folder.path().join("traces.scores.jsonl").exists());
}

#[test]
fn what_is_said_last_holds_whatever_the_clock_said_before() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("traces.scores.jsonl");
    let ahead = json!({
        "event_name": "gen_ai.evaluation.result", "time_unix_nano": 9_000_000_000_000_000_000_u64,
        "trace_id": TRACE, "span_id": null, "resource": {},
        "attributes": {"gen_ai.evaluation.name": "mark", "gen_ai.evaluation.score.label": "good"},
    });
    fs::write(&file, format!("{ahead}\n")).unwrap();
    let server = Server::of_fixture(folder.path());
    let marks = |good: u8, bad: u8| {
        server.until("/api/runs", |runs| {
            let marks = &runs["runs"][0]["marks"];
            marks["good"] == good && marks["bad"] == bad
        });
    };
    marks(1, 0);
    let body = json!({"trace_id": TRACE, "name": "mark", "label": "bad"});
    assert_eq!(server.post("/api/scores", &body.to_string()).status, 201);
    marks(0, 1);
}

#[test]
fn marks_go_with_their_file_and_others_are_read_of_a_new_one() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let file = folder.path().join("traces.scores.jsonl");
    let mark = |label: &str| {
        let body = json!({"trace_id": TRACE, "name": "mark", "label": label});
        assert_eq!(server.post("/api/scores", &body.to_string()).status, 201);
    };
    let marks = |good: u8, bad: u8| {
        server.until("/api/runs", |runs| {
            let marks = &runs["runs"][0]["marks"];
            marks["good"] == good && marks["bad"] == bad
        });
    };
    mark("good");
    marks(1, 0);
    let text = fs::read_to_string(&file).unwrap();
    // What somebody else writes behind it shows that the viewer has read it.
    let other = text.replace("\"good\"", "\"bad\"").replace(":1.0", ":0.0");
    fs::write(&file, format!("{text}{other}")).unwrap();
    marks(0, 1);
    fs::remove_file(&file).unwrap();
    marks(0, 0);
    fs::write(&file, text).unwrap();
    marks(1, 0);
    fs::write(&file, "").unwrap();
    marks(0, 0);
    mark("bad");
    marks(0, 1);
}
