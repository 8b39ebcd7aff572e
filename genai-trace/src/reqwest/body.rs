//! The body of a model's answer: what goes through it is read, and its end is that of the call.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use reqwest::{Body, Response, ResponseBuilderExt};

use crate::span::model_call::ModelCall;

/// The same response, whose body ends `call`.
pub(super) fn follow(mut call: ModelCall, response: Response) -> Response {
    let url = response.url().clone();
    let headers = response.headers().iter();
    let texts = headers.filter_map(|(key, value)| Some((key.as_str(), value.to_str().ok()?)));
    call.answered(response.status().as_u16(), texts);
    let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
    // By this the response knows again where it came from.
    let named = http::Response::builder().url(url).body(());
    if let Ok(named) = named {
        parts.extensions.extend(named.into_parts().0.extensions);
    }
    let call = Some(call);
    http::Response::from_parts(parts, Body::wrap(Called { body, call })).into()
}

pin_project! {
    /// The body of an answer to a call, of which it takes the parts in.
    struct Called {
        #[pin]
        body: Body,
        // None when it has ended.
        call: Option<ModelCall>,
    }
}

impl HttpBody for Called {
    type Data = <Body as HttpBody>::Data;
    type Error = reqwest::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, reqwest::Error>>> {
        let mut this = self.project();
        let polled = this.body.as_mut().poll_frame(cx);
        let Some(call) = this.call.as_mut() else {
            return polled;
        };
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(part) = frame.data_ref() {
                    call.part(part);
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
