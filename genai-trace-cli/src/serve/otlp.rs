//! Spans of any OpenTelemetry program, as OTLP sends them over HTTP: to look at, while it runs.

mod inbox;
mod reply;
mod request;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{Response, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::post;
use http_body_util::{BodyExt, Limited};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

pub(super) use self::inbox::Inbox;
use self::reply::{Form, failed, taken};
use self::request::{Refused, plain, spans};
use super::answer::dress;
use super::guard::Guard;

/// The longest body of a request, as it is sent.
const LONGEST_BODY: usize = 32 << 20;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What receives spans.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub(super) inbox: Arc<Inbox>,
    pub(super) guard: Arc<Guard>,
}

type Answer = Response<Body>;

/// Every path of the receiver.
pub(super) fn router(receiver: Receiver) -> Router {
    Router::new()
        .route("/v1/traces", post(traces))
        // Who sends spans mostly sends these as well, and would complain.
        .route("/v1/metrics", post(left_aside))
        .route("/v1/logs", post(left_aside))
        .layer(from_fn_with_state(receiver.clone(), guarded))
        .with_state(receiver)
}

async fn guarded(State(receiver): State<Receiver>, request: Request, next: Next) -> Answer {
    let mut response = match receiver.guard.stops(&request) {
        Some(response) => response,
        None => next.run(request).await,
    };
    dress(&mut response);
    response
}

async fn traces(State(receiver): State<Receiver>, request: Request) -> Answer {
    let (form, body) = match whole(request).await {
        Ok(whole) => whole,
        Err(answer) => return answer,
    };
    let kept = spawn_blocking(move || {
        let found = spans(form, &body)?;
        let kept = receiver.inbox.keep(&found.records);
        let failed =
            |error: std::io::Error| Refused::for_now(format!("the spans cannot be kept: {error}"));
        kept.map(|()| found.rejected).map_err(failed)
    });
    match kept.await {
        Ok(Ok(rejected)) => taken(form, rejected),
        Ok(Err(refused)) => failed(form, &refused),
        Err(error) => failed(form, &Refused::for_now(error.to_string())),
    }
}

async fn left_aside(request: Request) -> Answer {
    match whole(request).await {
        Ok((form, _)) => taken(form, 0),
        Err(answer) => answer,
    }
}

/// The body of a request, as it was before it was compressed, and the form that it has.
async fn whole(request: Request) -> Result<(Form, Vec<u8>), Answer> {
    let Some(form) = Form::of(request.headers()) else {
        let why = "the content type is neither application/x-protobuf nor application/json";
        let refused = Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why.to_owned());
        return Err(failed(Form::Json, &refused));
    };
    let encoding = request.headers().get(CONTENT_ENCODING).cloned();
    let body = Limited::new(request.into_body(), LONGEST_BODY).collect();
    let bytes: Bytes = match timeout(PATIENCE, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) => {
            let why = format!("the body cannot be read: {error}; it may have {LONGEST_BODY} bytes");
            let refused = Refused::new(StatusCode::PAYLOAD_TOO_LARGE, why);
            return Err(failed(form, &refused));
        }
        Err(_) => {
            let why = "the body did not come in time".to_owned();
            let refused = Refused::new(StatusCode::REQUEST_TIMEOUT, why);
            return Err(failed(form, &refused));
        }
    };
    let read = spawn_blocking(move || plain(encoding.as_ref(), &bytes)).await;
    match read {
        Ok(read) => read
            .map(|body| (form, body))
            .map_err(|refused| failed(form, &refused)),
        Err(error) => Err(failed(form, &Refused::for_now(error.to_string()))),
    }
}
