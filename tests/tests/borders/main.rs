//! Spans across the borders of a process: headers, servers, clients, the metrics' page.

mod client;
mod exemplars;
mod own_baggage;
mod passed_on;
mod propagation;
#[path = "../support/provider_server.rs"]
mod provider_server;
mod serve;
mod server;
