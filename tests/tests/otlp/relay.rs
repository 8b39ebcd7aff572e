//! What may stand between a program and a backend: a proxy that opens tunnels, the end of TLS, a hole.

use std::future::Future;
use std::net::{Ipv4Addr, TcpListener as Listener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// Something that listens on a port of the loopback until it is dropped.
struct Listening {
    port: u16,
    /// Ends the thread when it is dropped.
    _end: oneshot::Sender<()>,
}

impl Listening {
    /// Serves each connection so.
    fn new<F, S>(serve: F) -> Self
    where
        F: Fn(TcpStream) -> S + Send + 'static,
        S: Future<Output = Option<()>> + Send + 'static,
    {
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        listener.set_nonblocking(true).unwrap();
        let (end, ended) = oneshot::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                let listen = async {
                    loop {
                        let (stream, _) = listener.accept().await.unwrap();
                        tokio::spawn(serve(stream));
                    }
                };
                tokio::select! {
                    () = listen => {}
                    _ = ended => {}
                }
            });
        });
        Self { port, _end: end }
    }
}

/// A proxy that leads to one port, wherever it is asked for.
pub struct Proxy {
    listening: Listening,
    state: Arc<Mutex<ProxyState>>,
}

#[derive(Default)]
struct ProxyState {
    /// The heads of the requests, line for line.
    heads: Vec<String>,
    /// The status with which requests are refused.
    refuses: Option<u16>,
}

impl Proxy {
    pub fn to(port: u16) -> Self {
        let state = Arc::new(Mutex::new(ProxyState::default()));
        let for_thread = Arc::clone(&state);
        let listening = Listening::new(move |stream| lead(stream, Arc::clone(&for_thread), port));
        Self { listening, state }
    }

    pub fn port(&self) -> u16 {
        self.listening.port
    }

    pub fn refuse(&self, status: Option<u16>) {
        self.state.lock().unwrap().refuses = status;
    }

    /// The heads of the requests that came.
    pub fn heads(&self) -> Vec<String> {
        self.state.lock().unwrap().heads.clone()
    }
}

async fn lead(mut stream: TcpStream, state: Arc<Mutex<ProxyState>>, port: u16) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let refuses = {
        let mut state = state.lock().unwrap();
        state.heads.push(String::from_utf8(head).unwrap());
        state.refuses
    };
    if let Some(status) = refuses {
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
        return stream.write_all(answer.as_bytes()).await.ok();
    }
    let mut backend = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    stream.write_all(b"HTTP/1.1 200 x\r\n\r\n").await.ok()?;
    copy_bidirectional(&mut stream, &mut backend).await.ok()?;
    Some(())
}

/// Whoever signs certificates.
pub struct Authority {
    root: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate for the loopback, and the key for it.
pub struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            root: params.self_signed(&key).unwrap(),
            issuer: Issuer::new(params, key),
        }
    }

    /// What whoever trusts it has to have.
    pub fn pem(&self) -> String {
        self.root.pem()
    }

    pub fn identity(&self) -> Identity {
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        Identity {
            certificate: params.signed_by(&key, &self.issuer).unwrap(),
            key,
        }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        Arc::new(roots)
    }
}

impl Identity {
    /// The certificate, and the key for it.
    pub fn pem(&self) -> (String, String) {
        (self.certificate.pem(), self.key.serialize_pem())
    }

    fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.der().clone()]
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}

/// The end of TLS, behind which a backend is spoken to in the clear.
pub struct TlsEnd(Listening);

impl TlsEnd {
    /// In front of this port, with a certificate of `authority`, for whoever has one of `clients`, where that is said.
    pub fn to(port: u16, authority: &Authority, clients: Option<&Authority>) -> Self {
        let provider = Arc::new(default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = match clients {
            None => config.with_no_client_auth(),
            Some(clients) => config.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(clients.roots(), provider)
                    .build()
                    .unwrap(),
            ),
        };
        let identity = authority.identity();
        let mut config = config
            .with_single_cert(identity.chain(), identity.private_key())
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self(Listening::new(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut stream = acceptor.accept(stream).await.ok()?;
                let mut backend = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
                copy_bidirectional(&mut stream, &mut backend).await.ok()?;
                Some(())
            }
        }))
    }

    pub fn port(&self) -> u16 {
        self.0.port
    }
}

/// Something in front of a port that takes its first connections and says nothing on them ever.
pub struct Hole {
    listening: Listening,
    /// How many of the connections that it swallowed were given up.
    given_up: Arc<AtomicUsize>,
}

impl Hole {
    /// Swallows so many connections; those behind them are led to the port.
    pub fn before(port: u16, connections: usize) -> Self {
        let left = AtomicUsize::new(connections);
        let given_up = Arc::new(AtomicUsize::new(0));
        let for_thread = Arc::clone(&given_up);
        let listening = Listening::new(move |mut stream| {
            let given_up = Arc::clone(&for_thread);
            let swallow = |left: usize| left.checked_sub(1);
            let is_swallowed = left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, swallow)
                .is_ok();
            async move {
                if is_swallowed {
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                    given_up.fetch_add(1, Ordering::SeqCst);
                    return None;
                }
                let mut backend = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
                copy_bidirectional(&mut stream, &mut backend).await.ok()?;
                Some(())
            }
        });
        Self {
            listening,
            given_up,
        }
    }

    /// Waits until so many of the connections that it swallowed were given up.
    pub fn wait_for_given_up(&self, count: usize) {
        let began = Instant::now();
        while self.given_up.load(Ordering::SeqCst) < count {
            assert!(began.elapsed() < Duration::from_secs(30), "they stay open");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn port(&self) -> u16 {
        self.listening.port
    }
}
