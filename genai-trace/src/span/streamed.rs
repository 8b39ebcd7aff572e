//! A stream inside a span: the span is current while the stream is polled, and lives until the
//! stream ends or is dropped.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::chunks::Chunks;
use super::frame::Frame;
use super::open::Open;
use super::outcome::{End, Outcome};
use super::returned::Returned;
use super::traced::{drop_inside, enter, leave};

pin_project! {
    /// A stream inside a span.
    ///
    /// At its end the span ends: with the first error among the items, else well. A panic ends it
    /// and goes on. Dropped before its end, the span is abandoned, unless an item was an error.
    #[derive(Debug)]
    pub struct Streamed<S, E> {
        #[pin]
        stream: Option<S>,
        // Reads an item.
        end: E,
        frame: Option<Box<Frame>>,
        // The first item that was an error.
        failed: Option<End>,
        polled: bool,
    }

    impl<S, E> PinnedDrop for Streamed<S, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(frame) = this.frame.take() {
                let outcome = if *this.polled { Outcome::Abandoned } else { Outcome::NeverPolled };
                let end = this.failed.take().unwrap_or_else(|| End::of(outcome));
                drop_inside(frame, end, || this.stream.set(None));
            }
        }
    }
}

/// Puts `stream` inside the span `open`; `end` reads every item, and tells whether it is an error.
pub fn stream<S: Stream, E>(open: Option<Open>, stream: S, end: E) -> Streamed<S, E>
where
    E: FnMut(&S::Item, &mut Open) -> End,
{
    let mut frame = open.and_then(Open::detach);
    if let Some(frame) = &mut frame {
        frame.chunks = Some(Box::new(Chunks::since(frame.start)));
    }
    Streamed {
        stream: Some(stream),
        end,
        frame,
        failed: None,
        polled: false,
    }
}

impl<S: Stream, E: FnMut(&S::Item, &mut Open) -> End> Stream for Streamed<S, E> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        // Only the drop takes the stream away.
        let Some(stream) = this.stream.as_pin_mut() else {
            return Poll::Ready(None);
        };
        *this.polled = true;
        let Some(mut open) = this.frame.take().and_then(enter) else {
            return stream.poll_next(cx);
        };
        let polled = catch_unwind(AssertUnwindSafe(|| stream.poll_next(cx)));
        match &polled {
            Ok(Poll::Ready(None)) => {
                open.end(this.failed.take().unwrap_or_default());
            }
            Err(payload) => open.end(End::panicked(payload.as_ref())),
            Ok(Poll::Pending) => *this.frame = leave(open),
            Ok(Poll::Ready(Some(item))) => {
                let now = open.now();
                let end = (this.end)(item, &mut open);
                if end.outcome.is_error() {
                    this.failed.get_or_insert(end);
                }
                *this.frame = leave(open);
                if let Some(chunks) = this.frame.as_mut().and_then(|frame| frame.chunks.as_mut()) {
                    chunks.arrived(now);
                }
            }
        }
        polled.unwrap_or_else(|payload| resume_unwind(payload))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), S::size_hint)
    }
}

/// The boxed streams that an alias may stand for.
macro_rules! boxed_streams {
    ($($($bound:ident)?),*) => {$(
        impl<'a, T: 'a> Returned<Pin<Box<dyn Stream<Item = T> $(+ $bound)? + 'a>>> {
            /// Takes the span along with the stream.
            pub fn leave<E>(
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
