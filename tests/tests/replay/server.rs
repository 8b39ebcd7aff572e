//! A server on the loopback that answers as providers did.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use super::corpus::Exchange;

/// The header of a request that says which exchange is to be played.
pub const EXCHANGE: &str = "x-exchange";
/// The header that says how large the pieces of a stream are.
pub const PIECES: &str = "x-pieces";

/// Serves `exchanges` until the process ends; where.
pub fn serve(exchanges: Arc<Vec<Exchange>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for connection in listener.incoming() {
            let exchanges = Arc::clone(&exchanges);
            // A client that hangs up in the middle of an answer is what some tests are about.
            thread::spawn(move || drop(connection.and_then(|it| converse(&it, &exchanges))));
        }
    });
    address
}

/// Answers one request after the other, as HTTP/1.1 has it.
fn converse(connection: &TcpStream, exchanges: &[Exchange]) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    while let Some(request) = Request::read(&mut reader)? {
        let answer = match exchanges.get(request.number(EXCHANGE)) {
            Some(exchange) if request.is_that_of(exchange) => {
                answer(exchange, request.number(PIECES))
            }
            _ => b"HTTP/1.1 599 another request\r\ncontent-length: 0\r\n\r\n".to_vec(),
        };
        (&*connection).write_all(&answer)?;
    }
    Ok(())
}

struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// The next request; none where the client has hung up.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut request = Self {
            line,
            headers: Vec::new(),
            body: Vec::new(),
        };
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            let header = (name.to_ascii_lowercase(), value.to_owned());
            request.headers.push(header);
        }
        request.body = vec![0; request.number("content-length")];
        reader.read_exact(&mut request.body)?;
        Ok(Some(request))
    }

    fn number(&self, header: &str) -> usize {
        let found = self.headers.iter().find(|(name, _)| name == header);
        found
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(usize::MAX)
    }

    /// Whether it asks for what was asked for when `exchange` was recorded.
    fn is_that_of(&self, exchange: &Exchange) -> bool {
        let body = serde_json::from_slice::<Value>(&self.body);
        self.line.trim_end() == format!("POST {} HTTP/1.1", exchange.path)
            && body.is_ok_and(|body| body == exchange.request)
    }
}

/// The bytes of the answer: a stream in chunks of `pieces` bytes, wherever that cuts it.
fn answer(exchange: &Exchange, pieces: usize) -> Vec<u8> {
    let kind = match exchange.format.as_str() {
        "sse" => "text/event-stream",
        "ndjson" => "application/x-ndjson",
        "aws-eventstream" => "application/vnd.amazon.eventstream",
        _ => "application/json",
    };
    let mut answer = format!(
        "HTTP/1.1 {} recorded\r\ncontent-type: {kind}\r\n",
        exchange.status
    );
    for (name, value) in &exchange.headers {
        answer += &format!("{name}: {value}\r\n");
    }
    if !exchange.is_streamed() {
        answer += &format!("content-length: {}\r\n\r\n", exchange.body.len());
        return [answer.as_bytes(), &exchange.body].concat();
    }
    answer += "transfer-encoding: chunked\r\n\r\n";
    let mut answer = answer.into_bytes();
    for piece in exchange.body.chunks(pieces) {
        answer.extend(format!("{:x}\r\n", piece.len()).bytes());
        answer.extend(piece);
        answer.extend(b"\r\n");
    }
    answer.extend(b"0\r\n\r\n");
    answer
}
