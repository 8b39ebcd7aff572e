//! A backend of a test's own: OTLP over gRPC on a port of the loopback, which answers as it is told.

use std::collections::VecDeque;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener as Listener};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue, Request, Response};
use prost::bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::backend::{Brought, partial_protobuf, read};

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(60);

/// How a request is answered.
#[derive(Clone)]
pub enum Reply {
    /// Not taken, with this code, message, and details in base64.
    Status(u8, &'static str, &'static str),
    /// Taken, but for so many items.
    Partly(i64, &'static str),
    /// Never.
    Hang,
}

/// What a request was.
#[derive(Clone)]
pub struct Call {
    pub at: Instant,
    pub headers: HeaderMap,
    pub items: usize,
}

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    /// More items than that in a request are too many.
    most_items: Option<usize>,
    calls: Vec<Call>,
    taken: Brought,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// A backend on a port of the loopback.
pub struct GrpcBackend {
    port: u16,
    shared: Arc<Shared>,
    /// Ends the thread when it is dropped.
    _end: oneshot::Sender<()>,
}

impl GrpcBackend {
    pub fn new() -> Self {
        Self::at(0)
    }

    /// A backend on this port, where one was before.
    pub fn at(port: u16) -> Self {
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let (end, ended) = oneshot::channel();
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = listen(listener, for_thread) => {}
                    _ = ended => {}
                }
            });
        });
        Self {
            port,
            shared,
            _end: end,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Answers the next requests so; those behind them are taken.
    pub fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.state.lock().unwrap().replies.extend(replies);
    }

    /// Takes at most so many items at once.
    pub fn take_at_most(&self, items: usize) {
        self.shared.state.lock().unwrap().most_items = Some(items);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.shared.state.lock().unwrap().calls.clone()
    }

    /// All that was taken, in order.
    pub fn taken(&self) -> Brought {
        self.shared.state.lock().unwrap().taken.clone()
    }

    /// Waits until so many spans were taken.
    pub fn wait_for_spans(&self, count: usize) {
        let state = self.shared.state.lock().unwrap();
        let (_state, waited) = self
            .shared
            .changed
            .wait_timeout_while(state, LONG, |state| state.taken.spans.len() < count)
            .unwrap();
        assert!(!waited.timed_out(), "{count} spans have not come");
    }
}

async fn listen(listener: Listener, shared: Arc<Shared>) {
    listener.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let Ok(mut connection) = h2::server::handshake(stream).await else {
                return;
            };
            while let Some(Ok((request, respond))) = connection.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { serve(request, respond, &shared).await });
            }
        });
    }
}

async fn serve(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    shared: &Shared,
) -> Option<()> {
    let (head, mut stream) = request.into_parts();
    let mut body = Vec::new();
    while let Some(chunk) = stream.data().await {
        let chunk = chunk.ok()?;
        let _ = stream.flow_control().release_capacity(chunk.len());
        body.extend_from_slice(&chunk);
    }
    let signal = match head.uri.path() {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => "/v1/traces",
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => "/v1/metrics",
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => "/v1/logs",
        other => panic!("nothing is called {other}"),
    };
    let brought = read(signal, false, &message(&body));
    let reply = {
        let mut state = shared.state.lock().unwrap();
        state.calls.push(Call {
            at: Instant::now(),
            headers: head.headers,
            items: brought.len(),
        });
        let reply = match state.most_items {
            Some(most) if brought.len() > most => Some(Reply::Status(
                8,
                "grpc: received message larger than max",
                "",
            )),
            _ => state.replies.pop_front(),
        };
        if matches!(reply, None | Some(Reply::Partly(..))) {
            state.taken.extend(brought);
        }
        reply
    };
    shared.changed.notify_all();
    let partial = match reply {
        Some(Reply::Hang) => std::future::pending().await,
        Some(Reply::Status(code, message, details)) => {
            let mut response = response();
            *response.headers_mut() = status(code, message, details);
            respond.send_response(response, true).ok()?;
            return Some(());
        }
        Some(Reply::Partly(rejected, message)) => Some((rejected, message)),
        None => None,
    };
    let body = partial_protobuf(partial);
    let mut framed = vec![0];
    framed.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    framed.extend(body);
    let mut stream = respond.send_response(response(), false).ok()?;
    stream.send_data(framed.into(), false).ok()?;
    stream.send_trailers(status(0, "", "")).ok()
}

fn response() -> Response<()> {
    Response::builder()
        .header("content-type", "application/grpc")
        .body(())
        .unwrap()
}

fn status(code: u8, message: &'static str, details: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from(u16::from(code)));
    if !message.is_empty() {
        headers.insert("grpc-message", HeaderValue::from_static(message));
    }
    if !details.is_empty() {
        let details = HeaderValue::from_static(details);
        headers.insert("grpc-status-details-bin", details);
    }
    headers
}

/// The one message of a request, behind a byte that says whether it is compressed, and its length.
fn message(body: &[u8]) -> Vec<u8> {
    let (head, rest) = body.split_at(5);
    let length = u32::from_be_bytes(head[1..].try_into().unwrap());
    assert_eq!(usize::try_from(length).unwrap(), rest.len());
    if head[0] == 0 {
        return rest.to_vec();
    }
    let mut plain = Vec::new();
    GzDecoder::new(rest).read_to_end(&mut plain).unwrap();
    plain
}
