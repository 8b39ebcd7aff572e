//! The body of an answer: a call of a model ends with it.

use std::fmt::Display;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::model_calls::Answered;
use crate::span::model_call::ModelCall;

pin_project! {
    /// The body of an answer; a call of a model that it answers ends when all of it was taken.
    #[derive(Debug)]
    pub struct ClientBody<B> {
        #[pin]
        answered: Answered<B>,
    }
}

impl<B: Body> ClientBody<B> {
    /// The same response, whose body ends the call, where it is one.
    pub(super) fn of(call: Option<ModelCall>, response: Response<B>) -> Response<Self> {
        let (head, body) = response.into_parts();
        let answered = match call {
            Some(call) => Answered::new(call, head.status, &head.headers, body),
            None => Answered::to_another(body),
        };
        Response::from_parts(head, Self { answered })
    }
}

impl<B: Body> Body for ClientBody<B>
where
    B::Error: Display + 'static,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().answered.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.answered.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.answered.size_hint()
    }
}
