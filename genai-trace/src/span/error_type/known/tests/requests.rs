//! What `reqwest` says of requests, against a server of this process.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use reqwest::{Client, Error};
use tokio::runtime::Builder;

use crate::GenAiError;
use crate::span::error_type::of_erased;

/// The error of a request that is answered with `answer`, or with silence.
fn asked(answer: Option<&'static str>, ask: impl AsyncFnOnce(String) -> Error) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut request = [0; 4096];
        let read = stream.read(&mut request).expect("its first bytes");
        assert_ne!(read, 0);
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).expect("an answer"),
            // Silence, until the other side has had enough.
            None => drop(stream.read(&mut request)),
        }
    });
    let runtime = Builder::new_current_thread().enable_all().build();
    let error = runtime
        .expect("a runtime")
        .block_on(ask(format!("http://{address}/")));
    server.join().expect("the server");
    error
}

#[test]
fn a_status_is_the_kind_of_error() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
    let error = asked(Some(answer), async |url| {
        let response = Client::new().get(url).send().await.expect("a response");
        response.error_for_status().expect_err("it is none of 200")
    });
    assert_eq!(error.error_type(), "429");
    let hidden: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
    let known = of_erased(&*hidden).expect("a known type");
    assert_eq!(known.error_type, "429");
    assert_eq!(known.exception_type, Some("reqwest::Error"));
}

#[test]
fn silence_is_a_timeout() {
    let error = asked(None, async |url| {
        let request = Client::new().get(url).timeout(Duration::from_millis(50));
        request.send().await.expect_err("nobody answers")
    });
    assert_eq!(error.error_type(), "timeout");
}

#[test]
fn what_cannot_be_read_is_told_from_what_cannot_be_reached() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nshort";
    let error = asked(Some(answer), async |url| {
        let response = Client::new().get(url).send().await.expect("a response");
        response.bytes().await.expect_err("it is cut short")
    });
    assert_eq!(error.error_type(), "decode");
    let runtime = Builder::new_current_thread().enable_all().build();
    let refused = runtime.expect("a runtime").block_on(async {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = port.local_addr().expect("its address");
        drop(port);
        Client::new().get(format!("http://{address}/")).send().await
    });
    assert_eq!(
        refused.expect_err("nobody is there").error_type(),
        "connect"
    );
    let built = Client::new().get("no address").build();
    assert_eq!(built.expect_err("it is none").error_type(), "builder");
}
