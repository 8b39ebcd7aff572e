//! Every way out of a future and of a stream, each with the one span that it leaves.

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_core::Stream;
use genai_trace::{Outcome, SpanRecord};
use genai_trace_tests::{block_on, yield_once};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::{calls, drop_while_it_waits, ends, panic_quietly, panics, poll};

/// The way out that a call is to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The last expression: `Ok(1)`.
    Ok,
    /// A `return` before the end: `Ok(0)`.
    Early,
    /// A `?` on an error: `Err("failed")`.
    Error,
    /// A panic, after the first wait.
    Panic,
    /// None: it waits for ever.
    Wait,
}

impl Exit {
    /// What a body does on its way: `0` says that it is to return early.
    pub async fn step(self) -> Result<u8, String> {
        yield_once().await;
        match self {
            Exit::Ok => Ok(1),
            Exit::Early => Ok(0),
            Exit::Error => Err("failed".to_owned()),
            Exit::Panic => panic_quietly("out of cheese"),
            Exit::Wait => pending().await,
        }
    }

    /// As [`Exit::step`], for a body that cannot wait.
    pub fn step_now(self) -> Result<u8, String> {
        match self {
            Exit::Ok | Exit::Wait => Ok(1),
            Exit::Early => Ok(0),
            Exit::Error => Err("failed".to_owned()),
            Exit::Panic => panic_quietly("out of cheese"),
        }
    }
}

/// When the span of a future begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// With the call, as of a function that returns a future.
    AtTheCall,
    /// With the first poll, as of an `async fn`.
    AtTheFirstPoll,
}

/// Takes every way out of the future that `make` makes, and looks at the span called `name`.
#[track_caller]
pub fn every_exit<F>(name: &str, begins: Begins, make: impl Fn(Exit) -> F)
where
    F: Future<Output = Result<u8, String>>,
{
    let make = &make;
    ends(name, Outcome::Ok, || {
        assert_eq!(block_on(make(Exit::Ok)), Ok(1));
    });
    ends(name, Outcome::Ok, || {
        assert_eq!(block_on(make(Exit::Early)), Ok(0));
    });
    let failed = ends(name, Outcome::Error, || {
        assert_eq!(block_on(make(Exit::Error)), Err("failed".to_owned()));
    });
    assert_eq!(failed.status_message, "failed");
    let panicked = ends(name, Outcome::Panicked, || {
        assert!(panics(|| block_on(make(Exit::Panic))));
    });
    assert_eq!(panicked.status_message, "out of cheese");
    ends(name, Outcome::Cancelled, || {
        drop_while_it_waits(make(Exit::Wait));
    });
    ends(name, Outcome::Cancelled, || {
        let runtime = runtime();
        runtime.block_on(async {
            let waits = timeout(Duration::from_millis(2), make(Exit::Wait));
            assert!(waits.await.is_err());
        });
    });
    ends(name, Outcome::Cancelled, || {
        let runtime = runtime();
        runtime.block_on(async {
            tokio::select! {
                biased;
                _ = make(Exit::Wait) => {}
                () = yield_now() => {}
            }
        });
    });
    ends(name, Outcome::Cancelled, || {
        assert!(panics(|| {
            let mut waits = Box::pin(make(Exit::Wait));
            assert!(poll(waits.as_mut()).is_pending());
            panic_quietly("elsewhere");
        }));
    });
    match begins {
        Begins::AtTheCall => {
            ends(name, Outcome::NeverPolled, || drop(make(Exit::Ok)));
            let waited = ends(name, Outcome::Ok, || {
                let future = make(Exit::Ok);
                std::thread::sleep(A_WHILE);
                block_on(future)
            });
            assert!(waited.duration() >= A_WHILE, "{waited:?}");
        }
        Begins::AtTheFirstPoll => {
            let recorded = calls(|| drop(make(Exit::Ok)));
            assert_eq!(recorded.outline(), crate::CALLER);
        }
    }
}

/// A time that is longer than any call without it takes.
const A_WHILE: Duration = Duration::from_millis(20);

/// Aborts the task that runs what `make` makes, and looks at the span called `name`.
#[track_caller]
pub fn aborted<F>(name: &str, make: impl FnOnce(oneshot::Sender<()>) -> F)
where
    F: Future<Output: Send> + Send + 'static,
{
    let recorded = genai_trace_tests::recorded(|| {
        runtime().block_on(async {
            let (begun, has_begun) = oneshot::channel();
            let task = tokio::spawn(make(begun));
            has_begun.await.unwrap();
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        });
    });
    assert_eq!(recorded.spans.len(), 1, "{}", recorded.tree());
    assert_eq!(crate::outcome(recorded.span(name)), Outcome::Cancelled);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

/// Takes every way out of the stream that `make` makes, and looks at the span called `name`.
///
/// The stream is to give `Ok(1)`, `Ok(2)` and then what its [`Exit`] says: nothing more for
/// [`Exit::Ok`], an error and then `Ok(3)` for [`Exit::Error`].
#[track_caller]
pub fn every_exit_of_a_stream<S>(name: &str, make: impl Fn(Exit) -> S)
where
    S: Stream<Item = Result<u8, String>>,
{
    let make = &make;
    let ok = ends(name, Outcome::Ok, || {
        assert_eq!(all(make(Exit::Ok)), [Ok(1), Ok(2)]);
    });
    assert_eq!(chunks(&ok), Some(2), "{ok:?}");
    let failed = ends(name, Outcome::Error, || {
        let items = all(make(Exit::Error));
        assert_eq!(items, [Ok(1), Ok(2), Err("failed".to_owned()), Ok(3)]);
    });
    assert_eq!(failed.status_message, "failed");
    let dropped = ends(name, Outcome::Error, || {
        take(make(Exit::Error), 3);
    });
    assert_eq!(dropped.status_message, "failed");
    let panicked = ends(name, Outcome::Panicked, || {
        assert!(panics(|| all(make(Exit::Panic))));
    });
    assert_eq!(panicked.status_message, "out of cheese");
    let abandoned = ends(name, Outcome::Abandoned, || {
        take(make(Exit::Ok), 1);
    });
    assert_eq!(chunks(&abandoned), Some(1), "{abandoned:?}");
    ends(name, Outcome::Abandoned, || {
        runtime().block_on(async {
            let mut stream = pin!(make(Exit::Wait));
            while let Ok(Some(_)) = timeout(Duration::from_millis(2), next(stream.as_mut())).await {
            }
        });
    });
    let lasting = ends(name, Outcome::Abandoned, || {
        let mut stream = pin!(make(Exit::Ok));
        block_on(next(stream.as_mut()));
        std::thread::sleep(A_WHILE);
    });
    assert!(lasting.duration() >= A_WHILE, "{lasting:?}");
}

/// How many chunks the span of a stream counted.
fn chunks(span: &SpanRecord) -> Option<i64> {
    span.attributes.int("genai_trace.stream.chunks")
}

/// All items of a stream.
pub fn all<S: Stream>(stream: S) -> Vec<S::Item> {
    take(stream, usize::MAX)
}

/// The first items of a stream, which is dropped after the last of them.
pub fn take<S: Stream>(stream: S, count: usize) -> Vec<S::Item> {
    let mut stream = pin!(stream);
    let mut items = Vec::new();
    while items.len() < count {
        match block_on(next(stream.as_mut())) {
            Some(item) => items.push(item),
            None => break,
        }
    }
    items
}

/// The next item of a stream.
pub async fn next<S: Stream>(mut stream: Pin<&mut S>) -> Option<S::Item> {
    poll_fn(|cx| stream.as_mut().poll_next(cx)).await
}
