//! A future inside a span: the span is current while the future is polled, and ends with it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::close::finish;
use super::frame::Frame;
use super::open::Open;
use super::outcome::{End, Outcome};
use super::stack;

pin_project! {
    /// A future inside a span.
    ///
    /// It is ready with what the future returned and with the span, still open, for the caller to
    /// end by what was returned. A panic ends the span and goes on; dropping it ends the span as
    /// cancelled, after the future was dropped inside the span.
    #[derive(Debug)]
    pub struct Traced<F> {
        #[pin]
        future: Option<F>,
        frame: Option<Frame>,
        polled: bool,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(frame) = this.frame.take() else {
                return;
            };
            let outcome = if *this.polled { Outcome::Cancelled } else { Outcome::NeverPolled };
            let (_, frame) = within(frame, || this.future.set(None));
            if let Some(frame) = frame {
                finish(frame, End::of(outcome));
            }
        }
    }
}

impl<F> Traced<F> {
    /// Puts `future` inside the span `open`; without one it is polled as it is.
    pub fn new(open: Option<Open>, future: F) -> Self {
        Self {
            future: Some(future),
            frame: open.and_then(Open::detach),
            polled: false,
        }
    }
}

impl<F: Future> Future for Traced<F> {
    type Output = (F::Output, Option<Open>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Only the drop takes the future away.
        let Some(future) = this.future.as_pin_mut() else {
            return Poll::Pending;
        };
        *this.polled = true;
        let Some(frame) = this.frame.take() else {
            return future.poll(cx).map(|value| (value, None));
        };
        let (result, frame) = within(frame, || catch_unwind(AssertUnwindSafe(|| future.poll(cx))));
        match result {
            Ok(Poll::Pending) => {
                *this.frame = frame;
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => Poll::Ready((value, frame.map(Open::held))),
            Err(payload) => {
                if let Some(frame) = frame {
                    finish(frame, End::panicked(payload.as_ref()));
                }
                resume_unwind(payload)
            }
        }
    }
}

/// Runs `work` with the span on the thread's stack.
fn within<T>(frame: Frame, work: impl FnOnce() -> T) -> (T, Option<Frame>) {
    let id = frame.span_id;
    let mut frame = Some(frame);
    let depth = stack::with(|local| frame.take().map(|frame| local.push(frame))).flatten();
    let result = work();
    let frame = match depth {
        Some(depth) => stack::with(|local| local.take(depth, id)).flatten(),
        None => frame,
    };
    (result, frame)
}
