//! OpenInference, as Phoenix shows it best.

mod work;

use genai_trace_semconv::names as conventions;
use genai_trace_semconv::values::gen_ai_provider_name as provider;

use self::work::{
    copy, documents, encoding_format, finish_reason, mime, response_format, tools, word,
};
use super::backend::json;
use super::derived;
use super::flat_messages::{Keys, flatten};
use super::role::Role;
use super::table::On::{Every, Only};
use super::table::Row::{Move, Say, Sum, Work};
use super::table::{Row, Table, Words};
use crate::span::names;

const KIND: &str = "openinference.span.kind";
const INPUT: &str = "input.value";
const OUTPUT: &str = "output.value";
const PROMPT_TOKENS: &str = "llm.token_count.prompt";
const INVOCATION: &str = "llm.invocation_parameters";
const COMPLETION_TOKENS: &str = "llm.token_count.completion";

pub(super) const TABLE: Table = Table {
    names: &[],
    rows: &[
        (Only(&[Role::Model]), &[Say(KIND, "LLM")]),
        (Only(&[Role::Embeddings]), &[Say(KIND, "EMBEDDING")]),
        (Only(&[Role::Retrieval]), &[Say(KIND, "RETRIEVER")]),
        (Only(&[Role::Tool]), &[Say(KIND, "TOOL")]),
        (Only(&[Role::Agent]), &[Say(KIND, "AGENT")]),
        (Only(&[Role::Gate]), &[Say(KIND, "GUARDRAIL")]),
        (
            Only(&[Role::Workflow, Role::Plan, Role::Memory, Role::Step]),
            &[Say(KIND, "CHAIN")],
        ),
        (Only(&[Role::Model]), MODEL),
        (
            Only(&[Role::Embeddings]),
            &[
                Move(names::REQUEST_MODEL, "embedding.model_name"),
                Work(encoding_format),
                Work(|span| json(span, PARAMETERS, "embedding.invocation_parameters")),
            ],
        ),
        (
            Only(&[Role::Retrieval]),
            &[
                Work(documents),
                Move(conventions::GEN_AI_RETRIEVAL_QUERY_TEXT, INPUT),
                Move(conventions::GEN_AI_RETRIEVAL_DOCUMENTS, OUTPUT),
            ],
        ),
        (
            Only(&[Role::Memory]),
            &[
                Move(conventions::GEN_AI_MEMORY_QUERY_TEXT, INPUT),
                Move(conventions::GEN_AI_MEMORY_RECORDS, OUTPUT),
            ],
        ),
        (
            Only(&[Role::Tool]),
            &[
                Move(names::TOOL_NAME, "tool.name"),
                Move(conventions::GEN_AI_TOOL_CALL_ID, "tool.id"),
                Move(conventions::GEN_AI_TOOL_DESCRIPTION, "tool.description"),
                Work(|span| copy(span, conventions::GEN_AI_TOOL_CALL_ARGUMENTS, INPUT)),
                Move(conventions::GEN_AI_TOOL_CALL_ARGUMENTS, "tool.parameters"),
                Work(derived::plain_result),
                Move(conventions::GEN_AI_TOOL_CALL_RESULT, OUTPUT),
            ],
        ),
        (Every, EVERY),
    ],
};

const MODEL: &[Row] = &[
    Move(names::REQUEST_MODEL, "llm.model_name"),
    Work(|span| word(span, names::PROVIDER, PROVIDERS, "llm.provider")),
    Work(|span| word(span, names::PROVIDER, SYSTEMS, "llm.system")),
    Work(|span| json(span, PARAMETERS, INVOCATION)),
    Work(|span| response_format(span, INVOCATION)),
    Work(tools),
    Work(finish_reason),
];

const EVERY: &[Row] = &[
    Move(names::CONVERSATION_ID, "session.id"),
    Move(names::AGENT_NAME, "agent.name"),
    Move(names::PROMPT_VERSION, "llm.prompt_template.version"),
    Move(names::OWN_PROMPT_VERSION, "llm.prompt_template.version"),
    Move(names::INPUT_TOKENS, PROMPT_TOKENS),
    Move(names::OUTPUT_TOKENS, COMPLETION_TOKENS),
    Sum("llm.token_count.total", &[PROMPT_TOKENS, COMPLETION_TOKENS]),
    Move(
        names::CACHE_READ_TOKENS,
        "llm.token_count.prompt_details.cache_read",
    ),
    Move(
        names::CACHE_WRITE_TOKENS,
        "llm.token_count.prompt_details.cache_write",
    ),
    Move(
        names::AUDIO_INPUT_TOKENS,
        "llm.token_count.prompt_details.audio",
    ),
    Move(
        names::REASONING_TOKENS,
        "llm.token_count.completion_details.reasoning",
    ),
    Move(
        names::AUDIO_OUTPUT_TOKENS,
        "llm.token_count.completion_details.audio",
    ),
    Move(names::COST_USD, "llm.cost.total"),
    Work(|span| flatten(span, &MESSAGES)),
    Move(conventions::GEN_AI_INPUT_MESSAGES, INPUT),
    Move(names::INPUT, INPUT),
    Work(|span| mime(span, INPUT, "input.mime_type")),
    Move(conventions::GEN_AI_OUTPUT_MESSAGES, OUTPUT),
    Move(names::OUTPUT, OUTPUT),
    Work(|span| mime(span, OUTPUT, "output.mime_type")),
];

const MESSAGES: Keys = Keys {
    input: "llm.input_messages.",
    output: "llm.output_messages.",
    message: ".message.",
    call_id: "tool_call.id",
    call_name: "tool_call.function.name",
    call_arguments: "tool_call.function.arguments",
    part: Some("message_content."),
};

/// What a request asked for, under the names of the request.
const PARAMETERS: Words = &[
    (conventions::GEN_AI_REQUEST_TEMPERATURE, "temperature"),
    (conventions::GEN_AI_REQUEST_TOP_P, "top_p"),
    (conventions::GEN_AI_REQUEST_TOP_K, "top_k"),
    (conventions::GEN_AI_REQUEST_MAX_TOKENS, "max_tokens"),
    (
        conventions::GEN_AI_REQUEST_FREQUENCY_PENALTY,
        "frequency_penalty",
    ),
    (
        conventions::GEN_AI_REQUEST_PRESENCE_PENALTY,
        "presence_penalty",
    ),
    (conventions::GEN_AI_REQUEST_SEED, "seed"),
    (conventions::GEN_AI_REQUEST_STREAM, "stream"),
    (conventions::GEN_AI_REQUEST_CHOICE_COUNT, "n"),
    (conventions::GEN_AI_REQUEST_STOP_SEQUENCES, "stop"),
    (
        conventions::GEN_AI_REQUEST_ENCODING_FORMATS,
        "encoding_format",
    ),
    (conventions::GEN_AI_OUTPUT_TYPE, "response_format"),
];

const PROVIDERS: Words = &[
    (provider::OPENAI, "openai"),
    (provider::ANTHROPIC, "anthropic"),
    (provider::COHERE, "cohere"),
    (provider::MISTRAL_AI, "mistralai"),
    (provider::DEEPSEEK, "deepseek"),
    (provider::GROQ, "groq"),
    (provider::PERPLEXITY, "perplexity"),
    (provider::X_AI, "xai"),
    (provider::AZURE_AI_OPENAI, "azure"),
    (provider::AZURE_AI_INFERENCE, "azure"),
    (provider::AWS_BEDROCK, "aws"),
    (provider::GCP_VERTEX_AI, "google"),
    (provider::GCP_GEN_AI, "google"),
    (provider::GCP_GEMINI, "google"),
];

const SYSTEMS: Words = &[
    (provider::OPENAI, "openai"),
    (provider::ANTHROPIC, "anthropic"),
    (provider::COHERE, "cohere"),
    (provider::MISTRAL_AI, "mistralai"),
    (provider::AZURE_AI_OPENAI, "openai"),
    (provider::GCP_VERTEX_AI, "vertexai"),
];
