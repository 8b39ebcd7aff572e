//! Requests over gRPC, on a runtime of the sending thread's own: the program needs none.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use prost::Message;
use prost::bytes::{Buf, BufMut};
use tokio::runtime::{Builder, Runtime};
use tonic::client::Grpc;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status, TimeoutExpired};
use ureq::http::HeaderMap;
use ureq::http::uri::PathAndQuery;

use super::parcel::Parcel;
use super::retry::{Answer, ExportResponse};
use super::settings::{Settings, shown, shown_proxy};
use super::status::answer;
use super::tunnel::{self, Tunnel, with_port};

/// Sends requests to a backend, each at most as long as the timeout.
pub(super) struct GrpcClient {
    /// How the backend is reached, over and over.
    endpoint: Endpoint,
    tunnel: Option<Tunnel>,
    channel: Channel,
    runtime: Runtime,
    path: PathAndQuery,
    metadata: MetadataMap,
    timeout: Duration,
    gzip: bool,
    /// The url as messages show it.
    shown: String,
    /// The proxy on the way, as messages show it.
    proxy: Option<String>,
}

impl GrpcClient {
    /// # Errors
    /// What is missing, in words.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot make a runtime for grpc: {error}"))?;
        let tunnel = settings.proxy.as_ref();
        let tunnel = tunnel.map(|proxy| tunnel::tunnel(proxy, settings));
        let tunnel = tunnel.transpose()?;
        let mut endpoint = match &tunnel {
            None => Endpoint::from_shared(settings.url.clone()),
            Some(_) => Ok(Endpoint::from(with_port(&settings.url)?)),
        }
        .and_then(|endpoint| {
            endpoint.user_agent(concat!("genai-trace/", env!("CARGO_PKG_VERSION")))
        })
        // What is given up while it connects would else wait for ever, with its socket.
        .map(|endpoint| endpoint.connect_timeout(settings.timeout))
        .map_err(|error| cause(&error))?;
        if settings.url.to_ascii_lowercase().starts_with("https:") {
            endpoint = endpoint
                .tls_config(tls(settings))
                .map_err(|error| cause(&error))?;
        }
        let channel = channel(&runtime, &endpoint, tunnel.as_ref());
        let mut headers = HeaderMap::new();
        for (name, value) in &settings.headers {
            headers.insert(name.clone(), value.clone());
        }
        Ok(Self {
            endpoint,
            tunnel,
            channel,
            runtime,
            path: PathAndQuery::from_static(settings.signal.method()),
            metadata: MetadataMap::from_headers(headers),
            timeout: settings.timeout,
            gzip: settings.gzip,
            shown: shown(&settings.url),
            proxy: settings.proxy.as_ref().map(shown_proxy),
        })
    }

    /// Sends a request.
    pub(super) fn send(&mut self, parcel: &Parcel) -> Answer {
        let mut request = Request::new(parcel.body.clone());
        *request.metadata_mut() = self.metadata.clone();
        request.set_timeout(self.timeout);
        let answered = self
            .runtime
            .block_on(async { tokio::time::timeout(self.timeout, self.call(request)).await });
        let unanswered = match answered {
            Ok(Ok(response)) => return response.answer().about(&self.shown),
            Ok(Err(status)) => match status.source() {
                None => return answer(&status).about(&self.shown),
                Some(source) if source.is::<TimeoutExpired>() => self.no_answer(),
                Some(_) => answer(&status),
            },
            Err(_) => self.no_answer(),
        };
        // Nobody may be at the other end any more, and nothing says so: the next request has a connection of its own.
        self.channel = channel(&self.runtime, &self.endpoint, self.tunnel.as_ref());
        unanswered.through(self.proxy.as_deref()).about(&self.shown)
    }

    fn no_answer(&self) -> Answer {
        Answer::Later {
            after: None,
            cause: format!("no answer within {:?}", self.timeout),
        }
    }

    async fn call(&self, request: Request<Vec<u8>>) -> Result<ExportResponse, Status> {
        let mut client = Grpc::new(self.channel.clone());
        if self.gzip {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        client
            .ready()
            .await
            .map_err(|error| Status::unavailable(cause(&error)))?;
        let response = client.unary(request, self.path.clone(), Written).await?;
        Ok(response.into_inner())
    }
}

/// A connection that is made with the first request.
fn channel(runtime: &Runtime, endpoint: &Endpoint, tunnel: Option<&Tunnel>) -> Channel {
    let _entered = runtime.enter();
    match tunnel {
        None => endpoint.connect_lazy(),
        Some(tunnel) => endpoint.connect_with_connector_lazy(tunnel.clone()),
    }
}

fn tls(settings: &Settings) -> ClientTlsConfig {
    let tls = match &settings.roots {
        Some(roots) => {
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(roots.text.as_slice()))
        }
        None => ClientTlsConfig::new().with_webpki_roots(),
    }
    .timeout(settings.timeout);
    match &settings.client {
        Some(client) => tls.identity(Identity::from_pem(
            client.chain.as_slice(),
            client.key.as_slice(),
        )),
        None => tls,
    }
}

/// What is at the bottom of an error: what is above it says little.
pub(super) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    tunnel::refusal(deepest).map_or_else(|| deepest.to_string(), str::to_owned)
}

/// Requests that are written already.
#[derive(Clone, Copy, Debug)]
struct Written;

impl Codec for Written {
    type Encode = Vec<u8>;
    type Decode = ExportResponse;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Written {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, body: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&body);
        Ok(())
    }
}

impl Decoder for Written {
    type Item = ExportResponse;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<ExportResponse>, Status> {
        let body = buffer.copy_to_bytes(buffer.remaining());
        // The status has said what counts, where the rest cannot be read.
        Ok(Some(ExportResponse::decode(body).unwrap_or_default()))
    }
}

impl fmt::Debug for GrpcClient {
    /// Without what metadata says: it holds credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcClient")
            .field("url", &self.shown)
            .finish_non_exhaustive()
    }
}
