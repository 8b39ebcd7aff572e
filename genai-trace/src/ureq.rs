//! Requests of `ureq`: a span goes along in their headers. Feature `ureq`.

use ureq::middleware::MiddlewareNext;
use ureq::{Body, Error, SendBody, http};

use crate::propagate::carrier::Carrier;

/// Puts the span that the thread is in into the headers of a request, in the place of what named another
/// there: a middleware for an agent.
///
/// ```no_run
/// let agent: ureq::Agent = ureq::Agent::config_builder()
///     .middleware(genai_trace::ureq::current_span)
///     .build()
///     .into();
/// ```
///
/// # Errors
/// Those of the request.
pub fn current_span(
    mut request: http::Request<SendBody<'_>>,
    next: MiddlewareNext<'_>,
) -> Result<http::Response<Body>, Error> {
    Carrier::current().inject(request.headers_mut());
    next.handle(request)
}
