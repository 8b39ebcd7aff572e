//! The store: what is in it, who may write to it, and what becomes of it.

#[path = "support/folder.rs"]
mod folder;

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use folder::Folder;
use genai_trace::{
    Builder, MemoryExporter, Score, SpanContext, SpanReader, SpanRecord, Telemetry, current,
    genai_agent, genai_chat, genai_tool, score, span,
};
use genai_trace_tests::turn;
use rusqlite::Connection;
use rusqlite::types::{FromSql, Value};

const SOON: Duration = Duration::from_secs(30);

#[genai_tool("weather", args, ret)]
fn weather(city: &str) -> io::Result<String> {
    match city {
        "Prestatyn" => Ok("8.8 C".to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

#[genai_chat(provider = "openai", request = request)]
fn chat(request: serde_json::Value) -> serde_json::Value {
    serde_json::json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "It is 8.8 C."}}],
        "usage": {"prompt_tokens": 250, "completion_tokens": 130, "total_tokens": 380},
    })
}

#[genai_agent("assistant")]
fn answer(question: &str) {
    let _ = weather("Prestatyn");
    let _ = weather("no\u{1b}where");
    chat(serde_json::json!({
        "model": "gpt-4o", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": question}],
    }));
}

fn records(path: &Path) -> Vec<SpanRecord> {
    let spans = SpanReader::open(path).unwrap();
    spans.collect::<io::Result<_>>().unwrap()
}

fn ask<T: FromSql>(path: &Path, query: &str) -> T {
    let store = Connection::open(path).unwrap();
    store.query_row(query, [], |row| row.get(0)).unwrap()
}

fn with_store(path: &Path) -> Builder {
    Telemetry::builder().service_name("coder").sqlite(path)
}

#[test]
fn a_span_reads_back_as_it_was_recorded() {
    let _turn = turn();
    let folder = Folder::new("sqlite-records");
    let store = folder.join("traces.db");
    let memory = MemoryExporter::new();
    let telemetry = with_store(&store).memory(&memory).install().unwrap();
    let linked: SpanContext = span("first").run(|| current().context().unwrap());
    span("odd \"name\"\n")
        .attr("float", &1.0)
        .attr("list", &["a", "é\0"])
        .attr("large", &i64::MAX)
        .run(|| current().link(&linked));
    answer("How warm is it?");
    let report = telemetry.shutdown(SOON);
    assert_eq!(
        report.to_string(),
        "6 spans ended; sqlite: 6 written, 0 dropped, 0 failed; memory: 6 written, 0 dropped, 0 failed"
    );
    assert_eq!(records(&store), memory.spans());
    // Nothing is left beside it.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_span_stands_there_once_by_its_ids() {
    let _turn = turn();
    let folder = Folder::new("sqlite-once");
    let store = folder.join("traces.db");
    let telemetry = with_store(&store).sqlite(&store).install().unwrap();
    answer("How warm is it?");
    drop(telemetry);
    assert_eq!(records(&store).len(), 4);
    assert_eq!(ask::<i64>(&store, "SELECT count(*) FROM events"), 1);
}

#[test]
#[cfg(unix)]
fn a_store_that_is_named_twice_is_one() {
    let _turn = turn();
    let folder = Folder::new("sqlite-twice");
    let store = folder.join("traces.db");
    std::fs::create_dir(folder.join("real")).unwrap();
    std::os::unix::fs::symlink(folder.join("real"), folder.join("link")).unwrap();
    let (real, link) = (folder.join("real/a.db"), folder.join("link/./a.db"));
    for (first, second) in [(&store, &store), (&real, &link)] {
        let builder = with_store(first).sqlite(second);
        let builder = builder.events_sqlite(second).events_sqlite(first);
        let telemetry = builder.install().unwrap();
        let trace = span("once").run(|| current().trace_id().unwrap());
        Score::new("thumb", true).trace(trace).record();
        drop(telemetry);
        assert_eq!(ask::<i64>(first, "SELECT count(*) FROM scores"), 1);
        assert_eq!(records(first).len(), 1);
    }
}

#[test]
fn the_observation_log_has_a_row_for_each_run() {
    let _turn = turn();
    let folder = Folder::new("sqlite-log");
    let store = folder.join("traces.db");
    let telemetry = with_store(&store)
        .content(genai_trace::content::ContentMode::SpanOnly)
        .redaction(genai_trace::content::Redaction::None)
        .install()
        .unwrap();
    answer("How warm is it?");
    answer("And now?");
    span("no run").run(|| {});
    drop(telemetry);
    let connection = Connection::open(&store).unwrap();
    let mut rows = connection
        .prepare("SELECT * FROM observation_log ORDER BY user_message DESC")
        .unwrap();
    let columns = rows.column_names().collect::<Vec<_>>().join(" ");
    assert_eq!(
        columns,
        "trace_id user_message agent_response model provider prompt_tokens completion_tokens total_tokens latency_ms tool_calls span_id"
    );
    let rows: Vec<Vec<Value>> = rows
        .query_map([], |row| (1..10).map(|column| row.get(column)).collect())
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows.len(), 2);
    let text = |text: &str| Value::Text(text.to_owned());
    let said = [
        text("How warm is it?"),
        text("It is 8.8 C."),
        text("gpt-4o"),
        text("openai"),
        Value::Integer(250),
        Value::Integer(130),
        Value::Integer(380),
    ];
    assert_eq!(rows[0][..7], said);
    let Value::Text(calls) = &rows[0][8] else {
        panic!("{:?}", rows[0]);
    };
    let mut calls: serde_json::Value = serde_json::from_str(calls).unwrap();
    for call in calls.as_array_mut().unwrap() {
        let latency = call.as_object_mut().unwrap().remove("latency_ms").unwrap();
        assert!(latency.as_f64().unwrap() > 0.0);
    }
    assert_eq!(
        calls,
        serde_json::json!([
            {"name": "weather", "input": r#"{"city":"Prestatyn"}"#, "output": r#"{"result":"8.8 C"}"#},
            {"name": "weather", "input": r#"{"city":"no\u001bwhere"}"#, "output": null},
        ])
    );
}

/// What the observation log says in its columns from `user_message` to `total_tokens` of a trace with these spans.
fn observed(spans: &[serde_json::Value]) -> String {
    let _turn = turn();
    let folder = Folder::new("sqlite-observed");
    let path = folder.join("traces.db");
    drop(with_store(&path).install().unwrap());
    let store = Connection::open(&path).unwrap();
    for (number, attributes) in (0_i64..).zip(spans) {
        let mut attributes = attributes.clone();
        for said in ["gen_ai.input.messages", "gen_ai.output.messages"] {
            if let Some(messages) = attributes.get_mut(said) {
                *messages = messages.to_string().into();
            }
        }
        // Those that do not say below which span they are, are below the first.
        let parent = match attributes.as_object_mut().unwrap().remove("below") {
            Some(below) => below.as_i64(),
            None => (number > 0).then_some(0),
        };
        let span = rusqlite::params![number, number, number + 1, attributes.to_string(), parent];
        let insert = "INSERT INTO spans (trace_id, span_id, name, kind, start_unix_nano, end_unix_nano, status, \
             status_message, attributes, resource, parent_span_id) \
             VALUES ('t', ?1, 'n', 'INTERNAL', ?2, ?3, 'UNSET', '', ?4, '{}', ?5)";
        store.execute(insert, span).unwrap();
    }
    let query = "SELECT group_concat(row, char(10)) FROM (SELECT json_array(user_message, agent_response, model, \
         prompt_tokens, completion_tokens, total_tokens) AS row FROM observation_log ORDER BY CAST(span_id AS INTEGER))";
    store.query_row(query, [], |row| row.get(0)).unwrap()
}

/// A span with these attributes that is below the span of this number; below none of those that are here without one.
fn below(parent: Option<i64>, mut attributes: serde_json::Value) -> serde_json::Value {
    attributes["below"] = parent.into();
    attributes
}

fn an_agent() -> serde_json::Value {
    serde_json::json!({"gen_ai.operation.name": "invoke_agent"})
}

/// A call of a model with one text that asks and one that answers.
fn a_question(asked: &str, answered: &str) -> serde_json::Value {
    let text = |text: &str| serde_json::json!([{"type": "text", "content": text}]);
    let mut call = a_call(text(asked), text(answered));
    call["gen_ai.request.model"] = "m".into();
    call["gen_ai.usage.input_tokens"] = 10.into();
    call
}

#[test]
fn requests_that_share_a_trace_have_a_row_each() {
    let rows = observed(&[
        below(Some(98), an_agent()),
        below(Some(98), an_agent()),
        below(Some(1), a_question("second", "to the second")),
        below(Some(0), a_question("first", "to the first")),
        // One that is no agent's work.
        below(Some(98), a_question("third", "to the third")),
    ]);
    let expected = [
        r#"["first","to the first","m",10,null,10]"#,
        r#"["second","to the second","m",10,null,10]"#,
        r#"["third","to the third","m",10,null,10]"#,
    ];
    assert_eq!(rows, expected.join("\n"));
}

#[test]
fn turns_below_one_root_have_a_row_each_and_agents_of_a_workflow_have_one_together() {
    let agents = |root: serde_json::Value| {
        observed(&[
            root,
            below(Some(0), an_agent()),
            below(Some(1), a_question("first", "to the first")),
            below(Some(0), an_agent()),
            below(Some(3), a_question("second", "to the second")),
        ])
    };
    let turns = [
        r#"["first","to the first","m",10,null,10]"#,
        r#"["second","to the second","m",10,null,10]"#,
    ];
    assert_eq!(agents(serde_json::json!({})), turns.join("\n"));
    let workflow = serde_json::json!({"gen_ai.operation.name": "invoke_workflow"});
    assert_eq!(
        agents(workflow),
        r#"["first","to the first","m",20,null,20]"#
    );
}

#[test]
fn what_an_agent_asks_on_the_way_and_a_title_are_no_answer_and_embeddings_no_model() {
    let rows = observed(&[
        an_agent(),
        serde_json::json!({
            "gen_ai.operation.name": "embeddings", "gen_ai.request.model": "e", "gen_ai.usage.input_tokens": 99,
        }),
        a_question("How warm?", "8.8 C."),
        a_question("Find a title", "Weather"),
        below(Some(0), an_agent()),
        below(Some(4), a_question("Which town?", "Prestatyn")),
    ]);
    assert_eq!(rows, r#"["How warm?","8.8 C.","m",30,null,30]"#);
}

#[test]
fn odd_spans_leave_the_observation_log_readable() {
    let huge = serde_json::json!({
        "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": i64::MAX, "gen_ai.usage.output_tokens": i64::MAX,
    });
    let rows = observed(&[huge.clone(), huge]);
    let row: Vec<Option<f64>> = serde_json::from_str(&rows).unwrap();
    assert_eq!(row[3], Some(2.0 * i64::MAX as f64));
    assert_eq!(row[5], Some(4.0 * i64::MAX as f64));
    // Spans that are above themselves.
    let rows = observed(&[
        below(Some(1), a_question("How warm?", "8.8 C.")),
        below(Some(0), an_agent()),
    ]);
    assert_eq!(rows, r#"["How warm?","8.8 C.","m",10,null,10]"#);
}

#[test]
fn a_store_of_the_first_version_has_todays_views_when_it_was_written_to() {
    let _turn = turn();
    let folder = Folder::new("sqlite-first");
    let path = folder.join("traces.db");
    drop(with_store(&path).install().unwrap());
    let store = Connection::open(&path).unwrap();
    store
        .execute_batch(
            "DROP VIEW observation_log; CREATE VIEW observation_log AS SELECT 1 AS old; PRAGMA user_version = 1",
        )
        .unwrap();
    let telemetry = with_store(&path).install().unwrap();
    answer("How warm is it?");
    drop(telemetry);
    assert_eq!(
        store
            .query_row("SELECT prompt_tokens FROM observation_log", [], |row| row
                .get::<_, i64>(
                0
            ))
            .unwrap(),
        250
    );
}

/// A call of a model with these parts of a user's message, and these of the answer.
fn a_call(asked: serde_json::Value, answered: serde_json::Value) -> serde_json::Value {
    serde_json::json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": [{"role": "user", "parts": asked}],
        "gen_ai.output.messages": [{"role": "assistant", "parts": answered}],
    })
}

#[test]
fn what_was_said_is_the_texts_and_neither_thoughts_nor_files_nor_calls() {
    let text = |text: &str| serde_json::json!({"type": "text", "content": text});
    let blob = serde_json::json!({"type": "blob", "modality": "image", "content": "iVBORw0"});
    let reasoning = serde_json::json!({"type": "reasoning", "content": "hm"});
    let called = serde_json::json!(
        {"type": "tool_call", "id": "1", "name": "weather", "arguments": {"text": "no", "content": "no"}});
    let result = serde_json::json!({"type": "tool_call_response", "id": "1", "response": "8.8 C", "content": "no"});
    let beside_others = a_call(
        serde_json::json!([blob, text("How warm?")]),
        serde_json::json!([reasoning, text("8.8 C.")]),
    );
    assert_eq!(
        observed(&[beside_others]),
        r#"["How warm?","8.8 C.",null,null,null,null]"#
    );
    let several = a_call(
        serde_json::json!([text("How warm?"), text("Where?")]),
        serde_json::json!([called]),
    );
    assert_eq!(
        observed(&[several]),
        r#"["How warm?\nWhere?",null,null,null,null,null]"#
    );
    let first = a_call(serde_json::json!([result]), serde_json::json!([called]));
    let later = serde_json::json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": [{"role": "user", "content": "How warm?"}],
    });
    assert_eq!(
        observed(&[first, later]),
        r#"["How warm?",null,null,null,null,null]"#
    );
}

#[test]
fn what_only_the_agents_span_says_of_model_and_tokens_counts() {
    let agent = serde_json::json!({
        "gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 7,
    });
    let call = serde_json::json!({"gen_ai.operation.name": "chat"});
    assert_eq!(observed(&[agent, call]), r#"[null,null,"gpt-4o",7,null,7]"#);
}

#[test]
fn scores_of_open_spans_and_of_traces_written_long_ago_stand_together() {
    let _turn = turn();
    let folder = Folder::new("sqlite-scores");
    for with_events in [false, true] {
        let store = folder.join(&format!("{with_events}.db"));
        let builder = with_store(&store);
        let telemetry = match with_events {
            true => builder.events_sqlite(&store).install(),
            false => builder.install(),
        };
        let telemetry = telemetry.unwrap();
        let trace = span("answer").run(|| {
            score!("relevance", 0.87, label = "good");
            current().trace_id().unwrap()
        });
        Score::new("thumb", true)
            .trace(trace)
            .explanation("it compiled")
            .record();
        drop(telemetry);
        let connection = Connection::open(&store).unwrap();
        let mut scores = connection
            .prepare("SELECT trace_id, name, value, label, explanation FROM scores ORDER BY name")
            .unwrap();
        type Row = (String, String, f64, Option<String>, Option<String>);
        let scores: Vec<Row> = scores
            .query_map([], |row| row.try_into())
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let trace = trace.to_string();
        let expected = [
            (
                trace.clone(),
                "relevance".to_owned(),
                0.87,
                Some("good".to_owned()),
                None,
            ),
            (
                trace,
                "thumb".to_owned(),
                1.0,
                None,
                Some("it compiled".to_owned()),
            ),
        ];
        assert_eq!(scores, expected, "{with_events}");
    }
}

#[test]
fn a_span_that_is_deleted_takes_its_events_scores_and_links_along() {
    let _turn = turn();
    let folder = Folder::new("sqlite-deleted");
    let store = folder.join("traces.db");
    let telemetry = with_store(&store).events_sqlite(&store).install().unwrap();
    for name in ["old", "new"] {
        let linked = span("linked").run(|| current().context().unwrap());
        let trace = span(name).run(|| {
            current().link(&linked);
            score!("relevance", 0.5);
            current().trace_id().unwrap()
        });
        Score::new("late", true).trace(trace).record();
    }
    drop(telemetry);
    let connection = Connection::open(&store).unwrap();
    let count = |table: &str| {
        let query = format!("SELECT count(*) FROM {table}");
        let count: i64 = connection.query_row(&query, [], |row| row.get(0)).unwrap();
        count
    };
    assert_eq!((count("links"), count("scores")), (2, 4));
    let deleted = connection
        .execute("DELETE FROM spans WHERE name = 'old'", [])
        .unwrap();
    assert_eq!(deleted, 1);
    // Late scores are of traces.
    assert_eq!((count("links"), count("scores")), (1, 3));
}

/// The program that calls a tool so many times, whose spans go to a store.
fn program(store: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_program"));
    program
        .args(arguments)
        .env("OTEL_TRACES_EXPORTER", "sqlite")
        .env("GENAI_TRACE_SQLITE", store)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    program
}

#[test]
fn several_processes_write_to_one_store_at_once() {
    let folder = Folder::new("sqlite-processes");
    let store = folder.join("traces.db");
    let processes: Vec<_> = (0..4)
        .map(|_| program(&store, &["500", "flushed"]).spawn().unwrap())
        .collect();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains("report: 500 spans ended; sqlite: 500 written, 0 dropped, 0 failed\n"),
            "{said}"
        );
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
    assert_eq!(ask::<i64>(&store, "SELECT count(*) FROM spans"), 2000);
    assert_eq!(ask::<String>(&store, "PRAGMA integrity_check"), "ok");
}

#[test]
fn a_process_that_is_killed_leaves_a_store_with_all_that_it_had_written() {
    let folder = Folder::new("sqlite-killed");
    let store = folder.join("traces.db");
    for kill_after in [1, 7, 50] {
        let mut process = program(&store, &["100000", "flushed"]).spawn().unwrap();
        let before = records_or_none(&store);
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let flushed = (0..kill_after)
            .map(|_| lines.next().unwrap().unwrap())
            .filter(|line| line.ends_with(", true"))
            .count();
        process.kill().unwrap();
        process.wait().unwrap();
        assert_eq!(flushed, kill_after);
        assert!(records(&store).len() >= before + flushed);
        assert_eq!(ask::<String>(&store, "PRAGMA integrity_check"), "ok");
    }
}

#[test]
#[cfg(unix)]
fn children_that_a_process_forks_leave_its_store_alone() {
    let folder = Folder::new("sqlite-forked");
    let store = folder.join("traces.db");
    let output = Command::new(env!("CARGO_BIN_EXE_ending"))
        .arg("fork_beside_a_store")
        .env("OTEL_TRACES_EXPORTER", "sqlite")
        .env("GENAI_TRACE_SQLITE", &store)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let refused = said.lines().find_map(|line| line.strip_prefix("refused: "));
    assert!(
        refused.is_some_and(|why| why.contains("was forked off one that had opened a store")),
        "{said}"
    );
    let mut kept: Vec<_> = records(&store)
        .iter()
        .map(|span| format!("span {}", span.span_id))
        .collect();
    let mut spans: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("span"))
        .collect();
    kept.sort_unstable();
    spans.sort_unstable();
    assert_eq!(kept, spans);
    assert_eq!(kept.len(), 101);
    assert_eq!(ask::<String>(&store, "PRAGMA integrity_check"), "ok");
}

fn records_or_none(store: &Path) -> usize {
    if store.exists() {
        records(store).len()
    } else {
        0
    }
}

#[test]
fn a_batch_waits_for_a_store_that_others_lock_and_nothing_is_lost() {
    let _turn = turn();
    let folder = Folder::new("sqlite-locked");
    let store = folder.join("traces.db");
    let telemetry = with_store(&store).install().unwrap();
    let other = Connection::open(&store).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    span("first").run(|| {});
    // Longer than SQLite would have waited.
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(6));
        other.execute_batch("COMMIT").unwrap();
    });
    let report = telemetry.flush(Duration::from_millis(500));
    assert_eq!(
        report.to_string(),
        "1 spans ended; sqlite: 0 written, 0 dropped, 0 failed; the deadline passed before everything was written"
    );
    span("second").run(|| {});
    let report = telemetry.shutdown(SOON);
    assert_eq!(
        report.to_string(),
        "2 spans ended; sqlite: 2 written, 0 dropped, 0 failed"
    );
    release.join().unwrap();
    assert_eq!(
        ask::<String>(&store, "SELECT group_concat(name) FROM spans"),
        "first,second"
    );
}

#[test]
fn a_shutdown_does_not_wait_for_a_lock_longer_than_it_was_told_and_counts_what_it_cost() {
    let _turn = turn();
    let folder = Folder::new("sqlite-abandoned");
    let store = folder.join("traces.db");
    let telemetry = with_store(&store).install().unwrap();
    let other = Connection::open(&store).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    span("waits").run(|| {});
    let begun = Instant::now();
    let report = telemetry.shutdown(Duration::from_millis(300));
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!(
        report.to_string(),
        "1 spans ended; sqlite: 0 written, 1 dropped, 0 failed; the deadline passed before everything was written"
    );
}

#[test]
fn many_writers_on_a_busy_store_with_readers_beside_lose_nothing() {
    let folder = Folder::new("sqlite-busy");
    let store = folder.join("traces.db");
    let reading = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while reading.load(std::sync::atomic::Ordering::Relaxed) {
                if store.exists() {
                    let _ = genai_trace::sqlite::open(&store).map(|store| {
                        store.query_row("SELECT sum(length(attributes)) FROM spans", [], |_| Ok(()))
                    });
                }
            }
        });
        let processes: Vec<_> = (0..6)
            .map(|_| program(&store, &["2000"]).spawn().unwrap())
            .collect();
        for process in processes {
            let output = process.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(
                said.contains("sqlite: 2000 written, 0 dropped, 0 failed\n"),
                "{said}"
            );
        }
        reading.store(false, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(ask::<i64>(&store, "SELECT count(*) FROM spans"), 12_000);
}

#[test]
#[cfg(unix)]
fn a_store_that_is_taken_away_is_made_anew_and_keeps_what_it_had() {
    let _turn = turn();
    let folder = Folder::new("sqlite-moved");
    let store = folder.join("traces.db");
    let telemetry = with_store(&store).events_sqlite(&store).install().unwrap();
    let scored = |name: &'static str| {
        let trace = span(name).run(|| current().trace_id().unwrap());
        Score::new("thumb", true).trace(trace).record();
        let _ = telemetry.flush(SOON);
    };
    for moved in ["first.db", "second.db"] {
        scored("before");
        scored("before");
        std::fs::rename(&store, folder.join(moved)).unwrap();
    }
    // Only spans: the connection of the events finds out at the end.
    span("after").run(|| {});
    let report = telemetry.shutdown(SOON);
    assert!(!report.has_losses(), "{report}");
    for moved in ["first.db", "second.db"] {
        let path = folder.join(moved);
        assert_eq!(
            ask::<String>(&path, "SELECT group_concat(name) FROM spans"),
            "before,before"
        );
        assert_eq!(ask::<i64>(&path, "SELECT count(*) FROM scores"), 2);
        assert_eq!(ask::<String>(&path, "PRAGMA integrity_check"), "ok");
    }
    assert_eq!(
        ask::<String>(&store, "SELECT group_concat(name) FROM spans"),
        "after"
    );
    // Nothing is left beside the three.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

/// How many locks this process has on the file, as the system says.
#[cfg(target_os = "linux")]
fn locks_of(path: &Path) -> Option<usize> {
    use std::os::unix::fs::MetadataExt;
    let (process, file) = (
        format!(" {} ", std::process::id()),
        format!(":{} ", path.metadata().ok()?.ino()),
    );
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let of_file = |lock: &&str| lock.contains(&process) && lock.contains(&file);
    Some(locks.lines().filter(of_file).count())
}

#[test]
#[cfg(target_os = "linux")]
fn a_store_that_its_own_process_reads_keeps_its_locks() {
    let _turn = turn();
    let folder = Folder::new("sqlite-own-locks");
    let store = folder.join("traces.db");
    let telemetry = with_store(&store).install().unwrap();
    span("written").run(|| {});
    let _ = telemetry.flush(SOON);
    let Some(before) = locks_of(&store).filter(|locks| *locks > 0) else {
        return eprintln!("skipped: the system does not say who locks what");
    };
    assert_eq!(records(&store).len(), 1);
    assert_eq!(locks_of(&store), Some(before));
    drop(genai_trace::sqlite::open(&store).unwrap());
    assert_eq!(locks_of(&store), Some(before));
    drop(telemetry);
}

#[test]
fn what_is_no_store_of_this_version_is_refused_in_words() {
    let _turn = turn();
    let folder = Folder::new("sqlite-refused");
    let refused = |name: &str| {
        let error = with_store(&folder.join(name)).install().unwrap_err();
        let text = error.to_string();
        text.replace(&format!("{:?}", folder.join(name)), "FILE")
    };
    std::fs::write(folder.join("text.db"), "spans, one a line").unwrap();
    assert_eq!(
        refused("text.db"),
        "cannot open the traces file FILE: file is not a database"
    );
    let newer = Connection::open(folder.join("newer.db")).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    newer
        .pragma_update(None, "application_id", genai_trace::sqlite::APPLICATION_ID)
        .unwrap();
    assert_eq!(
        refused("newer.db"),
        "cannot open the traces file FILE: the store has the version 7, and this build knows those from 1 to 2"
    );
}

#[test]
fn a_database_of_somebody_else_is_refused_and_left_as_it_is() {
    let _turn = turn();
    let folder = Folder::new("sqlite-theirs");
    let statements = [
        ("tables.db", "CREATE TABLE notes (text)"),
        (
            "version.db",
            "CREATE TABLE spans (id); PRAGMA user_version = 1",
        ),
        ("empty.db", "PRAGMA application_id = 7"),
    ];
    for (name, made_by) in statements {
        let path = folder.join(name);
        Connection::open(&path)
            .unwrap()
            .execute_batch(made_by)
            .unwrap();
        let before = std::fs::read(&path).unwrap();
        let error = with_store(&path).install().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "cannot open the traces file {path:?}: it is a database, and no store of spans"
            )
        );
        let error = SpanReader::open(&path).unwrap_err();
        assert_eq!(error.to_string(), "it is a database, and no store of spans");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn a_program_needs_no_more_than_the_exporters_name() {
    let folder = Folder::new("sqlite-env");
    let mut program = Command::new(env!("CARGO_BIN_EXE_program"));
    let output = program
        .arg("2")
        .env("OTEL_TRACES_EXPORTER", "sqlite")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(records(&folder.join("traces.db")).len(), 2);
    assert!(!folder.join("traces.jsonl").exists());
}
