//! Requests that a client sends: those that call a model are spans, all name the span that they are sent from.

mod answer;
mod future;
mod sent;

use std::fmt::Display;
use std::task::{Context, Poll};

use http::header::HOST;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

pub use self::answer::ClientBody;
pub use self::future::ClientFuture;
pub use self::sent::SentBody;
use crate::model_calls::Hosts;
use crate::propagate::carrier::Carrier;
use crate::provider::provider_of;
use crate::recorder;
use crate::span::model_call::ModelCall;

/// Makes a span of every call of a model that a client sends, without an attribute, and has each request name in its
/// headers the span that it is sent from.
///
/// A call of a model is a request to a host that is known as a provider's
/// ([`provider_of`](crate::provider::provider_of)), or was [said to be one's](ClientLayer::host), that asks a model
/// for something. The span is that of [`#[genai_chat]`](macro@crate::genai_chat): what was asked for, what the answer
/// says, tokens and cost, streamed or not; it ends with the body of the answer. Inside an annotated call it is that
/// call. The layer goes outside the one that tries again where all attempts are one call, and inside where each is to
/// be seen.
///
/// The service below gets its bodies as [`SentBody`], and answers with [`ClientBody`]: to a client of hyper the
/// compiler says so by itself. Where the body of requests cannot be another, as with `tonic`, there is
/// [`InjectLayer`](super::InjectLayer). What a request asks for is known where its body is at hand when the client is
/// called, as texts and bytes are; of one that is still to come nothing is read and no span is made.
///
/// ```
/// use genai_trace::tower::ClientLayer;
/// use tower_layer::Layer;
///
/// # let client = ();
/// // let client = Client::builder(TokioExecutor::new()).build(https);
/// let client = ClientLayer::new().host("llm.internal:8080", "openai").layer(client);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientLayer {
    hosts: Hosts,
}

impl ClientLayer {
    /// The layer, for the hosts that are known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that `host`, with a port where that is not to be any, is `provider`'s: a gateway of one's own.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>, provider: impl Into<String>) -> Self {
        self.hosts.add(&host.into(), provider.into());
        self
    }

    /// The same request, and the call of a model that it is.
    fn begin<B: Body>(&self, request: Request<B>) -> (Request<SentBody<B>>, Option<ModelCall>) {
        let url = recorder::active().and_then(|_| url(&request));
        let known = url.as_deref().and_then(|url| {
            let provider = self.hosts.provider(url).or_else(|| provider_of(url))?;
            Some((url, provider))
        });
        let Some((url, provider)) = known else {
            return (request.map(SentBody::new), None);
        };
        let request = request.map(SentBody::seen);
        let bytes = request.body().bytes();
        let call = bytes.and_then(|bytes| ModelCall::begin(url, Some(provider), &bytes));
        (request, call)
    }
}

/// Where a request goes. Who has a connection already says only the path, and the host in a header.
fn url<B>(request: &Request<B>) -> Option<String> {
    let uri = request.uri();
    if uri.authority().is_some() {
        return Some(uri.to_string());
    }
    let host = request.headers().get(HOST)?.to_str().ok()?;
    Some(format!("https://{host}{uri}"))
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> ClientService<S> {
        ClientService {
            inner,
            layer: self.clone(),
        }
    }
}

/// What a [`ClientLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    inner: S,
    layer: ClientLayer,
}

impl<S, B, R> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<SentBody<B>>, Response = Response<R>>,
    S::Error: Display + 'static,
    B: Body,
    R: Body,
{
    type Response = Response<ClientBody<R>>;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut request, call) = self.layer.begin(request);
        let send = || {
            Carrier::current().inject(request.headers_mut());
            self.inner.call(request)
        };
        match call {
            None => ClientFuture::of_another(send()),
            Some(mut call) => {
                let span = call.handle();
                let future = span.run(send);
                ClientFuture::of(call, span.wrap(future))
            }
        }
    }
}
