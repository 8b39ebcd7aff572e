//! What a request asks for, and whether it is for this server.

use std::net::IpAddr;

/// What is answered to a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The metrics, in a form that `Accept` takes.
    Metrics { accept: Option<String> },
    /// Whether the process is there.
    Health,
    /// Nothing, but why: a status line.
    Refused(&'static str),
}

/// A request, of which the head is whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) asked: Asked,
    /// Only the head of the answer is wanted.
    pub(super) head_only: bool,
}

/// Most headers of a request.
const MOST_HEADERS: usize = 64;

impl Request {
    const fn refused(status: &'static str) -> Self {
        Self {
            asked: Asked::Refused(status),
            head_only: false,
        }
    }

    /// The request in `bytes`; none while its head is not whole. One that came to a server of this machine
    /// alone (`is_local`) must call it by an address or by a name that no web page can have.
    pub(super) fn read(bytes: &[u8], is_local: bool) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return None,
            Err(httparse::Error::TooManyHeaders) => return Some(Self::refused(TOO_LARGE)),
            Err(_) => return Some(Self::refused(BAD_REQUEST)),
        }
        let mut hosts = values(&request, "host");
        let host = match (hosts.next(), hosts.next(), request.version) {
            (Some(host), None, _) => host,
            (None, _, Some(0)) => "",
            _ => return Some(Self::refused(BAD_REQUEST)),
        };
        if is_local && !is_own_name(host) {
            return Some(Self::refused(MISDIRECTED));
        }
        let head_only = match request.method {
            Some("GET") => false,
            Some("HEAD") => true,
            _ => return Some(Self::refused(BAD_METHOD)),
        };
        let target = request.path.unwrap_or_default();
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let asked = match path {
            "/metrics" => {
                let accepts: Vec<_> = values(&request, "accept").collect();
                Asked::Metrics {
                    accept: (!accepts.is_empty()).then(|| accepts.join(",")),
                }
            }
            "/healthz" => Asked::Health,
            _ => Asked::Refused(NOT_FOUND),
        };
        Some(Self { asked, head_only })
    }
}

pub(super) const BAD_REQUEST: &str = "400 Bad Request";
pub(super) const NOT_FOUND: &str = "404 Not Found";
pub(super) const BAD_METHOD: &str = "405 Method Not Allowed";
pub(super) const MISDIRECTED: &str = "421 Misdirected Request";
pub(super) const TOO_LARGE: &str = "431 Request Header Fields Too Large";

/// What stands under `name`; as empty where it is no text.
fn values<'a>(
    request: &'a httparse::Request<'_, '_>,
    name: &'static str,
) -> impl Iterator<Item = &'a str> {
    let headers = request.headers.iter();
    let found = headers.filter(move |header| header.name.eq_ignore_ascii_case(name));
    found.map(|header| std::str::from_utf8(header.value).unwrap_or_default())
}

/// Whether a header `Host` names this machine: an address, or a name that is never looked up outside.
fn is_own_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    name.is_empty()
        || name.parse::<IpAddr>().is_ok()
        || matches!(lower.as_str(), "localhost" | "host.docker.internal")
        || lower.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str, is_local: bool) -> Option<Asked> {
        let text = text.replace('\n', "\r\n");
        Request::read(text.as_bytes(), is_local).map(|request| request.asked)
    }

    #[test]
    fn pages_are_found_by_their_path() {
        let accept = |accept: &str| Asked::Metrics {
            accept: Some(accept.to_owned()),
        };
        for (text, wanted) in [
            (
                "GET /metrics HTTP/1.1\nHost: localhost:9464\n\n",
                Asked::Metrics { accept: None },
            ),
            (
                "GET /metrics?x=/healthz HTTP/1.0\naccept: a\nAccept: b\n\n",
                accept("a,b"),
            ),
            (
                "HEAD /healthz HTTP/1.1\nHost: [::1]:9464\n\n",
                Asked::Health,
            ),
            (
                "GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
                Asked::Refused(NOT_FOUND),
            ),
            (
                "POST /metrics HTTP/1.1\nHost: a.localhost\n\n",
                Asked::Refused(BAD_METHOD),
            ),
        ] {
            assert_eq!(asked(text, true), Some(wanted), "{text}");
        }
        assert_eq!(asked("GET /metrics HTTP/1.1\nHost: local", true), None);
    }

    #[test]
    fn a_request_without_a_host_or_with_two_is_bad() {
        for text in [
            "GET /metrics HTTP/1.1\n\n",
            "GET /metrics HTTP/1.1\nHost: a\nHost: b\n\n",
            "nonsense\n\n",
        ] {
            assert_eq!(
                asked(text, false),
                Some(Asked::Refused(BAD_REQUEST)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_that_a_web_page_may_have_is_not_served_on_this_machine_alone() {
        let text = "GET /healthz HTTP/1.1\nHost: rebound.example.com:9464\n\n";
        assert_eq!(asked(text, true), Some(Asked::Refused(MISDIRECTED)));
        assert_eq!(asked(text, false), Some(Asked::Health));
    }
}
