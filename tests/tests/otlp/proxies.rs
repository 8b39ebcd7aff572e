//! Programs that reach their backend through a proxy that variables name, over HTTP and over gRPC alike.

use crate::folder::Folder;
use crate::relay::{Authority, Proxy, TlsEnd};
use crate::told::Told;
use genai_trace_tests::turn;

/// A host that only the proxy knows.
const FAR_AWAY: &str = "http://collector.example";

/// The first lines of the requests that came to a proxy.
fn lines(proxy: &Proxy) -> Vec<String> {
    let heads = proxy.heads();
    let lines = heads.iter().filter_map(|head| head.lines().next());
    lines.map(str::to_owned).collect()
}

#[test]
fn a_tunnel_leads_to_a_host_that_only_the_proxy_knows_with_the_name_and_password_of_its_url() {
    let _turn = turn();
    for backend in Told::each() {
        let (folder, proxy) = (Folder::new("otlp-proxy"), Proxy::to(backend.port));
        let url = format!("http://me:p%40ss@127.0.0.1:{}", proxy.port());
        let variables = [
            ("HTTP_PROXY", url.as_str()),
            ("HTTPS_PROXY", "http://127.0.0.1:1"),
            ("NO_PROXY", "localhost,other.example"),
        ];
        assert_eq!(backend.run(&folder, FAR_AWAY, &variables), "");
        assert_eq!(backend.spans(), 3);
        assert_eq!(lines(&proxy), ["CONNECT collector.example:80 HTTP/1.1"]);
        // `printf me:p@ss | base64`
        let head = proxy.heads().remove(0);
        let mut shown = head.lines().filter_map(|line| line.split_once(": "));
        let shown = shown.find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
        assert_eq!(shown.map(|(_, said)| said), Some("Basic bWU6cEBzcw=="));
    }
}

#[test]
fn tls_goes_through_the_tunnel_to_the_backend() {
    let _turn = turn();
    for backend in Told::each() {
        let (folder, authority) = (Folder::new("otlp-proxy-tls"), Authority::new());
        std::fs::write(folder.join("root.pem"), authority.pem()).unwrap();
        let end = TlsEnd::to(backend.port, &authority, None);
        let proxy = Proxy::to(end.port());
        let url = format!("http://127.0.0.1:{}", proxy.port());
        let variables = [
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "root.pem"),
            ("HTTPS_PROXY", url.as_str()),
        ];
        let endpoint = format!("https://127.0.0.1:{}", end.port());
        assert_eq!(backend.run(&folder, &endpoint, &variables), "");
        assert_eq!(backend.spans(), 3);
        let line = format!("CONNECT 127.0.0.1:{} HTTP/1.1", end.port());
        assert_eq!(lines(&proxy), [line]);
    }
}

#[test]
fn a_proxy_may_itself_be_behind_tls() {
    let _turn = turn();
    for backend in Told::each() {
        let (folder, authority) = (Folder::new("otlp-proxy-https"), Authority::new());
        std::fs::write(folder.join("root.pem"), authority.pem()).unwrap();
        let end = TlsEnd::to(backend.port, &authority, None);
        let in_the_clear = Proxy::to(backend.port);
        let to_tls = Proxy::to(end.port());
        for (proxy, endpoint) in [
            (&in_the_clear, FAR_AWAY.to_owned()),
            (&to_tls, format!("https://127.0.0.1:{}", end.port())),
        ] {
            let front = TlsEnd::to(proxy.port(), &authority, None);
            let url = format!("https://me:secret@127.0.0.1:{}", front.port());
            let variables = [
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", "root.pem"),
                ("ALL_PROXY", url.as_str()),
            ];
            assert_eq!(backend.run(&folder, &endpoint, &variables), "");
            assert_eq!(lines(proxy).len(), 1);
        }
        assert_eq!(backend.spans(), 6);
    }
}

#[test]
fn hosts_of_no_proxy_are_reached_without_it() {
    let _turn = turn();
    for backend in Told::each() {
        let (folder, proxy) = (Folder::new("otlp-no-proxy"), Proxy::to(backend.port));
        let url = format!("http://127.0.0.1:{}", proxy.port());
        let variables = [
            ("ALL_PROXY", url.as_str()),
            ("NO_PROXY", "collector.example, 127.0.0.1"),
        ];
        let endpoint = format!("http://127.0.0.1:{}", backend.port);
        assert_eq!(backend.run(&folder, &endpoint, &variables), "");
        assert_eq!((backend.spans(), lines(&proxy)), (3, Vec::new()));
    }
}

#[test]
fn a_proxy_that_opens_no_tunnel_is_named_and_what_it_keeps_off_waits_for_the_next_start() {
    let _turn = turn();
    for backend in Told::each() {
        let (folder, proxy) = (Folder::new("otlp-proxy-407"), Proxy::to(backend.port));
        let url = format!("http://me:secret@127.0.0.1:{}", proxy.port());
        let run = || backend.run(&folder, FAR_AWAY, &[("http_proxy", &url)]);
        proxy.refuse(Some(407));
        let said = run();
        let named = format!(
            "the proxy wants a name and a password that it knows (status 407), through the proxy \
             http://127.0.0.1:{}: spans wait in ",
            proxy.port()
        );
        assert!(said.contains(&named) && !said.contains("secret"), "{said}");
        proxy.refuse(Some(502));
        let said = run();
        assert!(said.contains(", through the proxy http://"), "{said}");
        assert_eq!(backend.spans(), 0);
        proxy.refuse(None);
        assert_eq!(run(), "");
        assert_eq!(backend.spans(), 9);
    }
}

#[test]
fn what_is_no_proxy_is_an_error_at_the_start_that_names_the_variable() {
    let _turn = turn();
    for backend in Told::each() {
        let folder = Folder::new("otlp-proxy-bad");
        for bad in ["socks5://me:secret@host:1080", "pigeon://me:secret@host"] {
            let said = backend.run(&folder, FAR_AWAY, &[("ALL_PROXY", bad)]);
            let start = "no telemetry: ALL_PROXY is \"";
            assert!(
                said.starts_with(start) && !said.contains("secret"),
                "{said}"
            );
            let expected = "expected the url of a proxy like http://host:3128";
            assert!(said.contains(expected), "{said}");
        }
    }
}
