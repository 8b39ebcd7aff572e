//! What a line says of a span, read from each form that a contender writes.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a line says of a span.
pub struct Facts {
    pub name: String,
    pub trace_id: String,
    pub span_id: String,
    pub parent_id: Option<String>,
    /// As text that sorts by time; none where the line tells only how long the span took.
    pub start: Option<String>,
    pub end: String,
    pub attributes: BTreeMap<&'static str, String>,
}

/// The attributes that every contender is to write.
const KEYS: [&str; 4] = ["app.a", "app.b", "app.path", "app.task"];

/// Of a line as genai-trace and our exporters write it.
pub fn of_our_lines(line: &Value) -> Option<Facts> {
    Some(Facts {
        name: text(&line["name"])?,
        trace_id: text(&line["trace_id"])?,
        span_id: text(&line["span_id"])?,
        parent_id: text(&line["parent_span_id"]),
        start: Some(number(&line["start_unix_nano"])?),
        end: number(&line["end_unix_nano"])?,
        attributes: attributes(&line["attributes"]),
    })
}

/// Of a line that tells of a closed span, and of the spans that it was in.
pub fn of_tracing_json(line: &Value) -> Option<Facts> {
    let (own, parents) = (&line["span"], line["spans"].as_array()?);
    Some(Facts {
        name: text(&own["name"])?,
        trace_id: text(&parents.first().unwrap_or(own)["trace_id"])?,
        span_id: text(&own["span_id"])?,
        parent_id: parents.last().and_then(|parent| text(&parent["span_id"])),
        start: None,
        end: text(&line["timestamp"])?,
        attributes: attributes(own),
    })
}

/// Of a line of emit's.
pub fn of_emit(line: &Value) -> Option<Facts> {
    Some(Facts {
        name: text(&line["span_name"])?,
        trace_id: text(&line["trace_id"])?,
        span_id: text(&line["span_id"])?,
        parent_id: text(&line["span_parent"]),
        start: Some(text(&line["ts_start"])?),
        end: text(&line["ts"])?,
        attributes: attributes(line),
    })
}

/// Of a line of trace-weft's, whose times are milliseconds.
pub fn of_trace_weft(line: &Value) -> Option<Facts> {
    Some(Facts {
        name: text(&line["name"])?,
        trace_id: text(&line["trace_id"])?,
        span_id: text(&line["span_id"])?,
        parent_id: text(&line["parent_span_id"]),
        start: Some(number(&line["start_time"])?),
        end: number(&line["end_time"])?,
        attributes: attributes(&line["attributes"]),
    })
}

fn attributes(of: &Value) -> BTreeMap<&'static str, String> {
    KEYS.into_iter()
        .filter_map(|key| Some((key, text(of.get(key)?)?)))
        .collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> Option<String> {
    value.as_u64().map(|number| format!("{number:020}"))
}
