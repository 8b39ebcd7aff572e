//! Connections, of which none can hold up the others.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::patient::Patient;

/// How long a request's head may take to come, and a connection be idle: so long others wait where all places are taken.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many connections there may be at once: others wait.
const MOST: usize = 256;
/// The longest head of a request.
pub(super) const LONGEST_HEAD: usize = 64 << 10;
/// Where nothing can be accepted, say because too many files are open, it is tried again after this.
const PAUSE: Duration = Duration::from_millis(100);

/// Opens a port, or says why not.
pub(super) async fn open(host: &str, port: u16) -> Result<(TcpListener, SocketAddr), String> {
    let failed = |error: std::io::Error| format!("cannot listen at {host}:{port}: {error}");
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let listener = TcpListener::bind((bare, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Answers whoever connects.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut connection = http1::Builder::new();
            let connection = connection
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .max_buf_size(LONGEST_HEAD)
                .serve_connection(TokioIo::new(Patient::new(stream)), service);
            // Who goes away in the middle is no fault of ours.
            let _ = connection.await;
            drop(place);
        });
    }
}
