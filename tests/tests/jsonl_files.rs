//! A traces file in a hostile world: full, gone, moved, torn, or a pipe that nobody reads.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use genai_trace::{
    InitError, JsonlExporter, MemoryExporter, Report, SpanReader, SyncPolicy, Telemetry, current,
    genai_tool, span,
};
use genai_trace_tests::turn;

#[path = "support/folder.rs"]
mod folder;
#[path = "support/watched.rs"]
mod watched;

use self::folder::Folder;
use self::watched::Watched;

const SOON: Duration = Duration::from_secs(60);

fn to(path: &Path) -> Telemetry {
    Telemetry::builder().jsonl(path).install().unwrap()
}

/// Records a span and waits until it is where it goes.
fn record(telemetry: &Telemetry, name: &'static str) {
    span(name).run(|| {});
    assert!(telemetry.flush(SOON).complete);
}

/// The names of the spans in the file, and how many lines are bad.
fn names(path: &Path) -> (Vec<String>, u64) {
    let mut reader = SpanReader::open(path).unwrap();
    let names = reader.by_ref().map(|span| span.unwrap().name).collect();
    (names, reader.bad_lines())
}

/// Written, dropped and failed.
fn account(report: &Report) -> (u64, u64, u64) {
    let exporter = &report.exporters[0];
    (exporter.written, exporter.dropped, exporter.failed)
}

/// How many errors the metrics count.
fn errors(telemetry: &Telemetry) -> u64 {
    let metrics = telemetry.metrics_text();
    let series = "genai_trace_export_errors_total{exporter=\"jsonl\"} ";
    let value = metrics.lines().find_map(|line| line.strip_prefix(series));
    value.map_or(0, |value| value.parse().unwrap())
}

fn said(report: &Report) -> &str {
    report.exporters[0]
        .last_error
        .as_deref()
        .unwrap_or_default()
}

#[test]
fn after_rm_later_spans_arrive_in_a_new_file_and_the_metrics_count_it_once() {
    let _turn = turn();
    let folder = Folder::new("rm");
    let live = folder.join("traces.jsonl");
    let telemetry = to(&live);
    record(&telemetry, "one");
    fs::remove_file(&live).unwrap();
    record(&telemetry, "two");
    record(&telemetry, "three");
    let report = telemetry.shutdown(SOON);
    assert_eq!(account(&report), (3, 0, 0));
    assert_eq!(errors(&telemetry), 1);
    let expected = "was removed or moved: writing goes on in the file that is there now";
    assert_eq!(said(&report), format!("{live:?} {expected}"));
    assert_eq!(names(&live), (vec!["two".into(), "three".into()], 0));
}

#[test]
fn after_mv_later_spans_arrive_in_a_new_file_beside_the_moved_one() {
    let _turn = turn();
    let folder = Folder::new("mv");
    let (live, moved) = (folder.join("traces.jsonl"), folder.join("moved.jsonl"));
    let telemetry = to(&live);
    record(&telemetry, "one");
    fs::rename(&live, &moved).unwrap();
    record(&telemetry, "two");
    let report = telemetry.shutdown(SOON);
    assert_eq!((account(&report), errors(&telemetry)), ((2, 0, 0), 1));
    assert_eq!(names(&moved), (vec!["one".into()], 0));
    assert_eq!(names(&live), (vec!["two".into()], 0));
}

#[test]
fn while_its_folder_is_gone_spans_are_counted_failed_and_then_they_arrive_again() {
    let _turn = turn();
    let folder = Folder::new("folder");
    let (inner, moved) = (folder.join("inner"), folder.join("moved"));
    fs::create_dir(&inner).unwrap();
    let live = inner.join("traces.jsonl");
    let telemetry = to(&live);
    record(&telemetry, "one");
    fs::rename(&inner, &moved).unwrap();
    record(&telemetry, "two");
    record(&telemetry, "three");
    assert_eq!(account(&telemetry.flush(SOON)), (1, 0, 2));
    fs::create_dir(&inner).unwrap();
    record(&telemetry, "four");
    let report = telemetry.shutdown(SOON);
    assert_eq!(account(&report), (2, 0, 2));
    assert_eq!(names(&live), (vec!["four".into()], 0));
}

#[test]
fn a_program_that_changes_its_folder_keeps_its_file() {
    let _turn = turn();
    let folder = Folder::new("cd");
    let before = std::env::current_dir().unwrap();
    std::env::set_current_dir(folder.path()).unwrap();
    let telemetry = to(Path::new("traces.jsonl"));
    std::env::set_current_dir(&before).unwrap();
    record(&telemetry, "one");
    let report = telemetry.shutdown(SOON);
    assert_eq!((account(&report), errors(&telemetry)), ((1, 0, 0), 0));
    assert_eq!(names(&folder.join("traces.jsonl")).0, ["one"]);
}

/// What a program prints whose spans go to `file`, and what it says on standard error.
fn program(file: &Path) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_program"));
    command
        .env_clear()
        .env("GENAI_TRACE_FILE", file)
        .arg("1000");
    let output = Watched::start(&mut command, SOON).end();
    assert!(output.status.success(), "{output:?}");
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_full_device_changes_nothing_for_the_program_and_is_said_once() {
    let folder = Folder::new("full");
    let (fine, _) = program(&folder.join("traces.jsonl"));
    let (full, said) = program(Path::new("/dev/full"));
    let sum = "sum 999000";
    assert_eq!(fine.lines().next(), Some(sum));
    assert_eq!(full.lines().next(), Some(sum));
    assert!(
        full.contains("1000 spans ended; jsonl: 0 written, 0 dropped, 1000 failed (cannot write \"/dev/full\": No space left on device"),
        "{full}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// A file system of one megabyte; unmounted in the end.
struct Small(Folder);

impl Small {
    fn mount() -> Option<Self> {
        let folder = Folder::new("small");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=1m", "none"])
            .arg(folder.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn on_a_full_disk_what_fits_is_whole_the_rest_is_counted_and_later_spans_arrive() {
    let _turn = turn();
    let Some(small) = Small::mount() else {
        println!("skipped: cannot mount a tmpfs");
        return;
    };
    let (live, other) = (small.0.join("traces.jsonl"), small.0.join("other"));
    fs::write(&other, vec![b'x'; 500_000]).unwrap();
    let telemetry = to(&live);
    for number in 0..5_000_i64 {
        span("step").attr("app.number", &number).run(|| {});
    }
    let full = telemetry.flush(SOON);
    let (written, dropped, failed) = account(&full);
    assert!(failed > 1_000 && dropped == 0, "{full}");
    assert!(said(&full).contains("No space left on device"), "{full}");
    let (found, bad) = names(&live);
    assert_eq!((found.len() as u64, bad), (written, 0));
    fs::remove_file(&other).unwrap();
    record(&telemetry, "later");
    let report = telemetry.shutdown(SOON);
    assert_eq!(account(&report), (written + 1, 0, failed));
    let (found, bad) = names(&live);
    assert_eq!((found.len() as u64, bad), (written + 1, 0));
    assert_eq!(found.last().unwrap(), "later");
}

#[test]
fn several_processes_end_a_line_that_a_killed_one_left_torn() {
    let folder = Folder::new("torn");
    let live = folder.join("traces.jsonl");
    fs::write(&live, "{\"trace_id\":\"4bf9").unwrap();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_span_writer"));
            command.arg(&live).args(["1000000000", "100"]);
            Watched::start(&mut command, SOON)
        })
        .collect();
    let mut ended = 0;
    for writer in writers {
        let output = writer.end();
        let said = String::from_utf8(output.stdout).unwrap();
        ended += said.split(' ').nth(1).unwrap().parse::<usize>().unwrap();
    }
    let (found, bad) = names(&live);
    assert_eq!((found.len(), bad), (ended, 1));
    assert!(!fs::read_to_string(&live).unwrap().contains("\n\n"));
}

#[test]
fn every_policy_for_the_disk_writes_the_same_lines() {
    let _turn = turn();
    let folder = Folder::new("sync");
    for policy in [
        SyncPolicy::Never,
        SyncPolicy::OnFlush,
        SyncPolicy::EveryWrite,
    ] {
        let live = folder.join(&format!("{policy:?}.jsonl"));
        let options = JsonlExporter::options().sync(policy);
        let telemetry = Telemetry::builder()
            .jsonl_with(&live, options)
            .install()
            .unwrap();
        record(&telemetry, "one");
        record(&telemetry, "two");
        let report = telemetry.shutdown(SOON);
        assert!(!report.has_losses() && errors(&telemetry) == 0, "{report}");
        assert_eq!(names(&live).0, ["one", "two"]);
    }
}

fn make_pipe(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(status.success());
}

/// A reader of the pipe at `path`, there before this returns.
fn open_pipe(path: &Path) -> File {
    // Opened both ways it waits for nobody; a second one, for reading alone, then finds a writer.
    let both = File::options().read(true).write(true).open(path).unwrap();
    let reader = File::open(path).unwrap();
    drop(both);
    reader
}

#[test]
fn a_pipe_that_nobody_reads_is_an_error_that_names_it_and_holds_nothing_up() {
    let folder = Folder::new("pipe");
    let pipe = folder.join("pipe");
    make_pipe(&pipe);
    // In a process of its own, which could be ended if it hung.
    let mut command = Command::new(env!("CARGO_BIN_EXE_program"));
    command.env_clear().env("GENAI_TRACE_FILE", &pipe).arg("2");
    let output = Watched::start(&mut command, SOON).end();
    assert_eq!(output.stdout, b"sum 2\n");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("no telemetry: cannot open the traces file {pipe:?}: the pipe has no reader\n")
    );
}

#[test]
fn a_reader_of_a_pipe_may_go_and_another_come() {
    let _turn = turn();
    let folder = Folder::new("reader");
    let pipe = folder.join("pipe");
    make_pipe(&pipe);
    let mut first = BufReader::new(open_pipe(&pipe));
    let telemetry = to(&pipe);
    record(&telemetry, "one");
    let mut line = String::new();
    first.read_line(&mut line).unwrap();
    assert!(line.contains("\"name\":\"one\""), "{line}");
    drop(first);
    record(&telemetry, "two");
    let report = telemetry.flush(SOON);
    assert_eq!(account(&report), (1, 0, 1));
    assert!(said(&report).contains("Broken pipe"), "{report}");
    let mut second = open_pipe(&pipe);
    record(&telemetry, "three");
    let report = telemetry.shutdown(SOON);
    assert_eq!(account(&report), (2, 0, 1));
    // The exporter may live a moment longer than its last flush, and the end of the pipe with it.
    drop(telemetry);
    let mut rest = String::new();
    second.read_to_string(&mut rest).unwrap();
    assert!(
        rest.contains("\"name\":\"three\"") && !rest.contains("two"),
        "{rest}"
    );
}

#[test]
fn a_pipe_whose_reader_hangs_holds_up_neither_the_program_nor_another_exporter() {
    let _turn = turn();
    let folder = Folder::new("hangs");
    let pipe = folder.join("pipe");
    make_pipe(&pipe);
    let mut reader = open_pipe(&pipe);
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder()
        .jsonl(&pipe)
        .memory(&memory)
        .install()
        .unwrap();
    // More than a pipe holds.
    let spans = 5_000;
    for _ in 0..spans {
        span("step").run(|| {});
    }
    while memory.spans().len() < spans {
        assert!(!telemetry.flush(Duration::from_millis(50)).complete);
    }
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text.lines().count()
    });
    let report = telemetry.shutdown(SOON);
    assert!(report.complete && !report.has_losses(), "{report}");
    drop(telemetry);
    assert_eq!(reading.join().unwrap(), spans);
}

#[test]
fn a_folder_in_the_files_place_is_an_error_that_names_it() {
    let folder = Folder::new("place");
    let refused = Telemetry::builder()
        .jsonl(folder.path())
        .install()
        .unwrap_err();
    assert!(matches!(refused, InitError::File { .. }));
    let name: &OsStr = folder.path().as_os_str();
    assert!(
        refused.to_string().contains(&format!("{name:?}")),
        "{refused}"
    );
}

/// A run with so many steps in it, each as long as a line of a few hundred bytes.
fn steps(count: usize) {
    for _ in 0..count {
        step();
    }
}

#[genai_tool("step", fields("app.text" = "some text that takes its room on the line of its span"))]
fn step() {}

/// Says so when it is over.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_summary_says_all_of_a_run_while_others_rotate_its_file() {
    let _turn = turn();
    let folder = Folder::new("summary");
    let live = folder.join("traces.jsonl");
    let options = JsonlExporter::options()
        .rotate_at_bytes(32 * 1024)
        .compress(true);
    let telemetry = Telemetry::builder()
        .jsonl_with(&live, options)
        .install()
        .unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    span("beside it").run(|| steps(20));
                    std::thread::sleep(Duration::from_millis(2));
                }
            });
        }
        // Also where an assertion fails, or the others would never end.
        let _over = Over(&is_over);
        let begun = Instant::now();
        span("run").run(|| {
            let id = current().trace_id().unwrap();
            for round in 1.. {
                steps(5);
                assert!(telemetry.flush(SOON).complete);
                let summary = telemetry.summary(id, 200).unwrap();
                let wanted = format!(" {} tool calls", 5 * round);
                assert!(summary.contains(&wanted), "{wanted}: {summary}");
                if begun.elapsed() > Duration::from_secs(1) {
                    break;
                }
            }
        });
    });
    let report = telemetry.shutdown(SOON);
    assert!(!report.has_losses(), "{report}");
    assert!(SpanReader::files_of(&live).unwrap().len() > 5);
}
