//! The future that a function returned: inside the span that the call began, which ends with it.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::open::Open;
use super::traced::Traced;

/// What a future or stream gives is to be found from its type.
#[derive(Debug)]
pub struct Found;

/// What a future or stream gives is said to be `T`.
#[derive(Debug)]
pub struct Known<T>(PhantomData<fn() -> T>);

pin_project! {
    /// A future inside a span, and what is to be done with its output and the span in the end; `T` is
    /// [`Known`] or [`Found`].
    #[derive(Debug)]
    pub struct Finish<F, T, E> {
        #[pin]
        traced: Traced<F>,
        end: Option<E>,
        output: PhantomData<T>,
    }
}

/// Puts the future `value` inside the span `open`; `end` turns what it is ready with into what the
/// caller gets. It lives as long as the future does, whatever that gives.
pub fn future<F: Future, E, R>(open: Option<Open>, value: F, end: E) -> Finish<F, Found, E>
where
    E: FnOnce(F::Output, Option<Open>) -> R,
{
    finish(open, value, end)
}

/// The same where `T` is known. That `value` is a future of it is asked only where the signature
/// asks: so that who returns something else is told once, and there.
pub fn future_of<F, T, E, R>(open: Option<Open>, value: F, end: E) -> Finish<F, Known<T>, E>
where
    E: FnOnce(T, Option<Open>) -> R,
{
    finish(open, value, end)
}

fn finish<F, T, E>(open: Option<Open>, value: F, end: E) -> Finish<F, T, E> {
    Finish {
        traced: Traced::new(open, value),
        end: Some(end),
        output: PhantomData,
    }
}

impl<F, E, R> Future for Finish<F, Found, E>
where
    F: Future,
    E: FnOnce(F::Output, Option<Open>) -> R,
{
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        poll(self, cx)
    }
}

impl<F, T, E, R> Future for Finish<F, Known<T>, E>
where
    F: Future<Output = T>,
    E: FnOnce(T, Option<Open>) -> R,
{
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        poll(self, cx)
    }
}

#[inline]
fn poll<F, T, E, R>(finish: Pin<&mut Finish<F, T, E>>, cx: &mut Context<'_>) -> Poll<R>
where
    F: Future,
    E: FnOnce(F::Output, Option<Open>) -> R,
{
    let this = finish.project();
    let (value, open) = ready!(this.traced.poll(cx));
    match this.end.take() {
        Some(end) => Poll::Ready(end(value, open)),
        // Polled again after it was ready, which nobody may do.
        None => Poll::Pending,
    }
}
