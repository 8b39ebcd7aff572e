//! Spans as the trace events that Perfetto and the browser Chrome show
//! (<https://perfetto.dev/docs/getting-started/other-formats>).

use std::collections::BTreeMap;
use std::io::{self, Write};

use genai_trace::{SpanRecord, TraceId};
use serde_json::{Map, Value as Json, json};

use super::Writer;
use super::lanes::lanes;
use crate::span::{Brief, Kind};
use crate::tree::Tree;

/// Every trace is a process, whose lines stand for what it did at once. All spans are kept until the end: those of a
/// trace lie anywhere in a file.
#[derive(Default)]
pub(super) struct Chrome {
    traces: BTreeMap<TraceId, Vec<SpanRecord>>,
}

impl Writer for Chrome {
    fn span(&mut self, span: SpanRecord, _: &mut dyn Write) -> io::Result<()> {
        self.traces.entry(span.trace_id).or_default().push(span);
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut traces: Vec<_> = std::mem::take(&mut self.traces).into_iter().collect();
        let began = |spans: &[SpanRecord]| spans.iter().map(|span| span.start_unix_nano).min();
        traces.sort_by_key(|(_, spans)| began(spans));
        // Since 1970 it would be too many microseconds for a number to have thousandths.
        let zero = traces.first().and_then(|(_, spans)| began(spans));
        let zero = zero.unwrap_or_default();
        out.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
        let mut is_first = true;
        for (number, (id, spans)) in (1..).zip(traces) {
            for event in events(number, id, Tree::new(spans), zero) {
                out.write_all(if is_first { b"\n" } else { b",\n" })?;
                is_first = false;
                serde_json::to_writer(&mut *out, &event)?;
            }
        }
        out.write_all(b"\n]}\n")
    }
}

/// The events of a trace: what it is called, its spans, and what happened in them. Their time begins at `zero`.
fn events(process: u64, id: TraceId, tree: Tree, zero: u64) -> Vec<Json> {
    let since = |time: u64| micros(time.saturating_sub(zero));
    let root = tree.roots().first().and_then(|root| tree.span(*root));
    let name = root.map_or("", |root| root.name.as_str());
    let mut events = vec![json!({
        "ph": "M", "name": "process_name", "pid": process, "args": { "name": format!("{name} {id}") },
    })];
    let lanes = lanes(&tree);
    for node in tree.nodes() {
        let (Some(span), Some(lane)) = (tree.span(node.place), lanes.get(node.place)) else {
            continue;
        };
        let duration = span.end_unix_nano.saturating_sub(span.start_unix_nano);
        events.push(json!({
            "ph": "X",
            "name": span.name,
            "cat": category(Brief::of(span).kind()),
            "pid": process,
            "tid": lane,
            "ts": since(span.start_unix_nano),
            "dur": micros(duration),
            "args": arguments(span),
        }));
        events.extend(span.events.iter().map(|event| {
            json!({
                "ph": "i",
                "s": "t",
                "name": event.name,
                "cat": "event",
                "pid": process,
                "tid": lane,
                "ts": since(event.time_unix_nano),
                "args": event.attributes,
            })
        }));
    }
    events
}

/// What a span says, as one reads it beside its bar.
fn arguments(span: &SpanRecord) -> Json {
    let mut arguments = Map::new();
    arguments.insert("span_id".to_owned(), span.span_id.to_string().into());
    arguments.insert("status".to_owned(), span.status.as_str().into());
    if !span.status_message.is_empty() {
        let message = span.status_message.as_str().into();
        arguments.insert("status_message".to_owned(), message);
    }
    for (key, value) in span.attributes.iter() {
        arguments.insert(key.to_owned(), json!(value));
    }
    arguments.into()
}

const fn category(kind: Kind) -> &'static str {
    match kind {
        Kind::Agent => "agent",
        Kind::Model => "model",
        Kind::Embeddings => "embeddings",
        Kind::Tool => "tool",
        Kind::Retrieval => "retrieval",
        Kind::Gate => "gate",
        Kind::Step => "step",
    }
}

/// Microseconds, exact to the nanosecond for a hundred days.
#[allow(clippy::cast_precision_loss)]
fn micros(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::span;

    #[test]
    fn a_trace_is_a_process_and_its_time_begins_with_the_first_span_of_all() {
        let (mut chrome, mut out) = (Chrome::default(), Vec::new());
        let base = 1_790_000_000_000_000_001;
        for (id, parent, start, end) in [(2, 1, 1_500, 2_001), (1, 0, 0, 9_000)] {
            let span = span(id, parent, base + start, base + end);
            chrome.span(span, &mut out).unwrap();
        }
        chrome.end(&mut out).unwrap();
        let document: Json = serde_json::from_slice(&out).unwrap();
        let events = document["traceEvents"].as_array().unwrap();
        assert_eq!(events[0]["ph"], "M");
        let times: Vec<_> = events[1..]
            .iter()
            .map(|event| {
                (
                    event["ts"].as_f64().unwrap(),
                    event["dur"].as_f64().unwrap(),
                )
            })
            .collect();
        assert_eq!(times, [(0.0, 9.0), (1.5, 0.501)]);
    }
}
