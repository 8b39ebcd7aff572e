//! The body of a model's answer: what goes through it is read, and its end is that of the call.

use std::fmt::Display;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::pieces::each_piece;
use crate::span::model_call::ModelCall;

pin_project! {
    /// The body of an answer to a call, of which it takes the parts in.
    #[derive(Debug)]
    pub(crate) struct Answered<B> {
        #[pin]
        body: B,
        // None where it is no call, and when it has ended.
        call: Option<ModelCall>,
    }
}

impl<B: Body> Answered<B> {
    /// The body of an answer with this head, which ends `call`.
    pub(crate) fn new(
        mut call: ModelCall,
        status: StatusCode,
        headers: &HeaderMap,
        body: B,
    ) -> Self {
        let texts = headers.iter();
        let texts = texts.filter_map(|(key, value)| Some((key.as_str(), value.to_str().ok()?)));
        call.answered(status.as_u16(), texts);
        let mut call = Some(call);
        if body.is_end_stream() {
            // Nobody will ask for a part of it.
            end(&mut call);
        }
        Self { body, call }
    }

    /// The body of an answer to what was no call of a model.
    #[cfg(feature = "tower")]
    pub(crate) const fn to_another(body: B) -> Self {
        Self { body, call: None }
    }
}

impl<B: Body> Body for Answered<B>
where
    B::Error: Display + 'static,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let polled = this.body.as_mut().poll_frame(cx);
        let Some(call) = this.call.as_mut() else {
            return polled;
        };
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(part) = frame.data_ref() {
                    each_piece(part, |piece| call.part(piece));
                }
                if this.body.is_end_stream() {
                    end(this.call);
                }
            }
            Poll::Ready(Some(Err(error))) => {
                if let Some(call) = this.call.take() {
                    call.fail(error);
                }
            }
            Poll::Ready(None) => end(this.call),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn end(call: &mut Option<ModelCall>) {
    if let Some(call) = call.take() {
        call.end();
    }
}
