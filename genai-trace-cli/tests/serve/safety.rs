//! Who is not answered, and what nobody is.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::server::{Server, TRACE, connect, post, send};

#[test]
fn every_answer_forbids_what_a_page_needs_not() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
        ("/api/runs", "application/json"),
        ("/api/none", "application/json"),
    ] {
        let answer = server.get(path);
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some(kind),
            "{path}"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"));
        assert_eq!(
            answer.header("x-content-type-options").as_deref(),
            Some("nosniff")
        );
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
        assert!(!answer.head.contains("access-control"));
    }
}

#[test]
fn no_path_leads_out_of_the_page() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    for path in [
        "/traces.jsonl",
        "/../traces.jsonl",
        "/..%2ftraces.jsonl",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/./app.js",
        "/app.js/",
        "/page/app.js",
        "/api/runs/..%2f..%2fetc%2fpasswd",
    ] {
        let answer = server.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
    }
    assert_eq!(server.post("/", "{}").status, 405);
    assert_eq!(server.post("/api/runs", "{}").status, 405);
    assert_eq!(server.get("/api/scores").status, 405);
}

#[test]
fn names_that_only_lead_here_and_pages_of_others_are_not_answered() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let address = server.address.clone();
    let port = address.rsplit(':').next().unwrap();
    let ask = |headers: &str| {
        let request = format!("GET /api/runs HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
        send(&address, &request, b"").status
    };
    assert_eq!(ask(&format!("host: localhost:{port}\r\n")), 200);
    assert_eq!(
        ask(&format!(
            "host: [::1]:{port}\r\norigin: http://[::1]:{port}\r\n"
        )),
        200
    );
    for host in [
        "evil.example",
        "127.0.0.1",
        "localhost",
        "localhost:1",
        "",
        "127.0.0.1.evil.example",
    ] {
        assert_eq!(ask(&format!("host: {host}\r\n")), 403, "{host}");
    }
    assert_eq!(ask(&format!("host: evil.example:{port}\r\n")), 403);
    assert_eq!(
        ask(&format!("host: {address}\r\nhost: evil.example\r\n")),
        403
    );
    for origin in ["http://evil.example", "null", "https://localhost"] {
        assert_eq!(
            ask(&format!("host: {address}\r\norigin: {origin}\r\n")),
            403,
            "{origin}"
        );
    }
    let body = format!("{{\"trace_id\":\"{TRACE}\",\"name\":\"mark\",\"label\":\"bad\"}}");
    let form = post(
        &address,
        "/api/scores",
        &[("content-type", "text/plain")],
        body.as_bytes(),
    );
    assert_eq!(form.status, 415);
    let headers = [
        ("content-type", "application/json"),
        ("origin", "http://evil.example"),
    ];
    assert_eq!(
        post(&address, "/api/scores", &headers, body.as_bytes()).status,
        403
    );
    assert!(!folder.path().join("traces.scores.jsonl").exists());
}

#[test]
fn where_others_can_reach_it_the_token_of_the_address_is_wanted() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), &["--host", "0.0.0.0"]);
    let address = &server.address;
    let (_, token) = server.url.split_once("/?token=").unwrap();
    let ask = |path: &str, header: &str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: box.lan\r\n{header}connection: close\r\n\r\n");
        send(address, &request, b"")
    };
    for path in ["/", "/api/runs", "/api/runs?token=wrong", "/app.js"] {
        assert_eq!(ask(path, "").status, 401, "{path}");
    }
    let welcome = ask(&format!("/?token={token}"), "");
    assert_eq!(
        (welcome.status, welcome.header("location").as_deref()),
        (303, Some("/"))
    );
    let cookie = welcome.header("set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(
        ask("/api/runs", &format!("cookie: {cookie}\r\n")).status,
        200
    );
    assert_eq!(
        ask("/api/runs", &format!("authorization: Bearer {token}\r\n")).status,
        200
    );
}

#[test]
fn whoever_is_slow_holds_up_nobody() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let address = &server.address;
    let slow: Vec<_> = (0..60)
        .map(|number| {
            let mut stream = connect(address);
            let request = match number % 3 {
                0 => "GET /api/ru".to_owned(),
                1 => format!("POST /api/scores HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{"),
                // It never reads what it asked for.
                _ => format!("GET /api/live HTTP/1.1\r\nhost: {address}\r\n\r\n"),
            };
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(server.json("/api/runs")["total"], 1);
    }
    drop(slow);
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_asked_to_whoever_is_connected() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempdir().unwrap();
        let mut server = Server::of_fixture(folder.path());
        let address = server.address.clone();
        let mut news = connect(&address);
        let request = format!("GET /api/live HTTP/1.1\r\nhost: {address}\r\n\r\n");
        news.write_all(request.as_bytes()).unwrap();
        assert_eq!(server.signal(signal).code(), Some(0), "{signal}");
    }
}

#[test]
fn a_port_that_is_taken_is_said() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let port = server.address.rsplit(':').next().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_genai-trace"))
        .args(["serve", "--port", port])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with(&format!("genai-trace: cannot listen at 127.0.0.1:{port}: ")),
        "{said}"
    );
}

#[test]
fn a_page_of_another_origin_cannot_time_a_search() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let address = &server.address;
    let from = |path: &str, site: &str, mode: &str, dest: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nsec-fetch-site: {site}\r\nsec-fetch-mode: {mode}\r\nsec-fetch-dest: {dest}\r\nconnection: close\r\n\r\n"
        );
        send(address, &request, b"").status
    };
    let search = "/api/runs?text=hunter2";
    for site in ["cross-site", "same-site"] {
        assert_eq!(from(search, site, "no-cors", "empty"), 403, "{site}");
        assert_eq!(from("/", site, "navigate", "document"), 200, "{site}");
    }
    assert_eq!(from(search, "same-origin", "cors", "empty"), 200);
}

#[test]
fn a_head_that_is_too_long_is_refused_however_it_comes() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let address = &server.address;
    let ask = |length: usize| {
        let long = "x".repeat(length);
        let request =
            format!("GET / HTTP/1.1\r\nhost: {address}\r\nx: {long}\r\nconnection: close\r\n\r\n");
        send(address, &request, b"").status
    };
    assert_eq!(ask(60_000), 200);
    assert_eq!(ask(70_000), 431);
}

#[test]
fn half_requests_hold_up_nobody_for_long() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let half: Vec<_> = (0..300)
        .map(|_| {
            let mut stream = connect(&server.address);
            stream.write_all(b"GET / HT").unwrap();
            stream
        })
        .collect();
    let began = Instant::now();
    assert_eq!(server.json("/api/runs")["total"], 1);
    assert!(began.elapsed() < Duration::from_secs(15));
    drop(half);
}

#[test]
fn of_too_many_listeners_the_first_are_sent_away() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let address = &server.address;
    let listen = || {
        let mut stream = connect(address);
        let request = format!("GET /api/live HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
        stream
    };
    let mut first = listen();
    let others: Vec<_> = (0..300).map(|_| listen()).collect();
    assert_eq!(server.json("/api/runs")["total"], 1);
    let mut rest = String::new();
    first.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("text/event-stream"), "{rest}");
    drop(others);
}
