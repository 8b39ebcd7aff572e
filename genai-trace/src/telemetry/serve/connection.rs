//! One connection: a request, an answer, within a deadline.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::request::{Asked, Request, TOO_LARGE};
use crate::telemetry::MetricsPage;

/// How long a client has to send its request, and to read the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long is listened to a client that has its answer, so that it can read it.
const AFTERWARDS: Duration = Duration::from_millis(500);
/// Most bytes of a request's head.
const MOST_BYTES: usize = 16 * 1024;
const PLAIN: &str = "text/plain; charset=utf-8";

/// A connection, as long as its client may take.
pub(super) struct Connection {
    stream: TcpStream,
    until: Instant,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            until: Instant::now() + PATIENCE,
        }
    }

    /// Says that there are too many others, and reads nothing.
    pub(super) fn refuse(mut self) {
        // The listening thread does it: a client that does not read must not hold it.
        self.until = Instant::now() + Duration::from_millis(100);
        let _ = self.send(
            "503 Service Unavailable",
            PLAIN,
            "too many connections\n",
            false,
        );
    }

    /// Answers the one request of the connection.
    pub(super) fn serve(mut self, page: &MetricsPage, is_local: bool) {
        // A client that is too slow, or gone, gets nothing.
        let Ok(Some(request)) = self.receive(is_local) else {
            return;
        };
        let head_only = request.head_only;
        let sent = match request.asked {
            Asked::Metrics { accept } => {
                let (content_type, body) = page.answer(accept.as_deref());
                self.send("200 OK", content_type, &body, head_only)
            }
            Asked::Health => self.send("200 OK", PLAIN, "ok\n", head_only),
            Asked::Refused(status) => self.send(status, PLAIN, &format!("{status}\n"), head_only),
        };
        if sent.is_ok() {
            self.linger();
        }
    }

    fn receive(&mut self, is_local: bool) -> io::Result<Option<Request>> {
        let mut head = Vec::new();
        let mut part = [0; 2048];
        loop {
            self.stream.set_read_timeout(Some(self.left()?))?;
            let read = self.stream.read(&mut part)?;
            head.extend_from_slice(part.get(..read).unwrap_or_default());
            if let Some(request) = Request::read(&head, is_local) {
                return Ok(Some(request));
            }
            if head.len() > MOST_BYTES {
                return Ok(Some(Request {
                    asked: Asked::Refused(TOO_LARGE),
                    head_only: false,
                }));
            }
            if read == 0 {
                return Ok(None);
            }
        }
    }

    fn send(
        &mut self,
        status: &str,
        content_type: &str,
        body: &str,
        head_only: bool,
    ) -> io::Result<()> {
        let mut text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             Allow: GET, HEAD\r\nVary: Accept\r\nConnection: close\r\n\r\n",
            body.len()
        );
        if !head_only {
            text.push_str(body);
        }
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            self.stream.set_write_timeout(Some(self.left()?))?;
            let written = self.stream.write(rest)?;
            rest = rest.get(written..).unwrap_or_default();
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Waits for the client to close: what it has sent and nobody reads would have the system throw the
    /// answer away.
    fn linger(&mut self) {
        self.until = self.until.min(Instant::now() + AFTERWARDS);
        let mut part = [0; 2048];
        let _ = self.stream.shutdown(Shutdown::Write);
        while let Ok(left) = self.left()
            && self.stream.set_read_timeout(Some(left)).is_ok()
            && matches!(self.stream.read(&mut part), Ok(1..))
        {}
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.until.checked_duration_since(Instant::now());
        left.filter(|left| !left.is_zero())
            .ok_or_else(|| io::ErrorKind::TimedOut.into())
    }
}
