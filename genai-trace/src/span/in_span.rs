//! What carries a span to where its work is done: a future, a stream, a closure.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

#[cfg(feature = "stream")]
use futures_core::Stream;
use pin_project_lite::pin_project;

use super::current::{SpanRef, current};

pin_project! {
    /// A future or a stream that is in a span whenever it is polled, and while it is dropped. It
    /// does not end the span.
    ///
    /// Made by [`InCurrentSpan::in_current_span`] and [`SpanRef::wrap`].
    #[derive(Debug)]
    #[must_use = "futures and streams do nothing unless polled"]
    pub struct InSpan<T> {
        // None only while it is dropped.
        #[pin]
        inner: Option<T>,
        span: SpanRef,
    }

    impl<T> PinnedDrop for InSpan<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Inside the span, so that what it holds is dropped there.
            this.span.run(|| this.inner.set(None));
        }
    }
}

impl<T> InSpan<T> {
    pub(super) fn new(span: SpanRef, inner: T) -> Self {
        Self {
            inner: Some(inner),
            span,
        }
    }
}

impl<F: Future> Future for InSpan<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        // Only the drop takes it away.
        let Some(future) = this.inner.as_pin_mut() else {
            return Poll::Pending;
        };
        this.span.run(|| future.poll(cx))
    }
}

#[cfg(feature = "stream")]
impl<S: Stream> Stream for InSpan<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        // Only the drop takes it away.
        let Some(stream) = this.inner.as_pin_mut() else {
            return Poll::Ready(None);
        };
        this.span.run(|| stream.poll_next(cx))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

/// Puts a future, what becomes one at `.await`, or a stream (feature `stream`) inside the current span.
///
/// The span is the one that the thread is in *where `in_current_span` is called*, not where the
/// future is polled first: call it before the future goes to another task.
///
/// ```
/// use genai_trace::{InCurrentSpan, genai_tool, span};
///
/// #[genai_tool("search")]
/// async fn search(word: &str) -> usize {
///     word.len()
/// }
///
/// span("agent.turn").run(|| {
///     // The tool is a child of the turn, wherever the runtime polls it:
///     // tokio::spawn(search("todo").in_current_span()), set.spawn(..), handle.spawn(..)
///     let task = async { search("todo").await }.in_current_span();
/// #   drop(task);
/// });
/// ```
///
/// What `Kind` it is finds the compiler. A type that is both a future and a stream says it by
/// `current().wrap(..)` or `current().wrap_stream(..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be put inside a span",
    label = "expected a future, or a stream with the feature `stream`",
    note = "`genai_trace::carry(..)` puts a closure inside the current span"
)]
pub trait InCurrentSpan<Kind>: Sized {
    /// What is inside the span: the type itself, or the future that it becomes.
    type Inner;

    /// Puts it inside the span that the thread is in now; where there is none, outside any span.
    fn in_current_span(self) -> InSpan<Self::Inner>;
}

/// Whatever can be awaited.
#[derive(Debug)]
pub enum OfFuture {}

impl<F: IntoFuture> InCurrentSpan<OfFuture> for F {
    type Inner = F::IntoFuture;

    fn in_current_span(self) -> InSpan<F::IntoFuture> {
        InSpan::new(current(), self.into_future())
    }
}

/// Streams.
#[cfg(feature = "stream")]
#[derive(Debug)]
pub enum OfStream {}

#[cfg(feature = "stream")]
impl<S: Stream> InCurrentSpan<OfStream> for S {
    type Inner = S;

    fn in_current_span(self) -> InSpan<S> {
        InSpan::new(current(), self)
    }
}

/// The closure, run in the span that is current where `carry` is called: for whatever takes a
/// closure and runs it elsewhere.
///
/// ```
/// use std::thread;
///
/// use genai_trace::{carry, span};
///
/// span("agent.turn").run(|| -> std::io::Result<()> {
///     let named = thread::Builder::new().name("search".to_owned());
///     let searching = named.spawn(carry(|| span("search").run(|| 3)))?;
///     assert_eq!(searching.join().ok(), Some(3));
///     Ok(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A closure that is called more than once takes a handle along: `let here = current();` and
/// `move |item| here.run(|| work(item))`.
pub fn carry<T, F: FnOnce() -> T>(work: F) -> impl FnOnce() -> T {
    let span = current();
    move || span.run(work)
}
