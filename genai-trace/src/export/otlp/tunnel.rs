//! The way of gRPC through a proxy: a tunnel that `CONNECT` opens, behind which TLS and HTTP/2 begin as without one.

use std::error::Error;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy;
use ureq::Proxy;
use ureq::http::{HeaderValue, Uri};

/// Opens tunnels through one proxy.
pub(super) type Tunnel = proxy::Tunnel<HttpConnector>;

/// Tunnels through this proxy, with the name and the password that its url has.
///
/// # Errors
/// What no request can hold, in words.
pub(super) fn tunnel(proxy: &Proxy) -> Result<Tunnel, String> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let uri: Uri = format!("http://{}:{}", proxy.host(), proxy.port())
        .parse()
        .map_err(|error| format!("a proxy that is no url: {error}"))?;
    let tunnel = Tunnel::new(uri, connector);
    let (user, password) = (proxy.username(), proxy.password());
    if user.is_none() && password.is_none() {
        return Ok(tunnel);
    }
    let (user, password) = (user.unwrap_or_default(), password.unwrap_or_default());
    let basic = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{user}:{password}"))
    );
    let basic = HeaderValue::from_str(&basic)
        .map_err(|error| format!("the name and the password of a proxy: {error}"))?;
    Ok(tunnel.with_auth(basic))
}

/// The url with its port, without which a tunnel leads to that of https.
pub(super) fn with_port(url: &str) -> Result<Uri, String> {
    let uri: Uri = url.parse().map_err(|error| format!("{error}"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http"), Some(host)) if host.port().is_none() => format!("http://{host}:80")
            .parse()
            .map_err(|error| format!("{error}")),
        _ => Ok(uri),
    }
}

/// What a proxy that opens no tunnel has answered; none where it is something else that went wrong.
pub(super) fn refusal(error: &(dyn Error + 'static)) -> Option<&'static str> {
    // The type of the error has no name outside of its crate.
    match error.to_string().strip_prefix("tunnel error: ")? {
        "proxy authorization required" => Some(super::retry::NO_CREDENTIALS),
        "unsuccessful" => Some("the proxy opens no tunnel"),
        "unexpected end of file" => Some("the proxy has hung up"),
        _ => None,
    }
}
