//! One trace over the borders of four processes: HTTP, a queue, and the environment of a child.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use genai_trace::{SpanKind, SpanRecord};
use genai_trace_tests::Recorded;

const TRACEPARENT: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// One of the processes, with its own trace file.
fn process(role: &str, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_one_trace"));
    command.arg(role).env("GENAI_TRACE_FILE", file);
    command
        .env("GENAI_TRACE_BAGGAGE", "app.session")
        .env("GENAI_TRACE_BAGGAGE_ON_SPANS", "true");
    for variable in ["TRACEPARENT", "TRACESTATE", "BAGGAGE"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn spans_of(file: &Path) -> Vec<SpanRecord> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_client_a_server_a_queue_worker_and_a_child_make_one_trace() {
    let dir = std::env::temp_dir().join(format!("genai-trace-one-trace-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = |role: &str| -> PathBuf { dir.join(format!("{role}.jsonl")) };

    let mut server = process("server", &file("server")).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.as_mut().unwrap())
        .read_line(&mut address)
        .unwrap();

    // The client is a child itself, of whoever runs it.
    let client = process("client", &file("client"))
        .arg(address.trim())
        .env("TRACEPARENT", TRACEPARENT)
        .env("TRACESTATE", "runner=1")
        .env("BAGGAGE", "app.session=s%2D1,secret=x")
        .output()
        .unwrap();
    assert!(client.status.success(), "{client:?}");
    drop(server.stdin.take());
    assert!(server.wait().unwrap().success());

    let message = client.stdout;
    assert!(!String::from_utf8_lossy(&message).contains("secret"));
    let mut worker = process("worker", &file("worker"));
    let mut worker = worker
        .env("CHILD_TRACE_FILE", file("child"))
        .spawn()
        .unwrap();
    worker.stdin.take().unwrap().write_all(&message).unwrap();
    assert!(worker.wait().unwrap().success());

    let roles = ["client", "server", "worker", "child"];
    let recorded = Recorded {
        spans: roles
            .iter()
            .flat_map(|role| spans_of(&file(role)))
            .collect(),
        metrics: String::new(),
    };
    std::fs::remove_dir_all(&dir).unwrap();
    assert_eq!(
        recorded.outline(),
        "invoke_agent coder\n\
         .GET /jobs/{job}\n\
         ..execute_tool enqueue\n\
         ...execute_tool work\n\
         ....execute_tool compile"
    );
    assert_eq!(recorded.span("GET /jobs/{job}").kind, SpanKind::Server);
    for span in &recorded.spans {
        let name = &span.name;
        assert_eq!(
            span.trace_id.to_string(),
            "12345678901234567890123456789012",
            "{name}"
        );
        assert_eq!(span.trace_state.as_deref(), Some("runner=1"), "{name}");
        assert_eq!(span.attributes.str("app.session"), Some("s-1"), "{name}");
    }
}
