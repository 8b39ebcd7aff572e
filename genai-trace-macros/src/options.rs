//! The options: which attribute takes which, in what form, and what each becomes.
//!
//! The attributes that options set stand here and nowhere else.

use genai_trace_semconv::names;
use genai_trace_semconv::values::gen_ai_operation_name as operation;

use crate::kind::Kind::{
    self, Agent, Chat, CreateAgent, Embeddings, FetchResponse, Mcp, Memory, Retrieval, Tool,
};

/// One option.
#[derive(Debug)]
pub(crate) struct OptionRow {
    /// The key that the user writes.
    pub(crate) name: &'static str,
    /// The attributes that take it.
    pub(crate) on: &'static [Kind],
    /// What stands after the key.
    pub(crate) form: Form,
    /// What becomes of it.
    pub(crate) role: Role,
    /// The option that must not stand beside it.
    pub(crate) excludes: Option<&'static str>,
    /// The option that must stand beside it.
    pub(crate) needs: Option<&'static str>,
}

/// What stands after an option's key.
#[derive(Debug)]
pub(crate) enum Form {
    /// `key`
    Flag,
    /// `key = expression`
    Value(Type),
    /// `key = "word"`: the words, each with the variant of the runtime's `Operation` it selects.
    Word(&'static [(&'static str, &'static str)]),
    /// `key = path::to::function`
    Function,
    /// `key = path`
    Path,
    /// `key("name" = expression, ..)`, under names of the user's choice.
    Fields,
    /// `key("name" = |result| expression, ..)`, under names of the user's choice.
    Readings,
    /// `key(name = expression, ..)`: the names, each with the attribute it sets.
    Parts(&'static [(&'static str, &'static str)]),
    /// `key` or `key(argument, ..)`: arguments of the function.
    Arguments,
}

/// What becomes of an option.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The second half of the span's name.
    Subject,
    /// An attribute of the span; `true` where the option is a flag.
    Attribute(&'static str),
    /// Attributes of the span; the form says which.
    Attributes,
    /// A call of this method while the span is opened.
    Opening(&'static str),
    /// Attributes of the span, read from the result.
    Readings,
    /// Tells `error.type` from the error.
    Err,
    /// Tells an error from the result.
    ErrorIf,
    /// Tells the response's facts from the result.
    Response,
    /// Another operation: the flag's own, or the one its word selects.
    Operation(&'static str),
    /// What else leaves the process is done inside it.
    InProcess,
    /// The path of the runtime.
    Crate,
    /// The arguments that are captured.
    Contents,
    /// The result is captured.
    Result,
}

/// What an attribute's value is, so far as a literal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Texts,
    Integer,
    Number,
    /// From 0 to 1.
    Ratio,
    Truth,
    /// Whatever an attribute can hold.
    Any,
}

impl Type {
    /// The type in words, for `.. takes ..`.
    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Type::Text => "a string",
            Type::Texts => "a list of strings",
            Type::Integer => "an integer",
            Type::Number => "a number",
            Type::Ratio => "a ratio from 0 to 1",
            Type::Truth => "`true` or `false`",
            Type::Any => "a value",
        }
    }
}

use Form::{Arguments, Fields, Flag, Function, Parts, Readings, Value, Word};
use Role::{Attribute, Attributes, Opening};
use Type::{Any, Integer, Number, Ratio, Text, Texts};

const OPERATIONS: &[(&str, &str)] = &[
    (operation::CHAT, "Chat"),
    (operation::TEXT_COMPLETION, "TextCompletion"),
    (operation::GENERATE_CONTENT, "GenerateContent"),
];

const PROMPT: &[(&str, &str)] = &[
    ("name", names::GEN_AI_PROMPT_NAME),
    ("version", names::GEN_AI_PROMPT_VERSION),
];

/// The same of all chats of an agent.
const PROMPT_OF_AGENT: &[(&str, &str)] = &[
    ("name", "genai_trace.prompt.name"),
    ("version", "genai_trace.prompt.version"),
];

/// Which arm of an experiment a run belongs to.
const EXPERIMENT: &[(&str, &str)] = &[("id", "experiment.id"), ("variant", "experiment.variant")];

/// For whom an agent works.
const USER_ID: &str = "user.id";

/// What a memory is asked to do: the words, each with the variant of the runtime's `Operation`.
pub(crate) const MEMORY_OPERATIONS: &[(&str, &str)] = &[
    (operation::SEARCH_MEMORY, "SearchMemory"),
    (operation::CREATE_MEMORY, "CreateMemory"),
    (operation::UPDATE_MEMORY, "UpdateMemory"),
    (operation::UPSERT_MEMORY, "UpsertMemory"),
    (operation::DELETE_MEMORY, "DeleteMemory"),
    (operation::CREATE_MEMORY_STORE, "CreateMemoryStore"),
    (operation::DELETE_MEMORY_STORE, "DeleteMemoryStore"),
];

/// Every option; messages list them in this order.
#[rustfmt::skip]
const OPTIONS: &[OptionRow] = &[
    row("client", &[Mcp], Flag, Role::Operation("McpClient")).excludes("server"),
    row("server", &[Mcp], Flag, Role::Operation("McpServer")),
    row("method", &[Mcp], Value(Text), Role::Subject),
    row("tool", &[Mcp], Value(Text), Attribute(names::GEN_AI_TOOL_NAME)),
    row("prompt", &[Mcp], Value(Text), Attribute(names::GEN_AI_PROMPT_NAME)),
    row("resource_uri", &[Mcp], Value(Text), Attribute(names::MCP_RESOURCE_URI)),
    row("session_id", &[Mcp], Value(Text), Attribute(names::MCP_SESSION_ID)),
    row("protocol_version", &[Mcp], Value(Text), Attribute(names::MCP_PROTOCOL_VERSION)),
    row("request_id", &[Mcp], Value(Any), Opening("request_id")),
    row("transport", &[Mcp], Value(Text), Attribute(names::NETWORK_TRANSPORT)),

    row("name", Kind::NAMED, Value(Text), Role::Subject),

    row("id", &[Agent, CreateAgent], Value(Text), Attribute(names::GEN_AI_AGENT_ID)),
    row("description", &[Agent, CreateAgent], Value(Text), Attribute(names::GEN_AI_AGENT_DESCRIPTION)),
    row("version", &[Agent, CreateAgent], Value(Text), Attribute(names::GEN_AI_AGENT_VERSION)),
    row("model", &[Agent, CreateAgent, Retrieval], Value(Text), Attribute(names::GEN_AI_REQUEST_MODEL)),
    row("remote", &[Agent], Flag, Role::Operation("RemoteAgent")),
    row("provider", &[Agent], Value(Text), Attribute(names::GEN_AI_PROVIDER_NAME)).needs("remote"),

    row("call_id", &[Tool], Value(Text), Attribute(names::GEN_AI_TOOL_CALL_ID)),
    row("description", &[Tool], Value(Text), Attribute(names::GEN_AI_TOOL_DESCRIPTION)),
    row("tool_type", &[Tool], Value(Text), Attribute(TOOL_TYPE)),
    row("skill", &[Tool], Value(Text), Attribute(names::GEN_AI_SKILL_NAME)),
    row("skill_resource", &[Tool], Value(Text), Attribute(names::GEN_AI_SKILL_RESOURCE_NAME)),
    row("error_if", &[Tool], Function, Role::ErrorIf),

    row("provider", Kind::CALLS_TO_PROVIDERS, Value(Text), Attribute(names::GEN_AI_PROVIDER_NAME)),
    row("model", &[Chat, Embeddings], Value(Text), Role::Subject),
    row("operation", &[Chat], Word(OPERATIONS), Role::Operation("Chat")),
    row("in_process", &[Chat, Memory], Flag, Role::InProcess),
    row("apart", &[Chat, Embeddings, Mcp], Flag, Opening("apart")),
    row("response_id", &[FetchResponse], Value(Text), Attribute(names::GEN_AI_RESPONSE_ID)),
    row("stream_cursor", &[FetchResponse], Value(Text), Attribute(names::GEN_AI_REQUEST_STREAM_CURSOR)),
    row("request", &[Chat, Embeddings, Mcp], Value(Any), Opening("request")),
    row("response", &[Chat, Embeddings, FetchResponse, Mcp], Function, Role::Response),
    row("stream", &[Chat], Flag, Attribute(names::GEN_AI_REQUEST_STREAM)),
    row("prompt", &[Chat], Parts(PROMPT), Attributes),
    row("prompt", &[Agent], Parts(PROMPT_OF_AGENT), Attributes),
    row("max_tokens", &[Chat], Value(Integer), Attribute(names::GEN_AI_REQUEST_MAX_TOKENS)),
    row("temperature", &[Chat], Value(Number), Attribute(names::GEN_AI_REQUEST_TEMPERATURE)),
    row("top_p", &[Chat], Value(Number), Attribute(names::GEN_AI_REQUEST_TOP_P)),
    row("top_k", &[Chat], Value(Integer), Attribute(names::GEN_AI_REQUEST_TOP_K)),
    row("frequency_penalty", &[Chat], Value(Number), Attribute(names::GEN_AI_REQUEST_FREQUENCY_PENALTY)),
    row("presence_penalty", &[Chat], Value(Number), Attribute(names::GEN_AI_REQUEST_PRESENCE_PENALTY)),
    row("seed", &[Chat], Value(Integer), Attribute(names::GEN_AI_REQUEST_SEED)),
    row("choice_count", &[Chat], Value(Integer), Attribute(names::GEN_AI_REQUEST_CHOICE_COUNT)),
    row("stop_sequences", &[Chat], Value(Texts), Attribute(names::GEN_AI_REQUEST_STOP_SEQUENCES)),
    row("reasoning_level", &[Chat], Value(Text), Attribute(names::GEN_AI_REQUEST_REASONING_LEVEL)),
    row("output_type", &[Chat], Value(Text), Attribute(names::GEN_AI_OUTPUT_TYPE)),
    row("previous_response_id", &[Chat], Value(Text), Attribute(names::GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID)),
    row("dimension_count", &[Embeddings], Value(Integer), Attribute(names::GEN_AI_EMBEDDINGS_DIMENSION_COUNT)),
    row("encoding_formats", &[Embeddings], Value(Texts), Attribute(names::GEN_AI_REQUEST_ENCODING_FORMATS)),
    row("top_k", &[Retrieval], Value(Integer), Attribute(names::GEN_AI_RETRIEVAL_TOP_K)),
    row("store_id", &[Memory], Value(Text), Attribute(names::GEN_AI_MEMORY_STORE_ID)),
    row("record_id", &[Memory], Value(Text), Attribute(names::GEN_AI_MEMORY_RECORD_ID)),
    row("record_count", &[Memory], Value(Integer), Attribute(names::GEN_AI_MEMORY_RECORD_COUNT)),
    row("url", Kind::CALLS, Value(Any), Opening("url")).excludes("server_address"),
    row("server_address", Kind::CALLS, Value(Text), Attribute(names::SERVER_ADDRESS)),
    row("server_port", Kind::CALLS, Value(Integer), Attribute(names::SERVER_PORT)),
    row("client_address", &[Mcp], Value(Text), Attribute(names::CLIENT_ADDRESS)),
    row("client_port", &[Mcp], Value(Integer), Attribute(names::CLIENT_PORT)),

    row("user_id", &[Agent], Value(Text), Attribute(USER_ID)),
    row("experiment", &[Agent], Parts(EXPERIMENT), Attributes),

    row("regenerates", &[Agent, Kind::Workflow, Kind::Span], Value(Any), Opening("regenerates")),

    row("fields", Kind::ALL, Fields, Attributes),
    row("ret_fields", Kind::ALL, Readings, Role::Readings),
    row("err", Kind::ALL, Function, Role::Err),
    row("parent", Kind::ALL, Value(Any), Opening("parent")).excludes("root"),
    row("links", Kind::ALL, Value(Any), Opening("links")),
    row("root", Kind::ALL, Flag, Opening("root")),
    row("sample", Kind::ALL, Value(Ratio), Opening("sample")),
    row("conversation_id", Kind::ALL, Value(Text), Opening("conversation_id")),
    row("crate", Kind::ALL, Form::Path, Role::Crate),
    row("args", Kind::ALL, Arguments, Role::Contents),
    row("ret", Kind::ALL, Flag, Role::Result),
    row("content", Kind::ALL, Value(Any), Opening("content")),
];

/// The attribute that every tool span has, and its value unless `tool_type` says otherwise.
pub(crate) const TOOL_TYPE: &str = names::GEN_AI_TOOL_TYPE;
pub(crate) const DEFAULT_TOOL_TYPE: &str = "function";

const fn row(name: &'static str, on: &'static [Kind], form: Form, role: Role) -> OptionRow {
    OptionRow {
        name,
        on,
        form,
        role,
        excludes: None,
        needs: None,
    }
}

impl OptionRow {
    const fn excludes(mut self, other: &'static str) -> Self {
        self.excludes = Some(other);
        self
    }

    const fn needs(mut self, other: &'static str) -> Self {
        self.needs = Some(other);
        self
    }

    /// The option as it is written, for messages.
    pub(crate) fn usage(&self) -> String {
        let name = self.name;
        match self.form {
            Flag => format!("`{name}` alone, without a value"),
            Arguments => format!("`{name}`, or `{name}(argument, ..)`"),
            Value(_) => format!("`{name} = value`"),
            Word(words) => {
                let words: Vec<_> = words
                    .iter()
                    .map(|(word, _)| format!("\"{word}\""))
                    .collect();
                format!("`{name} = {}`", words.join(" | "))
            }
            Function => format!("`{name} = path::to::function`"),
            Form::Path => format!("`{name} = path`"),
            Fields => format!("`{name}(\"key\" = value)`"),
            Readings => format!("`{name}(\"key\" = |result| value)`"),
            Parts(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|(part, _)| format!("{part} = .."))
                    .collect();
                format!("`{name}({})`", parts.join(", "))
            }
        }
    }
}

/// The option `name` of the attribute `kind`.
pub(crate) fn find(kind: Kind, name: &str) -> Option<&'static OptionRow> {
    of(kind).find(|row| row.name == name)
}

/// The option of the attribute `kind` that is the second half of the span's name.
pub(crate) fn subject(kind: Kind) -> Option<&'static str> {
    of(kind)
        .find(|row| row.role == Role::Subject)
        .map(|row| row.name)
}

/// How the attribute `kind` has the option written that sets the attribute `name`.
pub(crate) fn setting(kind: Kind, name: &str) -> Option<String> {
    of(kind).find_map(|row| match (&row.role, &row.form) {
        (Role::Attribute(set), _) if *set == name => Some(row.usage()),
        (_, Parts(parts)) => {
            let (part, _) = parts.iter().find(|(_, set)| *set == name)?;
            Some(format!("`{}({part} = value)`", row.name))
        }
        _ => None,
    })
}

/// The attributes that take the option `name`.
pub(crate) fn takers(name: &str) -> impl Iterator<Item = Kind> {
    Kind::ALL
        .iter()
        .copied()
        .filter(move |kind| find(*kind, name).is_some())
}

/// The names of the options that the attribute `kind` takes.
pub(crate) fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    of(kind).map(|row| row.name)
}

fn of(kind: Kind) -> impl Iterator<Item = &'static OptionRow> {
    OPTIONS.iter().filter(move |row| row.on.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_takes_an_option_once() {
        for kind in Kind::ALL {
            let mut seen = Vec::new();
            for row in of(*kind) {
                assert!(!seen.contains(&row.name), "{} on {kind:?}", row.name);
                seen.push(row.name);
            }
        }
    }

    #[test]
    fn an_option_takes_the_type_that_its_attribute_has() {
        use crate::conventions::expected;
        use genai_trace_semconv::attribute;

        for row in OPTIONS {
            let (name, ty) = match (&row.role, &row.form) {
                (Attribute(name), Value(ty)) => (*name, *ty),
                (Attribute(name), Flag) => (*name, Type::Truth),
                _ => continue,
            };
            // Names that the conventions do not have are free.
            let known = attribute(name).map(expected);
            assert_eq!(known.unwrap_or(ty), ty, "{}", row.name);
            assert!(
                known.is_some() || !name.starts_with("gen_ai."),
                "{}",
                row.name
            );
        }
        for (_, name) in PROMPT {
            assert_eq!(attribute(name).map(expected), Some(Text), "{name}");
        }
    }

    #[test]
    fn excluded_and_needed_options_exist_where_they_are_named() {
        for row in OPTIONS {
            for other in row.excludes.iter().chain(&row.needs) {
                for kind in row.on {
                    assert!(find(*kind, other).is_some(), "{other} on {kind:?}");
                }
            }
        }
    }
}
