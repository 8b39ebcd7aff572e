//! A future inside a span: the span is current while the future is polled, and ends with it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::close::lost;
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
        frame: Option<Box<Frame>>,
        polled: bool,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(frame) = this.frame.take() {
                let outcome = if *this.polled { Outcome::Cancelled } else { Outcome::NeverPolled };
                drop_inside(frame, End::of(outcome), || this.future.set(None));
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
        let Some(open) = enter(frame) else {
            return future.poll(cx).map(|value| (value, None));
        };
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => {
                *this.frame = leave(open);
                Poll::Pending
            }
            // It stays on the stack, for whoever has polled to end it.
            Ok(Poll::Ready(value)) => Poll::Ready((value, Some(open))),
            Err(payload) => {
                open.end(End::panicked(payload.as_ref()));
                resume_unwind(payload)
            }
        }
    }
}

/// Puts a span on the thread's stack; a thread that ends has none.
pub(super) fn enter(frame: Box<Frame>) -> Option<Open> {
    let id = frame.span_id;
    let depth = stack::with(|local| local.frames.push(frame));
    if depth.is_none() {
        lost();
    }
    depth.map(|depth| Open::at(depth, id))
}

/// Takes a span off the thread's stack.
pub(super) fn leave(open: Open) -> Option<Box<Frame>> {
    open.detach()
}

/// Drops what a span was about inside the span, so that whatever is recorded meanwhile lands there,
/// and ends the span.
pub(super) fn drop_inside(frame: Box<Frame>, end: End, drop: impl FnOnce()) {
    let open = enter(frame);
    let dropped = catch_unwind(AssertUnwindSafe(drop));
    let end = match &dropped {
        Ok(()) => end,
        Err(payload) => End::panicked(payload.as_ref()),
    };
    if let Some(open) = open {
        open.end(end);
    }
    if let Err(payload) = dropped {
        resume_unwind(payload);
    }
}
