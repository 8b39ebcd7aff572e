//! How requests travel: over HTTP or over gRPC.

use super::client::Client;
#[cfg(feature = "otlp-grpc")]
use super::grpc::GrpcClient;
#[cfg(feature = "otlp-grpc")]
use super::options::OtlpProtocol;
use super::parcel::Parcel;
use super::retry::Answer;
use super::settings::Settings;

/// How requests travel.
pub(super) enum Transport {
    Http(Box<Client>),
    #[cfg(feature = "otlp-grpc")]
    Grpc(Box<GrpcClient>),
}

impl Transport {
    /// # Errors
    /// What is missing, in words.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        #[cfg(feature = "otlp-grpc")]
        if settings.protocol == OtlpProtocol::Grpc {
            return GrpcClient::new(settings).map(|client| Self::Grpc(Box::new(client)));
        }
        Ok(Self::Http(Box::new(Client::new(settings))))
    }

    /// Sends a request.
    pub(super) fn send(&mut self, parcel: &Parcel) -> Answer {
        match self {
            Self::Http(client) => client.send(parcel),
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(client) => client.send(parcel),
        }
    }
}
