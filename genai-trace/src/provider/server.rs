//! The server that a URL names.

/// The host of `url`, and its port, where that is said or is usual for the scheme; none where it has no
/// host. A name before an `@` is nobody's business, nor is anything behind the host.
///
/// ```
/// use genai_trace::provider::server_of;
///
/// assert_eq!(server_of("https://user:pw@api.openai.com/v1?key=1"), Some(("api.openai.com", Some(443))));
/// assert_eq!(server_of("http://[::1]:8080/"), Some(("::1", Some(8080))));
/// assert_eq!(server_of("localhost"), None);
/// ```
pub fn server_of(url: &str) -> Option<(&str, Option<u16>)> {
    let (scheme, rest) = split_scheme(url)?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (address, port) = match host.strip_prefix('[') {
        Some(v6) => {
            let (address, behind) = v6.split_once(']')?;
            (address, behind.strip_prefix(':'))
        }
        None => match host.rsplit_once(':') {
            Some((address, port)) => (address, Some(port)),
            None => (host, None),
        },
    };
    if address.is_empty() {
        return None;
    }
    let usual = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    };
    let said = port.filter(|port| !port.is_empty());
    Some((address, said.map_or(usual, |port| port.parse().ok())))
}

/// The scheme of `url`, and what is behind it. The `://` of a URL in another's path or query is not its own.
pub(super) fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.bytes().all(is_of_scheme).then_some((scheme, rest))
}

#[cfg(test)]
mod tests {
    use super::server_of;

    #[test]
    fn a_url_within_another_is_not_where_the_call_goes() {
        for url in [
            "/proxy?to=https://api.openai.com",
            "localhost:8080/https://api.openai.com",
        ] {
            assert_eq!(server_of(url), None, "{url}");
        }
        let url = "http://localhost/?to=https://api.openai.com";
        assert_eq!(server_of(url), Some(("localhost", Some(80))));
    }
}
