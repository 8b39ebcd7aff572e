//! `genai-trace serve`, asked over real sockets.

// A test that panics is a test that fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod answers;
mod live;
mod otlp;
mod safety;
mod server;
mod sources;
mod stores;
#[path = "../written/mod.rs"]
mod written;
