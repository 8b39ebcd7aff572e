//! The parts of `coding_agent` by themselves: the model's server, the gates, the sandbox, the
//! tools.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub
)]

#[path = "../coding_agent/endpoint.rs"]
#[allow(dead_code)]
mod endpoint;
#[path = "../coding_agent/gates.rs"]
#[allow(dead_code)]
mod gates;
#[path = "../coding_agent/http.rs"]
#[allow(dead_code)]
mod http;
#[path = "../coding_agent/model/mod.rs"]
mod model;
#[path = "../coding_agent/sandbox.rs"]
#[allow(dead_code)]
mod sandbox;
#[allow(dead_code)]
mod support;
#[path = "../coding_agent/tools/mod.rs"]
#[allow(dead_code)]
mod tools;
#[path = "../coding_agent/workspace.rs"]
#[allow(dead_code)]
mod workspace;

#[path = "parts/gates.rs"]
mod gates_tests;
#[path = "parts/http.rs"]
mod http_tests;
#[path = "parts/sandbox.rs"]
mod sandbox_tests;
#[path = "parts/server.rs"]
mod server_tests;
#[path = "parts/tools.rs"]
mod tools_tests;
