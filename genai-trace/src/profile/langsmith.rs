//! LangSmith: the names of its documentation.

use genai_trace_semconv::names as conventions;

use super::backend::json;
use super::derived;
use super::flat_messages::{Keys, flatten};
use super::gen_ai_1_36::{SYSTEM, SYSTEMS};
use super::role::Role;
use super::table::On::{Every, Only};
use super::table::Row::{Move, Respell, Say, Sum, Work};
use super::table::{Table, Words};
use crate::span::names;

const KIND: &str = "langsmith.span.kind";
const INPUT: &str = "input.value";
const OUTPUT: &str = "output.value";

pub(super) const TABLE: Table = Table {
    names: &[],
    rows: &[
        (Only(&[Role::Model]), &[Say(KIND, "llm")]),
        (Only(&[Role::Embeddings]), &[Say(KIND, "embedding")]),
        (Only(&[Role::Retrieval]), &[Say(KIND, "retriever")]),
        (Only(&[Role::Tool]), &[Say(KIND, "tool")]),
        (
            Only(&[
                Role::Agent,
                Role::Workflow,
                Role::Plan,
                Role::Memory,
                Role::Gate,
                Role::Step,
            ]),
            &[Say(KIND, "chain")],
        ),
        (
            Every,
            &[
                Respell(names::PROVIDER, SYSTEMS, SYSTEM),
                // A session is a project there, and the runs of one thread are told by their metadata.
                Move(names::CONVERSATION_ID, "langsmith.metadata.thread_id"),
                Move(names::USER_ID, "langsmith.metadata.user_id"),
                Work(|span| flatten(span, &MESSAGES)),
                Move(names::INPUT, INPUT),
                Move(conventions::GEN_AI_TOOL_CALL_ARGUMENTS, INPUT),
                Move(conventions::GEN_AI_RETRIEVAL_QUERY_TEXT, INPUT),
                Move(conventions::GEN_AI_MEMORY_QUERY_TEXT, INPUT),
                Move(names::OUTPUT, OUTPUT),
                Work(derived::plain_result),
                Move(conventions::GEN_AI_TOOL_CALL_RESULT, OUTPUT),
                Move(conventions::GEN_AI_RETRIEVAL_DOCUMENTS, OUTPUT),
                Move(conventions::GEN_AI_MEMORY_RECORDS, OUTPUT),
                Sum(
                    "gen_ai.usage.total_tokens",
                    &[names::INPUT_TOKENS, names::OUTPUT_TOKENS],
                ),
                Work(|span| json(span, INPUT_DETAILS, "gen_ai.usage.input_token_details")),
                Work(|span| json(span, OUTPUT_DETAILS, "gen_ai.usage.output_token_details")),
            ],
        ),
    ],
};

const MESSAGES: Keys = Keys {
    input: "gen_ai.prompt.",
    output: "gen_ai.completion.",
    message: ".",
    call_id: "id",
    call_name: "name",
    call_arguments: "arguments",
    part: None,
};

const INPUT_DETAILS: Words = &[
    (names::CACHE_READ_TOKENS, "cache_read"),
    (names::CACHE_WRITE_TOKENS, "cache_creation"),
    (names::AUDIO_INPUT_TOKENS, "audio"),
];

const OUTPUT_DETAILS: Words = &[
    (names::REASONING_TOKENS, "reasoning"),
    (names::AUDIO_OUTPUT_TOKENS, "audio"),
];
