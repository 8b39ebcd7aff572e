//! Requests over HTTP: TLS, proxies, compression, timeouts.

use std::io::Write;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use ureq::Agent;
use ureq::http::header::{CONTENT_TYPE, RETRY_AFTER};
use ureq::tls::{RootCerts, TlsConfig};

use super::json;
use super::options::OtlpProtocol;
use super::parcel::Parcel;
use super::retry::{Answer, NO_CREDENTIALS, Response};
use super::settings::{Headers, Settings, shown, shown_proxy};
use super::signal::Signal;

/// So much of an answer is read.
const ANSWER_BYTES: u64 = 64 * 1024;

/// Sends requests to a backend, each at most as long as the timeout.
pub(super) struct Client {
    agent: Agent,
    url: String,
    /// The url as messages show it.
    shown: String,
    /// The proxy on the way, as messages show it.
    proxy: Option<String>,
    protocol: OtlpProtocol,
    headers: Headers,
    timeout: Duration,
    gzip: bool,
}

impl Client {
    pub(super) fn new(settings: &Settings) -> Self {
        let roots = settings.roots.as_ref();
        let roots = roots.map(|pem| RootCerts::new_with_certs(&pem.parsed));
        let tls = TlsConfig::builder()
            .root_certs(roots.unwrap_or(RootCerts::WebPki))
            .client_cert(settings.client.as_ref().map(|client| client.parsed.clone()))
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // What is redirected would come as a GET, without what it was to say.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(settings.timeout))
            .proxy(settings.proxy.clone())
            .tls_config(tls)
            .user_agent(concat!("genai-trace/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.into(),
            shown: shown(&settings.url),
            proxy: settings.proxy.as_ref().map(shown_proxy),
            url: settings.url.clone(),
            protocol: settings.protocol,
            headers: settings.headers.clone(),
            timeout: settings.timeout,
            gzip: settings.gzip,
        }
    }

    /// Sends a request.
    pub(super) fn send(&self, parcel: &Parcel) -> Answer {
        let document;
        let body = match self.protocol {
            OtlpProtocol::HttpJson => match json::document(parcel.signal, &parcel.body) {
                Ok(written) => {
                    document = written;
                    &document
                }
                Err(error) => return Answer::Refused(error.to_string()).about(&self.shown),
            },
            _ => parcel.body.as_slice(),
        };
        let compressed;
        let (body, encoding) = match self.gzip.then(|| gzip(body)).flatten() {
            Some(bytes) => {
                compressed = bytes;
                (compressed.as_slice(), Some("gzip"))
            }
            None => (body, None),
        };
        self.post(parcel.signal, body, encoding).about(&self.shown)
    }

    fn post(&self, signal: Signal, body: &[u8], encoding: Option<&str>) -> Answer {
        let mut request = self
            .agent
            .post(&self.url)
            .content_type(match self.protocol {
                OtlpProtocol::HttpJson => "application/json",
                _ => "application/x-protobuf",
            });
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = match request.send(body) {
            Ok(response) => response,
            // What cannot be a request will never be one.
            Err(error @ (ureq::Error::Http(_) | ureq::Error::BadUri(_))) => {
                return Answer::Refused(error.to_string());
            }
            Err(error) => {
                let cause = self.said(&error);
                return Answer::Later { after: None, cause }.through(self.proxy.as_deref());
            }
        };
        let status = response.status().as_u16();
        let header = |name| {
            let value = response.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let (content_type, retry_after) = (header(CONTENT_TYPE), header(RETRY_AFTER));
        // The status has said what counts, where the rest cannot be read.
        let read = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES)
            .read_to_vec();
        let response = Response {
            signal,
            status,
            content_type: content_type.as_deref().unwrap_or_default(),
            retry_after: retry_after.as_deref(),
            body: &read.unwrap_or_default(),
        };
        response.answer(SystemTime::now())
    }

    /// Why nothing was answered.
    fn said(&self, error: &ureq::Error) -> String {
        match error {
            ureq::Error::Timeout(_) => format!("no answer within {:?}", self.timeout),
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::ConnectProxyFailed(said) if said.contains("407") => {
                NO_CREDENTIALS.to_owned()
            }
            other => other.to_string(),
        }
    }
}

/// The bytes compressed; writing to memory does not fail.
fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let room = Vec::with_capacity(bytes.len() / 4);
    let mut encoder = GzEncoder::new(room, Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
