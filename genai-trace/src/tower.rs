//! Layers of `tower` over HTTP: a root span for each request of a server. Feature `tower`; with the feature
//! `axum` the spans are named after the routes of axum.
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

mod names;
mod server;

pub use self::server::{ServerBody, ServerFuture, ServerLayer, ServerService};
