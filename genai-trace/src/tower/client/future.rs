//! A request on its way.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::answer::ClientBody;
use crate::span::in_span::InSpan;
use crate::span::model_call::ModelCall;

pin_project! {
    /// The answer of a [`ClientService`](super::ClientService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ClientFuture<F> {
        #[pin]
        sent: Sent<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = SentProjected]
    enum Sent<F> {
        Call {
            // First, so that it is dropped before the call ends.
            #[pin]
            future: InSpan<F>,
            // Gone to the body when the answer is there.
            call: Option<ModelCall>,
        },
        Another {
            #[pin]
            future: F,
        },
    }
}

impl<F> ClientFuture<F> {
    pub(super) const fn of(call: ModelCall, future: InSpan<F>) -> Self {
        let call = Some(call);
        Self {
            sent: Sent::Call { future, call },
        }
    }

    pub(super) const fn of_another(future: F) -> Self {
        Self {
            sent: Sent::Another { future },
        }
    }
}

impl<F, B, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: Display + 'static,
{
    type Output = Result<Response<ClientBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (result, call) = match self.project().sent.project() {
            SentProjected::Call { future, call } => {
                // Out of the future, so that it ends here where the client panics.
                let mut inside = Inside {
                    call: call.take(),
                    place: call,
                };
                let result = ready!(future.poll(cx));
                (result, inside.call.take())
            }
            SentProjected::Another { future } => (ready!(future.poll(cx)), None),
        };
        Poll::Ready(match (result, call) {
            (Ok(response), call) => Ok(ClientBody::of(call, response)),
            (Err(error), call) => {
                if let Some(call) = call {
                    call.fail(&error);
                }
                Err(error)
            }
        })
    }
}

/// A call while its client is polled: it goes back to its place, unless that panics.
struct Inside<'a> {
    call: Option<ModelCall>,
    place: &'a mut Option<ModelCall>,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            *self.place = self.call.take();
        }
    }
}
