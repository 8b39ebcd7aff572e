//! Random trees of calls, nested and parallel, that return, fail, panic, are cancelled or abandoned:
//! the recorded forest equals the one that was called, and every span ends once.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;

use futures::future::join_all;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use genai_trace::{Outcome, SpanRecord, current, genai_agent, genai_chat, genai_span, genai_tool};
use genai_trace_tests::{block_on, recorded, yield_once};
use proptest::collection::vec;
use proptest::prelude::*;

/// A call to make.
#[derive(Clone, Debug)]
struct Call {
    id: i64,
    shape: Shape,
    exit: Exit,
    below: Below,
    calls: Vec<Call>,
}

/// What kind of function is called.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Function,
    AsyncFunction,
    HiddenFuture,
    BoxedFuture,
    HiddenStream,
    StreamInAResult,
}

/// How the call is to end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Exit {
    Return,
    Fail,
    Panic,
    /// Futures are dropped while they wait, streams before their end.
    Drop,
    /// Futures and streams are dropped before anyone polls them.
    Forget,
}

/// How the calls below are made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Below {
    InTurn,
    /// Futures polled in turns on one thread.
    Interleaved,
    /// On threads of their own.
    OnThreads,
}

#[derive(Debug)]
struct Failed;

struct Thrown;

#[genai_agent(fields("call" = call.id))]
fn function(call: &Call) -> Result<(), Failed> {
    make(call);
    exit(call)
}

#[genai_tool(fields("call" = call.id))]
async fn async_function(call: &Call, waits: &AtomicBool) -> Result<(), Failed> {
    body(call, waits).await
}

#[genai_span(fields("call" = call.id))]
fn hidden_future<'a>(
    call: &'a Call,
    waits: &'a AtomicBool,
) -> impl Future<Output = Result<(), Failed>> + use<'a> {
    body(call, waits)
}

#[genai_tool(fields("call" = call.id))]
fn boxed_future<'a>(
    call: &'a Call,
    waits: &'a AtomicBool,
) -> Pin<Box<dyn Future<Output = Result<(), Failed>> + 'a>> {
    Box::pin(body(call, waits))
}

#[genai_span(fields("call" = call.id))]
fn hidden_stream(call: &Call) -> impl Stream<Item = Result<(), Failed>> + use<'_> {
    items(call)
}

// Else a chat in a chat would be one with it.
#[genai_chat(apart, model = "m", fields("call" = call.id))]
async fn stream_in_a_result(call: &Call) -> Result<BoxStream<'_, Result<(), Failed>>, Failed> {
    yield_once().await;
    Ok(Box::pin(items(call)))
}

/// What an async call does: the calls below, then its way out.
async fn body(call: &Call, waits: &AtomicBool) -> Result<(), Failed> {
    yield_once().await;
    match call.below {
        Below::Interleaved => {
            join_all(call.calls.iter().map(make_one_later)).await;
        }
        _ => make(call),
    }
    yield_once().await;
    if call.exit == Exit::Drop {
        waits.store(true, Ordering::Relaxed);
        pending::<()>().await;
    }
    exit(call)
}

/// What a stream gives: an item for each call below, made when it is asked for.
fn items(call: &Call) -> impl Stream<Item = Result<(), Failed>> + Send + use<'_> {
    let made = stream::iter(&call.calls).then(|below| async move {
        yield_once().await;
        make_one(below);
        Ok(())
    });
    let last = stream::iter([call]).filter_map(|call| async move {
        match call.exit {
            Exit::Return => None,
            _ => Some(exit(call)),
        }
    });
    made.chain(last)
}

fn exit(call: &Call) -> Result<(), Failed> {
    match call.exit {
        Exit::Fail => Err(Failed),
        Exit::Panic => panic_any(Thrown),
        _ => Ok(()),
    }
}

/// Makes the calls below `call`.
fn make(call: &Call) {
    match call.below {
        Below::InTurn => call.calls.iter().for_each(make_one),
        Below::Interleaved => {
            block_on(join_all(call.calls.iter().map(make_one_later)));
        }
        Below::OnThreads => {
            let here = current();
            thread::scope(|scope| {
                for call in &call.calls {
                    let here = here.clone();
                    scope.spawn(move || here.run(|| make_one(call)));
                }
            });
        }
    }
}

async fn make_one_later(call: &Call) {
    match call.shape {
        // Another thread's turn would block this one.
        Shape::Function => make_one(call),
        Shape::HiddenStream | Shape::StreamInAResult => make_one(call),
        _ => {
            let waits = AtomicBool::new(false);
            let mut called: Pin<Box<dyn Future<Output = Result<(), Failed>> + '_>> =
                match call.shape {
                    Shape::AsyncFunction => Box::pin(async_function(call, &waits)),
                    Shape::HiddenFuture => Box::pin(hidden_future(call, &waits)),
                    _ => boxed_future(call, &waits),
                };
            if call.exit == Exit::Forget {
                return;
            }
            std::future::poll_fn(|cx| {
                let polled = catch_unwind(AssertUnwindSafe(|| called.as_mut().poll(cx)));
                match polled {
                    Ok(Poll::Pending) if !waits.load(Ordering::Relaxed) => Poll::Pending,
                    _ => Poll::Ready(()),
                }
            })
            .await;
        }
    }
}

/// Makes one call, and takes whatever comes of it.
fn make_one(call: &Call) {
    let outcome = catch_unwind(AssertUnwindSafe(|| match call.shape {
        Shape::Function => drop(function(call)),
        Shape::AsyncFunction | Shape::HiddenFuture | Shape::BoxedFuture => {
            block_on(make_one_later(call));
        }
        Shape::HiddenStream => consume(call, hidden_stream(call)),
        Shape::StreamInAResult => {
            let Ok(stream) = block_on(stream_in_a_result(call)) else {
                return;
            };
            consume(call, stream);
        }
    }));
    if let Err(thrown) = outcome {
        assert!(thrown.is::<Thrown>(), "a panic that no call threw");
    }
}

fn consume(call: &Call, stream: impl Stream<Item = Result<(), Failed>>) {
    match call.exit {
        Exit::Forget => {}
        // The way out is one item; a stream that is dropped has given half of the others.
        Exit::Drop => {
            let mut stream = pin!(stream.take(call.calls.len() / 2));
            let mut cx = Context::from_waker(Waker::noop());
            while !matches!(stream.as_mut().poll_next(&mut cx), Poll::Ready(None)) {}
        }
        _ => block_on(stream.for_each(|_| async {})),
    }
}

/// What is to be recorded of one call: its number, that of the call above, its outcome.
type Expected = (i64, Option<i64>, Outcome);

fn expect(call: &Call, above: Option<i64>, expected: &mut Vec<Expected>) {
    let streams = matches!(call.shape, Shape::HiddenStream | Shape::StreamInAResult);
    let made = match (call.exit, call.shape) {
        // Nothing of the body runs; an async function that nobody polls leaves nothing at all.
        (Exit::Forget, Shape::AsyncFunction) => return,
        (Exit::Forget, Shape::Function) => call.calls.len(),
        (Exit::Forget, _) => 0,
        (Exit::Drop, _) if streams => call.calls.len() / 2,
        _ => call.calls.len(),
    };
    let outcome = match call.exit {
        Exit::Return => Outcome::Ok,
        Exit::Fail => Outcome::Error,
        Exit::Panic => Outcome::Panicked,
        Exit::Drop | Exit::Forget if call.shape == Shape::Function => Outcome::Ok,
        // `take(0)` polls nobody.
        Exit::Drop if streams && made == 0 => Outcome::NeverPolled,
        Exit::Drop if streams => Outcome::Abandoned,
        Exit::Drop => Outcome::Cancelled,
        Exit::Forget => Outcome::NeverPolled,
    };
    expected.push((call.id, above, outcome));
    for below in call.calls.iter().take(made) {
        expect(below, Some(call.id), expected);
    }
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let shape = prop_oneof![
        Just(Shape::Function),
        Just(Shape::AsyncFunction),
        Just(Shape::HiddenFuture),
        Just(Shape::BoxedFuture),
        Just(Shape::HiddenStream),
        Just(Shape::StreamInAResult),
    ];
    let exit = prop_oneof![
        3 => Just(Exit::Return),
        1 => Just(Exit::Fail),
        1 => Just(Exit::Panic),
        1 => Just(Exit::Drop),
        1 => Just(Exit::Forget),
    ];
    let below = prop_oneof![
        Just(Below::InTurn),
        Just(Below::Interleaved),
        Just(Below::OnThreads),
    ];
    let one = (shape, exit, below).prop_map(|(shape, exit, below)| Call {
        id: 0,
        shape,
        exit,
        below,
        calls: Vec::new(),
    });
    let tree = one.prop_recursive(5, 60, 4, |below| {
        (below.clone(), vec(below, 0..4)).prop_map(|(call, calls)| Call { calls, ..call })
    });
    vec(tree, 1..8).prop_map(|mut calls| {
        let mut last = 0;
        number(&mut calls, &mut last);
        calls
    })
}

fn number(calls: &mut [Call], last: &mut i64) {
    for call in calls {
        *last += 1;
        call.id = *last;
        number(&mut call.calls, last);
    }
}

fn check(spans: &[SpanRecord], expected: &[Expected]) -> Result<(), TestCaseError> {
    let by_id: BTreeMap<_, _> = spans.iter().map(|span| (span.span_id, span)).collect();
    prop_assert_eq!(by_id.len(), spans.len(), "a span ended twice");
    let mut found = Vec::new();
    for span in spans {
        let above = span.parent_span_id.map(|id| by_id.get(&id).copied());
        let above = above.map(|above| above.expect("the parent has ended as well"));
        if let Some(above) = above {
            prop_assert_eq!(span.trace_id, above.trace_id);
            prop_assert!(span.start_unix_nano >= above.start_unix_nano);
            prop_assert!(span.end_unix_nano <= above.end_unix_nano);
        }
        let number = |span: &SpanRecord| span.attributes.int("call").expect("a number");
        found.push((number(span), above.map(number), span.outcome()));
    }
    let key = |(id, above, outcome): &Expected| (*id, *above, outcome.as_str());
    let mut expected = expected.to_vec();
    expected.sort_by_key(key);
    found.sort_by_key(key);
    prop_assert_eq!(found, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_recorded_forest_is_the_one_that_was_called(calls in calls()) {
        std::panic::set_hook(Box::new(|_| {}));
        let recorded = recorded(|| {
            let (calls, threads) = (&calls, 4);
            thread::scope(|scope| {
                for first in 0..threads {
                    scope.spawn(move || calls.iter().skip(first).step_by(threads).for_each(make_one));
                }
            });
        });
        let mut expected = Vec::new();
        calls.iter().for_each(|call| expect(call, None, &mut expected));
        check(&recorded.spans, &expected)?;
    }
}
