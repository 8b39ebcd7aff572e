//! Spans, events and metrics leave the process by OTLP: to a backend that is well, and to one that is not.

mod backend;
mod events;
#[path = "../support/folder.rs"]
mod folder;
mod grpc;
mod grpc_backend;
mod kills;
mod metrics;
mod proxies;
mod relay;
mod spans;
mod tls;
mod told;

use std::time::Duration;

/// Longer than anything takes, on any machine.
const LONG: Duration = Duration::from_secs(60);
