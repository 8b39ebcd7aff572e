//! What a span stands for, by its operation or, in older spellings, by its name.

use genai_trace_semconv::values::gen_ai_operation_name as operation;

/// What a span stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Agent,
    Model,
    Embeddings,
    Tool,
    Retrieval,
    Gate,
    /// A turn, a workflow, a plan, anything else.
    Step,
}

impl Kind {
    /// By `gen_ai.operation.name` where it is said, else by the span's name, as others have spelt it.
    pub(crate) fn of(operation: Option<&str>, name: &str, has_decision: bool) -> Kind {
        if has_decision {
            return Kind::Gate;
        }
        operation
            .and_then(by_operation)
            .unwrap_or_else(|| by_name(name))
    }

    /// Whether it is a call that uses tokens.
    pub(crate) const fn calls_a_model(self) -> bool {
        matches!(self, Kind::Model | Kind::Embeddings)
    }
}

fn by_operation(word: &str) -> Option<Kind> {
    Some(match word {
        operation::INVOKE_AGENT => Kind::Agent,
        operation::CHAT | operation::TEXT_COMPLETION | operation::GENERATE_CONTENT => Kind::Model,
        "fetch_response" => Kind::Model,
        operation::EMBEDDINGS => Kind::Embeddings,
        operation::EXECUTE_TOOL => Kind::Tool,
        operation::RETRIEVAL => Kind::Retrieval,
        _ => return None,
    })
}

/// The names that tutorials give their spans.
fn by_name(name: &str) -> Kind {
    match name {
        "gen_ai.chat" | "gen_ai.completion" | "llm_call" | "llm.completion" | "generate"
        | "llm_generation" => Kind::Model,
        "gen_ai.tool.execution" | "tool.execution" | "tool.call" | "tool_call" => Kind::Tool,
        "agent.run" | "agent_run" | "agent_workflow" => Kind::Agent,
        "retrieval" | "retrieve" | "document_retrieval" => Kind::Retrieval,
        "gate" => Kind::Gate,
        _ => match name.split_once([' ', '.']) {
            Some(("chat", _)) => Kind::Model,
            Some(("execute_tool" | "tool", _)) => Kind::Tool,
            Some(("invoke_agent", _)) => Kind::Agent,
            Some(("embeddings", _)) => Kind::Embeddings,
            Some(("retrieval", _)) => Kind::Retrieval,
            Some(("gate", _)) => Kind::Gate,
            _ => Kind::Step,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_known_by_its_operation_or_by_the_names_of_others() {
        for (operation, name, kind) in [
            (Some("chat"), "whatever", Kind::Model),
            (Some("execute_tool"), "gate x", Kind::Tool),
            (Some("my_own"), "agent.run", Kind::Agent),
            (None, "llm_generation", Kind::Model),
            (None, "tool.execute.rm", Kind::Tool),
            (None, "tool.query_db", Kind::Tool),
            (None, "invoke_agent coder", Kind::Agent),
            (None, "document_retrieval", Kind::Retrieval),
            (None, "agent.turn", Kind::Step),
            (None, "GET /users", Kind::Step),
        ] {
            assert_eq!(Kind::of(operation, name, false), kind, "{name}");
        }
        assert_eq!(Kind::of(None, "x", true), Kind::Gate);
    }
}
