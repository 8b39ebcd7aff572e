//! The span of a request that a server answers.

use std::convert::Infallible;
use std::sync::mpsc;
use std::task::Poll;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use futures::StreamExt;
use genai_trace::tower::ServerLayer;
use genai_trace::{Operation, Outcome, SpanKind, Status, current, genai_tool, span};
use genai_trace_tests::{block_on, recorded, recorded_with};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tower::ServiceExt;

const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-01";

#[genai_tool("read_file")]
async fn read_file() {}

fn app() -> Router {
    Router::new()
        .route("/agents/{agent}", get(async || read_file().await))
        .route("/fails", get(async || StatusCode::BAD_GATEWAY))
        .route("/missing", get(async || StatusCode::NOT_FOUND))
        .route("/panics", get(async || -> () { panic!("on purpose") }))
        .route("/streams", get(async || streamed()))
        .route("/waits", get(async || std::future::pending::<()>().await))
        .layer(ServerLayer::new())
}

/// A body of two parts, each made in a span of its own.
fn streamed() -> Body {
    let parts = futures::stream::iter(["one", "two"]).map(|part| {
        span(format!("part {part}")).run(|| {});
        Ok::<_, Infallible>(Frame::data(Bytes::from(part)))
    });
    Body::new(StreamBody::new(parts))
}

fn request(target: &str) -> Request<Body> {
    let request = Request::get(target).header("host", "agents.example:8443");
    request
        .header("traceparent", VALID)
        .body(Body::empty())
        .unwrap()
}

/// Answers a request and reads the body to its end.
fn answered(target: &str) -> StatusCode {
    let response = block_on(app().oneshot(request(target))).unwrap();
    let status = response.status();
    block_on(response.into_body().collect()).unwrap();
    status
}

#[test]
fn a_request_is_a_span_below_its_caller_with_the_facts_of_http() {
    let recorded = recorded(|| {
        span("elsewhere").run(|| answered("/agents/coder?key=secret&page=2"));
    });
    let span = recorded.span("GET /agents/{agent}");
    assert_eq!(span.kind, SpanKind::Server);
    assert_eq!(
        span.trace_id.to_string(),
        "12345678901234567890123456789012"
    );
    assert_eq!(span.parent_span_id.unwrap().to_string(), "1234567890123456");
    for (key, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/agents/{agent}"),
        ("url.path", "/agents/coder"),
        ("url.query", "key=REDACTED&page=REDACTED"),
        ("url.scheme", "http"),
        ("server.address", "agents.example"),
    ] {
        assert_eq!(span.attributes.str(key), Some(value), "{key}");
    }
    assert_eq!(span.attributes.int("server.port"), Some(8443));
    assert_eq!(span.attributes.int("http.response.status_code"), Some(200));
    assert_eq!((span.status, span.outcome()), (Status::Unset, Outcome::Ok));
    let tool = recorded.span("execute_tool read_file");
    assert_eq!(tool.parent_span_id, Some(span.span_id));
}

#[test]
fn only_what_the_server_has_failed_at_is_an_error() {
    let recorded = recorded(|| {
        assert_eq!(answered("/fails"), 502);
        assert_eq!(answered("/missing"), 404);
    });
    let fails = recorded.span("GET /fails");
    assert_eq!(fails.status, Status::Error);
    assert_eq!(fails.attributes.str("error.type"), Some("502"));
    let missing = recorded.span("GET /missing");
    assert_eq!(
        (missing.status, missing.attributes.str("error.type")),
        (Status::Unset, None)
    );
    assert_eq!(
        missing.attributes.int("http.response.status_code"),
        Some(404)
    );
}

#[test]
fn a_request_lasts_until_its_body_has_ended() {
    let recorded = recorded_with(|telemetry| {
        let response = block_on(app().oneshot(request("/streams"))).unwrap();
        let names = || {
            telemetry
                .open_spans()
                .iter()
                .map(|span| span.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(), ["GET /streams"]);
        block_on(response.into_body().collect()).unwrap();
        assert!(names().is_empty());
    });
    let request = recorded.span("GET /streams");
    assert_eq!(request.outcome(), Outcome::Ok);
    for part in ["part one", "part two"] {
        assert_eq!(recorded.span(part).parent_span_id, Some(request.span_id));
    }
}

#[test]
fn a_client_that_hangs_up_cancels_its_request() {
    let recorded = recorded(|| {
        let mut waiting = Box::pin(app().oneshot(request("/waits")));
        assert!(block_on(futures::future::poll_fn(|cx| Poll::Ready(
            waiting.as_mut().poll(cx).is_pending()
        ))));
        drop(waiting);
        let response = block_on(app().oneshot(request("/streams"))).unwrap();
        let mut body = response.into_body();
        block_on(body.frame()).unwrap().unwrap();
        drop(body);
    });
    for name in ["GET /waits", "GET /streams"] {
        assert_eq!(recorded.span(name).outcome(), Outcome::Cancelled, "{name}");
    }
}

#[test]
fn a_handler_that_panics_ends_its_request_so() {
    let recorded = recorded(|| {
        let answer = std::panic::AssertUnwindSafe(|| answered("/panics"));
        assert!(std::panic::catch_unwind(answer).is_err());
        assert!(current().context().is_none());
    });
    assert_eq!(recorded.span("GET /panics").outcome(), Outcome::Panicked);
}

#[test]
fn a_head_has_no_body_to_wait_for() {
    let recorded = recorded(|| {
        let request = Request::head("/streams").body(Body::empty()).unwrap();
        drop(block_on(app().oneshot(request)).unwrap());
    });
    assert_eq!(recorded.span("HEAD /streams").outcome(), Outcome::Ok);
}

#[test]
fn a_method_that_nobody_knows_makes_no_name() {
    let recorded = recorded(|| {
        let request = Request::builder()
            .method("BREW")
            .uri("/missing")
            .body(Body::empty());
        drop(block_on(app().oneshot(request.unwrap())).unwrap());
    });
    let span = recorded.span("HTTP /missing");
    assert_eq!(span.attributes.str("http.request.method"), Some("_OTHER"));
    assert_eq!(
        span.attributes.str("http.request.method_original"),
        Some("BREW")
    );
}

#[test]
fn a_server_over_a_real_connection_notices_the_client() {
    let (gone, is_gone) = mpsc::channel();
    let recorded = recorded(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(async move { axum::serve(listener, app()).await });
            tokio::task::spawn_blocking(move || {
                use std::io::{Read, Write};
                let mut stream = std::net::TcpStream::connect(address).unwrap();
                let head = "GET /streams HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                stream.write_all(head.as_bytes()).unwrap();
                let mut text = String::new();
                stream.read_to_string(&mut text).unwrap();
                gone.send(text).unwrap();
            })
            .await
            .unwrap();
            server.abort();
        });
    });
    assert!(is_gone.recv().unwrap().contains("two"));
    assert_eq!(recorded.span("GET /streams").outcome(), Outcome::Ok);
}

/// What the metrics say of requests, each series with how many there were.
fn counted(recorded: &genai_trace_tests::Recorded) -> Vec<&str> {
    let lines = recorded.metrics.lines();
    let of = "http_server_request_duration_seconds_count";
    lines.filter_map(|line| line.strip_prefix(of)).collect()
}

#[test]
fn requests_are_counted_by_method_route_status_and_error_and_by_nothing_that_a_client_makes_up() {
    let recorded = recorded(|| {
        for number in 0..3 {
            answered(&format!("/agents/{number}?key={number}"));
        }
        answered("/fails");
        let panics = std::panic::AssertUnwindSafe(|| answered("/panics"));
        std::panic::catch_unwind(panics).unwrap_err();
        for number in 0..50 {
            let request = Request::builder()
                .method(format!("BREW{number}").as_str())
                .uri(format!("scheme{number}://host{number}:{number}/missing"))
                .header("host", format!("host{number}:{number}"));
            let request = request.body(Body::empty()).unwrap();
            drop(block_on(app().oneshot(request)).unwrap());
        }
        // A request that is none of HTTP is not counted as one.
        span("job").operation(Operation::Request).run(|| {});
        // No route is known outside of the router: what the handler says counts.
        let handler = tower::service_fn(async |_: Request<Body>| {
            current().set("http.route", "/said/{by}");
            Ok::<_, Infallible>(axum::http::Response::new(Body::empty()))
        });
        let layered = tower::Layer::layer(&ServerLayer::new(), handler);
        let Ok(_) = block_on(layered.oneshot(request("/said/1")));
    });
    assert_eq!(
        counted(&recorded),
        [
            r#"{error_type="502",http_request_method="GET",http_response_status_code="502",http_route="/fails",url_scheme="http"} 1"#,
            r#"{error_type="panic",http_request_method="GET",http_route="/panics",url_scheme="http"} 1"#,
            r#"{http_request_method="GET",http_response_status_code="200",http_route="/agents/{agent}",url_scheme="http"} 3"#,
            r#"{http_request_method="GET",http_response_status_code="200",http_route="/said/{by}",url_scheme="http"} 1"#,
            r#"{http_request_method="_OTHER",http_response_status_code="405",http_route="/missing"} 50"#,
        ]
    );
    let bounds = recorded.metrics.lines().filter_map(|line| {
        let line = line.strip_prefix("http_server_request_duration_seconds_bucket{")?;
        let (_, bound) = line.split_once("http_route=\"/fails\",url_scheme=\"http\",le=\"")?;
        bound.split('"').next()
    });
    assert_eq!(
        bounds.collect::<Vec<_>>(),
        [
            "0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1", "2.5",
            "5", "7.5", "10", "+Inf"
        ]
    );
}

/// What a server that listens answers to these bytes.
fn answered_over_the_line(app: Router, request: &'static str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let text = tokio::task::spawn_blocking(move || {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        });
        let text = text.await.unwrap();
        server.abort();
        text
    })
}

#[test]
fn a_stream_whose_length_is_said_has_ended_when_that_is_sent() {
    // As files are served: the server asks for no part beyond the length.
    let sized = || async { ([("content-length", "6")], streamed()) };
    let app = Router::new()
        .route("/file", get(sized))
        .layer(ServerLayer::new());
    let recorded = recorded(|| {
        let request = "GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assert!(answered_over_the_line(app, request).ends_with("\r\n\r\nonetwo"));
    });
    assert_eq!(recorded.span("GET /file").outcome(), Outcome::Ok);
}

#[test]
fn a_connection_that_is_handed_over_has_been_answered() {
    let handed = tower::service_fn(async |request: Request<Body>| {
        let mut response = axum::http::Response::new(streamed());
        *response.status_mut() = match request.method().as_str() {
            "CONNECT" => StatusCode::OK,
            _ => StatusCode::SWITCHING_PROTOCOLS,
        };
        Ok::<_, Infallible>(response)
    });
    let layered = tower::Layer::layer(&ServerLayer::new(), handed);
    let recorded = recorded(|| {
        let tunnel = Request::connect("example.org:443").body(Body::empty());
        let socket = Request::get("/socket").header("upgrade", "websocket");
        for request in [tunnel, socket.body(Body::empty())] {
            let Ok(response) = block_on(layered.oneshot(request.unwrap()));
            drop(response);
        }
    });
    let connect = recorded.span("CONNECT");
    assert_eq!(connect.outcome(), Outcome::Ok);
    assert_eq!(connect.attributes.str("url.path"), None);
    assert_eq!(
        connect.attributes.str("server.address"),
        Some("example.org")
    );
    let upgrade = recorded.span("GET");
    assert_eq!(upgrade.outcome(), Outcome::Ok);
    let status = upgrade.attributes.int("http.response.status_code");
    assert_eq!(status, Some(101));
}

#[test]
fn the_scheme_is_that_of_the_client_where_a_proxy_says_it() {
    for (headers, wanted) in [
        (&[] as &[(&str, &str)], "http"),
        (&[("x-forwarded-proto", "https")], "https"),
        (&[("x-forwarded-proto", "HTTPS, http")], "https"),
        (
            &[("forwarded", "for=192.0.2.60;Proto=\"https\", proto=http")],
            "https",
        ),
        (
            &[("forwarded", "proto=http"), ("x-forwarded-proto", "https")],
            "http",
        ),
        (&[("x-forwarded-proto", "gopher")], "http"),
    ] {
        let recorded = recorded(|| {
            let mut request = request("/missing");
            for (name, value) in headers {
                let name = axum::http::HeaderName::from_static(name);
                request.headers_mut().insert(name, value.parse().unwrap());
            }
            drop(block_on(app().oneshot(request)).unwrap());
        });
        let scheme = recorded.span("GET /missing").attributes.str("url.scheme");
        assert_eq!(scheme, Some(wanted), "{headers:?}");
    }
}
