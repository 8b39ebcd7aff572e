//! Spans across the borders of a process: headers, servers, clients, the metrics' page.

mod exemplars;
mod passed_on;
mod propagation;
mod serve;
mod server;
