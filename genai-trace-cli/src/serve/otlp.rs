//! Spans of any OpenTelemetry program, as OTLP sends them over HTTP: to look at, while it runs.

mod inbox;
mod json;
mod protobuf;
mod reply;
mod request;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use http_body_util::{BodyExt, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

pub(super) use self::inbox::Inbox;
use self::reply::{Form, failed, taken};
use self::request::{Refused, Signal, plain, read};
use super::guard::{Guard, guarded};
use crate::span::LeftOut;

/// The longest body of a request, as it is sent.
const LONGEST_BODY: usize = 20 << 20;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);
/// So much of bodies there may be at once, in bytes.
const ROOM: usize = 2 * LONGEST_BODY;
const KIB: usize = 1 << 10;
/// So many bodies are read at once: what is in them takes more room than they.
const AT_ONCE: usize = 2;
/// Longer bodies are read one at a time.
const LONG: usize = 2 << 20;
/// How long a request waits for others, before it is told to come again.
const WAIT: Duration = Duration::from_secs(10);

/// What receives spans.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    inbox: Arc<Inbox>,
    room: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    long: Arc<Mutex<()>>,
}

impl Receiver {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            room: Arc::new(Semaphore::new(ROOM / KIB)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            long: Arc::default(),
        }
    }
}

type Answer = Response<Body>;

/// Every path of the receiver.
pub(super) fn router(receiver: Receiver, guard: Arc<Guard>) -> Router {
    Router::new()
        .route("/v1/traces", post(traces))
        // What models were told and have said may come beside the spans.
        .route("/v1/logs", post(logs))
        // Who sends spans mostly sends these as well, and would complain.
        .route("/v1/metrics", post(left_aside))
        .layer(from_fn_with_state(guard, guarded))
        .with_state(receiver)
}

async fn traces(State(receiver): State<Receiver>, request: Request) -> Answer {
    received(Signal::Spans, receiver, request).await
}

async fn logs(State(receiver): State<Receiver>, request: Request) -> Answer {
    received(Signal::Logs, receiver, request).await
}

async fn received(signal: Signal, receiver: Receiver, request: Request) -> Answer {
    let encoding = request.headers().get(CONTENT_ENCODING).cloned();
    let (form, body, _room) = match whole(&receiver, request).await {
        Ok(whole) => whole,
        Err(answer) => return answer,
    };
    let Some(turn) = permit(&receiver.turns, 1).await else {
        return failed(form, &Refused::for_now(BUSY.to_owned()));
    };
    let kept = spawn_blocking(move || {
        let _turn = turn;
        let body = plain(encoding.as_ref(), body)?;
        let long = (body.len() > LONG).then_some(&receiver.long);
        let _alone = long.map(|long| long.lock().unwrap_or_else(PoisonError::into_inner));
        let mut sent = read(signal, form, &body)?;
        drop(body);
        let left_out = match signal {
            Signal::Spans => std::mem::take(&mut sent.left_out),
            // Logs are taken for what they say of spans, and for nothing else.
            Signal::Logs => LeftOut::default(),
        };
        let failed =
            |error: std::io::Error| Refused::for_now(format!("it cannot be kept: {error}"));
        receiver.inbox.keep(sent).map_err(failed)?;
        Ok(left_out)
    });
    match kept.await {
        Ok(Ok(left_out)) => taken(form, &left_out),
        Ok(Err(refused)) => failed(form, &refused),
        Err(error) => failed(form, &Refused::for_now(error.to_string())),
    }
}

async fn left_aside(State(receiver): State<Receiver>, request: Request) -> Answer {
    match whole(&receiver, request).await {
        Ok((form, _, _)) => taken(form, &LeftOut::default()),
        Err(answer) => answer,
    }
}

/// Why a request that waited for others is sent away.
const BUSY: &str = "too much is being received: send it again later";

async fn permit(of: &Arc<Semaphore>, number: u32) -> Option<OwnedSemaphorePermit> {
    let permit = Arc::clone(of).acquire_many_owned(number);
    timeout(WAIT, permit).await.ok()?.ok()
}

/// The body of a request as it was sent, the form that it has, and the room that it takes.
async fn whole(
    receiver: &Receiver,
    request: Request,
) -> Result<(Form, Bytes, OwnedSemaphorePermit), Answer> {
    let Some(form) = Form::of(request.headers()) else {
        let why = "the content type is neither application/x-protobuf nor application/json";
        let refused = Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why.to_owned());
        return Err(failed(Form::Json, &refused));
    };
    // Who does not say how much comes may send all that is taken.
    let length = request.body().size_hint().upper();
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length.unwrap_or(LONGEST_BODY).min(LONGEST_BODY);
    let wanted = u32::try_from(length.div_ceil(KIB)).unwrap_or(u32::MAX);
    let Some(room) = permit(&receiver.room, wanted).await else {
        return Err(failed(form, &Refused::for_now(BUSY.to_owned())));
    };
    let body = Limited::new(request.into_body(), LONGEST_BODY).collect();
    let refused = match timeout(PATIENCE, body).await {
        Ok(Ok(body)) => return Ok((form, body.to_bytes(), room)),
        Ok(Err(error)) => {
            let why = format!("the body cannot be read: {error}; it may have {LONGEST_BODY} bytes");
            Refused::new(StatusCode::PAYLOAD_TOO_LARGE, why)
        }
        Err(_) => {
            let why = "the body did not come in time".to_owned();
            Refused::new(StatusCode::REQUEST_TIMEOUT, why)
        }
    };
    Err(failed(form, &refused))
}
