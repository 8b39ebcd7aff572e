//! HTTP/1.1 as far as a chat call needs it: one message each way, then the connection closes.
//!
//! Requests carry a `Content-Length`. Replies may also be chunked or run to the end of the
//! connection, as servers other than the one in this example do.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

/// The most bytes that a start line and its headers may take.
const MAX_HEAD: u64 = 64 * 1024;

/// A request or a reply.
pub(crate) struct Message {
    /// The request line or the status line.
    pub(crate) start: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Why a message could not be read.
#[derive(Debug)]
pub(crate) enum HttpError {
    /// The connection failed, timed out or ended early.
    Io(io::Error),
    /// The bytes are no HTTP message.
    Malformed(&'static str),
    /// The body is larger than the reader takes, in bytes.
    TooLarge(u64),
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Malformed(what) => write!(f, "not an HTTP message: {what}"),
            Self::TooLarge(limit) => write!(f, "the body is larger than {limit} bytes"),
        }
    }
}

impl From<io::Error> for HttpError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Message {
    /// The value of the first header of that name, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Reads a request, whose body is as long as its `Content-Length` says, or empty.
    pub(crate) fn read_request(input: &mut impl BufRead, limit: u64) -> Result<Self, HttpError> {
        let mut message = Self::read_head(input)?;
        if let Some(length) = message.content_length()? {
            message.body = read_exactly(input, length, limit)?;
        }
        Ok(message)
    }

    /// Reads a reply, whose body is chunked, counted, or everything that is left.
    pub(crate) fn read_reply(input: &mut impl BufRead, limit: u64) -> Result<Self, HttpError> {
        let mut message = Self::read_head(input)?;
        let chunked = message
            .header("Transfer-Encoding")
            .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
        message.body = if chunked {
            read_chunks(input, limit)?
        } else if let Some(length) = message.content_length()? {
            read_exactly(input, length, limit)?
        } else {
            read_to_end(input, limit)?
        };
        Ok(message)
    }

    /// The status code of a reply.
    pub(crate) fn status(&self) -> Result<u16, HttpError> {
        self.start
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.split(' ').nth(1))
            .and_then(|code| code.parse().ok())
            .ok_or(HttpError::Malformed("the status line"))
    }

    fn read_head(input: &mut impl BufRead) -> Result<Self, HttpError> {
        let mut head = input.by_ref().take(MAX_HEAD);
        let start = read_line(&mut head)?;
        let mut headers = Vec::new();
        loop {
            let line = read_line(&mut head)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or(HttpError::Malformed("a header without a colon"))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Self {
            start,
            headers,
            body: Vec::new(),
        })
    }

    fn content_length(&self) -> Result<Option<u64>, HttpError> {
        self.header("Content-Length")
            .map(|value| {
                value
                    .parse()
                    .map_err(|_| HttpError::Malformed("the content length"))
            })
            .transpose()
    }
}

/// Writes a start line, its headers and a counted body.
pub(crate) fn write_message(
    output: &mut impl Write,
    start: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let mut head = format!(
        "{start}\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    output.write_all(head.as_bytes())?;
    output.write_all(body)?;
    output.flush()
}

fn read_line(input: &mut impl BufRead) -> Result<String, HttpError> {
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(HttpError::Malformed("the head ends early"));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| HttpError::Malformed("the head is not UTF-8"))
}

fn read_exactly(input: &mut impl BufRead, length: u64, limit: u64) -> Result<Vec<u8>, HttpError> {
    if length > limit {
        return Err(HttpError::TooLarge(limit));
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if body.len() as u64 == length {
        Ok(body)
    } else {
        Err(HttpError::Io(io::ErrorKind::UnexpectedEof.into()))
    }
}

fn read_to_end(input: &mut impl BufRead, limit: u64) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut body)?;
    if body.len() as u64 > limit {
        return Err(HttpError::TooLarge(limit));
    }
    Ok(body)
}

fn read_chunks(input: &mut impl BufRead, limit: u64) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    loop {
        let line = read_line(&mut input.by_ref().take(MAX_HEAD))?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16)
            .map_err(|_| HttpError::Malformed("the size of a chunk"))?;
        let room = limit.saturating_sub(body.len() as u64);
        body.extend(
            read_exactly(input, size, room).map_err(|error| match error {
                HttpError::TooLarge(_) => HttpError::TooLarge(limit),
                other => other,
            })?,
        );
        // The end of the chunk or, after the last one, of the message: trailers are not used.
        read_line(&mut input.by_ref().take(MAX_HEAD))?;
        if size == 0 {
            return Ok(body);
        }
    }
}
