//! Where the metrics are served.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use crate::config::InitError;
use crate::recorder::tally::say;

pub(crate) const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";
pub(crate) const PORT: &str = "OTEL_EXPORTER_PROMETHEUS_PORT";
const DEFAULT_HOST: &str = "127.0.0.1";
const DEFAULT_PORT: u16 = 9464;

/// Where the environment has the metrics served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MetricsPlace {
    host: String,
    port: u16,
}

/// A socket that takes connections.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
}

impl MetricsPlace {
    /// What is allowed as a port.
    pub(crate) const PORTS: &str = "an integer from 0 to 65535, where 0 is one that is free";
    const HOSTS: &str = "an address of this machine, or a name of one";

    /// The place that two variables say, as far as they do.
    pub(crate) fn new(host: Option<String>, port: Option<u16>) -> Self {
        Self {
            host: host.unwrap_or_else(|| DEFAULT_HOST.to_owned()),
            port: port.unwrap_or(DEFAULT_PORT),
        }
    }

    /// Begins to listen there; not where another process does, which mostly is one that gave this one its environment:
    /// that is said on standard error, and no reason not to start.
    ///
    /// # Errors
    /// As of [`listen`](Self::listen) else.
    pub(crate) fn listen_unless_taken(&self) -> Result<Option<Listening>, InitError> {
        match self.listen() {
            Err(error) if is_taken(&error) => {
                say(&format!("genai-trace: {error}\n"));
                Ok(None)
            }
            listening => listening.map(Some),
        }
    }

    /// Begins to listen there.
    ///
    /// # Errors
    /// The host is none of this machine, or the system does not give the port.
    pub(crate) fn listen(&self) -> Result<Listening, InitError> {
        let bad_host = |why: &io::Error| InitError::Variable {
            name: HOST,
            value: self.host.clone(),
            expected: format!("{} ({why})", Self::HOSTS),
        };
        // As in a URL.
        let host = self.host.strip_prefix('[');
        let host = host.and_then(|host| host.strip_suffix(']'));
        let at = (host.unwrap_or(&self.host), self.port).to_socket_addrs();
        let at: Vec<_> = at.map_err(|why| bad_host(&why))?.collect();
        let source = match Listening::at_one_of(&at) {
            Ok(listening) => return Ok(listening),
            Err(why) if why.kind() == io::ErrorKind::AddrNotAvailable => {
                return Err(bad_host(&why));
            }
            Err(why) => why,
        };
        let first = at.first().map(ToString::to_string);
        Err(InitError::Listen {
            address: first.unwrap_or_else(|| format!("{}:{}", self.host, self.port)),
            source: io::Error::new(source.kind(), format!("{source}; {PORT} is where")),
        })
    }
}

fn is_taken(error: &InitError) -> bool {
    matches!(error, InitError::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
}

impl Listening {
    /// Begins to listen at `address`.
    ///
    /// # Errors
    /// The system gives no such address.
    pub(super) fn at(address: &str) -> Result<Self, InitError> {
        Self::of(address).map_err(|source| InitError::Listen {
            address: address.to_owned(),
            source,
        })
    }

    /// At the first address that there is; where that is taken at none, since nobody would look at the next.
    fn at_one_of(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut addresses = addresses.iter().peekable();
        loop {
            let Some(address) = addresses.next() else {
                return Err(io::ErrorKind::AddrNotAvailable.into());
            };
            match Self::of(address) {
                Err(why)
                    if why.kind() != io::ErrorKind::AddrInUse && addresses.peek().is_some() => {}
                listening => return listening,
            }
        }
    }

    fn of(at: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }
}
