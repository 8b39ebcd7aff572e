//! What a message of the Model Context Protocol says of its call, read from its JSON-RPC form.

use genai_trace_semconv::names as conventions;
use genai_trace_semconv::values::mcp_method_name::{PROMPTS_GET, TOOLS_CALL};
use serde_json::Value as Json;

use super::model_facts::Sheet;
use super::names;
use super::operation::Operation;
use crate::provider::Fault;

/// Codes with which a server says that the caller asked for what cannot be served: no errors of its own
/// (`rpc.response.status_code` of the conventions' span `mcp.server`).
const NOT_THE_SERVERS: [i64; 5] = [-32_700, -32_600, -32_601, -32_602, -32_002];

/// Writes what a request asks for: `{"method": .., "params": {"name" | "uri": ..}, "id": ..}`.
pub(super) fn put_request(sheet: &mut impl Sheet, body: &Json) {
    let text = |json: Option<&Json>| json.and_then(Json::as_str).map(str::to_owned);
    let method = text(body.get("method"));
    sheet.put(names::MCP_METHOD, &method);
    let name = text(body.pointer("/params/name"));
    match method.as_deref() {
        Some(TOOLS_CALL) => sheet.put(names::TOOL_NAME, &name),
        Some(PROMPTS_GET) => sheet.put(names::PROMPT_NAME, &name),
        _ => {}
    }
    sheet.put(
        conventions::MCP_RESOURCE_URI,
        &text(body.pointer("/params/uri")),
    );
    let id = match body.get("id") {
        Some(Json::String(id)) => Some(id.clone()),
        Some(Json::Number(id)) => Some(id.to_string()),
        _ => None,
    };
    sheet.put(conventions::JSONRPC_REQUEST_ID, &id);
    let version = text(body.get("jsonrpc")).filter(|version| version != "2.0");
    sheet.put(conventions::JSONRPC_PROTOCOL_VERSION, &version);
    let protocol = text(body.pointer("/params/protocolVersion"));
    sheet.put(names::MCP_VERSION, &protocol);
}

/// Writes what a response says, and gives back the error that it is: `{"error": {"code": .., "message": ..}}`,
/// or `{"result": {"isError": true}}`; also the bare error or the bare result, as libraries hand them out.
pub(super) fn put_response(
    sheet: &mut impl Sheet,
    operation: Operation,
    body: &Json,
) -> Option<Fault> {
    let error = match body.get("error") {
        Some(error) => Some(error).filter(|error| error.is_object()),
        None => {
            Some(body).filter(|bare| bare.get("code").is_some() && bare.get("message").is_some())
        }
    };
    if let Some(error) = error
        && let Some(code) = error.get("code").and_then(Json::as_i64)
    {
        sheet.put(conventions::RPC_RESPONSE_STATUS_CODE, &code.to_string());
        if operation == Operation::McpServer && NOT_THE_SERVERS.contains(&code) {
            return None;
        }
        let message = error
            .get("message")
            .and_then(Json::as_str)
            .map(str::to_owned);
        return Some(Fault::new(Some(code.to_string()), message));
    }
    let result = body.get("result").unwrap_or(body);
    let version = result.get("protocolVersion").and_then(Json::as_str);
    sheet.put(names::MCP_VERSION, &version);
    if result.get("isError").and_then(Json::as_bool) != Some(true) {
        return None;
    }
    let message = result.pointer("/content/0/text").and_then(Json::as_str);
    Some(Fault::new(
        Some("tool_error".to_owned()),
        message.map(str::to_owned),
    ))
}
