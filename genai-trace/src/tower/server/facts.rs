//! What is known of a request before it is answered.

use http::header::{FORWARDED, HOST, HeaderName, USER_AGENT};
use http::{Extensions, Method, Request, Version};

use crate::content::scrub;
use crate::propagate::carrier::Carrier;
use crate::span::builder::{SpanBuilder, span};
use crate::span::detached::OpenSpan;
use crate::span::names::{SERVER_ADDRESS, SERVER_PORT};
use crate::span::operation::Operation;
use crate::tower::names;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The methods that the conventions know.
const KNOWN: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
    Method::TRACE,
    Method::CONNECT,
];

/// The span of `request`, begun.
pub(super) fn span_of<B>(request: &Request<B>) -> OpenSpan {
    if crate::recorder::active().is_none() {
        // Nobody would read what is found out here.
        return span("").start();
    }
    let is_known = KNOWN.contains(request.method());
    let method = request.method().as_str();
    let route = route(request.extensions());
    let name = match (is_known, &route) {
        (true, Some(route)) => format!("{method} {route}"),
        (true, None) => method.to_owned(),
        (false, Some(route)) => format!("HTTP {route}"),
        (false, None) => "HTTP".to_owned(),
    };
    let sender = Carrier::extract(request.headers());
    let uri = request.uri();
    let mut span = span(name)
        .operation(Operation::Request)
        .attr(names::METHOD, if is_known { method } else { "_OTHER" })
        .attr(names::SCHEME, scheme(request))
        .below(sender.context());
    // A request for a connection to a host has none.
    if !uri.path().is_empty() {
        span = span.attr(names::PATH, uri.path());
    }
    if !is_known {
        span = span.attr(names::METHOD_ORIGINAL, method);
    }
    if let Some(query) = uri.query().filter(|query| !query.is_empty()) {
        span = span.attr(names::QUERY, scrubbed(query).as_str());
    }
    if let Some(route) = &route {
        span = span.attr(names::ROUTE, route.as_str());
    }
    if let Some(version) = version(request.version()) {
        span = span.attr(names::PROTOCOL_VERSION, version);
    }
    if let Some(Ok(agent)) = request
        .headers()
        .get(USER_AGENT)
        .map(|agent| agent.to_str())
    {
        span = span.attr(names::USER_AGENT, agent);
    }
    with_server(span, request).start()
}

/// The scheme of the client's own request, as far as whoever stands in between says it; else that of the last one.
fn scheme<B>(request: &Request<B>) -> &str {
    let text = |name| request.headers().get(name)?.to_str().ok();
    let forwarded = text(FORWARDED).and_then(|forwarded| {
        // Of several the first is the client's.
        let mut pairs = forwarded.split(',').next()?.split(';');
        pairs.find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            let is_it = key.trim().eq_ignore_ascii_case("proto");
            is_it.then(|| value.trim().trim_matches('"'))
        })
    });
    let by_proxy = || text(X_FORWARDED_PROTO)?.split(',').next().map(str::trim);
    match forwarded.or_else(by_proxy) {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => "http",
        _ => request.uri().scheme_str().unwrap_or("http"),
    }
}

/// The span with the host and the port that the request was sent to.
fn with_server<B>(span: SpanBuilder, request: &Request<B>) -> SpanBuilder {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse().ok());
    let Some(authority) = request.uri().authority().cloned().or(host) else {
        return span;
    };
    let address = authority.host().trim_matches(['[', ']']);
    let span = span.attr(SERVER_ADDRESS, address);
    match authority.port_u16() {
        Some(port) => span.attr(SERVER_PORT, &port),
        None => span,
    }
}

/// A query without its values.
fn scrubbed(query: &str) -> String {
    const HOST: &str = "http://host/?";
    let scrubbed = scrub(&format!("{HOST}{query}")).into_owned();
    let query = scrubbed.strip_prefix(HOST).map(str::to_owned);
    query.unwrap_or_default()
}

const fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

/// The route that the request was led to, as far as the framework says so.
#[cfg(feature = "axum")]
fn route(extensions: &Extensions) -> Option<String> {
    let route = extensions.get::<axum::extract::MatchedPath>()?;
    Some(route.as_str().to_owned())
}

#[cfg(not(feature = "axum"))]
const fn route(_: &Extensions) -> Option<String> {
    None
}
