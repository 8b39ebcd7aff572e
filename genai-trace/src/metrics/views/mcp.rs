//! The families of the Model Context Protocol: calls and sessions, on either side.

use crate::metrics::bounds;
use crate::metrics::source::Source;
use crate::metrics::view::{Distribution, Part, Scale, Shows, View, When};
use crate::span::operation::Operation;

pub(super) const CLIENT_CALLS: View = View {
    name: "mcp_client_operation_duration_seconds",
    help: "Duration of a request or notification, from its sending to the response.",
    shows: durations(&[calls(&[Operation::McpClient])]),
};

pub(super) const SERVER_CALLS: View = View {
    name: "mcp_server_operation_duration_seconds",
    help: "Duration of a request or notification, from its receipt to the response.",
    shows: durations(&[calls(&[Operation::McpServer])]),
};

pub(super) const CLIENT_SESSIONS: View = View {
    name: "mcp_client_session_duration_seconds",
    help: "Duration of a session, as its client sees it.",
    shows: durations(&[sessions(&[Operation::McpClient])]),
};

pub(super) const SERVER_SESSIONS: View = View {
    name: "mcp_server_session_duration_seconds",
    help: "Duration of a session, as its server sees it.",
    shows: durations(&[sessions(&[Operation::McpServer])]),
};

const fn durations(parts: &'static [Part<Distribution>]) -> Shows {
    Shows::Histogram(Scale::seconds(bounds::MCP), parts)
}

const fn calls(of: &'static [Operation]) -> Part<Distribution> {
    Part::new(
        Distribution::Duration,
        of,
        &[
            ("mcp_method_name", Source::Subject),
            ("error_type", Source::ErrorType),
            ("gen_ai_tool_name", Source::McpTool),
            ("gen_ai_prompt_name", Source::McpPrompt),
            ("rpc_response_status_code", Source::McpErrorCode),
            ("gen_ai_operation_name", Source::McpOperation),
            ("mcp_protocol_version", Source::McpVersion),
            ("network_transport", Source::McpTransport),
            ("server_address", Source::ServerAddress),
            ("server_port", Source::ServerPort),
        ],
    )
    .when(When::Below)
}

const fn sessions(of: &'static [Operation]) -> Part<Distribution> {
    Part::new(
        Distribution::Duration,
        of,
        &[
            ("error_type", Source::ErrorType),
            ("mcp_protocol_version", Source::McpVersion),
            ("network_transport", Source::McpTransport),
            ("server_address", Source::ServerAddress),
            ("server_port", Source::ServerPort),
        ],
    )
    .when(When::Top)
}
