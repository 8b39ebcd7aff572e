//! How a piece of code is captured: a closure, or a future over all its polls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::captured::Captured;
use crate::span::capture::{self, Clock, Place};

/// How far each reading moves the clock unless said.
const STEP: Duration = Duration::from_millis(1);

/// Runs `work`, and gives what it returned together with its spans.
///
/// The same as [`Capture::new().run(work)`](Capture::run). What is captured says the
/// [module](super)'s page.
///
/// ```
/// use genai_trace::{span, testing::capture};
///
/// let (sum, captured) = capture(|| span("add").run(|| 1 + 1));
/// assert_eq!(sum, 2);
/// assert_eq!(captured.outline(), "add\n");
/// ```
pub fn capture<T>(work: impl FnOnce() -> T) -> (T, Captured) {
    Capture::new().run(work)
}

/// Captures a future: it is ready with what `future` returned, together with its spans.
///
/// It follows the future over all polls and threads, on any runtime. The same as
/// [`Capture::new().wrap(future)`](Capture::wrap).
///
/// ```
/// use genai_trace::{genai_tool, testing::capture_async};
///
/// #[genai_tool("lookup")]
/// async fn lookup(word: &str) -> usize {
///     word.len()
/// }
///
/// // #[tokio::test], or a test of any other runtime
/// async fn a_word_is_looked_up() {
///     let (found, captured) = capture_async(lookup("span")).await;
///     assert_eq!(found, 4);
///     captured.assert_tree("execute_tool lookup");
/// }
/// # let mut test = std::pin::pin!(a_word_is_looked_up());
/// # let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(test.as_mut().poll(&mut cx).is_ready());
/// ```
pub fn capture_async<F: Future>(future: F) -> impl Future<Output = (F::Output, Captured)> + use<F> {
    Capture::new().wrap(future)
}

/// Moves the clock of the capture that the thread is in forward: a call that takes its time, without
/// waiting for it.
///
/// # Panics
/// Outside a capture, and in one with the [real clock](Capture::real_clock).
///
/// ```
/// use std::time::Duration;
///
/// use genai_trace::{span, testing::{advance, capture}};
///
/// let ((), captured) = capture(|| span("slow").run(|| advance(Duration::from_secs(2))));
/// assert_eq!(captured.spans()[0].duration(), Duration::from_millis(2_001));
/// ```
#[track_caller]
// A test that panics is a test that fails.
#[allow(clippy::panic)]
pub fn advance(by: Duration) {
    let Some(capture) = capture::current() else {
        panic!("`advance` moves the clock of a capture, and there is none here");
    };
    assert!(
        capture.advance(by),
        "the clock of this capture is the real one, which cannot be moved"
    );
}

/// How a piece of code is captured, where that differs from [`capture`]: with another clock.
///
/// ```
/// use std::time::Duration;
///
/// use genai_trace::{span, testing::{Capture, called}};
///
/// let ((), captured) = Capture::new().real_clock().run(|| {
///     span("nap").run(|| std::thread::sleep(Duration::from_millis(2)));
/// });
/// captured.assert_tree(called("nap").satisfies("to take 2 ms", |nap| {
///     nap.duration() >= Duration::from_millis(2)
/// }));
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is captured before `run` or `wrap`"]
pub struct Capture {
    clock: Clock,
}

impl Capture {
    /// As [`capture`] does it: each reading moves the clock by a millisecond.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes times from the clock of the machine, for tests of durations.
    pub fn real_clock(mut self) -> Self {
        self.clock = Clock::Real;
        self
    }

    /// Moves the clock by `step` with each reading; a millisecond unless said. With
    /// [`Duration::ZERO`] it moves only by [`advance`].
    pub fn clock_step(mut self, step: Duration) -> Self {
        self.clock = Clock::Steps(nanos(step));
        self
    }

    /// Runs `work`, and gives what it returned together with its spans.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> (T, Captured) {
        let capture = capture::Capture::new(self.clock);
        let value = {
            let mut place = Place::new(&capture);
            let _inside = place.enter();
            work()
        };
        (value, Captured::new(capture.close()))
    }

    /// Captures a future: it is ready with what `future` returned, together with its spans.
    pub fn wrap<F: Future>(
        self,
        future: F,
    ) -> impl Future<Output = (F::Output, Captured)> + use<F> {
        let capture = capture::Capture::new(self.clock);
        CapturedFuture {
            future: Some(future),
            place: Place::new(&capture),
            capture,
        }
    }
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            clock: Clock::Steps(nanos(STEP)),
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

pin_project! {
    /// A future inside a capture: polled there, and dropped there.
    struct CapturedFuture<F> {
        #[pin]
        future: Option<F>,
        place: Place,
        capture: Arc<capture::Capture>,
    }

    impl<F> PinnedDrop for CapturedFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _inside = this.place.enter();
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for CapturedFuture<F> {
    type Output = (F::Output, Captured);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let value = {
            let _inside = this.place.enter();
            // Only its end and the drop take the future away.
            let Some(future) = this.future.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let value = std::task::ready!(future.poll(cx));
            // Inside as well, so that what it still holds ends before the spans are taken.
            this.future.set(None);
            value
        };
        Poll::Ready((value, Captured::new(this.capture.close())))
    }
}
