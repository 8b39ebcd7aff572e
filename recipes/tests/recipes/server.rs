//! A server on this machine that answers as a provider does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// What is answered to a request.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    content_type: &'static str,
    /// Sent one by one, so that a client sees them come.
    pieces: Vec<String>,
}

impl Answer {
    /// A whole answer.
    pub fn whole(body: &Value) -> Self {
        Self::refused(200, body)
    }

    /// A whole answer with another status.
    pub fn refused(status: u16, body: &Value) -> Self {
        let pieces = vec![body.to_string()];
        Self {
            status,
            content_type: "application/json",
            pieces,
        }
    }

    /// Server-sent events, each with its name where it has one.
    pub fn events<'a>(events: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let named = |(name, body): (&str, Value)| match name {
            "" => format!("data: {body}\n\n"),
            name => format!("event: {name}\ndata: {body}\n\n"),
        };
        let pieces = events.into_iter().map(named).collect();
        Self {
            status: 200,
            content_type: "text/event-stream",
            pieces,
        }
    }

    /// The end that OpenAI puts behind its events.
    pub fn done(mut self) -> Self {
        self.pieces.push("data: [DONE]\n\n".to_owned());
        self
    }

    /// A line of JSON each.
    pub fn lines(lines: impl IntoIterator<Item = Value>) -> Self {
        let pieces = lines.into_iter().map(|line| format!("{line}\n")).collect();
        Self {
            status: 200,
            content_type: "application/x-ndjson",
            pieces,
        }
    }
}

/// Answers one request after the other, each with the next of its answers.
#[derive(Debug)]
pub struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    /// Begins to listen.
    pub fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("the port that it got").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<_> = answers.into_iter().collect();
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for (answer, stream) in answers.into_iter().zip(listener.incoming()) {
                let mut stream = stream.expect("a connection");
                let request = read(&stream);
                seen.lock().expect("no reader panics").push(request);
                // A client may leave before the end.
                let _ = write(&mut stream, &answer);
            }
        });
        Self { port, asked }
    }

    /// The URL of `path` here.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The port.
    pub fn port(&self) -> i64 {
        self.port.into()
    }

    /// The bodies of what was asked so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked
            .lock()
            .expect("the server does not panic")
            .clone()
    }
}

fn read(stream: &TcpStream) -> Value {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the whole body");
    serde_json::from_slice(&body).unwrap_or_default()
}

fn write(stream: &mut TcpStream, answer: &Answer) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {} It\r\ncontent-type: {}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        answer.status, answer.content_type
    )?;
    for piece in &answer.pieces {
        write!(stream, "{:x}\r\n{piece}\r\n", piece.len())?;
        stream.flush()?;
    }
    write!(stream, "0\r\n\r\n")
}
