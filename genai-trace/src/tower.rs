//! Layers of `tower` over HTTP. Feature `tower`; with the feature `axum` the spans of a server are named after the
//! routes of axum.
//!
//! [`ServerLayer`] gives each request that is answered its span. Of those that are sent, [`ClientLayer`] makes calls
//! of models spans of their own and has all the others name the span that they are sent from; [`InjectLayer`] does
//! only the latter, and leaves the bodies as they are, as clients of gRPC want it.
//!
//! ```
//! use genai_trace::tower::ServerLayer;
//!
//! # #[cfg(feature = "axum")]
//! # fn app() -> axum::Router {
//! // On the routes, so that each request is known by its own.
//! axum::Router::new()
//!     .route("/agents/{agent}", axum::routing::get(async || "done"))
//!     .layer(ServerLayer::new())
//! # }
//! ```

mod client;
mod inject;
mod names;
mod server;

pub use self::client::{ClientBody, ClientFuture, ClientLayer, ClientService, SentBody};
pub use self::inject::{InjectLayer, InjectService};
pub use self::server::{ServerBody, ServerFuture, ServerLayer, ServerService};
