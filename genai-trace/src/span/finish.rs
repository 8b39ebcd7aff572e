//! The future that a function returned: inside the span that the call began, which ends with it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::open::Open;
use super::traced::Traced;

pin_project! {
    /// A future inside a span, and what is to be done with its output and the span in the end.
    #[derive(Debug)]
    pub struct Finish<F, E> {
        #[pin]
        traced: Traced<F>,
        end: Option<E>,
    }
}

/// Puts the future `value` inside the span `open`; `end` turns what it is ready with into what the
/// caller gets.
pub fn future<F: IntoFuture, E, R>(open: Option<Open>, value: F, end: E) -> Finish<F::IntoFuture, E>
where
    E: FnOnce(F::Output, Option<Open>) -> R,
{
    Finish {
        traced: Traced::new(open, value.into_future()),
        end: Some(end),
    }
}

impl<F, E, R> Future for Finish<F, E>
where
    F: Future,
    E: FnOnce(F::Output, Option<Open>) -> R,
{
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = self.project();
        let (value, open) = ready!(this.traced.poll(cx));
        match this.end.take() {
            Some(end) => Poll::Ready(end(value, open)),
            // Polled again after it was ready, which nobody may do.
            None => Poll::Pending,
        }
    }
}
