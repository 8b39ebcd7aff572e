//! Requests that a server answers: a root span for each, below the span of whoever sent it.

mod body;
mod facts;
mod future;

use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

pub use self::body::ServerBody;
pub use self::future::ServerFuture;

/// Puts each request into a span: a root, or a child of the span that its headers name.
///
/// The span has the kind SERVER, the name `{method} {route}` and the attributes of the conventions of HTTP;
/// values of the query are not kept. It ends with the last byte of the body, as an error where the status is
/// 500 or more, and as [`Cancelled`](crate::Outcome::Cancelled) where the client hangs up before. All that
/// the handler does is below it, and so is what its body does while it is sent.
///
/// Requests are counted too, as `http_server_request_duration_seconds`, by method, route, status, scheme and kind of
/// error: by nothing that a client makes up.
///
/// The route is known with the feature `axum` where the layer is on the routes of a `Router`. Else the handler
/// may say it: `current().set("http.route", "/agents/{agent}")`; the name is then the method.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerLayer(());

impl ServerLayer {
    /// The layer.
    pub const fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> ServerService<S> {
        ServerService { inner }
    }
}

/// What a [`ServerLayer`] makes of a service.
#[derive(Clone, Copy, Debug)]
pub struct ServerService<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for ServerService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<ServerBody<R>>;
    type Error = S::Error;
    type Future = ServerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut span = facts::span_of(&request);
        let method = request.method().clone();
        let future = span.run(|| self.inner.call(request));
        ServerFuture::new(future, span, &method)
    }
}
