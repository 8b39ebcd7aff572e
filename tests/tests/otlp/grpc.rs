//! Spans, metrics and events leave the process by OTLP over gRPC, with or without a runtime of the program's.

use std::ops::Range;
use std::time::Duration;

use crate::LONG;
use crate::folder::Folder;
use crate::grpc_backend::{GrpcBackend, Reply};
use crate::relay::{Authority, Hole, TlsEnd};
use genai_trace::{OtlpOptions, OtlpProtocol, Report, Score, Telemetry, span};
use genai_trace_tests::turn;

/// A `google.rpc.Status` with a `RetryInfo` of one second.
const IN_A_SECOND: &str =
    "CAgSBGJ1c3kaMAoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIECgIIAQ";

fn options(backend: &GrpcBackend, folder: &Folder) -> OtlpOptions {
    OtlpOptions::default()
        .protocol(OtlpProtocol::Grpc)
        .endpoint(backend.url())
        .spool(folder.path())
}

fn install(options: OtlpOptions) -> Telemetry {
    let builder = Telemetry::builder().flush_timeout(LONG);
    builder.otlp_with(options).install().unwrap()
}

/// Ends spans with these numbers for names, and has them sent.
fn record(telemetry: &Telemetry, numbers: Range<u32>) {
    for number in numbers {
        span(number.to_string()).run(|| {});
    }
    assert!(telemetry.flush(LONG).complete);
}

fn numbers(numbers: Range<u32>) -> Vec<String> {
    numbers.map(|number| number.to_string()).collect()
}

fn names(backend: &GrpcBackend) -> Vec<String> {
    let spans = backend.taken().spans.into_iter();
    spans.map(|span| span.name).collect()
}

/// How many spans were written and have failed, and what was said last.
fn counts(report: &Report) -> (u64, u64, Option<String>) {
    let mut exporters = report.exporters.iter();
    let otlp = exporters.find(|exporter| exporter.name == "otlp").unwrap();
    assert_eq!(otlp.dropped, 0);
    (otlp.written, otlp.failed, otlp.last_error.clone())
}

#[test]
fn every_signal_arrives_compressed_or_not_with_what_headers_say() {
    let _turn = turn();
    for gzip in [false, true] {
        let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc"));
        let options = options(&backend, &folder)
            .gzip(gzip)
            .header("x-project", "coder");
        let telemetry = Telemetry::builder()
            .flush_timeout(LONG)
            .otlp_with(options.clone())
            .events_otlp_with(options.clone())
            .metrics_otlp_with(options)
            .install()
            .unwrap();
        span("turn").run(|| {});
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap();
        Score::new("relevance", 0.5).trace(trace).record();
        let report = telemetry.shutdown(LONG);
        assert_eq!(counts(&report), (1, 0, None));

        let taken = backend.taken();
        assert_eq!(names(&backend), ["turn"]);
        assert_eq!(taken.events[0].event_name, "gen_ai.evaluation.result");
        assert_eq!(taken.events[0].trace_id[..2], [0x4b, 0xf9]);
        let mut metrics = taken.metrics.iter();
        assert!(metrics.any(|metric| metric.name == "genai_trace_spans_total"));
        let calls = backend.calls();
        assert_eq!(calls.len(), 3);
        for call in calls {
            let header = |name| call.headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("x-project"), Some("coder"));
            assert_eq!(header("grpc-encoding"), gzip.then_some("gzip"));
            assert!(header("user-agent").unwrap().starts_with("genai-trace/"));
        }
    }
}

#[test]
fn what_a_backend_cannot_take_now_is_sent_later_in_order_and_once() {
    let _turn = turn();
    let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc-14"));
    backend.reply([14, 4, 10].map(|code| Reply::Status(code, "not now", "")));
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..3);
    record(&telemetry, 3..5);
    backend.wait_for_spans(5);
    let (written, failed, said) = counts(&telemetry.shutdown(LONG));
    assert_eq!((written, failed), (5, 0));
    assert_eq!(names(&backend), numbers(0..5));
    let said = said.unwrap();
    assert!(
        said.contains(": grpc status Unavailable: not now: spans wait in "),
        "{said}"
    );
}

#[test]
fn a_backend_that_is_busy_is_asked_again_when_it_says_and_else_not_at_all() {
    let _turn = turn();
    let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc-8"));
    backend.reply([
        Reply::Status(8, "busy", IN_A_SECOND),
        Reply::Partly(0, ""),
        Reply::Status(8, "busy", ""),
    ]);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..2);
    backend.wait_for_spans(2);
    record(&telemetry, 2..5);
    let (written, failed, _) = counts(&telemetry.shutdown(LONG));
    assert_eq!((written, failed), (2, 3));
    let calls = backend.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls[1].at - calls[0].at >= Duration::from_secs(1));
}

#[test]
fn what_is_too_large_is_sent_in_parts() {
    let _turn = turn();
    let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc-large"));
    backend.take_at_most(10);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..100);
    let (written, failed, _) = counts(&telemetry.shutdown(LONG));
    assert_eq!((written, failed), (100, 0));
    assert_eq!(names(&backend), numbers(0..100));
    let sizes: Vec<_> = backend.calls().iter().map(|call| call.items).collect();
    assert_eq!(sizes[..4], [100, 50, 25, 12]);
}

#[test]
fn what_a_backend_refuses_is_counted_and_not_sent_again() {
    let _turn = turn();
    let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc-refused"));
    backend.reply([Reply::Status(3, "bad id", ""), Reply::Partly(2, "too old")]);
    let telemetry = install(options(&backend, &folder));
    record(&telemetry, 0..3);
    record(&telemetry, 3..6);
    let (written, failed, said) = counts(&telemetry.shutdown(LONG));
    assert_eq!((written, failed), (1, 5));
    assert_eq!(backend.calls().len(), 2);
    assert!(said.unwrap().ends_with(": too old"));
}

#[test]
fn a_backend_that_was_down_or_is_started_again_gets_all_once() {
    let _turn = turn();
    let folder = Folder::new("otlp-grpc-restart");
    let first = GrpcBackend::new();
    let port = first.port();
    let telemetry = install(options(&first, &folder));
    record(&telemetry, 0..4);
    first.wait_for_spans(4);
    let mut names_of_all = names(&first);
    drop(first);
    record(&telemetry, 4..8);
    let second = GrpcBackend::at(port);
    record(&telemetry, 8..12);
    second.wait_for_spans(8);
    let (written, failed, _) = counts(&telemetry.shutdown(LONG));
    assert_eq!((written, failed), (12, 0));
    names_of_all.extend(names(&second));
    assert_eq!(names_of_all, numbers(0..12));
}

#[test]
fn a_request_that_takes_too_long_is_tried_again() {
    let _turn = turn();
    let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc-hang"));
    backend.reply([Reply::Hang]);
    let telemetry = install(options(&backend, &folder).timeout(Duration::from_millis(300)));
    record(&telemetry, 0..2);
    backend.wait_for_spans(2);
    let (written, failed, _) = counts(&telemetry.shutdown(LONG));
    assert_eq!((written, failed), (2, 0));
    assert_eq!(names(&backend), numbers(0..2));
}

#[test]
fn a_connection_on_which_nobody_says_anything_is_given_up_for_a_new_one() {
    let _turn = turn();
    for by_tls in [false, true] {
        let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc-hole"));
        let authority = Authority::new();
        std::fs::write(folder.join("root.pem"), authority.pem()).unwrap();
        let end = TlsEnd::to(backend.port(), &authority, None);
        // Nothing tells such a connection from one whose other end has gone without a word.
        let (scheme, port) = match by_tls {
            true => ("https", end.port()),
            false => ("http", backend.port()),
        };
        let hole = Hole::before(port, 2);
        let options = options(&backend, &folder)
            .endpoint(format!("{scheme}://127.0.0.1:{}", hole.port()))
            .certificate(folder.join("root.pem"))
            .timeout(Duration::from_secs(2));
        let telemetry = install(options);
        record(&telemetry, 0..2);
        backend.wait_for_spans(2);
        record(&telemetry, 2..4);
        // While it works: what is given up does not keep its socket.
        hole.wait_for_given_up(2);
        let (written, failed, _) = counts(&telemetry.shutdown(LONG));
        assert_eq!((written, failed), (4, 0));
        assert_eq!(names(&backend), numbers(0..4));
    }
}

#[test]
fn a_runtime_of_one_thread_is_not_in_the_way() {
    let _turn = turn();
    let (backend, folder) = (GrpcBackend::new(), Folder::new("otlp-grpc-current-thread"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        let telemetry = install(options(&backend, &folder));
        for number in 0..20_u32 {
            span(number.to_string())
                .wrap(tokio::task::yield_now())
                .await;
        }
        telemetry.shutdown(LONG)
    });
    assert_eq!(counts(&report), (20, 0, None));
    assert_eq!(names(&backend), numbers(0..20));
}
