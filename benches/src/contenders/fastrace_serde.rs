//! A reporter for fastrace that writes its lines with `serde_json`: what most users would do.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};

use fastrace::collector::{Config, Reporter, SpanId, SpanRecord, TraceId};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::line::CHUNK_BYTES;
use crate::work;

struct Lines(BufWriter<File>);

/// Makes the reporter fastrace's own.
pub fn install(file: File) {
    let reporter = Lines(BufWriter::with_capacity(CHUNK_BYTES, file));
    fastrace::set_reporter(reporter, Config::default());
}

impl Reporter for Lines {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        for span in &spans {
            serde_json::to_writer(&mut self.0, &Line::of(span)).expect("a line is JSON");
            self.0.write_all(b"\n").expect("the file takes a line");
        }
        self.0.flush().expect("the file takes what is written");
    }
}

#[derive(serde::Serialize)]
struct Line<'a> {
    trace_id: TraceId,
    span_id: SpanId,
    parent_span_id: Option<SpanId>,
    name: &'a str,
    kind: &'static str,
    start_unix_nano: u64,
    end_unix_nano: u64,
    status: &'static str,
    status_message: &'static str,
    attributes: Attributes<'a>,
    events: [(); 0],
    links: [(); 0],
    resource: Resource,
}

#[derive(serde::Serialize)]
struct Resource {
    #[serde(rename = "service.name")]
    service_name: &'static str,
}

impl<'a> Line<'a> {
    fn of(span: &'a SpanRecord) -> Self {
        let is_root = span.parent_id == SpanId(0);
        Self {
            trace_id: span.trace_id,
            span_id: span.span_id,
            parent_span_id: (!is_root).then_some(span.parent_id),
            name: &span.name,
            kind: "INTERNAL",
            start_unix_nano: span.begin_time_unix_ns,
            end_unix_nano: span.begin_time_unix_ns + span.duration_ns,
            status: "UNSET",
            status_message: "",
            attributes: Attributes {
                is_root,
                own: &span.properties,
            },
            events: [],
            links: [],
            resource: Resource {
                service_name: work::SERVICE,
            },
        }
    }
}

/// What the span was given, and before it what all spans of its kind have.
struct Attributes<'a> {
    is_root: bool,
    own: &'a [(Cow<'static, str>, Cow<'static, str>)],
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.is_root {
            map.serialize_entry("gen_ai.operation.name", "invoke_agent")?;
        } else {
            map.serialize_entry("gen_ai.operation.name", "execute_tool")?;
            map.serialize_entry("gen_ai.tool.type", "function")?;
            map.serialize_entry("gen_ai.agent.name", work::AGENT)?;
        }
        for (key, value) in self.own {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
