//! What the viewer answers, by path.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Response, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http_body_util::{BodyExt, Limited};
use serde::Serialize;
use tokio::sync::broadcast::Sender;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answer::{document, of_kind, plain, refuse};
use super::compare::side_by_side;
use super::conversation::of_run;
use super::detail::{Place, detail, whole};
use super::filter::Filter;
use super::guard::{Guard, guarded};
use super::ids::meant;
use super::index::Changed;
use super::live::{Listeners, events};
use super::page;
use super::run::runs;
use super::scores::NewScore;
use super::store::Store;
use super::trace::{trace, tree};
use crate::scores::Kept;

/// The longest body of a request.
const LONGEST_BODY: usize = 256 << 10;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the answers are made of.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    pub(super) store: Arc<Store>,
    pub(super) news: Sender<Arc<Changed>>,
    pub(super) listeners: Arc<Listeners>,
}

type Answer = Response<Body>;
type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Every path of the viewer.
pub(super) fn router(viewer: Viewer, guard: Arc<Guard>) -> Router {
    Router::new()
        .route("/api/runs", get(list))
        .route("/api/runs/{trace}", get(one))
        .route("/api/runs/{trace}/conversation", get(conversation))
        .route("/api/runs/{trace}/spans/{span}", get(span))
        .route("/api/runs/{trace}/spans/{span}/value", get(value))
        .route("/api/ids/{beginning}", get(ids))
        .route("/api/compare", get(compare))
        .route("/api/scores", post(score))
        .route("/api/live", get(news))
        .method_not_allowed_fallback(not_allowed)
        .fallback(static_file)
        .layer(from_fn_with_state(guard, guarded))
        .with_state(viewer)
}

async fn not_allowed(method: Method, uri: Uri) -> Answer {
    let why = format!("{} takes no {method}", uri.path());
    refuse(StatusCode::METHOD_NOT_ALLOWED, &why)
}

async fn static_file(method: Method, uri: Uri) -> Answer {
    match page::file(uri.path()) {
        Some(_) if method != Method::GET && method != Method::HEAD => {
            not_allowed(method, uri).await
        }
        Some((kind, bytes)) => of_kind(StatusCode::OK, kind, bytes),
        None => refuse(
            StatusCode::NOT_FOUND,
            &format!("there is nothing at {:?}", uri.path()),
        ),
    }
}

async fn list(State(viewer): State<Viewer>, parameters: Parameters) -> Answer {
    let filter = match pairs(parameters).and_then(|pairs| Filter::of(&pairs)) {
        Ok(filter) => filter,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, &why),
    };
    work(move || runs(&viewer.store, &filter).map(Some)).await
}

async fn one(State(viewer): State<Viewer>, Path(id): Path<String>) -> Answer {
    of_trace(&id, move |id| trace(&viewer.store, id)).await
}

async fn conversation(State(viewer): State<Viewer>, Path(id): Path<String>) -> Answer {
    of_trace(&id, move |id| {
        let (mut tree, _) = tree(&viewer.store, id)?;
        viewer.store.fill(&mut tree.spans)?;
        Ok((!tree.spans.is_empty()).then(|| of_run(&tree.spans)))
    })
    .await
}

async fn span(State(viewer): State<Viewer>, Path((id, span)): Path<(String, String)>) -> Answer {
    of_trace(&id, move |id| detail(&viewer.store, id, &span)).await
}

/// The whole of a value, whose name stands in the query: in a path browsers would follow one that is called `..`.
async fn value(
    State(viewer): State<Viewer>,
    Path((id, span)): Path<(String, String)>,
    parameters: Parameters,
) -> Answer {
    let asked = pairs(parameters).and_then(|pairs| {
        let of: Place = parameter(&pairs, "of", "where the value stands")?.parse()?;
        let key = parameter(&pairs, "key", "its name")?.to_owned();
        Ok((trace_id(&id)?, of, key))
    });
    match asked {
        Ok((id, of, key)) => {
            let found = move || whole(&viewer.store, id, &span, of, &key);
            answer(found, |text| plain(StatusCode::OK, text)).await
        }
        Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
    }
}

async fn compare(State(viewer): State<Viewer>, parameters: Parameters) -> Answer {
    let asked = pairs(parameters).and_then(|pairs| {
        let of = |name: &str| trace_id(parameter(&pairs, name, "a trace id")?);
        Ok((of("a")?, of("b")?))
    });
    match asked {
        Ok((a, b)) => {
            let find = move || side_by_side(&viewer.store, a, b).map(Some);
            let show = |found| match found {
                Ok(both) => document(StatusCode::OK, &both),
                Err(id) => {
                    let why = format!("there is no trace {id:032x}");
                    refuse(StatusCode::NOT_FOUND, &why)
                }
            };
            answer(find, show).await
        }
        Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
    }
}

async fn ids(State(viewer): State<Viewer>, Path(beginning): Path<String>) -> Answer {
    let find = move || Ok(Some(meant(&viewer.store, &beginning)));
    answer(find, |found| match found {
        Ok(all) => document(StatusCode::OK, &all),
        Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
    })
    .await
}

async fn score(State(viewer): State<Viewer>, request: Request) -> Answer {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()?.split(';').next());
    // Forms of other pages cannot send this kind unasked.
    if kind.map(str::trim) != Some("application/json") {
        let why = "the body is no application/json";
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, why);
    }
    let body = match body(request).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let new: NewScore = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => {
            return refuse(
                StatusCode::BAD_REQUEST,
                &format!("this is no score: {error}"),
            );
        }
    };
    let read = trace_id(&new.trace_id).and_then(|id| Ok((id, new.record()?)));
    let (id, record) = match read {
        Ok(read) => read,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, &why),
    };
    let keep = move || {
        let store = &viewer.store;
        let Some(home) = store.home(id) else {
            return Ok(None);
        };
        if let Some(span) = record.span_id {
            let (tree, _) = tree(store, id)?;
            if tree.spans.iter().all(|known| known.span_id != span) {
                return Ok(None);
            }
        }
        let kept = Kept::of_record(&record);
        let added = store.scores.add(record, home.as_deref(), &store.index);
        added.map_err(io::Error::other)?;
        Ok(kept)
    };
    answer(keep, |kept| document(StatusCode::CREATED, &kept)).await
}

async fn news(State(viewer): State<Viewer>) -> Answer {
    events(viewer.news.subscribe(), viewer.listeners.add())
}

/// The whole body of a request, within limits.
async fn body(request: Request) -> Result<Bytes, Answer> {
    let body = Limited::new(request.into_body(), LONGEST_BODY).collect();
    match timeout(PATIENCE, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => {
            let why = format!("the body is longer than {LONGEST_BODY} bytes");
            Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, &why))
        }
        Err(_) => Err(refuse(
            StatusCode::REQUEST_TIMEOUT,
            "the body did not come in time",
        )),
    }
}

/// What is found of the trace of this id.
async fn of_trace<T: Serialize + Send + 'static>(
    id: &str,
    find: impl FnOnce(u128) -> io::Result<Option<T>> + Send + 'static,
) -> Answer {
    match trace_id(id) {
        Ok(id) => work(move || find(id)).await,
        Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
    }
}

/// What is found, as a document.
async fn work<T: Serialize + Send + 'static>(
    find: impl FnOnce() -> io::Result<Option<T>> + Send + 'static,
) -> Answer {
    answer(find, |found| document(StatusCode::OK, &found)).await
}

/// Does what reads files where nobody waits for it but who asked.
async fn answer<T>(
    find: impl FnOnce() -> io::Result<Option<T>> + Send + 'static,
    show: impl FnOnce(T) -> Answer + Send + 'static,
) -> Answer {
    let answer = spawn_blocking(move || match find() {
        Ok(Some(found)) => show(found),
        Ok(None) => missing(),
        Err(error) => failed(&error),
    });
    answer.await.unwrap_or_else(|error| failed(&error.into()))
}

fn missing() -> Answer {
    refuse(
        StatusCode::NOT_FOUND,
        "there is no such trace, span or value",
    )
}

fn failed(error: &io::Error) -> Answer {
    refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
}

fn pairs(parameters: Parameters) -> Result<Vec<(String, String)>, String> {
    match parameters {
        Ok(Query(pairs)) => Ok(pairs),
        Err(error) => Err(error.body_text()),
    }
}

/// What the parameter `name` says, which is `expected` to be there.
fn parameter<'a>(
    pairs: &'a [(String, String)],
    name: &str,
    expected: &str,
) -> Result<&'a str, String> {
    let found = pairs.iter().find(|(key, _)| key == name);
    let (_, value) = found.ok_or_else(|| format!("{name} is missing: expected {expected}"))?;
    Ok(value)
}

fn trace_id(text: &str) -> Result<u128, String> {
    let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = u128::from_str_radix(text, 16).ok().filter(|_| is_id);
    id.ok_or_else(|| format!("{text:?} is no trace id: expected 32 hexadecimal digits"))
}
