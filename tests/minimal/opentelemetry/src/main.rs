//! Each bridge does with the lowest versions what it does with the newest.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};

use genai_trace::bridge::opentelemetry::{SdkExporter, attach, with_our_parents};
use genai_trace::bridge::tracing::{WithTraceIds, layer};
use genai_trace::{MemoryExporter, Telemetry, genai_agent, genai_tool};
use opentelemetry::Context;
use opentelemetry::trace::{Span, TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl Kept {
    fn span(&self, name: &str) -> SpanData {
        let kept = self.0.lock().unwrap();
        let found = kept.iter().find(|span| span.name == name);
        found
            .unwrap_or_else(|| panic!("no {name} in {kept:?}"))
            .clone()
    }
}

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[genai_tool("search")]
fn search(tracer: &impl Tracer) {
    tracer.start("GET").end();
    let _attached = attach();
    assert!(Context::current().has_active_span());
    tracing::info_span!("query", rows = 3_u64).in_scope(|| tracing::info!("found"));
}

#[genai_agent("coder")]
fn run(tracer: &impl Tracer) {
    search(tracer);
}

fn main() -> Result<(), Box<dyn Error>> {
    let (ours, theirs, memory) = (Kept::default(), Kept::default(), MemoryExporter::new());
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(theirs.clone())
        .build();
    let tracer = with_our_parents(provider).tracer("minimal");
    let telemetry = Telemetry::builder()
        .memory(&memory)
        .exporter(SdkExporter::new(ours.clone()))
        .opentelemetry_parents(true)
        .install()?;
    let lines = Lines::default();
    let writer = lines.clone();
    let format = fmt::layer()
        .event_format(WithTraceIds::new(
            fmt::format().with_ansi(false).without_time(),
        ))
        .with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(layer()).with(format);
    tracing::subscriber::with_default(subscriber, || tracer.in_span("request", |_| run(&tracer)));
    drop(telemetry);

    let tree = [
        theirs.span("request"),
        ours.span("invoke_agent coder"),
        ours.span("execute_tool search"),
        ours.span("query"),
    ];
    for (parent, child) in tree.iter().zip(&tree[1..]) {
        assert_eq!(child.parent_span_id, parent.span_context.span_id());
        assert_eq!(
            child.span_context.trace_id(),
            parent.span_context.trace_id()
        );
    }
    let [_, _, tool, query] = &tree;
    assert_eq!(
        theirs.span("GET").parent_span_id,
        tool.span_context.span_id()
    );
    assert_eq!(memory.spans().len(), 3);
    assert_eq!(query.events[0].name, "found");
    let line = String::from_utf8(lines.0.lock().unwrap().clone())?;
    let (trace, span) = (query.span_context.trace_id(), query.span_context.span_id());
    assert!(
        line.starts_with(&format!("trace_id={trace} span_id={span} ")),
        "{line}"
    );
    println!("both bridges do what they should");
    Ok(())
}
