//! The metrics over HTTP, as a scraper, a browser and a hostile client see them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use genai_trace::{MetricsServer, genai_tool};
use genai_trace_tests::recorded_with;

#[genai_tool("read_file")]
fn read_file() {}

/// What the server answers to these bytes, after which nothing is sent.
fn answer(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(request.replace('\n', "\r\n").as_bytes())
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn served(work: impl FnOnce(&MetricsServer)) {
    recorded_with(|telemetry| {
        read_file();
        let server = telemetry.serve_at("127.0.0.1:0").unwrap();
        work(&server);
    });
}

#[test]
fn metrics_come_in_the_form_that_is_asked_for() {
    served(|server| {
        let get = |accept: &str| {
            let request = format!("GET /metrics HTTP/1.1\nHost: localhost\nAccept: {accept}\n\n");
            answer(server.address(), &request)
        };
        let (head, body) = get("*/*");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(
            head.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"),
            "{head}"
        );
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{head}"
        );
        assert!(
            body.contains("# TYPE tools_called_total counter\n"),
            "{body}"
        );
        assert!(
            body.contains("tools_called_total{tool=\"read_file\"} 1\n"),
            "{body}"
        );

        let (head, body) = get("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
        let open = "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert!(head.contains(open), "{head}");
        assert!(body.contains("# TYPE tools_called counter\n"), "{body}");
        assert!(
            body.contains("tools_called_total{tool=\"read_file\"} 1\n"),
            "{body}"
        );
        assert!(body.ends_with("\n# EOF\n"), "{body}");
    });
}

#[test]
fn whoever_asks_for_something_else_is_told_so() {
    served(|server| {
        for (request, status) in [
            ("GET /healthz HTTP/1.1\nHost: localhost\n\n", "200 OK"),
            ("GET / HTTP/1.1\nHost: localhost\n\n", "404 Not Found"),
            (
                "DELETE /metrics HTTP/1.1\nHost: localhost\n\n",
                "405 Method Not Allowed",
            ),
            ("GET /metrics HTTP/1.1\n\n", "400 Bad Request"),
            (
                "GET /metrics HTTP/1.1\nHost: evil.example\n\n",
                "421 Misdirected Request",
            ),
            ("nonsense\n\n", "400 Bad Request"),
        ] {
            let (head, _) = answer(server.address(), request);
            assert!(
                head.starts_with(&format!("HTTP/1.1 {status}\r\n")),
                "{request}: {head}"
            );
        }
        let (head, body) = answer(
            server.address(),
            "HEAD /healthz HTTP/1.1\nHost: localhost\n\n",
        );
        assert!(
            head.contains("Content-Length: 3\r\n") && body.is_empty(),
            "{head}"
        );
    });
}

#[test]
fn a_head_without_end_is_refused() {
    served(|server| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let filler = format!("GET /metrics HTTP/1.1\r\nX: {}", "x".repeat(20_000));
        stream.write_all(filler.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 431 "), "{text}");
    });
}

/// What one more client is answered where 16 say nothing, and then one of these when it speaks.
fn answers_beside_silent_clients(address: SocketAddr) -> [String; 2] {
    let mut silent: Vec<_> = (0..16)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let mut texts = [String::new(), String::new()];
    let [refused, served] = &mut texts;
    let mut one_more = TcpStream::connect(address).unwrap();
    one_more.read_to_string(refused).unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // Where the machine has stood still for seconds, its time is over.
    let _ = silent[7].write_all(request);
    let _ = silent[7].read_to_string(served);
    texts
}

#[test]
fn clients_that_say_nothing_keep_no_more_than_their_places() {
    served(|server| {
        loop {
            let began = Instant::now();
            let [refused, served] = answers_beside_silent_clients(server.address());
            // Who has a place is answered whatever the others do.
            if refused.starts_with("HTTP/1.1 503 ") && served.starts_with("HTTP/1.1 200 ") {
                return;
            }
            let stood_still = began.elapsed() >= Duration::from_secs(4);
            assert!(stood_still, "{refused:?}, {served:?}");
        }
    });
}

#[test]
fn the_address_is_free_when_the_server_has_ended() {
    recorded_with(|telemetry| {
        let server = telemetry.serve_at("127.0.0.1:0").unwrap();
        let address = server.address();
        let taken = telemetry
            .serve_at(&address.to_string())
            .unwrap_err()
            .to_string();
        assert!(
            taken.starts_with(&format!("cannot serve metrics on \"{address}\": ")),
            "{taken}"
        );
        drop(server);
        let again = telemetry.serve_at(&address.to_string()).unwrap();
        assert_eq!(again.address(), address);
    });
}

/// The program that has its metrics served as these variables say.
fn program(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_served"));
    command
        .env_clear()
        .env("OTEL_TRACES_EXPORTER", "none")
        .env("OTEL_METRICS_EXPORTER", "prometheus")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// A port of this machine that is free, most likely.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn the_environment_has_the_metrics_served_until_the_shutdown() {
    let port = free_port();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let port = port.to_string();
    let mut child = program(&[("OTEL_EXPORTER_PROMETHEUS_PORT", &port)])
        .spawn()
        .unwrap();
    let (mut tell, mut said) = (
        child.stdin.take().unwrap(),
        BufReader::new(child.stdout.take().unwrap()).lines(),
    );
    let mut said = || said.next().unwrap().unwrap();
    let get = "GET /metrics HTTP/1.1\nHost: localhost\n\n";
    assert_eq!(said(), "up");
    let (_, body) = answer(address, get);
    assert!(
        body.contains("tools_called_total{tool=\"read_file\"} 1\n"),
        "{body}"
    );
    writeln!(tell).unwrap();
    // Who asks for a server gets this one, and what is installed next has the address again.
    assert_eq!(said(), address.to_string());
    assert_eq!(said(), "up again");
    assert!(answer(address, get).0.starts_with("HTTP/1.1 200 OK"));
    writeln!(tell).unwrap();
    assert_eq!(said(), "shut down");
    assert!(TcpStream::connect(address).is_err());
    writeln!(tell).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_address_that_cannot_be_served_is_an_error_at_start_that_names_its_variable() {
    let refused = |variables: &[(&str, &str)]| {
        let output = program(variables).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";
    const PORT: &str = "OTEL_EXPORTER_PROMETHEUS_PORT";
    // 192.0.2.1 is an address of documentation, and nobody's.
    for host in ["192.0.2.1", "no host"] {
        let text = refused(&[(HOST, host)]);
        assert!(
            text.starts_with(&format!(
                "{HOST} is {host:?}: expected an address of this machine, or a name of one ("
            )),
            "{text}"
        );
    }
    assert_eq!(
        refused(&[(PORT, "94640")]),
        format!(
            "{PORT} is \"94640\": expected an integer from 0 to 65535, where 0 is one that is free\n"
        )
    );
}

#[test]
fn a_port_that_another_process_has_is_said_and_keeps_nobody_from_starting() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = address.port().to_string();
    let output = program(&[("OTEL_EXPORTER_PROMETHEUS_PORT", &port)])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.stdout.starts_with(b"up\n"), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = format!("genai-trace: cannot serve metrics on \"{address}\": ");
    let first = said.lines().next().unwrap();
    assert!(
        first.starts_with(&expected)
            && first.contains("in use")
            && first.ends_with("OTEL_EXPORTER_PROMETHEUS_PORT is where"),
        "{said}"
    );
}
