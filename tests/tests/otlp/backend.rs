//! A backend of a test's own: OTLP over HTTP on a port of the loopback, which answers as it is told.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde::de::DeserializeOwned;
use serde_json::json;

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(60);

/// How a request is answered.
#[derive(Clone)]
pub enum Answer {
    /// Not taken, with this status and headers.
    Status(u16, &'static str),
    /// Taken, but for so many spans.
    Partly(i64, &'static str),
    /// Taken, after so long.
    Late(Duration),
    /// Never.
    Hang,
    /// Taken, and never answered.
    TakeAndHang,
}

/// What a request was.
#[derive(Clone)]
pub struct Seen {
    pub at: Instant,
    /// The first line and the headers, in small letters.
    pub head: String,
    pub spans: usize,
    /// Which processes they are of.
    pub resources: Vec<Resource>,
}

/// What a request has brought.
#[derive(Clone, Default)]
pub struct Brought {
    pub spans: Vec<Span>,
    pub metrics: Vec<Metric>,
    pub events: Vec<LogRecord>,
}

impl Brought {
    pub fn len(&self) -> usize {
        self.spans.len() + self.metrics.len() + self.events.len()
    }

    pub fn extend(&mut self, more: Self) {
        self.spans.extend(more.spans);
        self.metrics.extend(more.metrics);
        self.events.extend(more.events);
    }
}

#[derive(Default)]
struct State {
    answers: VecDeque<Answer>,
    /// How requests behind these are answered, where they are not taken.
    answer_all: Option<Answer>,
    /// More spans than that in a request are too many.
    most_spans: Option<usize>,
    seen: Vec<Seen>,
    taken: Brought,
    /// The spans among them, by the name of the service.
    of_services: BTreeMap<String, Vec<Span>>,
    /// Requests that are not answered.
    hanging: usize,
    connections: Vec<TcpStream>,
}

impl State {
    fn take(&mut self, brought: Brought, of_services: Vec<(String, Vec<Span>)>) {
        self.taken.extend(brought);
        for (name, spans) in of_services {
            self.of_services.entry(name).or_default().extend(spans);
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    is_closed: AtomicBool,
}

/// A backend on a port of the loopback.
pub struct Backend {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Backend {
    pub fn new() -> Self {
        Self::at(0)
    }

    /// A backend on this port, where one was before.
    pub fn at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            for connection in listener.incoming() {
                if for_thread.is_closed.load(Ordering::SeqCst) {
                    return;
                }
                let connection = connection.unwrap();
                let clone = connection.try_clone().unwrap();
                for_thread.state.lock().unwrap().connections.push(clone);
                let shared = Arc::clone(&for_thread);
                thread::spawn(move || while serve(&shared, &connection).is_some() {});
            }
        });
        Self {
            port,
            shared,
            thread: Some(thread),
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        self.url_of("traces")
    }

    /// Where requests of this signal go.
    pub fn url_of(&self, signal: &str) -> String {
        format!("http://127.0.0.1:{}/v1/{signal}", self.port)
    }

    /// Answers the next requests so; those behind them are taken.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.state.lock().unwrap().answers.extend(answers);
    }

    /// Answers all requests so from now on, until something else is said.
    pub fn answer_all(&self, answer: Option<Answer>) {
        let mut state = self.shared.state.lock().unwrap();
        state.answers.clear();
        state.answer_all = answer;
    }

    /// Takes at most so many spans at once.
    pub fn take_at_most(&self, spans: usize) {
        self.shared.state.lock().unwrap().most_spans = Some(spans);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state.lock().unwrap().seen.clone()
    }

    /// The spans that were taken, in order.
    pub fn taken(&self) -> Vec<Span> {
        self.everything().spans
    }

    /// All that was taken, in order.
    pub fn everything(&self) -> Brought {
        self.shared.state.lock().unwrap().taken.clone()
    }

    pub fn names(&self) -> Vec<String> {
        self.taken().into_iter().map(|span| span.name).collect()
    }

    /// Waits until so many spans were taken.
    pub fn wait_for_spans(&self, count: usize) {
        self.wait(|state| state.taken.spans.len() >= count);
    }

    /// Waits until so many events were taken.
    pub fn wait_for_events(&self, count: usize) {
        self.wait(|state| state.taken.events.len() >= count);
    }

    /// The spans that were taken, by the name of the service.
    pub fn taken_by_service(&self) -> BTreeMap<String, Vec<Span>> {
        self.shared.state.lock().unwrap().of_services.clone()
    }

    /// Waits until a request hangs.
    pub fn wait_for_hanging(&self) {
        self.wait(|state| state.hanging > 0);
    }

    /// Waits until there were so many requests.
    pub fn wait_for_requests(&self, count: usize) {
        self.wait(|state| state.seen.len() >= count);
    }

    fn wait(&self, is_there: impl Fn(&State) -> bool) {
        let state = self.shared.state.lock().unwrap();
        let (_state, waited) = self
            .shared
            .changed
            .wait_timeout_while(state, LONG, |state| !is_there(state))
            .unwrap();
        assert!(!waited.timed_out(), "it did not come");
    }
}

impl Drop for Backend {
    /// Nobody listens any more, and every connection breaks.
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        for connection in &self.shared.state.lock().unwrap().connections {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// Answers one request; none at the end of the connection.
fn serve(shared: &Shared, connection: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(connection);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let header = |name: &str| {
        let mut lines = head.lines();
        let line = lines.find_map(|line| line.strip_prefix(&format!("{name}: ")))?;
        Some(line.to_owned())
    };
    let mut body = vec![0; header("content-length")?.parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    if header("content-encoding").as_deref() == Some("gzip") {
        let mut plain = Vec::new();
        GzDecoder::new(body.as_slice())
            .read_to_end(&mut plain)
            .unwrap();
        body = plain;
    }
    let is_json = header("content-type").as_deref() == Some("application/json");
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let brought = read(&path, is_json, &body);
    let (resources, of_services) = match path.as_str() {
        "/v1/traces" => (resources_of(is_json, &body), of_services(is_json, &body)),
        _ => Default::default(),
    };

    let mut state = shared.state.lock().unwrap();
    state.seen.push(Seen {
        at: Instant::now(),
        head: head.clone(),
        spans: brought.len(),
        resources,
    });
    let answer = match state.most_spans {
        Some(most) if brought.len() > most => Some(Answer::Status(413, "")),
        _ => state
            .answers
            .pop_front()
            .or_else(|| state.answer_all.clone()),
    };
    let mut partial = None;
    let (status, headers) = match answer {
        None => (200, ""),
        Some(Answer::Status(status, headers)) => (status, headers),
        Some(Answer::Partly(rejected, message)) => {
            partial = Some((rejected, message));
            (200, "")
        }
        Some(Answer::Late(wait)) => {
            drop(state);
            thread::sleep(wait);
            state = shared.state.lock().unwrap();
            (200, "")
        }
        Some(hanging @ (Answer::Hang | Answer::TakeAndHang)) => {
            if let Answer::TakeAndHang = hanging {
                state.take(brought, of_services);
            }
            state.hanging += 1;
            shared.changed.notify_all();
            // Until the client or the backend ends.
            drop(state);
            let _ = reader.read(&mut [0]);
            return None;
        }
    };
    let (kind, body) = match (status, is_json) {
        (200, true) => ("application/json", partial_success(&path, partial)),
        (200, false) => ("application/x-protobuf", partial_protobuf(partial)),
        _ => ("text/plain", b"no".to_vec()),
    };
    if status == 200 {
        state.take(brought, of_services);
    }
    drop(state);
    shared.changed.notify_all();
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{headers}\r\n"
    )
    .into_bytes();
    answer.extend(body);
    (&*connection).write_all(&answer).ok()
}

/// A request, as the path says of what.
pub fn read(path: &str, is_json: bool, body: &[u8]) -> Brought {
    let mut brought = Brought::default();
    match path {
        "/v1/traces" => {
            let request: ExportTraceServiceRequest = message(is_json, body);
            let of_resources = request.resource_spans.into_iter();
            let scopes = of_resources.flat_map(|of| of.scope_spans);
            brought.spans.extend(scopes.flat_map(|of| of.spans));
        }
        "/v1/metrics" => {
            let request: ExportMetricsServiceRequest = message(is_json, body);
            let of_resources = request.resource_metrics.into_iter();
            let scopes = of_resources.flat_map(|of| of.scope_metrics);
            brought.metrics.extend(scopes.flat_map(|of| of.metrics));
        }
        "/v1/logs" => {
            let request: ExportLogsServiceRequest = message(is_json, body);
            let of_resources = request.resource_logs.into_iter();
            let scopes = of_resources.flat_map(|of| of.scope_logs);
            brought.events.extend(scopes.flat_map(|of| of.log_records));
        }
        other => panic!("nothing is sent to {other}"),
    }
    brought
}

fn message<T: Message + Default + DeserializeOwned>(is_json: bool, body: &[u8]) -> T {
    match is_json {
        true => serde_json::from_slice(body).unwrap(),
        false => T::decode(body).unwrap(),
    }
}

fn partial_success(path: &str, partial: Option<(i64, &str)>) -> Vec<u8> {
    let rejected = match path {
        "/v1/traces" => "rejectedSpans",
        "/v1/metrics" => "rejectedDataPoints",
        _ => "rejectedLogRecords",
    };
    let response = match partial {
        None => json!({}),
        Some((count, message)) => {
            json!({ "partialSuccess": { rejected: count.to_string(), "errorMessage": message } })
        }
    };
    response.to_string().into_bytes()
}

/// The responses of all signals have one shape.
pub fn partial_protobuf(partial: Option<(i64, &str)>) -> Vec<u8> {
    use opentelemetry_proto::tonic::collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceResponse,
    };
    let partial_success = partial.map(|(rejected, message)| ExportTracePartialSuccess {
        rejected_spans: rejected,
        error_message: message.to_owned(),
    });
    ExportTraceServiceResponse { partial_success }.encode_to_vec()
}

/// The processes that a request is of.
fn resources_of(is_json: bool, body: &[u8]) -> Vec<Resource> {
    let request: ExportTraceServiceRequest = message(is_json, body);
    let of_each = request.resource_spans.into_iter();
    of_each.filter_map(|of| of.resource).collect()
}

/// The spans of a request, with the names of the services that they are of.
fn of_services(is_json: bool, body: &[u8]) -> Vec<(String, Vec<Span>)> {
    let request: ExportTraceServiceRequest = message(is_json, body);
    let of_each = request.resource_spans.into_iter().map(|of| {
        let resource = of.resource.unwrap_or_default();
        let mut attributes = resource.attributes.into_iter();
        let name = attributes.find(|pair| pair.key == "service.name");
        let name = match name.and_then(|pair| pair.value?.value) {
            Some(Value::StringValue(name)) => name,
            other => panic!("{other:?} is no name of a service"),
        };
        (
            name,
            of.scope_spans.into_iter().flat_map(|of| of.spans).collect(),
        )
    });
    of_each.collect()
}
