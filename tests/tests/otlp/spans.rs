//! Spans leave the process by OTLP: to a backend that is well, and to one that is not. Nothing is lost, and nothing
//! is sent twice.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::LONG;
use crate::backend::{Answer, Backend};
use crate::folder::Folder;
use genai_trace::{
    ExporterReport, OtlpOptions, OtlpProtocol, Profile, Report, SpanRecord, Telemetry, current,
    genai_chat, genai_tool, span,
};
use genai_trace_tests::turn;
use opentelemetry_proto::tonic::common::v1::any_value::Value;

fn options(backend: &Backend, folder: &Folder) -> OtlpOptions {
    OtlpOptions::default()
        .endpoint(backend.url())
        .spool(folder.path())
}

fn install(options: OtlpOptions) -> Telemetry {
    let builder = Telemetry::builder()
        .service_name("otlp tests")
        .flush_timeout(LONG);
    builder.otlp_with(options).install().unwrap()
}

/// Ends spans with these numbers for names, and has them sent.
fn record(telemetry: &Telemetry, numbers: std::ops::Range<u32>) {
    for number in numbers {
        span(number.to_string()).run(|| {});
    }
    assert!(telemetry.flush(LONG).complete);
}

fn numbers(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| number.to_string()).collect()
}

fn of_otlp(report: &Report) -> &ExporterReport {
    let mut exporters = report.exporters.iter();
    exporters.find(|exporter| exporter.name == "otlp").unwrap()
}

/// How many spans were written, dropped and have failed.
fn counts(report: &Report) -> (u64, u64, u64) {
    let otlp = of_otlp(report);
    (otlp.written, otlp.dropped, otlp.failed)
}

fn waits_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[genai_tool("read_file")]
fn read_file(path: &str) -> std::io::Result<String> {
    current().set("attempt", &2);
    current().set("tags", ["a", "b"].as_slice());
    std::fs::read_to_string(path)
}

#[test]
fn all_of_a_span_arrives_over_each_protocol() {
    let _turn = turn();
    for (protocol, kind) in [
        (OtlpProtocol::HttpProtobuf, "application/x-protobuf"),
        (OtlpProtocol::HttpJson, "application/json"),
    ] {
        for gzip in [false, true] {
            let (backend, folder) = (Backend::new(), Folder::new("otlp-protocols"));
            let options = options(&backend, &folder)
                .protocol(protocol)
                .gzip(gzip)
                .header("x-project", "coder");
            let telemetry = install(options);
            span("turn").run(|| read_file("/no/such/file").unwrap_err());
            let report = telemetry.shutdown(LONG);
            assert_eq!(counts(&report), (2, 0, 0));

            let seen = backend.seen();
            assert_eq!(seen.len(), 1);
            let head = &seen[0].head;
            assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
            assert!(
                head.contains(&format!("content-type: {kind}\r\n")),
                "{head}"
            );
            assert!(
                head.contains("x-project: coder\r\n") && head.contains("user-agent: genai-trace/")
            );
            assert_eq!(head.contains("content-encoding: gzip\r\n"), gzip);

            let spans = backend.taken();
            let of = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
            let (tool, turn) = (of("execute_tool read_file"), of("turn"));
            assert_eq!(tool.trace_id, turn.trace_id);
            assert_eq!(tool.parent_span_id, turn.span_id);
            assert!(turn.parent_span_id.is_empty());
            assert_eq!((tool.kind, tool.flags), (1, 1));
            assert!(turn.start_time_unix_nano <= tool.start_time_unix_nano);
            assert!(tool.end_time_unix_nano <= turn.end_time_unix_nano);
            assert_eq!(tool.status.as_ref().unwrap().code, 2);
            let attribute = |key: &str| {
                let mut attributes = tool.attributes.iter();
                let pair = attributes.find(|pair| pair.key == key)?;
                pair.value.clone()?.value
            };
            let text = |text: &str| Some(Value::StringValue(text.to_owned()));
            assert_eq!(attribute("gen_ai.tool.name"), text("read_file"));
            assert_eq!(attribute("attempt"), Some(Value::IntValue(2)));
            let Some(Value::ArrayValue(tags)) = attribute("tags") else {
                panic!("tags are an array");
            };
            assert_eq!(tags.values.len(), 2);
            assert_eq!(waits_in(folder.path()), 0);
        }
    }
}

/// A program that knows of its telemetry by variables alone: what it says on standard error, and whether it did
/// what it was to do.
fn run(folder: &Folder, variables: &[(&str, &str)]) -> (String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_program"))
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .arg("3")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (said, output.status.success())
}

#[test]
fn three_variables_send_what_the_file_has() {
    let (backend, folder) = (Backend::new(), Folder::new("otlp-variables"));
    let endpoint = format!("http://127.0.0.1:{}", backend.port());
    let variables = [
        ("OTEL_SERVICE_NAME", "coder"),
        ("OTEL_TRACES_EXPORTER", "otlp,jsonl"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
    ];
    assert_eq!(run(&folder, &variables), (String::new(), true));
    let lines = std::fs::read_to_string(folder.join("traces.jsonl")).unwrap();
    let mut ids: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|span: SpanRecord| span.span_id.to_string())
        .collect();
    let of_bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let taken = backend.taken();
    let mut sent: Vec<String> = taken.iter().map(|span| of_bytes(&span.span_id)).collect();
    ids.sort();
    sent.sort();
    assert_eq!((sent.len(), sent), (3, ids));
    let resource = &backend.seen()[0].resources[0];
    let says = |key: &str, text: &str| {
        let mut attributes = resource.attributes.iter();
        let pair = attributes.find(|pair| pair.key == key).unwrap();
        pair.value.clone().unwrap().value == Some(Value::StringValue(text.to_owned()))
    };
    assert!(says("service.name", "coder") && says("telemetry.sdk.name", "genai-trace"));
    assert!(says("process.executable.name", "program"));
}

#[genai_chat(provider = "gcp.gemini", model = "gemini-2.5-flash")]
fn ask() {}

#[test]
fn several_backends_have_a_name_and_a_profile_each() {
    let _turn = turn();
    let (newest, older, folder) = (Backend::new(), Backend::new(), Folder::new("otlp-several"));
    let telemetry = Telemetry::builder()
        .service_name("otlp tests")
        .otlp_as("newest", options(&newest, &folder))
        .otlp_as("older", options(&older, &folder))
        .profile("older", Profile::GenAi1_36)
        .install()
        .unwrap();
    ask();
    let report = telemetry.shutdown(LONG);
    let exporters = report.exporters.iter();
    let written: Vec<_> = exporters.map(|e| (e.name.as_str(), e.written)).collect();
    assert_eq!(written, [("newest", 1), ("older", 1)]);
    for (backend, key, provider) in [
        (newest, "gen_ai.provider.name", "gcp.gemini"),
        (older, "gen_ai.system", "gcp.gemini"),
    ] {
        let span = &backend.taken()[0];
        let mut attributes = span.attributes.iter();
        let pair = attributes.find(|pair| pair.key == key).unwrap();
        let said = pair.value.clone().unwrap().value;
        assert_eq!(said, Some(Value::StringValue(provider.to_owned())));
    }
    let unnamed = Telemetry::builder().otlp_as("", OtlpOptions::default());
    let refusal = unnamed.install().unwrap_err().to_string();
    assert_eq!(refusal, "otlp_as(\"\"): expected a name");
}

#[test]
fn a_service_without_a_name_is_said_at_start() {
    let (backend, folder) = (Backend::new(), Folder::new("otlp-unnamed"));
    let endpoint = backend.url();
    let variables = [
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint.as_str()),
    ];
    let (said, is_done) = run(&folder, &variables);
    assert_eq!(
        said,
        "genai-trace: service.name is not set, so that backends show unknown_service: \
         set OTEL_SERVICE_NAME, or call Builder::service_name\n"
    );
    assert!(is_done && backend.names().len() == 3);
}

#[test]
fn a_bad_variable_is_an_error_that_names_it_and_nothing_is_sent_elsewhere() {
    let folder = Folder::new("otlp-bad");
    for (name, value, expected) in [
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "collector:4318",
            "a url with http:// or https:// and a host",
        ),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "http/xml",
            "http/protobuf, http/json or grpc",
        ),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b", "a list of name=value"),
        (
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
            "/no/such.pem",
            "a file of certificates in PEM",
        ),
    ] {
        let (said, is_done) = run(&folder, &[("OTEL_TRACES_EXPORTER", "otlp"), (name, value)]);
        assert!(
            !is_done && said.contains(name) && said.contains(expected),
            "{name}: {said}"
        );
    }
}

#[test]
fn what_a_backend_cannot_take_now_is_sent_later_in_order_and_once() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-503"));
    backend.answer([502, 503, 503, 504, 503].map(|status| Answer::Status(status, "")));
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..3);
    record(&telemetry, 3..5);
    backend.wait_for_spans(5);
    record(&telemetry, 5..6);
    let report = telemetry.shutdown(LONG);
    assert_eq!(counts(&report), (6, 0, 0));
    assert_eq!(backend.names(), numbers(0..6));
    let said = of_otlp(&report).last_error.clone().unwrap();
    assert!(
        said.contains("/v1/traces: status 502: no: spans wait in \""),
        "{said}"
    );
    assert_eq!(waits_in(folder.path()), 0);
}

#[test]
fn a_backend_is_not_asked_before_the_time_that_it_has_named() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-429"));
    backend.answer([Answer::Status(429, "retry-after: 1\r\n")]);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..2);
    // A flush does not hurry it.
    assert!(telemetry.flush(LONG).complete);
    backend.wait_for_spans(2);
    let seen = backend.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(1));
    assert_eq!(counts(&telemetry.shutdown(LONG)), (2, 0, 0));
}

#[test]
fn what_is_too_large_is_sent_in_parts() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-413"));
    backend.take_at_most(10);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..100);
    let report = telemetry.shutdown(LONG);
    assert_eq!(counts(&report), (100, 0, 0));
    assert_eq!(backend.names(), numbers(0..100));
    let sizes: Vec<_> = backend.seen().iter().map(|seen| seen.spans).collect();
    assert_eq!(sizes[..4], [100, 50, 25, 12]);
}

#[test]
fn parts_that_were_taken_are_not_sent_again() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-parts"));
    backend.take_at_most(10);
    // The first part is taken, the second is not, and then the process ends.
    backend.answer([
        Answer::Partly(0, ""),
        Answer::Status(503, "retry-after: 3600\r\n"),
    ]);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..40);
    assert_eq!(counts(&telemetry.shutdown(LONG)), (40, 0, 0));
    assert_eq!(backend.names(), numbers(0..10));
    let telemetry = install(options(&backend, &folder));
    assert!(telemetry.flush(LONG).complete);
    backend.wait_for_spans(40);
    drop(telemetry);
    assert_eq!(backend.names(), numbers(0..40));
}

#[test]
fn a_span_that_is_too_large_by_itself_is_counted() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-one-413"));
    backend.take_at_most(0);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..3);
    let report = telemetry.shutdown(LONG);
    assert_eq!(counts(&report), (0, 0, 3));
    let said = of_otlp(&report).last_error.clone().unwrap();
    assert!(said.ends_with("/v1/traces: status 413: no"), "{said}");
}

#[test]
fn what_a_backend_refuses_is_counted_and_not_sent_again() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-refused"));
    backend.answer([
        Answer::Status(400, ""),
        Answer::Partly(2, "too old"),
        Answer::Status(301, "location: /\r\n"),
    ]);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..3);
    record(&telemetry, 3..6);
    record(&telemetry, 6..7);
    record(&telemetry, 7..9);
    let report = telemetry.shutdown(LONG);
    assert_eq!(counts(&report), (3, 0, 6));
    assert_eq!(backend.seen().len(), 4);
}

#[test]
fn the_next_start_sends_what_waits_on_disk() {
    let _turn = turn();
    let folder = Folder::new("otlp-next-start");
    let backend = Backend::new();
    let (port, options) = (backend.port(), options(&backend, &folder));
    drop(backend);
    for numbers in [0..3, 3..4] {
        let telemetry = install(options.clone());
        record(&telemetry, numbers.clone());
        let count = u64::from(numbers.end - numbers.start);
        assert_eq!(counts(&telemetry.shutdown(LONG)), (count, 0, 0));
    }
    assert_eq!(waits_in(folder.path()), 2);
    let backend = Backend::at(port);
    let telemetry = install(options);
    record(&telemetry, 4..6);
    backend.wait_for_spans(6);
    drop(telemetry);
    assert_eq!(backend.names(), numbers(0..6));
    assert_eq!(waits_in(folder.path()), 0);
}

#[test]
fn a_backend_that_is_started_again_in_the_middle_gets_all_once() {
    let _turn = turn();
    let folder = Folder::new("otlp-restart");
    let first = Backend::new();
    let port = first.port();
    let telemetry = install(options(&first, &folder));
    record(&telemetry, 0..4);
    first.wait_for_spans(4);
    let mut names = first.names();
    drop(first);
    record(&telemetry, 4..8);
    record(&telemetry, 8..9);
    let second = Backend::at(port);
    record(&telemetry, 9..12);
    second.wait_for_spans(8);
    assert_eq!(counts(&telemetry.shutdown(LONG)), (12, 0, 0));
    names.extend(second.names());
    assert_eq!(names, numbers(0..12));
}

#[test]
fn a_backend_that_hangs_holds_up_nobody_and_costs_nothing() {
    let _turn = turn();
    let folder = Folder::new("otlp-hang");
    let first = Backend::new();
    first.answer([Answer::Hang, Answer::Hang]);
    let port = first.port();
    let options = options(&first, &folder).timeout(LONG);
    let telemetry = install(options.clone());
    let start = Instant::now();
    for number in 0..600_u32 {
        span(number.to_string()).run(|| {});
    }
    let report = telemetry.shutdown(Duration::from_secs(5));
    assert!(report.complete && start.elapsed() < LONG / 2);
    assert_eq!(counts(&report), (600, 0, 0));
    assert!(first.names().is_empty());
    drop(first);
    let second = Backend::at(port);
    let telemetry = install(options);
    assert!(telemetry.flush(LONG).complete);
    second.wait_for_spans(600);
    drop(telemetry);
    // The thread that hung may have given its part back late.
    let mut names = second.names();
    names.sort_by_key(|name| name.parse::<u32>().unwrap());
    assert_eq!(names, numbers(0..600));
}

#[test]
fn the_end_waits_for_an_answer_that_a_flush_was_not_given() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-late"));
    // A flush has two fifths of the time, the end most of the rest.
    backend.answer([Answer::Late(Duration::from_secs(3))]);
    let telemetry = install(options(&backend, &folder).timeout(LONG));
    span("0").run(|| {});
    let report = telemetry.shutdown(Duration::from_secs(6));
    assert_eq!(counts(&report), (1, 0, 0));
    assert_eq!(backend.names(), numbers(0..1));
    assert_eq!(waits_in(folder.path()), 0, "it would come twice");
}

#[test]
fn a_request_that_takes_too_long_is_tried_again() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-timeout"));
    backend.answer([Answer::Hang]);
    let telemetry = install(options(&backend, &folder).timeout(Duration::from_millis(200)));
    record(&telemetry, 0..2);
    backend.wait_for_spans(2);
    let report = telemetry.shutdown(LONG);
    assert_eq!(counts(&report), (2, 0, 0));
    assert_eq!(backend.names(), numbers(0..2));
}

#[test]
fn without_a_spool_memory_keeps_what_cannot_be_sent_until_the_end() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-memory"));
    backend.answer(vec![Answer::Status(503, ""); 3]);
    let telemetry = install(options(&backend, &folder).no_spool());
    record(&telemetry, 0..2);
    backend.wait_for_spans(2);
    assert_eq!(backend.names(), numbers(0..2));
    backend.answer(vec![Answer::Status(503, ""); 1000]);
    record(&telemetry, 2..5);
    let report = telemetry.shutdown(Duration::from_secs(1));
    assert_eq!(counts(&report), (2, 0, 3));
    assert_eq!(waits_in(folder.path()), 0);
}

#[test]
fn the_end_waits_for_the_backend_as_long_as_its_caller_does() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-patience"));
    backend.answer(vec![Answer::Status(503, "retry-after: 1\r\n"); 2]);
    let telemetry = install(options(&backend, &folder).no_spool());
    span("0").run(|| {});
    assert_eq!(counts(&telemetry.shutdown(LONG)), (1, 0, 0));
    assert_eq!(backend.names(), numbers(0..1));
}

#[test]
fn what_waits_on_disk_is_bounded_and_what_had_to_go_is_counted() {
    let _turn = turn();
    let folder = Folder::new("otlp-bound");
    let backend = Backend::new();
    let spool = folder.join("made/when it is needed");
    let options = options(&backend, &folder).spool(&spool).spool_bytes(4096);
    drop(backend);
    let telemetry = install(options);
    for number in 0..100 {
        record(&telemetry, number..number + 1);
    }
    let report = telemetry.shutdown(LONG);
    let (written, dropped, failed) = counts(&report);
    assert_eq!((written + failed, dropped), (100, 0));
    assert_eq!(u64::try_from(waits_in(&spool)).unwrap(), written);
    assert!(written > 0 && failed > 0);
}

#[test]
fn a_runtime_of_one_thread_is_not_in_the_way() {
    let _turn = turn();
    let (backend, folder) = (Backend::new(), Folder::new("otlp-current-thread"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        let telemetry = install(options(&backend, &folder));
        let spans = (0..20_u32)
            .map(|number| tokio::spawn(span(number.to_string()).wrap(tokio::task::yield_now())));
        for task in spans.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        telemetry.shutdown(LONG)
    });
    assert_eq!(counts(&report), (20, 0, 0));
    assert_eq!(backend.names().len(), 20);
}
