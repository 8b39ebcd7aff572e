//! The way of gRPC through a proxy: a tunnel that `CONNECT` opens, behind which TLS and HTTP/2 begin as without one.

use std::error::Error;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use ureq::Proxy;
use ureq::http::{HeaderValue, Uri};
use ureq::tls::Certificate;

use super::settings::{Settings, shown_proxy};

/// Opens tunnels through one proxy.
pub(super) type Tunnel = proxy::Tunnel<HttpsConnector<HttpConnector>>;

/// Tunnels through this proxy, with the name and the password that its url has. One that is spoken to by TLS is trusted
/// as the backend is.
///
/// # Errors
/// What no request can hold, in words.
pub(super) fn tunnel(proxy: &Proxy, settings: &Settings) -> Result<Tunnel, String> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    // What is spoken is for the connector above it to say.
    connector.enforce_http(false);
    let roots = settings.roots.as_ref().map(|roots| roots.parsed.as_slice());
    let connector = HttpsConnector::from((connector, tls(roots)?));
    let uri: Uri = shown_proxy(proxy)
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

/// Trusts these, or those of Mozilla.
fn tls(roots: Option<&[Certificate<'static>]>) -> Result<ClientConfig, String> {
    let mut trusted = RootCertStore::empty();
    match roots {
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(roots) => {
            trusted.add_parsable_certificates(
                roots.iter().map(|root| CertificateDer::from(root.der())),
            );
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot speak TLS with a proxy: {error}"))?;
    Ok(config.with_root_certificates(trusted).with_no_client_auth())
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
