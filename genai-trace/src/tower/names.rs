//! What the conventions of HTTP call things; those of GenAI leave them out.

pub(super) const METHOD: &str = "http.request.method";
pub(super) const METHOD_ORIGINAL: &str = "http.request.method_original";
pub(super) const ROUTE: &str = "http.route";
pub(super) const STATUS: &str = "http.response.status_code";
pub(super) const PATH: &str = "url.path";
pub(super) const QUERY: &str = "url.query";
pub(super) const SCHEME: &str = "url.scheme";
pub(super) const USER_AGENT: &str = "user_agent.original";
pub(super) const PROTOCOL_VERSION: &str = "network.protocol.version";
