//! What was said in a call, on its way to the span or to an event: kept as it is till the span ends, and only
//! then, and only where the policy has it, redacted and written.
//!
//! So what was not redacted yet lies nowhere else than here, in no black box and in no entry.

use genai_trace_semconv::names as conventions;
use serde_json::{Map, Value as Json, json};

use super::captured::StreamItems;
use super::frame::Frame;
use super::items::Items;
use super::names;
use super::operation::Operation;
use crate::content::{ContentKind, ContentMode, ContentPolicy};
use crate::provider::Content;
use crate::recorder::{self, Recorder};

/// What was said in a call, so far.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Where this call's content goes, where it is said for it alone.
    pub(super) mode: Option<ContentMode>,
    /// What went in and what came out.
    pub(super) input: Option<Json>,
    pub(super) output: Option<Json>,
    /// The instructions and the tools of a model, apart from what went in.
    pub(super) system: Option<Json>,
    pub(super) tools: Option<Json>,
    /// The items of the stream that the function returned, where they are captured.
    pub(super) items: Option<StreamItems>,
    /// How large that was, which is recorded in any case.
    pub(super) input_bytes: Option<u64>,
    pub(super) output_bytes: Option<u64>,
}

/// An attribute for content, and what kind that is.
struct Place {
    key: &'static str,
    kind: ContentKind,
    /// The attribute for a reference to it, where it is stored elsewhere.
    reference: &'static str,
}

const fn place(key: &'static str, kind: ContentKind, reference: &'static str) -> Place {
    Place {
        key,
        kind,
        reference,
    }
}

const SYSTEM: Place = place(
    conventions::GEN_AI_SYSTEM_INSTRUCTIONS,
    ContentKind::SystemInstructions,
    "gen_ai.system_instructions_ref",
);
const TOOLS: Place = place(
    conventions::GEN_AI_TOOL_DEFINITIONS,
    ContentKind::ToolDefinitions,
    "gen_ai.tool.definitions_ref",
);

/// Where what goes into a call of `operation` stands.
const fn input_of(operation: Operation) -> Place {
    match operation {
        Operation::Tool | Operation::McpClient | Operation::McpServer => place(
            conventions::GEN_AI_TOOL_CALL_ARGUMENTS,
            ContentKind::ToolArguments,
            "gen_ai.tool.call.arguments_ref",
        ),
        Operation::Retrieval => place(
            conventions::GEN_AI_RETRIEVAL_QUERY_TEXT,
            ContentKind::Query,
            "gen_ai.retrieval.query.text_ref",
        ),
        operation if operation.is_memory() => place(
            conventions::GEN_AI_MEMORY_QUERY_TEXT,
            ContentKind::Query,
            "gen_ai.memory.query.text_ref",
        ),
        operation if operation.has_messages() => place(
            conventions::GEN_AI_INPUT_MESSAGES,
            ContentKind::InputMessages,
            "gen_ai.input.messages_ref",
        ),
        _ => place(names::INPUT, ContentKind::UserText, "genai_trace.input_ref"),
    }
}

/// Where what comes out of it stands.
const fn output_of(operation: Operation) -> Place {
    match operation {
        Operation::Tool | Operation::McpClient | Operation::McpServer => place(
            conventions::GEN_AI_TOOL_CALL_RESULT,
            ContentKind::ToolResult,
            "gen_ai.tool.call.result_ref",
        ),
        Operation::Retrieval => place(
            conventions::GEN_AI_RETRIEVAL_DOCUMENTS,
            ContentKind::Documents,
            "gen_ai.retrieval.documents_ref",
        ),
        operation if operation.is_memory() => place(
            conventions::GEN_AI_MEMORY_RECORDS,
            ContentKind::MemoryRecords,
            "gen_ai.memory.records_ref",
        ),
        operation if operation.has_messages() => place(
            conventions::GEN_AI_OUTPUT_MESSAGES,
            ContentKind::OutputMessages,
            "gen_ai.output.messages_ref",
        ),
        _ => place(
            names::OUTPUT,
            ContentKind::UserText,
            "genai_trace.output_ref",
        ),
    }
}

/// Whether what is said in a call is to be kept for now, of which `said` may have something else than the
/// policy.
pub(super) fn are_wanted(said: Option<ContentMode>) -> bool {
    recorder::current().is_some_and(|recorder| {
        let mode = said.unwrap_or(recorder.content().current_mode());
        mode.keeps_content() || recorder.token_estimator().is_some()
    })
}

impl Contents {
    /// Takes over what a provider's request or response says.
    pub(super) fn take(&mut self, content: Content) {
        for (place, said) in [
            (&mut self.input, content.input),
            (&mut self.output, content.output),
            (&mut self.system, content.system),
            (&mut self.tools, content.tools),
        ] {
            if said.is_some() {
                *place = said;
            }
        }
    }

    /// Takes over what an inner call has said, and is not said yet. Of one that is not to be kept only the sizes.
    pub(super) fn fill_from(&mut self, inner: Contents) {
        let Contents {
            mode,
            input,
            output,
            system,
            tools,
            items: _,
            input_bytes,
            output_bytes,
        } = inner;
        self.input_bytes = self.input_bytes.or(input_bytes);
        self.output_bytes = self.output_bytes.or(output_bytes);
        if mode.is_some_and(|mode| !mode.keeps_content()) {
            return;
        }
        self.mode = self.mode.or(mode);
        for (place, said) in [
            (&mut self.input, input),
            (&mut self.output, output),
            (&mut self.system, system),
            (&mut self.tools, tools),
        ] {
            if place.is_none() {
                *place = said;
            }
        }
    }

    fn parts(&mut self, operation: Operation) -> [(Place, Option<Json>); 4] {
        [
            (SYSTEM, self.system.take()),
            (
                input_of(operation),
                self.input.take().map(|said| input(operation, said)),
            ),
            (
                output_of(operation),
                self.output.take().map(|said| output(operation, said)),
            ),
            (TOOLS, self.tools.take()),
        ]
    }
}

/// Writes what was said in the call that ends, as far as the policy has it; gives back what an event of its own
/// is to say of it.
pub(super) fn close(frame: &mut Frame, recorder: Option<&Recorder>) -> Map<String, Json> {
    let mut in_event = Map::new();
    let Some(mut contents) = frame.contents.take() else {
        return in_event;
    };
    if let Some(items) = contents.items.take() {
        contents.output_bytes.get_or_insert(items.bytes);
        contents.output = contents.output.take().or(items.into_values());
    }
    let operation = frame.callsite.operation();
    put_sizes(&mut frame.items, operation, &contents);
    let Some(recorder) = recorder else {
        return in_event;
    };
    if operation == Operation::Tool {
        estimate(&mut frame.items, recorder, &contents);
    }
    let policy = recorder.content();
    let mode = policy.mode_of(contents.mode, frame.trace_id);
    // Of a span that leaves no record nothing is stored either.
    if !mode.keeps_content() || frame.sampling.is_out() {
        return in_event;
    }
    for (place, said) in contents.parts(operation) {
        if let Some(said) = said {
            put(frame, policy, mode, &place, said, &mut in_event);
        }
    }
    in_event
}

fn put(
    frame: &mut Frame,
    policy: &ContentPolicy,
    mode: ContentMode,
    place: &Place,
    said: Json,
    in_event: &mut Map<String, Json>,
) {
    let is_text = said.is_string();
    let prepared = match said {
        Json::String(text) => policy.prepare_text(place.kind, &text),
        said => policy.prepare(place.kind, said),
    };
    for (key, value, is_json) in [
        (place.key, prepared.text, !is_text),
        (place.reference, prepared.reference, false),
    ] {
        let Some(value) = value else {
            continue;
        };
        if mode.is_on_span() {
            frame.items.set_own(key, &value);
        }
        if mode.is_in_event() {
            let structured = is_json.then(|| serde_json::from_str(&value).ok()).flatten();
            in_event.insert(key.to_owned(), structured.unwrap_or(Json::String(value)));
        }
    }
}

fn put_sizes(items: &mut Items, operation: Operation, contents: &Contents) {
    let (input, output) = match operation {
        Operation::Tool | Operation::McpClient | Operation::McpServer => {
            (names::ARGUMENTS_BYTES, names::RESULT_BYTES)
        }
        _ => (names::INPUT_BYTES, names::OUTPUT_BYTES),
    };
    items.set_own(input, &contents.input_bytes);
    items.set_own(output, &contents.output_bytes);
}

/// Writes how many tokens the arguments and the result of a tool are about.
fn estimate(items: &mut Items, recorder: &Recorder, contents: &Contents) {
    let Some(estimator) = recorder.token_estimator() else {
        return;
    };
    let tokens = |said: &Option<Json>| {
        let tokens = match said.as_ref()? {
            Json::String(text) => estimator.tokens(text),
            said => estimator.tokens(&said.to_string()),
        };
        tokens.map(|tokens| i64::try_from(tokens).unwrap_or(i64::MAX))
    };
    items.set_own(names::ARGUMENTS_TOKENS, &tokens(&contents.input));
    items.set_own(names::RESULT_TOKENS, &tokens(&contents.output));
}

/// What went in, in the form that the conventions have for it.
fn input(operation: Operation, said: Json) -> Json {
    match said {
        Json::Array(_) if operation.is_inference() => said,
        said if operation.has_messages() => json!([message("user", said)]),
        said if matches!(operation, Operation::Retrieval) || operation.is_memory() => match said {
            Json::String(_) => said,
            said => Json::String(said.to_string()),
        },
        said => said,
    }
}

/// What came out, in the form that the conventions have for it.
fn output(operation: Operation, said: Json) -> Json {
    let each = |said: Json, wrap: fn(Json) -> Json| match said {
        Json::Array(all) => Json::Array(all.into_iter().map(wrap).collect()),
        one => json!([wrap(one)]),
    };
    match said {
        Json::Array(_) if operation.is_inference() => said,
        said if operation.is_tool_call() => object(said),
        said if operation.has_messages() => json!([message("assistant", said)]),
        said if matches!(operation, Operation::Retrieval) => {
            each(said, |document| match document {
                Json::Object(_) => document,
                other => json!({ "content": other }),
            })
        }
        said if operation.is_memory() => each(said, |record| match record.get("content") {
            Some(_) => record,
            None => json!({ "content": record }),
        }),
        said => said,
    }
}

/// A tool's result as the object that the conventions want: a text that is one is read, and anything else is
/// put into one.
fn object(said: Json) -> Json {
    let said = match said {
        Json::String(text) => match serde_json::from_str(&text) {
            Ok(object @ Json::Object(_)) => object,
            _ => Json::String(text),
        },
        said => said,
    };
    match said {
        Json::Object(_) => said,
        other => json!({ "result": other }),
    }
}

/// A message of one part.
fn message(role: &str, said: Json) -> Json {
    let content = match said {
        Json::String(text) => text,
        said => said.to_string(),
    };
    json!({ "role": role, "parts": [{ "type": "text", "content": content }] })
}
