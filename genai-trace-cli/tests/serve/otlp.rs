//! Spans that OpenTelemetry programs send.

use std::fs;
use std::io::Write;

use serde_json::json;
use tempfile::tempdir;

use crate::server::{Server, fixture, post};

/// A server that receives, and where.
fn receiving(folder: &std::path::Path, arguments: &[&str]) -> (Server, String) {
    let mut server = Server::start(folder, &[&["--otlp", "0"], arguments].concat());
    let line = server.line();
    let address = line
        .strip_prefix("OTLP over HTTP: http://")
        .unwrap()
        .to_owned();
    (server, address)
}

fn span(id: &str) -> serde_json::Value {
    json!({
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": id, "name": "chat m",
        "startTimeUnixNano": "1790000000000000000", "endTimeUnixNano": "1790000001000000000",
        "attributes": [{"key": "gen_ai.request.model", "value": {"stringValue": "m"}}],
    })
}

fn request(spans: &[serde_json::Value]) -> String {
    json!({"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": spans}]}]})
        .to_string()
}

const JSON: (&str, &str) = ("content-type", "application/json");
const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");

#[test]
fn what_pythons_exporter_sends_is_shown_as_a_run() {
    let folder = tempdir().unwrap();
    let (server, address) = receiving(folder.path(), &[]);
    // The very bytes of opentelemetry-exporter-otlp-proto-http.
    let body = fs::read(fixture("python.otlp.gz")).unwrap();
    let answer = post(
        &address,
        "/v1/traces",
        &[PROTOBUF, ("content-encoding", "gzip")],
        &body,
    );
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("application/x-protobuf")
    );
    let runs = server.until("/api/runs", |runs| runs["total"] == 1);
    let run = &runs["runs"][0];
    assert_eq!(
        (&run["name"], &run["service"]),
        (&json!("invoke_agent helper"), &json!("py-agent"))
    );
    assert_eq!((&run["spans"], &run["errors"]), (&json!(3), &json!(1)));
    let id = run["trace_id"].as_str().unwrap();
    let said = server.json(&format!("/api/runs/{id}/conversation"));
    assert_eq!(
        said["messages"][0]["parts"][0]["text"],
        "hi <script>alert(1)</script>"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is kept unasked"
    );
}

#[test]
fn what_pythons_instrumentation_says_in_events_is_the_conversation_of_its_span() {
    for arguments in [&[][..], &["--keep", "kept.jsonl"]] {
        let folder = tempdir().unwrap();
        let (server, address) = receiving(folder.path(), arguments);
        let headers = [PROTOBUF, ("content-encoding", "gzip")];
        // The very bytes of opentelemetry-instrumentation-openai-v2.
        for (path, sent) in [
            ("/v1/traces", "python-openai.otlp.gz"),
            ("/v1/logs", "python-logs.otlp.gz"),
        ] {
            let body = fs::read(fixture(sent)).unwrap();
            let answer = post(&address, path, &headers, &body);
            assert_eq!((answer.status, answer.body.len()), (200, 0), "{path}");
        }
        let runs = server.until("/api/runs", |runs| runs["total"] == 1);
        let id = runs["runs"][0]["trace_id"].as_str().unwrap();
        let path = format!("/api/runs/{id}/conversation");
        let said = server.until(&path, |said| {
            said["messages"].as_array().is_some_and(|all| all.len() > 1)
        });
        assert_eq!(said["system"][0]["text"], "be brief", "{said}");
        let texts = said["messages"].as_array().unwrap().iter();
        let texts: Vec<_> = texts
            .map(|message| (&message["role"], &message["parts"][0]["text"]))
            .collect();
        assert_eq!(
            texts,
            [
                (&json!("user"), &json!("2+2?")),
                (&json!("assistant"), &json!("It is four.")),
            ]
        );
        let kept = folder.path().join("kept.events.jsonl");
        assert_eq!(kept.exists(), !arguments.is_empty());
    }
}

#[test]
fn received_spans_are_kept_in_the_file_that_is_named() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("kept.jsonl");
    fs::write(&path, "{\"torn\":").unwrap();
    let (server, address) = receiving(folder.path(), &["--keep", "kept.jsonl"]);
    let body = request(&[span("00f067aa0ba902b7"), span("00f067aa0ba902b8")]);
    assert_eq!(
        post(&address, "/v1/traces", &[JSON], body.as_bytes()).status,
        200
    );
    server.until("/api/runs", |runs| runs["runs"][0]["spans"] == 2);
    let kept = genai_trace::SpanReader::open(&path).unwrap();
    assert_eq!(
        kept.filter(|span| span.as_ref().unwrap().name == "chat m")
            .count(),
        2
    );
}

#[test]
fn spans_that_cannot_be_read_are_counted_in_the_answer() {
    let folder = tempdir().unwrap();
    let (server, address) = receiving(folder.path(), &[]);
    let body = request(&[
        span("00f067aa0ba902b7"),
        span("0000000000000000"),
        json!({"name": "x"}),
    ]);
    let answer = post(&address, "/v1/traces", &[JSON], body.as_bytes());
    assert_eq!(answer.status, 200);
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedSpans"], "2");
    assert_eq!(
        partial["errorMessage"],
        "2 of the spans were left out, the first of them: \
         spanId is \"0000000000000000\", expected 16 hexadecimal digits, not all of them 0"
    );
    let body = request(&[span("00f067aa0ba902b7"), json!({"name": "x"})]);
    let answer = post(&address, "/v1/traces", &[JSON], body.as_bytes());
    assert_eq!(
        answer.json()["partialSuccess"]["errorMessage"],
        "1 of the spans was left out: it has no time at which it began"
    );
    server.until("/api/runs", |runs| runs["total"] == 1);
}

#[test]
fn what_is_no_request_is_refused_in_its_own_form() {
    let folder = tempdir().unwrap();
    let (_server, address) = receiving(folder.path(), &[]);
    let ask = |headers: &[(&str, &str)], body: &[u8]| post(&address, "/v1/traces", headers, body);
    assert_eq!(ask(&[JSON], b"{}").json(), json!({}));
    assert_eq!(ask(&[PROTOBUF], b"").status, 200);
    let wrong = ask(&[JSON], b"{\"resourceSpans\":7}");
    assert_eq!((wrong.status, &wrong.json()["code"]), (400, &json!(3)));
    let wrong = ask(&[PROTOBUF], b"\xff\xff\xff");
    assert_eq!(
        (wrong.status, wrong.header("content-type").unwrap()),
        (400, "application/x-protobuf".to_owned())
    );
    assert_eq!(
        ask(&[PROTOBUF, ("content-encoding", "gzip")], b"no gzip").status,
        400
    );
    assert_eq!(
        ask(&[PROTOBUF, ("content-encoding", "br")], b"").status,
        415
    );
    assert_eq!(ask(&[("content-type", "text/plain")], b"{}").status, 415);
    assert_eq!(
        ask(&[JSON, ("origin", "http://evil.example")], b"{}").status,
        403
    );
    let bomb = {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![0; 1 << 20];
        (0..130).for_each(|_| gzip.write_all(&zeros).unwrap());
        gzip.finish().unwrap()
    };
    assert_eq!(
        ask(&[JSON, ("content-encoding", "gzip")], &bomb).status,
        413
    );
    let deep = format!(
        "{{\"resourceSpans\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(ask(&[JSON], deep.as_bytes()).status, 400);
}

#[test]
fn metrics_and_other_logs_are_answered_and_left_aside() {
    let folder = tempdir().unwrap();
    let (server, address) = receiving(folder.path(), &[]);
    for path in ["/v1/metrics", "/v1/logs"] {
        assert_eq!(post(&address, path, &[JSON], b"{}").json(), json!({}));
    }
    assert_eq!(server.json("/api/runs")["total"], 0);
}

#[cfg(target_os = "linux")]
#[test]
fn little_that_becomes_much_takes_no_more_room_than_there_is() {
    let folder = tempdir().unwrap();
    let (server, address) = receiving(folder.path(), &[]);
    let packed = |piece: &str, front: &str, end: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(front.as_bytes()).unwrap();
        let many = piece.repeat((1 << 20) / piece.len());
        (0..2).for_each(|_| gzip.write_all(many.as_bytes()).unwrap());
        gzip.write_all(end.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let in_a_span = packed(
        "0,",
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":[",
        "0]}]}]}]}",
    );
    let beside_them = packed("0,", "{\"x\":[", "0]}");
    let bodies = [&in_a_span, &beside_them, &in_a_span, &beside_them];
    std::thread::scope(|scope| {
        for body in bodies {
            scope.spawn(|| {
                let headers = [JSON, ("content-encoding", "GZIP")];
                let answer = post(&address, "/v1/traces", &headers, body);
                // Any may have to come again later.
                assert!(matches!(answer.status, 200 | 503), "{}", answer.text());
            });
        }
    });
    let most = most_memory(&server);
    assert!(most < 100 << 10, "{most} kB");
}

/// The most memory that a server has ever had, in kB.
#[cfg(target_os = "linux")]
fn most_memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let most = status.lines().find(|line| line.starts_with("VmHWM:"));
    most.unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn values_in_values_take_no_more_room_than_there_is() {
    let field = |tag: u8, bytes: &[u8]| {
        let mut out = vec![tag << 3 | 2];
        prost::encoding::encode_varint(bytes.len() as u64, &mut out);
        out.extend(bytes);
        out
    };
    let request = |in_span: &[u8]| {
        let ids = [field(1, &[7; 16]), field(2, &[7; 8]), field(5, b"x")].concat();
        let times = [&[0x39][..], &[1; 8], &[0x41], &[1; 8]].concat();
        let span = field(2, &[&ids, &times, in_span].concat());
        field(1, &field(2, &span))
    };
    let attribute = |value: &[u8]| field(9, &[field(1, b"k"), field(2, value)].concat());
    // Four million pairs without a key, values without a value, and events with pairs.
    let empty = field(1, &[]).repeat(4 << 20);
    let events = field(11, &field(3, &[]).repeat(500)).repeat(8_000);
    let bodies = [
        request(&attribute(&field(6, &empty))),
        request(&attribute(&field(5, &empty))),
        request(&events),
    ];
    let folder = tempdir().unwrap();
    let (server, address) = receiving(folder.path(), &[]);
    std::thread::scope(|scope| {
        for (number, body) in bodies.iter().cycle().take(6).enumerate() {
            let address = &address;
            scope.spawn(move || {
                let mut gzip =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                gzip.write_all(body).unwrap();
                let packed = gzip.finish().unwrap();
                let (body, encoding) = match number < 3 {
                    true => (&packed, "gzip"),
                    false => (body, "identity"),
                };
                let headers = [PROTOBUF, ("content-encoding", encoding)];
                let mut answer = post(address, "/v1/traces", &headers, body);
                // On a slow machine it is told to come again, as often as that takes.
                while answer.status == 503 {
                    std::thread::sleep(std::time::Duration::from_millis(100));
                    answer = post(address, "/v1/traces", &headers, body);
                }
                let why = "1 of the spans was left out: it has more than 65536 values in it";
                assert_eq!(answer.status, 200, "{}", answer.text());
                assert!(answer.text().contains(why), "{}", answer.text());
            });
        }
    });
    let most = most_memory(&server);
    assert!(most < 100 << 10, "{most} kB");
}
