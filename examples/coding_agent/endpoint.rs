//! Where the model is: an OpenAI-compatible base URL and a key.

use std::fmt;

/// An OpenAI-compatible server that speaks plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What comes before `/chat/completions`, without a slash at the end.
    pub(crate) prefix: String,
    pub(crate) key: Option<String>,
}

/// Why a base URL cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EndpointError {
    NeedsTls,
    NoUrl(String),
}

impl Endpoint {
    /// Reads a URL such as `http://127.0.0.1:11434/v1`; the port is 80 if none is given.
    pub(crate) fn parse(url: &str, key: Option<String>) -> Result<Self, EndpointError> {
        if url.starts_with("https://") {
            return Err(EndpointError::NeedsTls);
        }
        let no_url = || EndpointError::NoUrl(url.to_owned());
        let rest = url.strip_prefix("http://").ok_or_else(no_url)?;
        let (authority, prefix) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        // The last colon, but none of those inside an IPv6 address in brackets.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| no_url())?)
            }
            _ => (authority, 80),
        };
        if host.is_empty() {
            return Err(no_url());
        }
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            prefix: prefix.trim_end_matches('/').to_owned(),
            key: key.filter(|key| !key.is_empty()),
        })
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsTls => write!(
                f,
                "OPENAI_BASE_URL is https, and this example speaks plain HTTP to keep its \
                 dependencies few: name a local server (Ollama, llama.cpp, vLLM) or a proxy that \
                 adds TLS (such as LiteLLM) by its http:// URL"
            ),
            Self::NoUrl(url) => write!(
                f,
                "OPENAI_BASE_URL is `{url}`, which is no URL of the form http://host:port/v1"
            ),
        }
    }
}

impl std::error::Error for EndpointError {}
