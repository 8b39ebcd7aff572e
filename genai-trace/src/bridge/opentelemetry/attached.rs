//! Code that finds the current span of ours in the context of OpenTelemetry.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use ::opentelemetry::{Context, ContextGuard};
#[cfg(feature = "stream")]
use futures_core::Stream;
use pin_project_lite::pin_project;

use super::context::derived;

/// The context of OpenTelemetry on a thread is in a span of ours, until this is dropped.
#[must_use = "the context is left when it is dropped, which is at once unless it is kept"]
pub struct Attached {
    _guard: Option<ContextGuard>,
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}

/// Puts the context of OpenTelemetry on this thread into the span of ours that the thread is in, until what is returned
/// is dropped: before the span's end, and never across an `.await`, for which
/// [`with_our_context`](WithOurContext::with_our_context) is. Outside any span it does nothing.
///
/// ```
/// use genai_trace::bridge::opentelemetry::attach;
/// use genai_trace::{MemoryExporter, Telemetry, genai_tool};
/// use opentelemetry::{Context, trace::TraceContextExt};
///
/// #[genai_tool("fetch")]
/// fn fetch() -> bool {
///     let _attached = attach();
///     // the headers of an instrumented client are made of this
///     Context::current().has_active_span()
/// }
///
/// let telemetry = Telemetry::builder().memory(&MemoryExporter::new()).install()?;
/// assert!(fetch());
/// # Ok::<(), genai_trace::InitError>(())
/// ```
pub fn attach() -> Attached {
    Attached {
        _guard: derived().map(Context::attach),
    }
}

/// Puts a future or a stream into the context of OpenTelemetry that is in our current span.
///
/// ```
/// use genai_trace::bridge::opentelemetry::WithOurContext;
/// use genai_trace::genai_chat;
///
/// # async fn send(_: &str) -> String { String::new() }
/// #[genai_chat(provider = "openai", model = "gpt-4o")]
/// async fn chat(question: &str) -> String {
///     // a client that is instrumented for OpenTelemetry
///     send(question).with_our_context().await
/// }
/// # drop(chat("why?"));
/// ```
pub trait WithOurContext: Sized {
    /// Whenever it is polled the context of OpenTelemetry is in the span of ours that it is polled in, on whatever
    /// thread that is. Within the body of an annotated function that is the function's span; put around its call it is
    /// the caller's.
    fn with_our_context(self) -> InOurContext<Self> {
        InOurContext { inner: self }
    }
}

impl<T> WithOurContext for T {}

pin_project! {
    /// A future or a stream in the context of OpenTelemetry that is in the span of ours that it is polled in.
    ///
    /// Made by [`WithOurContext::with_our_context`].
    #[derive(Clone, Debug)]
    #[must_use = "futures and streams do nothing unless polled"]
    pub struct InOurContext<T> {
        #[pin]
        inner: T,
    }
}

impl<F: Future> Future for InOurContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let _attached = attach();
        self.project().inner.poll(cx)
    }
}

#[cfg(feature = "stream")]
impl<S: Stream> Stream for InOurContext<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<S::Item>> {
        let _attached = attach();
        self.project().inner.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
