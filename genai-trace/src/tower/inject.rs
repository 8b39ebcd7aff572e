//! Requests that name the span that they are sent from.

use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::propagate::carrier::Carrier;

/// Puts the span that the thread is in, where a client is called, into the headers of each request, in the place of
/// what named another there. Where it is in none the headers stay as they are.
///
/// It takes any body and leaves it as it is: of gRPC a channel of `tonic` is layered so, as is what a client
/// of hyper is given.
///
/// ```
/// use std::convert::Infallible;
///
/// use genai_trace::tower::InjectLayer;
/// use http::{Request, Response};
/// use tower_layer::Layer;
/// # use tower_service::Service;
///
/// # #[derive(Clone)] struct Channel;
/// # impl Service<Request<()>> for Channel {
/// #     type Response = Response<()>;
/// #     type Error = Infallible;
/// #     type Future = std::future::Ready<Result<Response<()>, Infallible>>;
/// #     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn call(&mut self, _: Request<()>) -> Self::Future { std::future::ready(Ok(Response::new(()))) }
/// # }
/// # let channel = Channel;
/// // AgentsClient::new(InjectLayer::new().layer(channel))
/// let mut client = InjectLayer::new().layer(channel);
/// # drop(client.call(Request::new(())));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct InjectLayer(());

impl InjectLayer {
    /// The layer.
    pub const fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for InjectLayer {
    type Service = InjectService<S>;

    fn layer(&self, inner: S) -> InjectService<S> {
        InjectService { inner }
    }
}

/// What an [`InjectLayer`] makes of a service.
#[derive(Clone, Copy, Debug)]
pub struct InjectService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for InjectService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        Carrier::current().inject(request.headers_mut());
        self.inner.call(request)
    }
}
