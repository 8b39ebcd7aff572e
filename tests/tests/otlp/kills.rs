//! A process that is killed while it sends: what it has flushed arrives by the next start, and no more comes twice
//! than the one request that it was sending.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::backend::{Answer, Backend};
use crate::folder::Folder;
use genai_trace_tests::turn;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;

const NO: Answer = Answer::Status(503, "");

/// A program that flushes after each of so many calls, and has `run` among the attributes of its resource.
fn start(folder: &Folder, port: u16, run: usize, calls: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_program"))
        .env_clear()
        .env("OTEL_SERVICE_NAME", format!("run-{run}"))
        .env("OTEL_TRACES_EXPORTER", "otlp")
        .env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://127.0.0.1:{port}"),
        )
        .args([calls, "flushed"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (child, said)
}

/// How often the program says that it has flushed, of the next `most` times.
fn flushes(said: &mut BufReader<ChildStdout>, most: usize) -> usize {
    let lines = said.lines().map_while(Result::ok);
    let flushes = lines.filter(|line| line.starts_with("flushed ") && line.ends_with(", true"));
    flushes.take(most).count()
}

/// Ends a program as the system does that runs out of memory.
fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// How many requests wait on disk.
fn waiting(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder.join("traces.jsonl.otlp"));
    let names = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_str().unwrap().ends_with(".otlp"))
        .count()
}

/// Starts programs that have nothing to say until nothing waits on disk.
fn send_what_waits(folder: &Folder, port: u16) {
    for _ in 0..100 {
        let (mut child, _said) = start(folder, port, 0, "0");
        assert!(child.wait().unwrap().success());
        if waiting(folder.path()) == 0 {
            return;
        }
    }
    panic!("{} requests still wait", waiting(folder.path()));
}

/// How often the call with each number came.
fn numbers(spans: &[Span]) -> BTreeMap<i64, usize> {
    let mut numbers = BTreeMap::new();
    for span in spans {
        let mut attributes = span.attributes.iter();
        let number = attributes.find(|pair| pair.key == "app.number").unwrap();
        let Some(Value::IntValue(number)) = number.value.clone().unwrap().value else {
            panic!("{number:?} is no integer");
        };
        *numbers.entry(number).or_default() += 1;
    }
    numbers
}

/// Kills a program to whose next request the backend has answered so, when much waits on disk, and starts it again:
/// how often each number came before the next start and behind it, and how many were flushed.
fn killed_at(name: &str, answer: Answer) -> (BTreeMap<i64, usize>, BTreeMap<i64, usize>, i64) {
    let (backend, folder) = (Backend::new(), Folder::new(name));
    backend.answer_all(Some(NO));
    let (child, mut said) = start(&folder, backend.port(), 1, "1000000");
    assert_eq!(flushes(&mut said, 5), 5);
    backend.answer_all(Some(answer));
    backend.wait_for_hanging();
    kill(child);
    let flushed = 5 + flushes(&mut said, usize::MAX);
    assert!(waiting(folder.path()) >= flushed);
    let before = numbers(&backend.taken());
    backend.answer_all(None);
    send_what_waits(&folder, backend.port());
    let after = numbers(&backend.taken());
    (before, after, i64::try_from(flushed).unwrap())
}

#[test]
fn what_waited_on_disk_when_the_process_was_killed_is_sent_once_by_the_next_start() {
    let _turn = turn();
    let (before, after, flushed) = killed_at("otlp-kill", Answer::Hang);
    assert_eq!(before, BTreeMap::new());
    assert!(
        (0..flushed).all(|number| after.contains_key(&number)),
        "{flushed}: {after:?}"
    );
    assert!(after.values().all(|count| *count == 1), "{after:?}");
}

#[test]
fn only_the_request_whose_answer_the_killed_process_had_not_heard_comes_twice() {
    let _turn = turn();
    let (before, after, flushed) = killed_at("otlp-kill-taken", Answer::TakeAndHang);
    assert_eq!(before, BTreeMap::from([(0, 1)]));
    assert!(
        (0..flushed).all(|number| after.contains_key(&number)),
        "{flushed}: {after:?}"
    );
    let twice = after.iter().filter(|(_, count)| **count > 1);
    assert_eq!(twice.collect::<Vec<_>>(), [(&0, &2)]);
}

#[test]
fn processes_that_are_killed_anywhere_lose_nothing_that_they_have_flushed() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-kills"));
    let rounds = 12_usize;
    let mut flushed = Vec::new();
    for round in 1..=rounds {
        // It is down now and then, so that what is new waits behind what is old, in memory and on disk.
        let answers = (0..40).map(|request| match request * round % 7 {
            0 | 1 => NO,
            _ => Answer::Partly(0, ""),
        });
        backend.answer(answers);
        let (child, mut said) = start(&folder, backend.port(), round, "1000000");
        let reader = std::thread::spawn(move || flushes(&mut said, usize::MAX));
        std::thread::sleep(Duration::from_millis(
            60 + 37 * u64::try_from(round).unwrap(),
        ));
        kill(child);
        flushed.push(reader.join().unwrap());
    }
    send_what_waits(&folder, backend.port());

    let taken = backend.taken_by_service();
    let mut twice = 0;
    for (round, flushed) in (1..).zip(&flushed) {
        let of_round = taken
            .get(&format!("run-{round}"))
            .cloned()
            .unwrap_or_default();
        let counts = numbers(&of_round);
        for number in 0..i64::try_from(*flushed).unwrap() {
            assert!(
                counts.contains_key(&number),
                "run {round}: {number} of {flushed} is lost"
            );
        }
        twice += counts.values().map(|count| count - 1).sum::<usize>();
    }
    assert!(flushed.iter().sum::<usize>() > rounds, "{flushed:?}");
    // A request has one span here, and a process that is killed was sending one at most.
    assert!(twice <= rounds, "{twice} spans came twice");
}
