//! Where spans go, and what an exporter that misbehaves does to everyone else: nothing.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use genai_trace::{
    ConsoleExporter, ExportError, LogExporter, LogRecord, MemoryExporter, Score, SpanBatch,
    SpanExporter, Telemetry, genai_agent, genai_chat, genai_tool, record, span,
};
use genai_trace_tests::turn;

const SOON: Duration = Duration::from_secs(10);

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    /// What was drawn, with `_` for each duration.
    fn text(&self) -> String {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| {
            let words = line.split(' ').map(|word| {
                let is_duration =
                    word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with('s');
                if is_duration { "_" } else { word }
            });
            words.collect::<Vec<_>>().join(" ")
        });
        lines.map(|line| line + "\n").collect()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[genai_tool("read_file")]
fn read_file(path: &str) -> io::Result<String> {
    std::fs::read_to_string(path)
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat() {
    record!(
        gen_ai.usage.input_tokens = 250,
        gen_ai.usage.output_tokens = 130
    );
}

#[genai_agent("coder")]
fn agent() {
    chat();
    let _ = read_file("/no/such/file");
}

#[test]
fn the_console_draws_each_trace_when_it_is_complete() {
    let _turn = turn();
    let screen = Screen::default();
    let telemetry = Telemetry::builder()
        .exporter(ConsoleExporter::to(screen.clone()))
        .install()
        .unwrap();
    agent();
    let open = span("second").enter();
    span("inside").run(|| {});
    assert!(telemetry.flush(SOON).complete);
    let first = "\
invoke_agent coder _
├─ chat gpt-4o _ 250/130 tokens
└─ execute_tool read_file _ ERROR NotFound: No such file or directory (os error 2)
";
    assert_eq!(screen.text(), first);
    drop(open);
    drop(telemetry);
    assert_eq!(screen.text(), format!("{first}second _\n└─ inside _\n"));
}

#[test]
fn several_exporters_get_the_same_spans_and_an_account_each() {
    let _turn = turn();
    let path = std::env::temp_dir().join(format!("genai-trace-both-{}.jsonl", std::process::id()));
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder()
        .service_name("coder")
        .resource("service.version", "1.0.0")
        .jsonl(&path)
        .memory(&memory)
        .install()
        .unwrap();
    agent();
    let report = telemetry.shutdown(SOON);
    assert_eq!(
        report.to_string(),
        "3 spans ended; jsonl: 3 written, 0 dropped, 0 failed; memory: 3 written, 0 dropped, 0 failed"
    );
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lines: Vec<genai_trace::SpanRecord> = file
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, memory.spans());
    let resource = serde_json::to_string(&lines[0].resource).unwrap();
    assert_eq!(
        resource,
        r#"{"service.name":"coder","service.version":"1.0.0"}"#
    );
}

/// Misbehaves in one way.
#[derive(Clone, Copy)]
enum Faulty {
    /// Takes so many spans, in however many batches they come, and refuses all others.
    Fails {
        takes: u64,
    },
    Panics,
    Hangs(Duration),
}

impl SpanExporter for Faulty {
    fn name(&self) -> &str {
        "faulty"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        match self {
            Faulty::Fails { takes } => {
                let taken = (*takes).min(batch.len() as u64);
                *takes -= taken;
                match batch.len() as u64 - taken {
                    0 => Ok(()),
                    refused => Err(ExportError::of_some(refused, "the backend said no")),
                }
            }
            Faulty::Panics => std::panic::resume_unwind(Box::new("out of cheese")),
            Faulty::Hangs(time) => {
                std::thread::sleep(*time);
                Ok(())
            }
        }
    }
}

#[test]
fn an_exporter_that_fails_or_panics_is_counted_and_disturbs_no_other() {
    let _turn = turn();
    for (faulty, account) in [
        (
            Faulty::Fails { takes: 1 },
            "faulty: 1 written, 0 dropped, 2 failed (the backend said no)",
        ),
        (
            Faulty::Panics,
            "faulty: 0 written, 0 dropped, 3 failed (the exporter panicked: out of cheese)",
        ),
    ] {
        let memory = MemoryExporter::new();
        let telemetry = Telemetry::builder()
            .exporter(faulty)
            .memory(&memory)
            .install()
            .unwrap();
        agent();
        let report = telemetry.shutdown(SOON);
        assert_eq!(
            report.to_string(),
            format!("3 spans ended; {account}; memory: 3 written, 0 dropped, 0 failed")
        );
        assert!(
            telemetry
                .metrics_text()
                .contains("genai_trace_export_errors_total{exporter=\"faulty\"} ")
        );
    }
}

#[test]
fn an_exporter_that_hangs_keeps_neither_the_caller_nor_the_guard() {
    let _turn = turn();
    let telemetry = Telemetry::builder()
        .exporter(Faulty::Hangs(Duration::from_secs(3)))
        .flush_timeout(Duration::from_millis(200))
        .install()
        .unwrap();
    agent();
    let began = Instant::now();
    let report = telemetry.flush(Duration::from_millis(100));
    assert!(!report.complete && report.has_losses());
    for _ in 0..1000 {
        agent();
    }
    drop(telemetry);
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn an_exporter_that_hangs_keeps_nothing_from_another_and_has_an_account_that_adds_up() {
    let _turn = turn();
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder()
        .exporter(Faulty::Hangs(Duration::from_secs(3600)))
        .memory(&memory)
        .install()
        .unwrap();
    agent();
    let report = telemetry.flush(Duration::from_millis(300));
    assert!(!report.complete);
    assert_eq!(memory.spans().len(), 3, "the other has written");
    agent();
    let report = telemetry.shutdown(Duration::from_millis(300));
    assert_eq!(
        report.to_string(),
        "6 spans ended; faulty: 0 written, 6 dropped, 0 failed; memory: 6 written, 0 dropped, \
         0 failed; the deadline passed before everything was written"
    );
    let metrics = telemetry.metrics_text();
    assert!(metrics.contains("genai_trace_spans_dropped_total{reason=\"shutdown\"} 6\n"));
}

#[test]
fn telemetry_may_be_installed_again_after_it_was_shut_down() {
    let _turn = turn();
    for _ in 0..3 {
        let memory = MemoryExporter::new();
        let telemetry = Telemetry::builder().memory(&memory).install().unwrap();
        let refused = Telemetry::builder().memory(&memory).install().unwrap_err();
        assert!(matches!(refused, genai_trace::InitError::AlreadyInstalled));
        agent();
        let first = telemetry.shutdown(SOON);
        agent();
        assert_eq!(telemetry.shutdown(SOON), first);
        assert_eq!((first.ended, memory.spans().len()), (3, 3));
    }
}

#[test]
fn a_span_that_is_open_at_shutdown_is_not_recorded_and_harms_none_that_follow() {
    let _turn = turn();
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install().unwrap();
    let open = span("open").enter();
    drop(telemetry);
    let telemetry = Telemetry::builder().memory(&memory).install().unwrap();
    agent();
    drop(open);
    drop(telemetry);
    let names: Vec<_> = memory
        .spans()
        .into_iter()
        .map(|span| (span.name, span.parent_span_id.is_some()))
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[2], ("invoke_agent coder".to_owned(), false));
}

#[test]
fn a_buffer_size_that_means_nothing_is_named_with_what_is_allowed() {
    let _turn = turn();
    let refused = Telemetry::builder()
        .console()
        .buffer_bytes(10)
        .install()
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "buffer_bytes(10): expected 4096 to 1073741824"
    );
}

/// Notes what it is asked for.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, what: impl Into<String>) -> Result<(), ExportError> {
        self.0.lock().unwrap().push(what.into());
        Ok(())
    }
}

impl LogExporter for Diary {
    fn name(&self) -> &str {
        "diary"
    }

    fn export(&mut self, events: &[LogRecord]) -> Result<(), ExportError> {
        self.note(format!("{} event", events.len()))
    }

    fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
        self.note("flush")
    }

    fn shutdown(&mut self, _: Instant) -> Result<(), ExportError> {
        self.note("shutdown")
    }
}

#[test]
fn an_exporter_of_events_is_told_of_its_end_once_and_behind_all_else() {
    let _turn = turn();
    let diary = Diary::default();
    let telemetry = Telemetry::builder()
        .memory(&MemoryExporter::new())
        .log_exporter(diary.clone())
        .install()
        .unwrap();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap();
    Score::new("relevance", 0.5).trace(trace).record();
    assert!(telemetry.flush(SOON).complete);
    assert!(telemetry.shutdown(SOON).complete);
    assert!(telemetry.shutdown(SOON).complete);
    drop(telemetry);
    let said = diary.0.lock().unwrap().clone();
    assert_eq!(said, ["1 event", "flush", "flush", "shutdown"]);
}
