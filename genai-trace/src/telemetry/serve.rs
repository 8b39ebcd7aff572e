//! The metrics over HTTP, without a runtime: a thread that listens, and one for each of few connections.

mod connection;
mod place;
mod request;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::connection::Connection;
use self::place::Listening;
pub(crate) use self::place::{HOST, MetricsPlace, PORT};
use super::{MetricsPage, Telemetry};
use crate::config::{InitError, metrics_place};
use crate::sys::fork::{self, Process};

/// Most connections at a time; more are answered that the server is busy.
const MOST_CONNECTIONS: usize = 16;
/// How long it waits after the system gave no connection, as where there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

impl Telemetry {
    /// Serves the metrics over HTTP until what this returns is dropped: `/metrics` in the Prometheus text
    /// format or as OpenMetrics, as `Accept` asks, and `/healthz`. Feature `serve`.
    ///
    /// It listens on 127.0.0.1:9464, or as `OTEL_EXPORTER_PROMETHEUS_HOST` and
    /// `OTEL_EXPORTER_PROMETHEUS_PORT` say, on a thread of its own: no async runtime is needed. A client
    /// has five seconds for its request and for reading the answer, and at most 16 are served at a time.
    /// Where it listens on this machine alone it answers only requests to it by name or address, so that
    /// no web page that a browser shows can read the metrics by a name of its own.
    ///
    /// Where `OTEL_METRICS_EXPORTER=prometheus` has had them served since the start
    /// ([`Builder::from_env`](crate::Builder::from_env)), this hands over that server.
    ///
    /// # Errors
    /// A variable means nothing, or the system gives no such address or no thread.
    ///
    /// ```no_run
    /// let telemetry = genai_trace::init()?;
    /// let server = telemetry.serve()?;
    /// println!("metrics on http://{}/metrics", server.address());
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn serve(&self) -> Result<MetricsServer, InitError> {
        let serving = match self.installed.is_inherited() {
            true => None,
            false => self.serving().take(),
        };
        match serving {
            Some(server) => Ok(server),
            None => self.serve_on(metrics_place()?.listen()?),
        }
    }

    /// Serves the metrics on `address`, whatever the environment says, as [`serve`](Telemetry::serve) does.
    /// Port 0 is one that is free.
    ///
    /// # Errors
    /// The system gives no such address, or no thread.
    ///
    /// ```no_run
    /// let telemetry = genai_trace::init()?;
    /// let server = telemetry.serve_at("0.0.0.0:8000")?;
    /// # Ok::<(), genai_trace::InitError>(())
    /// ```
    pub fn serve_at(&self, address: &str) -> Result<MetricsServer, InitError> {
        self.serve_on(Listening::at(address)?)
    }

    /// Serves the metrics on `listening` until the shutdown.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn serve_until_shutdown(&self, listening: Listening) -> Result<(), InitError> {
        *self.serving() = Some(self.serve_on(listening)?);
        Ok(())
    }

    /// Ends what serves the metrics because the environment says so.
    pub(super) fn end_serving(&self) {
        // In a copy of the process the lock may be held by a thread that is not there.
        if !self.installed.is_inherited() {
            let server = self.serving().take();
            drop(server);
        }
    }

    fn serving(&self) -> MutexGuard<'_, Option<MetricsServer>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve_on(&self, listening: Listening) -> Result<MetricsServer, InitError> {
        MetricsServer::start(listening, self.metrics_page()).map_err(InitError::Thread)
    }
}

/// Serves the metrics over HTTP until it is dropped: [`Telemetry::serve`].
#[derive(Debug)]
#[must_use = "the server ends when this is dropped, which is at once unless it is kept"]
pub struct MetricsServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    process: Process,
}

impl MetricsServer {
    fn start(listening: Listening, page: MetricsPage) -> io::Result<Self> {
        // Else nobody would know of a fork where nothing is recorded.
        fork::watch()?;
        let Listening { listener, address } = listening;
        let stop = Arc::<AtomicBool>::default();
        let server = Server {
            page,
            is_local: address.ip().is_loopback(),
            open: AtomicUsize::new(0),
        };
        let stopped = Arc::clone(&stop);
        let named = thread::Builder::new().name("genai-trace serve".to_owned());
        let thread = named.spawn(move || Arc::new(server).accept(&listener, &stopped))?;
        Ok(Self {
            address,
            stop,
            thread: Some(thread),
            process: Process::this(),
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsServer {
    /// Frees the address. Connections that are open are answered.
    fn drop(&mut self) {
        if !self.process.is_this() {
            // The thread is not in a copy of its process, and who listens is the parent.
            std::mem::forget(self.thread.take());
            return;
        }
        self.stop.store(true, Ordering::Release);
        // The thread waits for a connection: this is the last.
        let mut wake = self.address;
        if wake.ip().is_unspecified() {
            wake.set_ip(match wake {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        let woken = TcpStream::connect_timeout(&wake, Duration::from_secs(1));
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

/// What all connections share.
#[derive(Debug)]
struct Server {
    page: MetricsPage,
    /// It listens on this machine alone.
    is_local: bool,
    /// How many connections are open.
    open: AtomicUsize,
}

impl Server {
    fn accept(self: Arc<Self>, listener: &TcpListener, stop: &AtomicBool) {
        while !stop.load(Ordering::Acquire) {
            match listener.accept() {
                _ if stop.load(Ordering::Acquire) => return,
                Ok((stream, _)) => self.take(stream),
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    fn take(self: &Arc<Self>, stream: TcpStream) {
        if self.open.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Connection::new(stream).refuse();
        }
        let place = Place(Arc::clone(self));
        let named = thread::Builder::new().name("genai-trace scrape".to_owned());
        // Without a thread there is no answer, and the connection closes.
        let _ = named.spawn(move || Connection::new(stream).serve(&place.0.page, place.0.is_local));
    }
}

/// One of the connections that may be open.
struct Place(Arc<Server>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
