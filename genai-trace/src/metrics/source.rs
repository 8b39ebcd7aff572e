//! Where the value of a label comes from.

use std::sync::Arc;

use genai_trace_semconv::values::gen_ai_operation_name::EXECUTE_TOOL;
use genai_trace_semconv::values::mcp_method_name::{PROMPTS_GET, TOOLS_CALL};

use super::labels::Labels;
use super::symbol::{Symbol, resolve};

/// Where a label's value comes from; a fact that is absent leaves its label out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// `gen_ai.operation.name`, or our own word where there is none.
    Operation,
    Decision,
    Subject,
    /// The requested model; none for a run that called several.
    Model,
    /// The only model of a run, or `mixed`.
    RunModel,
    Provider,
    ResponseModel,
    ErrorType,
    Agent,
    ToolType,
    ServerAddress,
    ServerPort,
    /// The tool that a call of the Model Context Protocol is about.
    McpTool,
    /// The prompt that it is about.
    McpPrompt,
    /// The code of a JSON-RPC error.
    McpErrorCode,
    /// `gen_ai.operation.name`, where it calls a tool.
    McpOperation,
    McpVersion,
    McpTransport,
}

impl Source {
    /// The value of the label; none leaves the label out.
    pub(crate) fn value(self, labels: &Labels) -> Option<Arc<str>> {
        match self {
            Source::Operation => Some(labels.operation.word().into()),
            Source::McpOperation => is_about(labels, TOOLS_CALL).then(|| EXECUTE_TOOL.into()),
            Source::McpTool if !is_about(labels, TOOLS_CALL) => None,
            Source::McpPrompt if !is_about(labels, PROMPTS_GET) => None,
            Source::McpErrorCode => {
                let code = resolve(labels.error_type)?;
                code.parse::<i64>().ok().map(|_| code.into())
            }
            Source::Decision => labels.decision.map(|decision| decision.as_str().into()),
            Source::ServerPort => {
                let port = labels.server_port;
                (port > 0).then(|| port.to_string().into())
            }
            // Several models are no model's name.
            Source::Model if labels.top && labels.model == Symbol::MIXED => None,
            named => resolve(named.symbol(labels)?).map(Arc::from),
        }
    }

    /// Whether the value is one of those for which there was no room.
    pub(crate) fn has_overflowed(self, labels: &Labels) -> bool {
        self.symbol(labels) == Some(Symbol::OVERFLOW)
    }

    /// The symbol that holds the value, for names of which there can be too many.
    const fn symbol(self, labels: &Labels) -> Option<Symbol> {
        Some(match self {
            Source::Subject => labels.subject,
            Source::Model | Source::RunModel | Source::McpTool | Source::McpPrompt => labels.model,
            Source::Provider | Source::McpVersion => labels.provider,
            Source::ResponseModel => labels.response_model,
            Source::ErrorType | Source::McpErrorCode => labels.error_type,
            Source::Agent => labels.agent,
            Source::ToolType | Source::McpTransport => labels.tool_type,
            Source::ServerAddress => labels.server_address,
            Source::Operation | Source::McpOperation | Source::Decision | Source::ServerPort => {
                return None;
            }
        })
    }
}

/// Whether the subject of the series is the method `method`.
fn is_about(labels: &Labels, method: &str) -> bool {
    resolve(labels.subject) == Some(method)
}
