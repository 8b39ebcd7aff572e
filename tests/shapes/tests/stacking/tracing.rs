//! `#[tracing::instrument]`: each of both attributes makes its own one span.

use std::cell::Cell;
use std::future::Future;
use std::sync::Once;

use ::tracing::span::{Attributes, Id, Record};
use ::tracing::subscriber::set_global_default;
use ::tracing::{Event, Metadata, Subscriber, instrument};
use futures_core::future::BoxFuture;
use genai_trace::{Outcome, genai_span, genai_tool};
use genai_trace_shapes::{Begins, Exit, ends, every_exit};
use genai_trace_tests::block_on;

type Answer = Result<u8, String>;

async fn walk(exit: Exit) -> Answer {
    let n = exit.step().await?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

#[genai_tool]
#[instrument(ret, err)]
fn sync_above(exit: Exit) -> Answer {
    let n = exit.step_now()?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

#[instrument(ret, err)]
#[genai_tool]
fn sync_below(exit: Exit) -> Answer {
    let n = exit.step_now()?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

#[genai_tool]
#[instrument(ret, err)]
async fn above(exit: Exit) -> Answer {
    let n = exit.step().await?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

#[instrument(ret, err)]
#[genai_tool]
async fn below(exit: Exit) -> Answer {
    let n = exit.step().await?;
    if n == 0 {
        return Ok(0);
    }
    Ok(n)
}

#[genai_span]
#[instrument]
fn opaque_above(exit: Exit) -> impl Future<Output = Answer> {
    async move { walk(exit).await }
}

#[instrument]
#[genai_span]
fn opaque_below(exit: Exit) -> impl Future<Output = Answer> {
    async move { walk(exit).await }
}

#[genai_span]
#[instrument]
fn boxed_above(exit: Exit) -> BoxFuture<'static, Answer> {
    Box::pin(async move { walk(exit).await })
}

#[instrument]
#[genai_span]
fn boxed_below(exit: Exit) -> BoxFuture<'static, Answer> {
    Box::pin(async move { walk(exit).await })
}

#[test]
fn above_and_below_it_on_a_function() {
    listen();
    for (name, call) in [
        ("execute_tool sync_above", sync_above as fn(Exit) -> Answer),
        ("execute_tool sync_below", sync_below),
    ] {
        ends(name, Outcome::Ok, || assert_eq!(call(Exit::Ok), Ok(1)));
        ends(name, Outcome::Ok, || assert_eq!(call(Exit::Early), Ok(0)));
        ends(name, Outcome::Error, || call(Exit::Error).unwrap_err());
        ends(name, Outcome::Panicked, || {
            assert!(genai_trace_shapes::panics(|| call(Exit::Panic)));
        });
    }
}

#[test]
fn above_and_below_it_on_an_async_function() {
    listen();
    every_exit("execute_tool above", Begins::AtTheFirstPoll, above);
    every_exit("execute_tool below", Begins::AtTheFirstPoll, below);
}

#[test]
fn above_and_below_it_on_a_function_that_returns_a_future() {
    listen();
    every_exit("opaque_above", Begins::AtTheCall, opaque_above);
    every_exit("boxed_above", Begins::AtTheCall, boxed_above);
    every_exit("opaque_below", Begins::AtTheCall, opaque_below);
    every_exit("boxed_below", Begins::AtTheCall, boxed_below);
}

/// Counts the spans that `tracing` begins on a thread.
struct Counts;

thread_local! {
    static BEGUN: Cell<u64> = const { Cell::new(0) };
}

/// Has `tracing` make spans. It comes before the first call of a function that it looks at: whether
/// anybody listens is found out once.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_global_default(Counts).unwrap());
}

impl Subscriber for Counts {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        BEGUN.set(BEGUN.get() + 1);
        Id::from_u64(BEGUN.get())
    }
    fn record(&self, _span: &Id, _values: &Record<'_>) {}
    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn event(&self, _event: &Event<'_>) {}
    fn enter(&self, _span: &Id) {}
    fn exit(&self, _span: &Id) {}
}

#[test]
fn its_spans_are_still_made() {
    listen();
    let calls: [(&str, fn()); 8] = [
        ("sync_above", || drop(sync_above(Exit::Ok))),
        ("sync_below", || drop(sync_below(Exit::Ok))),
        ("above", || drop(block_on(above(Exit::Ok)))),
        ("below", || drop(block_on(below(Exit::Ok)))),
        ("opaque_above", || drop(block_on(opaque_above(Exit::Ok)))),
        ("opaque_below", || drop(block_on(opaque_below(Exit::Ok)))),
        ("boxed_above", || drop(block_on(boxed_above(Exit::Ok)))),
        ("boxed_below", || drop(block_on(boxed_below(Exit::Ok)))),
    ];
    for (name, call) in calls {
        let before = BEGUN.get();
        let recorded = genai_trace_shapes::calls(call);
        assert_eq!(recorded.spans.len(), 2, "{}", recorded.tree());
        assert_eq!(BEGUN.get() - before, 1, "{name}");
    }
}
