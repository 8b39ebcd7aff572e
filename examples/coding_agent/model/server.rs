//! The HTTP side of the model: a thread for each connection, one request on each.

use std::io::{self, BufReader, Read};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use super::protocol::{self, ApiError};
use crate::http::{HttpError, Message, write_message};

const PATH: &str = "/v1/chat/completions";
/// The largest request that is read, in bytes.
const MAX_REQUEST: u64 = 32 * 1024 * 1024;
/// How long a client may pause.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A running model; dropping it stops it.
pub(crate) struct ModelServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ModelServer {
    /// Starts a server on a free port of 127.0.0.1.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("model".into()).spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Acquire) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                // Without a thread the connection closes, which the client reports.
                let _ = thread::Builder::new().spawn(move || serve(&stream));
            }
        })?;
        Ok(Self {
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// What a client takes as its base URL.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // The listener waits for a connection; this is the one that lets it see the flag.
        let woken = TcpStream::connect_timeout(&self.address, TIMEOUT).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}

/// A reply: its status and, for 405, the method that is allowed.
struct Reply {
    status: u16,
    body: Value,
}

fn serve(stream: &TcpStream) {
    let timeout = stream.set_read_timeout(Some(TIMEOUT));
    if timeout
        .and_then(|()| stream.set_write_timeout(Some(TIMEOUT)))
        .is_err()
    {
        return;
    }
    let mut input = BufReader::new(stream);
    let reply = match Message::read_request(&mut input, MAX_REQUEST) {
        Ok(request) => answer(&request),
        Err(HttpError::Io(_)) => return,
        Err(HttpError::TooLarge(limit)) => {
            ApiError::new(413, "request_too_large", format!("more than {limit} bytes")).into()
        }
        Err(HttpError::Malformed(what)) => {
            ApiError::new(400, "bad_request", format!("not an HTTP request: {what}")).into()
        }
    };
    let start = format!("HTTP/1.1 {} {}", reply.status, reason(reply.status));
    let mut headers = vec![("Content-Type", "application/json")];
    if reply.status == 405 {
        headers.push(("Allow", "POST"));
    }
    let body = reply.body.to_string();
    // A client that is gone needs no reply.
    if write_message(&mut { stream }, &start, &headers, body.as_bytes()).is_ok() {
        let _ = stream.shutdown(Shutdown::Write);
        // Closing with unread bytes would reset the connection and lose the reply.
        let _ = io::copy(&mut input.take(MAX_REQUEST), &mut io::sink());
    }
}

fn answer(request: &Message) -> Reply {
    let mut line = request.start.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (line.next(), line.next(), line.next(), line.next())
    else {
        return ApiError::new(400, "bad_request", "not a request line".into()).into();
    };
    if !version.starts_with("HTTP/1.") {
        return ApiError::new(505, "http_version", format!("{version} is not spoken here")).into();
    }
    let path = target.split('?').next().unwrap_or_default();
    if path != PATH {
        return ApiError::new(404, "unknown_url", format!("there is only {PATH}")).into();
    }
    if method != "POST" {
        return ApiError::new(405, "method_not_allowed", format!("{method}: use POST")).into();
    }
    if request.header("Content-Length").is_none() {
        return ApiError::new(411, "length_required", "send a content length".into()).into();
    }
    let key = request
        .header("Authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    if key.is_none_or(|key| key.trim().is_empty()) {
        let message = "send any key as `Authorization: Bearer KEY`".into();
        return ApiError::new(401, "invalid_api_key", message).into();
    }
    match protocol::complete(&request.body) {
        Ok(body) => Reply { status: 200, body },
        Err(error) => error.into(),
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        Self {
            status: error.status,
            body: error.to_json(),
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        411 => "Length Required",
        413 => "Content Too Large",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}
