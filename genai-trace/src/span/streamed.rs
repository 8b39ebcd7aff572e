//! A stream inside a span: the span is current while the stream is polled, and lives until the
//! stream ends or is dropped.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::chunks::Chunks;
use super::finish::{Found, Known};
use super::held::Held;
use super::open::Open;
use super::outcome::{End, Outcome};
use super::returned::Returned;

pin_project! {
    /// A stream inside a span.
    ///
    /// At its end the span ends: with the first error among the items, else well. A panic ends it
    /// and goes on. Dropped before its end, the span is abandoned, unless an item was an error
    /// or its bytes have said that they were the last.
    #[derive(Debug)]
    pub struct Streamed<S, T, E> {
        #[pin]
        stream: S,
        // Reads an item.
        end: E,
        // The first item that was an error.
        failed: Option<End>,
        // Behind the stream, to be dropped after it.
        held: Held,
        item: PhantomData<T>,
    }

    impl<S, T, E> PinnedDrop for Streamed<S, T, E> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let chunks = this.held.frame().and_then(|frame| frame.chunks.as_ref());
            let outcome = match chunks.is_some_and(|chunks| chunks.are_done()) {
                true => Outcome::Ok,
                false => Outcome::Abandoned,
            };
            this.held.enter_to_drop(outcome, this.failed.take());
        }
    }
}

/// Puts `stream` inside the span `open`; `end` reads every item, and tells whether it is an error. It
/// lives as long as the stream does, whatever that gives.
pub fn stream<S: Stream, E>(open: Option<Open>, stream: S, end: E) -> Streamed<S, Found, E>
where
    E: FnMut(&S::Item, &mut Open) -> End,
{
    streamed(open, stream, end)
}

/// The same where the items, `T`, are known. That `stream` is a stream of them is asked only where
/// the signature asks: so that who returns something else is told once, and there.
pub fn stream_of<S, T, E>(open: Option<Open>, stream: S, end: E) -> Streamed<S, Known<T>, E>
where
    E: FnMut(&T, &mut Open) -> End,
{
    streamed(open, stream, end)
}

fn streamed<S, T, E>(open: Option<Open>, stream: S, end: E) -> Streamed<S, T, E> {
    let mut held = Held::new(open);
    if let Some(frame) = held.frame() {
        frame.chunks = Some(Box::new(Chunks::since(frame.start)));
    }
    Streamed {
        stream,
        end,
        failed: None,
        held,
        item: PhantomData,
    }
}

impl<S: Stream, E> Stream for Streamed<S, Found, E>
where
    E: FnMut(&S::Item, &mut Open) -> End,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        poll_next(self, cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S, T, E> Stream for Streamed<S, Known<T>, E>
where
    S: Stream<Item = T>,
    E: FnMut(&T, &mut Open) -> End,
{
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        poll_next(self, cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

#[inline]
fn poll_next<S: Stream, T, E>(
    streamed: Pin<&mut Streamed<S, T, E>>,
    cx: &mut Context<'_>,
) -> Poll<Option<S::Item>>
where
    E: FnMut(&S::Item, &mut Open) -> End,
{
    let this = streamed.project();
    let (item, open) = ready!(this.held.poll(|| this.stream.poll_next(cx)));
    let Some(mut open) = open else {
        return Poll::Ready(item);
    };
    match &item {
        Some(item) => {
            let now = open.now();
            let end = (this.end)(item, &mut open);
            if end.outcome.is_error() {
                this.failed.get_or_insert(end);
            }
            this.held.hold(open);
            if let Some(chunks) = this.held.frame().and_then(|frame| frame.chunks.as_mut()) {
                chunks.arrived(now);
            }
        }
        None => open.end(this.failed.take().unwrap_or_default()),
    }
    Poll::Ready(item)
}

/// The boxed streams that an alias may stand for.
macro_rules! boxed_streams {
    ($($($bound:ident)?),*) => {$(
        impl<'a, T: 'a> Returned<Pin<Box<dyn Stream<Item = T> $(+ $bound)? + 'a>>> {
            /// Takes the span along with the stream.
            pub fn __leave<E>(
                self,
                open: Option<Open>,
                end: E,
            ) -> Pin<Box<dyn Stream<Item = T> $(+ $bound)? + 'a>>
            where
                E: FnMut(&T, &mut Open) -> End $(+ $bound)? + 'a,
            {
                match open {
                    None => self.0,
                    open => Box::pin(stream(open, self.0, end)),
                }
            }
        }
    )*};
}

boxed_streams!(, Send);

/// A stream that a span can go along with, though its type is not written out in a signature.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stream that a span can go along with",
    label = "`stream` is for functions that return one",
    note = "return `impl Stream<..>` or `Pin<Box<dyn Stream<..> + Send>>`, or a `Result` of one"
)]
pub trait BoxedStream {}

impl<T> BoxedStream for Pin<Box<dyn Stream<Item = T> + '_>> {}
impl<T> BoxedStream for Pin<Box<dyn Stream<Item = T> + Send + '_>> {}

/// The stream that is returned where an attribute says `stream`.
pub fn expect_stream<S: BoxedStream>(stream: S) -> S {
    stream
}
