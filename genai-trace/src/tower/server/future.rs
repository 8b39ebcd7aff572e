//! A request while it is answered.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::CONTENT_LENGTH;
use http::{Method, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::ServerBody;
use crate::span::detached::OpenSpan;
use crate::span::names::ERROR_TYPE;
use crate::tower::names;

pin_project! {
    /// The answer of a [`ServerService`](super::ServerService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ServerFuture<F> {
        // None only when it is done.
        #[pin]
        future: Option<F>,
        // Gone to the body, or ended, when the answer is there.
        span: Option<OpenSpan>,
        has_no_body: bool,
        is_connect: bool,
    }

    impl<F> PinnedDrop for ServerFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(mut span) = this.span.take() {
                // Inside the span, so that what it holds is dropped there.
                span.run(|| this.future.set(None));
                span.cancel();
            }
        }
    }
}

impl<F> ServerFuture<F> {
    pub(super) fn new(future: F, span: OpenSpan, method: &Method) -> Self {
        Self {
            future: Some(future),
            span: Some(span),
            has_no_body: method == Method::HEAD,
            is_connect: method == Method::CONNECT,
        }
    }
}

impl<F, B, E> Future for ServerFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ServerBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Only when it is done are they gone.
        let (Some(future), Some(open)) = (this.future.as_mut().as_pin_mut(), this.span.as_mut())
        else {
            return Poll::Pending;
        };
        let result = ready!(open.run(|| future.poll(cx)));
        let Some(mut span) = this.span.take() else {
            return Poll::Pending;
        };
        span.run(|| this.future.set(None));
        Poll::Ready(match result {
            Ok(response) => {
                let status = response.status();
                span.set(names::STATUS, &status.as_u16());
                if status.is_server_error() {
                    span.set(ERROR_TYPE, status.as_str());
                }
                // What follows a connection that is made is no answer any more.
                let is_tunnel = *this.is_connect && status.is_success();
                let is_done = *this.has_no_body || is_tunnel || is_bodyless(status);
                let length = response.headers().get(CONTENT_LENGTH);
                let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
                Ok(response.map(|body| ServerBody::new(body, span, is_done, length)))
            }
            Err(error) => {
                span.set(ERROR_TYPE, "_OTHER");
                span.end();
                Err(error)
            }
        })
    }
}

/// Whether an answer with this status has no body, whatever the handler gives.
fn is_bodyless(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}
