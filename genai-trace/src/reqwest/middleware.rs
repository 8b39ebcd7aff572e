//! Middleware of `reqwest`.

use std::future::Future;
use std::pin::Pin;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::InjectSpan;
use super::body::follow;
use crate::model_calls::Hosts;
use crate::span::current::SpanRef;
use crate::span::model_call::ModelCall;

/// Puts the current span into the headers of every request of a client.
///
/// ```no_run
/// use genai_trace::reqwest::CurrentSpan;
///
/// let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
///     .with(CurrentSpan)
///     .build();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CurrentSpan;

/// Makes a span of every call of a model that a client sends, without an attribute: the request goes to a
/// host that is known as a provider's ([`provider_of`](crate::provider::provider_of)) and asks a model for
/// something.
///
/// The span is that of [`#[genai_chat]`](macro@crate::genai_chat): what was asked for, what the answer says,
/// tokens and cost, streamed or not; it ends with the body of the answer. Inside an annotated call it is that
/// call. It goes outside the middleware that tries again where all attempts are one call, and inside where each
/// is to be seen.
///
/// ```no_run
/// use genai_trace::reqwest::ModelCalls;
///
/// let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
///     .with(ModelCalls::new().host("llm.internal:8080", "openai"))
///     .build();
/// ```
#[derive(Clone, Debug, Default)]
pub struct ModelCalls {
    hosts: Hosts,
}

impl ModelCalls {
    /// The middleware, for the hosts that are known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that `host`, with a port where that is not to be any, is `provider`'s: a gateway of one's own.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>, provider: impl Into<String>) -> Self {
        self.hosts.add(&host.into(), provider.into());
        self
    }

    fn begin(&self, request: &Request) -> Option<ModelCall> {
        let url = request.url().as_str();
        let body = request.body()?.as_bytes()?;
        ModelCall::begin(url, self.hosts.provider(url), body)
    }
}

/// What a middleware gives, as the crate has it.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response>> + Send + 'a>>;

impl Middleware for CurrentSpan {
    fn handle<'a, 'b, 'c, 'd>(
        &'a self,
        request: Request,
        extensions: &'b mut Extensions,
        next: Next<'c>,
    ) -> Answer<'d>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        next.run(request.inject_span(), extensions)
    }
}

impl Middleware for ModelCalls {
    fn handle<'a, 'b, 'c, 'd>(
        &'a self,
        request: Request,
        extensions: &'b mut Extensions,
        next: Next<'c>,
    ) -> Answer<'d>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        Box::pin(async move {
            let Some(mut call) = self.begin(&request) else {
                return next.run(request, extensions).await;
            };
            let span: SpanRef = call.handle();
            let answer = span.run(|| next.run(request, extensions));
            match span.wrap(answer).await {
                Ok(response) => Ok(follow(call, response)),
                Err(error) => {
                    call.fail(&error);
                    Err(error)
                }
            }
        })
    }
}
