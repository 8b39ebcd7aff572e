//! Who may ask: pages of other origins may not, nor names that only lead here, nor strangers where others can reach it.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use axum::middleware::Next;

use super::answer::{dress, plain, refuse};
use super::listen::LONGEST_HEAD;

/// So many random bytes are a token.
const TOKEN_BYTES: usize = 16;

/// Decides who may ask.
#[derive(Debug)]
pub(super) struct Guard {
    /// The names that lead here; any, where it is not this machine's alone.
    hosts: Option<Vec<String>>,
    token: Option<String>,
    /// In which browsers keep the token. They tell cookies of one host apart by their names, not by its ports.
    cookie: String,
}

/// Answers whom the guard lets in, and everybody with the headers that every answer has.
pub(super) async fn guarded(
    State(guard): State<Arc<Guard>>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let mut response = match guard.stops(&request) {
        Some(response) => response,
        None => next.run(request).await,
    };
    dress(&mut response);
    response
}

impl Guard {
    /// For a server that listens at `address`.
    pub(super) fn of(address: SocketAddr) -> Result<Self, String> {
        let is_ours = address.ip().is_loopback();
        Ok(Self {
            hosts: is_ours.then(|| hosts(address)),
            token: if is_ours { None } else { Some(token()?) },
            cookie: cookie(address),
        })
    }

    /// For another port of the same server.
    pub(super) fn at(&self, address: SocketAddr) -> Self {
        Self {
            hosts: self.hosts.as_ref().map(|_| hosts(address)),
            token: self.token.clone(),
            cookie: cookie(address),
        }
    }

    /// What whoever asks has to know, where it is not only this machine that can.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Why a request is not answered, or an answer that comes before all others.
    pub(super) fn stops(&self, request: &Request<Body>) -> Option<Response<Body>> {
        let headers = request.headers();
        // What came in one piece may be longer than what is waited for.
        if length(request) > LONGEST_HEAD {
            let why = format!("the head of the request is longer than {LONGEST_HEAD} bytes");
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Some(refuse(status, &why));
        }
        let Some(host) = host(request) else {
            return Some(refuse(StatusCode::FORBIDDEN, "the request names no host"));
        };
        if let Some(hosts) = &self.hosts
            && !hosts.iter().any(|known| known.eq_ignore_ascii_case(&host))
        {
            let known = hosts.join(", ");
            let why = format!("the host is {host:?}: expected one of {known}");
            return Some(refuse(StatusCode::FORBIDDEN, &why));
        }
        if let Some(origin) = headers.get(ORIGIN)
            && !origin.to_str().is_ok_and(|origin| is_same(origin, &host))
        {
            let why = format!("the origin {origin:?} is another than the host {host:?}");
            return Some(refuse(StatusCode::FORBIDDEN, &why));
        }
        if let Some(site) = headers.get(SITE)
            && !matches!(site.as_bytes(), b"same-origin" | b"none")
            && !opens_a_page(request)
        {
            let why = format!("the request comes from a page of another origin ({site:?})");
            return Some(refuse(StatusCode::FORBIDDEN, &why));
        }
        let token = self.token.as_deref()?;
        if given(headers, &self.cookie).any(|given| is_equal(&given, token)) {
            return None;
        }
        match in_query(request.uri()) {
            Some(given) if is_equal(&given, token) => {
                Some(welcome(request.uri(), &self.cookie, token))
            }
            _ => Some(refuse(
                StatusCode::UNAUTHORIZED,
                "a token is wanted: open the address that was printed at the start, or send Authorization: Bearer",
            )),
        }
    }
}

/// Where a request comes from, as browsers say: a page that cannot read an answer could still time it.
const SITE: &str = "sec-fetch-site";

/// Whether somebody follows a link to the viewer, or to a run in it.
fn opens_a_page(request: &Request<Body>) -> bool {
    let says = |name: &str, what: &str| request.headers().get(name).is_some_and(|is| is == what);
    request.method() == Method::GET
        && !request.uri().path().starts_with("/api/")
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
}

/// How many bytes the head of a request had, or a little less.
fn length(request: &Request<Body>) -> usize {
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + 4);
    let uri = request.uri();
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    path + headers.sum::<usize>()
}

/// What the cookie of a server at this address is called.
fn cookie(address: SocketAddr) -> String {
    format!("genai_trace_token_{}", address.port())
}

/// The names that lead to an address of this machine alone.
fn hosts(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let mut hosts = ["localhost", "[::1]", "127.0.0.1"]
        .map(|name| format!("{name}:{port}"))
        .to_vec();
    hosts.push(address.to_string());
    if port == 80 {
        let bare = hosts.iter().filter_map(|host| host.strip_suffix(":80"));
        let bare: Vec<_> = bare.map(str::to_owned).collect();
        hosts.extend(bare);
    }
    hosts
}

fn token() -> Result<String, String> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| format!("cannot make a token: {error}"))?;
    let mut token = String::new();
    for byte in bytes {
        // Writing into a text does not fail.
        let _ = write!(token, "{byte:02x}");
    }
    Ok(token)
}

/// The one host that a request names.
fn host(request: &Request<Body>) -> Option<String> {
    let mut named = request.headers().get_all(HOST).iter();
    let host = named.next()?.to_str().ok()?;
    let is_one = named.next().is_none();
    // A request may also name it in its first line.
    let agrees = request
        .uri()
        .authority()
        .is_none_or(|authority| authority.as_str() == host);
    (is_one && agrees).then(|| host.to_owned())
}

fn is_same(origin: &str, host: &str) -> bool {
    let (scheme, rest) = origin.split_once("://").unwrap_or_default();
    // Behind a proxy that adds TLS the page is another scheme's.
    matches!(scheme, "http" | "https") && rest.eq_ignore_ascii_case(host)
}

/// The tokens that a request gives.
fn given(headers: &HeaderMap, cookie: &str) -> impl Iterator<Item = String> {
    let bearer = headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    });
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let cookies = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(move |said| {
            let (name, token) = said.trim().split_once('=')?;
            (name == cookie).then(|| token.to_owned())
        });
    bearer.chain(cookies)
}

fn in_query(uri: &Uri) -> Option<String> {
    let mut pairs = uri
        .query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, _)| *key == "token")
        .map(|(_, token)| token.to_owned())
}

/// Compared in a time that says nothing of where they differ.
fn is_equal(given: &str, token: &str) -> bool {
    let differs = given
        .bytes()
        .zip(token.bytes())
        .fold(0, |differs, (a, b)| differs | (a ^ b));
    given.len() == token.len() && differs == 0
}

/// The token is kept in a cookie, and stands in the address no longer.
fn welcome(uri: &Uri, cookie: &str, token: &str) -> Response<Body> {
    let left = uri.query().unwrap_or_default().split('&');
    let left: Vec<&str> = left.filter(|pair| !pair.starts_with("token=")).collect();
    let to = match left.is_empty() {
        true => "/".to_owned(),
        // Only ever a path of this server: what begins with two slashes would be another's.
        false => format!("/?{}", left.join("&")),
    };
    let mut response = plain(StatusCode::SEE_OTHER, "");
    let cookie = format!("{cookie}={token}; HttpOnly; SameSite=Strict; Path=/");
    let headers = response.headers_mut();
    if let (Ok(to), Ok(cookie)) = (to.parse(), cookie.parse()) {
        headers.insert(LOCATION, to);
        headers.insert(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(guard: &Guard, uri: &str, headers: &[(&str, &str)]) -> Option<StatusCode> {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        guard.stops(&request).map(|response| response.status())
    }

    #[test]
    fn only_names_of_this_machine_with_the_port_lead_here() {
        let guard = Guard::of("127.0.0.1:4319".parse().unwrap()).unwrap();
        for host in [
            "127.0.0.1:4319",
            "localhost:4319",
            "LOCALHOST:4319",
            "[::1]:4319",
        ] {
            assert_eq!(ask(&guard, "/", &[("host", host)]), None, "{host}");
        }
        for host in [
            "evil.example:4319",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost:4319.evil.example",
            "evil.example@localhost:4319",
            "127.0.0.1:4319 ",
            "",
            "localhost.:4319",
            "0.0.0.0:4319",
        ] {
            assert_eq!(
                ask(&guard, "/", &[("host", host)]),
                Some(StatusCode::FORBIDDEN),
                "{host}"
            );
        }
        assert_eq!(ask(&guard, "/", &[]), Some(StatusCode::FORBIDDEN));
        let two = [("host", "127.0.0.1:4319"), ("host", "evil.example")];
        assert_eq!(ask(&guard, "/", &two), Some(StatusCode::FORBIDDEN));
        let other = "http://evil.example/";
        assert_eq!(
            ask(&guard, other, &[("host", "127.0.0.1:4319")]),
            Some(StatusCode::FORBIDDEN)
        );
    }

    #[test]
    fn pages_of_other_origins_are_not_answered() {
        let guard = Guard::of("[::1]:4319".parse().unwrap()).unwrap();
        let from = |origin| {
            ask(
                &guard,
                "/",
                &[("host", "localhost:4319"), ("origin", origin)],
            )
        };
        assert_eq!(from("http://localhost:4319"), None);
        for origin in [
            "http://evil.example",
            "null",
            "http://localhost:80",
            "http://127.0.0.1:4319",
            "file://localhost:4319",
        ] {
            assert_eq!(from(origin), Some(StatusCode::FORBIDDEN), "{origin}");
        }
    }

    #[test]
    fn pages_of_other_origins_may_lead_to_the_viewer_and_ask_for_nothing_else() {
        let guard = Guard::of("127.0.0.1:4319".parse().unwrap()).unwrap();
        let from = |uri, site, mode, dest| {
            let headers = [
                ("host", "127.0.0.1:4319"),
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ];
            ask(&guard, uri, &headers)
        };
        for site in ["same-origin", "none"] {
            assert_eq!(from("/api/runs", site, "cors", "empty"), None, "{site}");
        }
        for site in ["cross-site", "same-site", "x"] {
            assert_eq!(from("/", site, "navigate", "document"), None, "{site}");
            for (uri, mode, dest) in [
                ("/api/runs?text=hunter2", "no-cors", "empty"),
                ("/api/runs?text=hunter2", "navigate", "document"),
                ("/api/live", "no-cors", "image"),
                ("/app.js", "no-cors", "script"),
                ("/", "navigate", "iframe"),
            ] {
                assert_eq!(
                    from(uri, site, mode, dest),
                    Some(StatusCode::FORBIDDEN),
                    "{uri} {site} {mode} {dest}"
                );
            }
        }
    }

    #[test]
    fn where_others_can_reach_it_a_token_is_wanted() {
        let guard = Guard::of("0.0.0.0:4319".parse().unwrap()).unwrap();
        let token = guard.token().unwrap().to_owned();
        assert_eq!(token.len(), 2 * TOKEN_BYTES);
        let host = ("host", "box.lan:4319");
        assert_eq!(ask(&guard, "/", &[host]), Some(StatusCode::UNAUTHORIZED));
        let wrong = format!("/?token={}", "0".repeat(32));
        assert_eq!(ask(&guard, &wrong, &[host]), Some(StatusCode::UNAUTHORIZED));
        assert_eq!(
            ask(&guard, "/?token=", &[host]),
            Some(StatusCode::UNAUTHORIZED)
        );
        assert_eq!(
            ask(&guard, &format!("/?token={token}"), &[host]),
            Some(StatusCode::SEE_OTHER)
        );
        let bearer = format!("Bearer {token}");
        assert_eq!(ask(&guard, "/", &[host, ("authorization", &bearer)]), None);
        let cookie = format!("a=b; genai_trace_token_4319={token}");
        assert_eq!(ask(&guard, "/", &[host, ("cookie", &cookie)]), None);
        let of_another_port = format!("genai_trace_token_4320={token}");
        assert_eq!(
            ask(&guard, "/", &[host, ("cookie", &of_another_port)]),
            Some(StatusCode::UNAUTHORIZED)
        );
        let foreign = [
            host,
            ("cookie", &*cookie),
            ("origin", "http://evil.example"),
        ];
        assert_eq!(ask(&guard, "/", &foreign), Some(StatusCode::FORBIDDEN));
    }
}
