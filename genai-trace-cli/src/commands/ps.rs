//! `genai-trace ps`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use genai_trace::{SpanInFlight, SpanRecord, open_spans_in};
use serde_json::{Value as Json, json};

use crate::text::{duration, visible};
use crate::tree::Tree;

/// Shows what runs now: the open spans of every process that writes to a traces file, each below its parent.
///
/// It is read from the black boxes of processes that are crash safe (`GENAI_TRACE_CRASH_SAFE=true`); they are not held
/// up by it, and need not answer.
///
/// Exits with 0, and with 2 where the black boxes cannot be read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The traces file that the processes write to
    #[arg(default_value = "traces.jsonl", value_name = "FILE")]
    file: PathBuf,
    /// Prints one JSON document instead of trees
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let file = &arguments.file;
    let open = open_spans_in(file).map_err(|error| {
        format!("cannot read what crash safe processes say beside {file:?}: {error}")
    })?;
    if arguments.json {
        let spans: Vec<Json> = open.iter().map(document).collect();
        return Ok(format!("{}\n", json!({ "open": spans })));
    }
    if open.is_empty() {
        return Ok("nothing runs\n".to_owned());
    }
    let mut processes: BTreeMap<u32, Vec<SpanInFlight>> = BTreeMap::new();
    for span in open {
        processes.entry(span.process_id).or_default().push(span);
    }
    let mut out = String::new();
    for (process, spans) in processes {
        out.push_str(&format!("process {process}\n"));
        draw(&spans, &mut out);
    }
    Ok(out)
}

fn draw(spans: &[SpanInFlight], out: &mut String) {
    let now = spans.iter().map(ends_at).max().unwrap_or_default();
    let records = spans.iter().filter_map(|span| record(span, now)).collect();
    let tree = Tree::new(records);
    for node in tree.nodes() {
        let Some(span) = tree.span(node.place) else {
            continue;
        };
        let indent = "  ".repeat(node.depth + 1);
        let running = span.end_unix_nano.saturating_sub(span.start_unix_nano);
        let trace = match node.depth {
            0 => format!("  trace {}", span.trace_id),
            _ => String::new(),
        };
        let name = visible(&span.name);
        out.push_str(&format!(
            "{indent}{name} for {}{trace}\n",
            duration(running)
        ));
    }
}

fn ends_at(span: &SpanInFlight) -> u64 {
    let running = u64::try_from(span.running_for.as_nanos()).unwrap_or(u64::MAX);
    span.start_unix_nano.saturating_add(running)
}

/// The span as if it ended now.
fn record(span: &SpanInFlight, now: u64) -> Option<SpanRecord> {
    let document = json!({
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id,
        "name": span.name,
        "kind": span.kind,
        "start_unix_nano": span.start_unix_nano,
        "end_unix_nano": now.max(span.start_unix_nano),
        "status": "UNSET",
        "status_message": "",
        "attributes": span.attributes,
        "events": [],
        "links": [],
        "resource": {},
    });
    serde_json::from_value(document).ok()
}

fn document(span: &SpanInFlight) -> Json {
    json!({
        "process_id": span.process_id,
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id,
        "name": span.name,
        "kind": span.kind,
        "start_unix_nano": span.start_unix_nano,
        "running_ns": u64::try_from(span.running_for.as_nanos()).unwrap_or(u64::MAX),
        "attributes": span.attributes,
    })
}
