//! What the tests of function shapes have in common: a call, and the one span that it leaves.

mod exits;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use genai_trace::{Outcome, SpanRecord, Status, span};
use genai_trace_tests::{Recorded, recorded};

pub use exits::{Begins, Exit, aborted, all, every_exit, every_exit_of_a_stream, next, take};

/// The one span that `call` leaves, which has to be called `name`.
///
/// `call` runs inside a span of its own. What it leaves is a child of that one and lies inside its
/// times, and each of both ended exactly once.
#[track_caller]
pub fn one_span<T>(name: &str, call: impl FnOnce() -> T) -> SpanRecord {
    let recorded = calls(|| drop(call()));
    let span = recorded.span(name);
    let caller = recorded.span(CALLER);
    assert_eq!(recorded.spans.len(), 2, "{}", recorded.tree());
    assert_eq!(span.parent_span_id, Some(caller.span_id), "the parent");
    span.clone()
}

/// What `calls` leaves, below a span called `caller`.
///
/// Every span lies inside the times of its parent, and ended exactly once.
#[track_caller]
pub fn calls(calls: impl FnOnce()) -> Recorded {
    let recorded = recorded(|| span(CALLER).run(calls));
    for span in &recorded.spans {
        assert!(span.start_unix_nano <= span.end_unix_nano, "{span:?}");
        let parent = recorded
            .spans
            .iter()
            .find(|other| Some(other.span_id) == span.parent_span_id);
        if let Some(parent) = parent {
            assert_eq!(span.trace_id, parent.trace_id, "{}", recorded.tree());
            assert!(parent.start_unix_nano <= span.start_unix_nano, "{span:?}");
            assert!(span.end_unix_nano <= parent.end_unix_nano, "{span:?}");
        }
    }
    assert_eq!(ended(&recorded), recorded.spans.len(), "spans that ended");
    recorded
}

/// The span around the calls of a test.
pub const CALLER: &str = "caller";

/// How many spans ended, as the metrics counted it.
fn ended(recorded: &Recorded) -> usize {
    let lines = recorded.metrics.lines();
    let counts = lines.filter_map(|line| {
        let (series, count) = line.rsplit_once(' ')?;
        let of_outcomes = series.starts_with("genai_trace_spans_total{");
        of_outcomes.then(|| count.parse::<usize>().ok())?
    });
    counts.sum()
}

/// How a span ended.
pub fn outcome(span: &SpanRecord) -> Outcome {
    let outcome = match span.attributes.str("genai_trace.outcome") {
        None if span.status == Status::Error => Outcome::Error,
        None => Outcome::Ok,
        Some("panicked") => Outcome::Panicked,
        Some("cancelled") => Outcome::Cancelled,
        Some("abandoned") => Outcome::Abandoned,
        Some("never_polled") => Outcome::NeverPolled,
        Some(other) => panic!("an unknown outcome {other:?}"),
    };
    assert_eq!(outcome.is_error(), span.status == Status::Error, "{span:?}");
    assert_eq!(
        outcome.is_error(),
        span.attributes.get("error.type").is_some(),
        "{span:?}"
    );
    outcome
}

/// The one span that `call` leaves, which has to be called `name` and to end as `expected`.
#[track_caller]
pub fn ends<T>(name: &str, expected: Outcome, call: impl FnOnce() -> T) -> SpanRecord {
    let span = one_span(name, call);
    assert_eq!(outcome(&span), expected, "{span:?}");
    span
}

/// Panics without the noise of the panic hook.
pub fn panic_quietly(payload: &'static str) -> ! {
    std::panic::resume_unwind(Box::new(payload))
}

/// Whether `call` panics; the panic goes no further.
pub fn panics<T>(call: impl FnOnce() -> T) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).is_err()
}

/// Polls a future once.
pub fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a future once, after which it still waits, and drops it.
pub fn drop_while_it_waits<F: Future>(future: F) {
    let mut future = Box::pin(future);
    assert!(poll(future.as_mut()).is_pending());
}
