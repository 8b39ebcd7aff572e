//! Sessions of the Model Context Protocol.

use std::time::Instant;

use crate::metrics::{Ended, Labels, Symbol};
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;
use crate::span::stack;

/// A session of the Model Context Protocol, whose duration the metrics count when it ends: when this is
/// dropped. The calls inside it are spans of [`#[genai_mcp]`](macro@crate::genai_mcp).
///
/// ```
/// use genai_trace::{McpSession, MemoryExporter, Telemetry};
///
/// let telemetry = Telemetry::builder().memory(&MemoryExporter::new()).install()?;
/// let session = McpSession::client().protocol_version("2025-06-18").transport("pipe");
/// // initialize, calls ...
/// drop(session);
/// let text = telemetry.metrics_text();
/// assert!(text.contains("mcp_client_session_duration_seconds_count{"));
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Debug)]
#[must_use = "the session ends when this is dropped, which is at once unless it is kept"]
pub struct McpSession {
    operation: Operation,
    began: Instant,
    version: Option<String>,
    transport: Option<String>,
    address: Option<String>,
    port: u16,
    error_type: Option<String>,
}

impl McpSession {
    /// A session that begins now, as its client sees it.
    pub fn client() -> Self {
        Self::of(Operation::McpClient)
    }

    /// A session that begins now, as its server sees it.
    pub fn server() -> Self {
        Self::of(Operation::McpServer)
    }

    fn of(operation: Operation) -> Self {
        Self {
            operation,
            began: Instant::now(),
            version: None,
            transport: None,
            address: None,
            port: 0,
            error_type: None,
        }
    }

    /// The version of the protocol: `mcp.protocol.version`.
    pub fn protocol_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// How messages are carried: `network.transport`, `pipe` or `tcp` mostly.
    pub fn transport(mut self, transport: impl Into<String>) -> Self {
        self.transport = Some(transport.into());
        self
    }

    /// The server: `server.address` and `server.port`, 0 where that is not known.
    pub fn server_address(mut self, address: impl Into<String>, port: u16) -> Self {
        self.address = Some(address.into());
        self.port = port;
        self
    }

    /// Ends the session because of an error of this kind: one of few, since it is a label.
    pub fn fail(mut self, error_type: impl Into<String>) {
        self.error_type = Some(error_type.into());
    }
}

impl Drop for McpSession {
    fn drop(&mut self) {
        let duration = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        stack::with_shard(|shard, symbols, _| {
            let mut symbol = |text: &Option<String>| {
                let text = text.as_deref();
                text.map_or(Symbol::NONE, |text| symbols.get(text))
            };
            let labels = Labels {
                top: true,
                provider: symbol(&self.version),
                tool_type: symbol(&self.transport),
                server_address: symbol(&self.address),
                server_port: self.port,
                error_type: symbol(&self.error_type),
                outcome: match self.error_type {
                    Some(_) => Outcome::Error,
                    None => Outcome::Ok,
                },
                ..Labels::new(self.operation)
            };
            shard.measure(&Ended::new(labels, duration));
        });
    }
}
