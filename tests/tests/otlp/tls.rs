//! Backends behind TLS, over HTTP and over gRPC: who is trusted, and who is not.

use crate::folder::Folder;
use crate::relay::{Authority, TlsEnd};
use crate::told::Told;
use genai_trace_tests::turn;

#[test]
fn a_backend_with_a_certificate_of_the_root_that_is_named_gets_the_spans_and_no_other_does() {
    let _turn = turn();
    for backend in Told::each() {
        let folder = Folder::new("otlp-tls");
        let (ours, other) = (Authority::new(), Authority::new());
        std::fs::write(folder.join("ours.pem"), ours.pem()).unwrap();
        std::fs::write(folder.join("other.pem"), other.pem()).unwrap();
        let end = TlsEnd::to(backend.port, &ours, None);
        let endpoint = format!("https://127.0.0.1:{}", end.port());
        let run = |roots: &[_]| backend.run(&folder, &endpoint, roots);

        // Neither Mozilla's roots nor another one will do; what is not taken waits, and why is said.
        for roots in [
            [].as_slice(),
            &[("OTEL_EXPORTER_OTLP_CERTIFICATE", "other.pem")],
        ] {
            let said = run(roots);
            assert!(said.contains(&endpoint), "{said}");
            assert!(said.contains(": invalid peer certificate: "), "{said}");
            assert!(said.contains(": spans wait in "), "{said}");
            assert_eq!(backend.spans(), 0);
        }
        assert_eq!(run(&[("OTEL_EXPORTER_OTLP_CERTIFICATE", "ours.pem")]), "");
        assert_eq!(backend.spans(), 9);
    }
}

#[test]
fn a_backend_that_wants_a_certificate_is_shown_the_one_that_is_named() {
    let _turn = turn();
    for backend in Told::each() {
        let folder = Folder::new("otlp-tls-client");
        let (servers, clients, others) = (Authority::new(), Authority::new(), Authority::new());
        let (chain, key) = clients.identity().pem();
        let (other_chain, other_key) = others.identity().pem();
        for (name, pem) in [
            ("root.pem", servers.pem()),
            ("chain.pem", chain),
            ("key.pem", key),
            ("other-chain.pem", other_chain),
            ("other-key.pem", other_key),
        ] {
            std::fs::write(folder.join(name), pem).unwrap();
        }
        let end = TlsEnd::to(backend.port, &servers, Some(&clients));
        let endpoint = format!("https://127.0.0.1:{}", end.port());
        let root = ("OTEL_EXPORTER_OTLP_CERTIFICATE", "root.pem");
        let shown = |chain, key| {
            let variables = [
                root,
                ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", chain),
                ("OTEL_EXPORTER_OTLP_CLIENT_KEY", key),
            ];
            backend.run(&folder, &endpoint, &variables)
        };
        for said in [
            backend.run(&folder, &endpoint, &[root]),
            shown("other-chain.pem", "other-key.pem"),
        ] {
            assert!(said.contains(": spans wait in "), "{said}");
            assert_eq!(backend.spans(), 0);
        }
        assert_eq!(shown("chain.pem", "key.pem"), "");
        assert_eq!(backend.spans(), 9);
    }
}
