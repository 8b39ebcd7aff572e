//! A future inside a span: the span is current while the future is polled, and ends with it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::held::Held;
use super::open::Open;
use super::outcome::Outcome;

pin_project! {
    /// A future inside a span.
    ///
    /// It is ready with what the future returned and with the span, still open, for the caller to
    /// end by what was returned. A panic ends the span and goes on; dropping it ends the span as
    /// cancelled, after the future was dropped inside the span.
    #[derive(Debug)]
    pub struct Traced<F> {
        #[pin]
        future: F,
        // Behind the future, to be dropped after it.
        held: Held,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().held.enter_to_drop(Outcome::Cancelled, None);
        }
    }
}

impl<F> Traced<F> {
    /// Puts `future` inside the span `open`; without one it is polled as it is.
    #[inline]
    pub fn new(open: Option<Open>, future: F) -> Self {
        Self {
            future,
            held: Held::new(open),
        }
    }

    /// The same for a `future` that this thread polls at once.
    #[inline]
    pub fn at_once(open: Option<Open>, future: F) -> Self {
        Self {
            future,
            held: Held::for_now(open),
        }
    }
}

impl<F: Future> Future for Traced<F> {
    type Output = (F::Output, Option<Open>);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.held.poll(|| this.future.poll(cx))
    }
}
