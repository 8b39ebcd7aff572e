//! A server that answers as a provider of models does, and what is sent to it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use genai_trace::SpanRecord;
use serde_json::json;

/// A server that answers every request with this, and the requests that it gets.
pub fn backend(answer: String) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = sender.send(request(&mut stream));
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, requests)
}

/// Reads a request with its body.
fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).unwrap();
        text.push_str(std::str::from_utf8(&part[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let mut lengths = lines.filter(|(key, _)| key.eq_ignore_ascii_case("content-length"));
        let length = lengths
            .next()
            .map_or(0, |(_, length)| length.parse().unwrap());
        if read == 0 || body.len() >= length {
            return text;
        }
    }
}

/// An answer with this status, kind of body, and body.
pub fn answer(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A completion as OpenAI answers it.
pub fn completion() -> String {
    let body = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": "Hi" } }],
        "usage": { "prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15 },
    });
    answer("200 OK", "application/json", &body.to_string())
}

/// A request for one.
pub fn question(stream: bool) -> String {
    json!({
        "model": "gpt-4o", "temperature": 0.5, "max_tokens": 64, "stream": stream,
        "messages": [{ "role": "user", "content": "Hello" }],
    })
    .to_string()
}

/// Runs a future on a runtime of its own.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// Where the completions of a server are.
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}/v1/chat/completions")
}

/// What a span says, but for what another run has otherwise.
pub fn said(span: &SpanRecord) -> serde_json::Value {
    let mut said = serde_json::to_value(span).unwrap();
    for key in ["trace_id", "span_id", "start_unix_nano", "end_unix_nano"] {
        said.as_object_mut().unwrap().remove(key);
    }
    said["attributes"].as_object_mut().unwrap().sort_keys();
    said
}
