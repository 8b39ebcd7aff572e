//! The body of an answer: the span ends with it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::span::detached::OpenSpan;
use crate::span::names::ERROR_TYPE;

pin_project! {
    /// The body of an answer, in the span of its request, which ends when all of it was taken.
    #[derive(Debug)]
    pub struct ServerBody<B> {
        // None only while it is dropped.
        #[pin]
        body: Option<B>,
        // None when it has ended.
        span: Option<OpenSpan>,
        // How many bytes are still to come, where that is known.
        left: Option<u64>,
    }

    impl<B> PinnedDrop for ServerBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(mut span) = this.span.take() {
                // The client has hung up.
                span.run(|| this.body.set(None));
                span.cancel();
            }
        }
    }
}

impl<B: Body> ServerBody<B> {
    /// The body of an answer, of which the head may say how long it is: a server that has sent so much asks no more.
    pub(super) fn new(body: B, span: OpenSpan, is_done: bool, length: Option<u64>) -> Self {
        let left = length.or_else(|| body.size_hint().exact());
        let mut this = Self {
            span: Some(span),
            body: Some(body),
            left,
        };
        if is_done || left == Some(0) || this.is_end_stream() {
            end(&mut this.span);
        }
        this
    }
}

fn end(span: &mut Option<OpenSpan>) {
    if let Some(span) = span.take() {
        span.end();
    }
}

impl<B: Body> Body for ServerBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(mut body) = this.body.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let polled = match this.span.as_mut() {
            Some(span) => span.run(|| body.as_mut().poll_frame(cx)),
            None => body.as_mut().poll_frame(cx),
        };
        if let (Poll::Ready(Some(Ok(frame))), Some(left)) = (&polled, this.left.as_mut()) {
            let sent = frame.data_ref().map_or(0, Buf::remaining);
            *left = left.saturating_sub(u64::try_from(sent).unwrap_or(u64::MAX));
        }
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(_))) if !body.is_end_stream() && *this.left != Some(0) => {}
            Poll::Ready(Some(Err(_))) => {
                if let Some(span) = this.span.as_mut() {
                    span.set(ERROR_TYPE, "_OTHER");
                }
                end(this.span);
            }
            Poll::Ready(_) => end(this.span),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}
