//! The names of the lesson that writes spans of its own into `traces.jsonl`.

use genai_trace_semconv::values::gen_ai_operation_name as operation;

use super::gen_ai_1_36::{SYSTEM, SYSTEMS};
use super::shape::Object;
use super::table::Name::Whole;
use super::table::On::Every;
use super::table::Row::Respell;
use super::table::Table;
use crate::record::{Attributes, SpanRecord};
use crate::span::names;

pub(super) const TABLE: Table = Table {
    names: &[
        (operation::CHAT, Whole("gen_ai.chat")),
        (operation::TEXT_COMPLETION, Whole("gen_ai.chat")),
        (operation::GENERATE_CONTENT, Whole("gen_ai.chat")),
        (operation::EXECUTE_TOOL, Whole("gen_ai.tool.execution")),
    ],
    rows: &[(Every, &[Respell(names::PROVIDER, SYSTEMS, SYSTEM)])],
};

/// What of a record a line has no key for.
pub(super) const WITHOUT: &[&str] = &["kind", "links", "resource", "trace_state"];

/// Writes a line: these keys and no other.
pub(super) fn write(span: &SpanRecord, attributes: &Attributes, mut line: Object<'_>) {
    line.shown("trace_id", &span.trace_id);
    line.shown("span_id", &span.span_id);
    match span.parent_span_id {
        Some(parent) => line.shown("parent_span_id", &parent),
        None => line.nothing("parent_span_id"),
    }
    line.text("name", &span.name);
    line.attributes("attributes", attributes);
    line.number("start_unix_nano", span.start_unix_nano);
    line.number("end_unix_nano", span.end_unix_nano);
    line.text("status", span.status.as_str());
    line.text("status_message", &span.status_message);
    line.events(span);
    line.end();
}
