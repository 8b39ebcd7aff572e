//! What was said in a call, in the fields of a framework's span: kept as the policy has it, like all content.

use genai_trace_semconv::names as conventions;

use crate::content::ContentKind;
use crate::recorder;
use crate::span::current::SpanRef;

/// The fields that hold content. The last two are how it was called before there were conventions for messages.
const FIELDS: [(&str, ContentKind); 12] = [
    (
        conventions::GEN_AI_SYSTEM_INSTRUCTIONS,
        ContentKind::SystemInstructions,
    ),
    (
        conventions::GEN_AI_TOOL_DEFINITIONS,
        ContentKind::ToolDefinitions,
    ),
    (
        conventions::GEN_AI_INPUT_MESSAGES,
        ContentKind::InputMessages,
    ),
    (
        conventions::GEN_AI_OUTPUT_MESSAGES,
        ContentKind::OutputMessages,
    ),
    (
        conventions::GEN_AI_TOOL_CALL_ARGUMENTS,
        ContentKind::ToolArguments,
    ),
    (
        conventions::GEN_AI_TOOL_CALL_RESULT,
        ContentKind::ToolResult,
    ),
    (conventions::GEN_AI_RETRIEVAL_QUERY_TEXT, ContentKind::Query),
    (
        conventions::GEN_AI_RETRIEVAL_DOCUMENTS,
        ContentKind::Documents,
    ),
    (conventions::GEN_AI_MEMORY_QUERY_TEXT, ContentKind::Query),
    (
        conventions::GEN_AI_MEMORY_RECORDS,
        ContentKind::MemoryRecords,
    ),
    ("gen_ai.prompt", ContentKind::InputMessages),
    ("gen_ai.completion", ContentKind::OutputMessages),
];

/// What kind of content the field `key` holds; none of most.
pub(super) fn kind_of(key: &str) -> Option<ContentKind> {
    let mut fields = FIELDS.into_iter();
    fields.find_map(|(known, kind)| (known == key).then_some(kind))
}

/// What is kept of `text`, said in `span`: nothing unless the policy has it on spans.
pub(super) fn kept(kind: ContentKind, text: &str, span: &SpanRef) -> Option<String> {
    let recorder = recorder::current()?;
    let policy = recorder.content();
    let mode = policy.mode_of(None, span.trace_id()?);
    mode.is_on_span()
        .then(|| policy.prepare_text(kind, text).text)
        .flatten()
}
