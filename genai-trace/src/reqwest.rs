//! Requests of `reqwest`: a span goes along in their headers (feature `reqwest`), and calls of models are
//! spans of their own without any attribute (feature `reqwest-middleware`).

#[cfg(feature = "reqwest-middleware")]
mod body;
#[cfg(feature = "reqwest-middleware")]
mod middleware;

use http::{HeaderMap, HeaderValue};
use reqwest::{Request, RequestBuilder};

#[cfg(feature = "reqwest-middleware")]
pub use self::middleware::{CurrentSpan, ModelCalls};
use crate::propagate::carrier::{Carrier, TRACEPARENT, TRACESTATE};

/// Puts the span that the thread is in into the headers of a request.
///
/// ```no_run
/// use genai_trace::reqwest::InjectSpan;
///
/// # async fn ask(client: reqwest::Client) -> reqwest::Result<reqwest::Response> {
/// client.get("http://agents.internal/run").inject_span().send().await
/// # }
/// ```
pub trait InjectSpan: Sized {
    /// The request with the span in its headers, in the place of what named another there.
    #[must_use]
    fn inject_span(self) -> Self;
}

impl InjectSpan for Request {
    fn inject_span(mut self) -> Self {
        Carrier::current().inject(self.headers_mut());
        self
    }
}

impl InjectSpan for RequestBuilder {
    fn inject_span(self) -> Self {
        let mut headers = HeaderMap::new();
        Carrier::current().inject(&mut headers);
        if headers.contains_key(TRACEPARENT)
            && !headers.contains_key(TRACESTATE)
            && may_have(&self, TRACESTATE)
        {
            // No header can be taken away here; an empty one means none.
            headers.insert(TRACESTATE, HeaderValue::from_static(""));
        }
        self.headers(headers)
    }
}

/// Whether a request that is not built yet may have the header `name`: it does not tell before.
fn may_have(request: &RequestBuilder, name: &str) -> bool {
    let copy = request.try_clone().map(RequestBuilder::build);
    copy.is_some_and(|copy| copy.is_ok_and(|copy| copy.headers().contains_key(name)))
}
