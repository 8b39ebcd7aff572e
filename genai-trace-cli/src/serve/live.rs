//! Tells those who look at the viewer which runs are other than they were.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{StreamExt, stream};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};
use tokio::sync::oneshot;

use super::index::Changed;
use super::store::Store;

/// At most so often anybody is told.
const EVERY: Duration = Duration::from_millis(250);
/// How often a connection on which nothing happens is shown to be alive.
const ALIVE: Duration = Duration::from_secs(15);
/// So many may listen at once, which leaves connections for questions.
const MOST_LISTENERS: usize = 64;

/// Who listens, the one that began first at the front.
#[derive(Debug, Default)]
pub(super) struct Listeners(Mutex<VecDeque<oneshot::Sender<()>>>);

impl Listeners {
    /// One more; what it gets comes to its end when it has to make room for others.
    pub(super) fn add(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|listener| !listener.is_closed());
        all.push_back(sender);
        if all.len() > MOST_LISTENERS {
            all.pop_front();
        }
        receiver
    }
}

/// Looks at black boxes, scores and events, and tells `news` what has changed; as long as the program runs.
pub(super) fn watch(store: &Arc<Store>, news: Sender<Arc<Changed>>) -> Result<(), String> {
    let of_events = Arc::clone(store);
    spawn("events", move || {
        let mut parts = HashMap::new();
        loop {
            of_events.look_for_events(&mut parts);
            thread::sleep(EVERY);
        }
    })?;
    let store = Arc::clone(store);
    spawn("live", move || {
        loop {
            store.in_flight.look(&store.index);
            store.scores.look(&store.index);
            if store.loading() >= 1.0 {
                let changed = store.index.take_changed();
                if !changed.is_empty() {
                    // Nobody may be there.
                    let _ = news.send(Arc::new(changed));
                }
            }
            thread::sleep(EVERY);
        }
    })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = thread::Builder::new().name(name.to_owned());
    let spawned = thread.spawn(work);
    spawned
        .map(drop)
        .map_err(|error| format!("cannot start a thread: {error}"))
}

/// The events for one who looks. Who reads slower than they come is told to look at everything.
pub(super) fn events(news: Receiver<Arc<Changed>>, end: oneshot::Receiver<()>) -> Response<Body> {
    let events = stream::unfold(news, |mut news| async move {
        let event = match news.recv().await {
            Ok(changed) => event(&changed),
            Err(RecvError::Lagged(_)) => event(&Changed {
                is_all: true,
                ..Changed::default()
            }),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(event), news))
    });
    // Firefox counts a connection as open once something has come over it.
    let first = stream::once(async { Ok(Event::default().comment("")) });
    let events = first.chain(events).take_until(end);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(ALIVE))
        .into_response();
    // Its place is free as soon as it ends.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

fn event(changed: &Changed) -> Event {
    let traces = changed.traces.iter();
    let traces: Vec<String> = traces.map(|id| format!("{id:032x}")).collect();
    let data = json!({ "changed": traces, "all": changed.is_all });
    Event::default().event("runs").data(data.to_string())
}
