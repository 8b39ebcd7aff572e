//! Where the value of a label comes from.

use std::sync::Arc;

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
}

impl Source {
    /// The value of the label; none leaves the label out.
    pub(crate) fn value(self, labels: &Labels) -> Option<Arc<str>> {
        match self {
            Source::Operation => Some(labels.operation.prefix().unwrap_or("step").into()),
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
            Source::Model | Source::RunModel => labels.model,
            Source::Provider => labels.provider,
            Source::ResponseModel => labels.response_model,
            Source::ErrorType => labels.error_type,
            Source::Agent => labels.agent,
            Source::ToolType => labels.tool_type,
            Source::ServerAddress => labels.server_address,
            Source::Operation | Source::Decision | Source::ServerPort => return None,
        })
    }
}
