//! Takes what is sent over HTTP, and counts the spans in it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

const TAKEN: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";

/// A listener for as long as the process lives.
pub struct Receiver {
    address: SocketAddr,
    spans: Arc<AtomicU64>,
}

impl Receiver {
    pub fn start(address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let spans = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&spans);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = Arc::clone(&counted);
                // A connection that breaks off has said what it had to say.
                std::thread::spawn(move || serve(stream, &counted).ok());
            }
        });
        Ok(Self { address, spans })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Spans since the last [`take`](Self::take).
    pub fn spans(&self) -> u64 {
        self.spans.load(Ordering::Acquire)
    }

    pub fn take(&self) -> u64 {
        self.spans.swap(0, Ordering::AcqRel)
    }
}

fn serve(stream: TcpStream, spans: &AtomicU64) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        spans.fetch_add(count(&body)?, Ordering::AcqRel);
        writer.write_all(TAKEN)?;
    }
}

fn count(body: &[u8]) -> io::Result<u64> {
    let request = ExportTraceServiceRequest::decode(body).map_err(io::Error::other)?;
    let scopes = request.resource_spans.iter().flat_map(|of| &of.scope_spans);
    Ok(scopes.map(|scope| scope.spans.len() as u64).sum())
}
