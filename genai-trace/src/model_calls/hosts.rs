//! Whose host it is that a request goes to.

use crate::provider::server_of;

/// Hosts of which somebody said whose they are: gateways of one's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts(Vec<Host>);

#[derive(Clone, Debug)]
struct Host {
    name: String,
    /// None for any.
    port: Option<u16>,
    provider: String,
}

impl Hosts {
    /// Notes that `host`, with a port where that is not to be any, is `provider`'s.
    pub(crate) fn add(&mut self, host: &str, provider: String) {
        // An address of version 6 stands in brackets where a port is behind it.
        let (name, port) = match host.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
            Some((name, behind)) => (name, behind.strip_prefix(':')),
            None => match host.split_once(':') {
                Some((_, rest)) if rest.contains(':') => (host, None),
                Some((name, port)) => (name, Some(port)),
                None => (host, None),
            },
        };
        // A port that is none is no request's.
        let port = port.map(|port| port.parse().unwrap_or(0));
        self.0.push(Host {
            name: name.to_owned(),
            port,
            provider,
        });
    }

    /// The provider that was said for the host of `url`.
    pub(crate) fn provider(&self, url: &str) -> Option<&str> {
        let (address, port) = server_of(url)?;
        let is_it = |host: &&Host| {
            host.name.eq_ignore_ascii_case(address) && (host.port.is_none() || host.port == port)
        };
        self.0.iter().find(is_it).map(|host| host.provider.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Hosts;

    #[test]
    fn a_host_is_known_in_any_case_with_its_port_or_with_any() {
        let mut hosts = Hosts::default();
        for (host, provider) in [
            ("llm.internal:8080", "with a port"),
            ("LLM.Internal", "with any"),
            ("[::1]:8080", "v6 with a port"),
            ("fe80::1", "v6"),
            ("bad:port", "none"),
        ] {
            hosts.add(host, provider.to_owned());
        }
        for (url, provider) in [
            ("http://llm.internal:8080/v1", Some("with a port")),
            ("https://Llm.INTERNAL/v1", Some("with any")),
            ("http://llm.internal:9/v1", Some("with any")),
            ("http://[::1]:8080/v1", Some("v6 with a port")),
            ("http://[::1]/v1", None),
            ("http://[fe80::1]:1/v1", Some("v6")),
            ("http://llm.internal.example/v1", None),
            ("http://bad/v1", None),
        ] {
            assert_eq!(hosts.provider(url), provider, "{url}");
        }
    }
}
