//! What the conventions of HTTP call things; those of GenAI leave them out.

pub(super) use crate::span::names::{
    HTTP_METHOD as METHOD, HTTP_ROUTE as ROUTE, HTTP_STATUS as STATUS, URL_SCHEME as SCHEME,
};

pub(super) const METHOD_ORIGINAL: &str = "http.request.method_original";
pub(super) const PATH: &str = "url.path";
pub(super) const QUERY: &str = "url.query";
pub(super) const USER_AGENT: &str = "user_agent.original";
pub(super) const PROTOCOL_VERSION: &str = "network.protocol.version";
