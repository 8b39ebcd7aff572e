//! What an exporter goes by, checked, and the forms that a url, headers and certificates have.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::{HeaderName, HeaderValue, Uri};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, parse_pem};
use ureq::{Proxy, ProxyBuilder, ProxyProtocol};

use super::options::OtlpProtocol;
use super::signal::Signal;

pub(crate) const DEFAULT_ENDPOINT: &str = "http://localhost:4318";
#[cfg(feature = "otlp-grpc")]
pub(crate) const DEFAULT_TARGET: &str = "http://localhost:4317";
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const DEFAULT_SPOOL_BYTES: u64 = 64 * 1024 * 1024;

/// What a url has to look like.
pub(crate) const URL: &str =
    "a url with http:// or https:// and a host, without user, password or fragment";
/// What a base url has to look like, behind which `path` is put.
pub(crate) fn base_url(path: &str) -> String {
    format!(
        "a url with http:// or https:// and a host, without user, password, query or fragment: {path} is put behind it"
    )
}

/// What headers have to look like.
pub(crate) const HEADERS: &str = "a list of name=value, with values percent-encoded, and none of the headers \
     that belong to the request itself (what they hold is not shown)";

/// Headers that belong to the request itself.
const OWN_HEADERS: [&str; 7] = [
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "host",
    "user-agent",
];

/// What an exporter goes by.
pub(crate) struct Settings {
    pub(crate) signal: Signal,
    /// The whole url for the signal.
    pub(crate) url: String,
    pub(crate) protocol: OtlpProtocol,
    pub(crate) headers: Headers,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
    /// None for those of Mozilla.
    pub(crate) roots: Option<Pem<Vec<Certificate<'static>>>>,
    pub(crate) client: Option<Identity>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) batches: Batches,
    pub(crate) spool: Option<SpoolSettings>,
    /// How long a flush waits for the backend.
    pub(crate) patience: Duration,
}

/// What a file in PEM holds.
pub(crate) struct Pem<T> {
    pub(crate) parsed: T,
    #[cfg(feature = "otlp-grpc")]
    pub(crate) text: Vec<u8>,
}

/// A chain of certificates, and the key for it.
pub(crate) struct Identity {
    pub(crate) parsed: ClientCert,
    #[cfg(feature = "otlp-grpc")]
    pub(crate) chain: Vec<u8>,
    #[cfg(feature = "otlp-grpc")]
    pub(crate) key: Vec<u8>,
}

impl Identity {
    pub(crate) fn new(
        chain: Pem<Vec<Certificate<'static>>>,
        key: Pem<PrivateKey<'static>>,
    ) -> Self {
        Self {
            parsed: ClientCert::new_with_certs(&chain.parsed, key.parsed),
            #[cfg(feature = "otlp-grpc")]
            chain: chain.text,
            #[cfg(feature = "otlp-grpc")]
            key: key.text,
        }
    }
}

/// Names of headers with what they say.
pub(crate) type Headers = Vec<(HeaderName, HeaderValue)>;

/// How items are gathered before they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batches {
    /// No item waits longer for others.
    pub(crate) delay: Duration,
    /// Items in a request.
    pub(crate) items: usize,
    /// How many spans, data points or log records may wait in memory.
    pub(crate) queue: usize,
}

impl Batches {
    /// Unless something else is said.
    pub(crate) const fn of(signal: Signal) -> Self {
        let (seconds, items, queue) = match signal {
            Signal::Traces => (5, 512, 2048),
            Signal::Logs => (1, 512, 2048),
            Signal::Metrics => (0, usize::MAX, 65_536),
        };
        Self {
            delay: Duration::from_secs(seconds),
            items,
            queue,
        }
    }
}

/// Where batches wait while the backend is down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpoolSettings {
    pub(crate) folder: PathBuf,
    pub(crate) bytes: u64,
}

impl fmt::Debug for Settings {
    /// Without what headers and keys say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("signal", &self.signal)
            .field("url", &shown(&self.url))
            .field("protocol", &self.protocol)
            .field("timeout", &self.timeout)
            .field("gzip", &self.gzip)
            .field("batches", &self.batches)
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}

/// The url as it is, where it is one.
pub(crate) fn url(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?;
    let host = authority.host();
    // `http` takes any digits for a port.
    let has_port = authority.as_str().len() > host.len();
    let is_good = matches!(scheme.as_str(), "http" | "https")
        && !host.is_empty()
        && !authority.as_str().contains('@')
        && (!has_port || authority.port_u16().is_some_and(|port| port != 0))
        && !text.contains('#');
    is_good.then(|| text.to_owned())
}

/// What a url of gRPC has to look like.
#[cfg(feature = "otlp-grpc")]
pub(crate) const TARGET: &str =
    "a host and its port, with http:// or https:// before it or without, and no path";

/// The url of a host that is named for gRPC; one without a scheme is spoken to over TLS unless `is_insecure`.
#[cfg(feature = "otlp-grpc")]
pub(crate) fn target(text: &str, is_insecure: bool) -> Option<String> {
    let whole = match (text.contains("://"), is_insecure) {
        (true, _) => text.to_owned(),
        (false, true) => format!("http://{text}"),
        (false, false) => format!("https://{text}"),
    };
    let uri: Uri = url(&whole)?.parse().ok()?;
    let is_bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
    is_bare.then_some(whole)
}

/// The url at a base url, with `path` behind that.
pub(crate) fn url_at_base(text: &str, path: &str) -> Option<String> {
    let base = url(text).filter(|base| !base.contains('?'))?;
    Some(format!("{}{path}", base.trim_end_matches('/')))
}

/// A url as it may be shown: without user and password, and without its query, where keys stand.
pub(crate) fn shown(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url
        .split_once("://")
        .map_or(("", url), |(scheme, rest)| (scheme, rest));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        None => url.to_owned(),
        Some((_, host)) if scheme.is_empty() => format!("***@{host}{path}"),
        Some((_, host)) => format!("{scheme}://***@{host}{path}"),
    }
}

/// A header that a user may set.
pub(crate) fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
    if OWN_HEADERS.contains(&name.as_str()) {
        return None;
    }
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// Puts a header in the place of one of the same name, else behind the others.
pub(crate) fn set_header(headers: &mut Headers, (name, value): (HeaderName, HeaderValue)) {
    match headers.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => headers.push((name, value)),
    }
}

/// The certificates in a PEM file.
pub(crate) fn certificates(path: &Path) -> Result<Pem<Vec<Certificate<'static>>>, String> {
    const EXPECTED: &str = "a file of certificates in PEM";
    let pem = fs::read(path).map_err(|error| format!("{EXPECTED}: {error}"))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(format!("{EXPECTED}: {error}")),
        }
    }
    match certificates.is_empty() {
        true => Err(format!("{EXPECTED}: it has none")),
        false => Ok(Pem {
            parsed: certificates,
            #[cfg(feature = "otlp-grpc")]
            text: pem,
        }),
    }
}

/// The private key in a PEM file.
pub(crate) fn private_key(path: &Path) -> Result<Pem<PrivateKey<'static>>, String> {
    const EXPECTED: &str = "a file with a private key in PEM";
    let pem = fs::read(path).map_err(|error| format!("{EXPECTED}: {error}"))?;
    let parsed = PrivateKey::from_pem(&pem).map_err(|_| format!("{EXPECTED}: it has none"))?;
    Ok(Pem {
        parsed,
        #[cfg(feature = "otlp-grpc")]
        text: pem,
    })
}

/// The proxy of a variable like `HTTPS_PROXY`, but for the hosts of `NO_PROXY`.
pub(crate) fn proxy(text: &str, no_proxy: Option<&str>) -> Option<Proxy> {
    let said = Proxy::new(text).ok()?;
    // The client takes others, and ends the program when it is to use them.
    if !matches!(said.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return None;
    }
    let mut proxy: ProxyBuilder = Proxy::builder(said.protocol())
        .host(said.host())
        .port(said.port())
        .resolve_target(said.resolve_target());
    if let Some(user) = said.username() {
        proxy = proxy.username(user);
    }
    if let Some(password) = said.password() {
        proxy = proxy.password(password);
    }
    // A domain is meant with what is below it, as curl has it.
    for hosts in no_proxy.iter().flat_map(|list| list.split(',')) {
        let hosts = hosts.trim();
        let domain = hosts.trim_start_matches("*.").trim_start_matches('.');
        proxy = proxy.no_proxy(domain);
        if domain != "*" {
            proxy = proxy.no_proxy(&format!(".{domain}"));
        }
    }
    proxy.build().ok()
}

/// A proxy as it may be shown: without user and password.
pub(crate) fn shown_proxy(proxy: &Proxy) -> String {
    let scheme = proxy.protocol().to_string().to_ascii_lowercase();
    format!("{scheme}://{}:{}", proxy.host(), proxy.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_scheme_and_a_host() {
        for good in [
            "http://localhost:4318",
            "https://cloud.langfuse.com/api/public/otel/v1/traces",
            "http://[::1]:4318/x?project=7",
            "HTTPS://collector",
        ] {
            assert_eq!(url(good).as_deref(), Some(good));
        }
        for bad in [
            "localhost:4318",
            "localhost",
            "/v1/traces",
            "",
            "ftp://collector",
            "grpc://collector:4317",
            "unix:///run/otel.sock",
            "http://",
            "http://:4318",
            "http://user:secret@collector",
            "http://collector:99999",
            "http://collector:0",
            "http://collector:port",
            "http://a b",
            "http://collector/#x",
        ] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }

    #[cfg(feature = "otlp-grpc")]
    #[test]
    fn a_target_of_grpc_may_lack_its_scheme_and_has_no_path() {
        for (text, is_insecure, whole) in [
            ("http://collector:4317", false, "http://collector:4317"),
            ("https://collector:4317/", true, "https://collector:4317/"),
            ("collector:4317", true, "http://collector:4317"),
            ("collector:4317", false, "https://collector:4317"),
            ("[::1]:4317", true, "http://[::1]:4317"),
        ] {
            assert_eq!(target(text, is_insecure).as_deref(), Some(whole), "{text}");
        }
        for bad in [
            "",
            "http://collector:4317/v1/traces",
            "collector:4317/x",
            "http://collector?key=secret",
            "unix:///run/otel.sock",
        ] {
            assert_eq!(target(bad, true), None, "{bad}");
        }
    }

    #[test]
    fn the_path_is_put_behind_a_base_url() {
        for (base, whole) in [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("http://localhost:4318/", "http://localhost:4318/v1/traces"),
            (
                "https://cloud.langfuse.com/api/public/otel/",
                "https://cloud.langfuse.com/api/public/otel/v1/traces",
            ),
        ] {
            assert_eq!(url_at_base(base, "/v1/traces").as_deref(), Some(whole));
        }
        assert_eq!(
            url_at_base("http://collector?key=secret", "/v1/traces"),
            None
        );
    }

    #[test]
    fn what_is_shown_of_a_url_holds_no_secret() {
        for (whole, masked) in [
            ("http://a:b@host:1/path?key=c#d", "http://***@host:1/path"),
            ("a:b@host", "***@host"),
            ("http://host/path@7", "http://host/path@7"),
        ] {
            assert_eq!(shown(whole), masked);
        }
    }

    #[test]
    fn headers_of_the_request_itself_are_not_for_users() {
        assert!(header("Authorization", "Bearer abc").is_some());
        assert!(header("x-mlflow-experiment-id", "0").is_some());
        for (name, value) in [
            ("Content-Type", "x"),
            ("HOST", "x"),
            ("a b", "x"),
            ("", "x"),
            ("a", "x\ny"),
        ] {
            assert!(header(name, value).is_none(), "{name}: {value}");
        }
    }

    #[test]
    fn a_proxy_leaves_out_the_hosts_that_are_named() {
        let proxy = proxy("http://me:pw@proxy:3128", Some("localhost, .internal")).unwrap();
        assert_eq!(
            (proxy.host(), proxy.port(), proxy.username()),
            ("proxy", 3128, Some("me"))
        );
        let passes = |url: &str| proxy.is_no_proxy(&url.parse().unwrap());
        assert!(passes("http://localhost:4318"));
        assert!(passes("http://otel.internal") && passes("http://internal"));
        assert!(!passes("https://cloud.langfuse.com"));
        assert_eq!(shown_proxy(&proxy), "http://proxy:3128");
        for bad in ["carrier-pigeon://x", "socks5://proxy:1080", "http://"] {
            assert!(super::proxy(bad, None).is_none(), "{bad}");
        }
    }
}
