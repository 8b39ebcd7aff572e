//! Put one attribute on an agent's functions; get standard traces and exact metrics.
//!
//! A function under [`#[genai_tool]`](macro@genai_tool), [`#[genai_chat]`](macro@genai_chat) or
//! [`#[genai_agent]`](macro@genai_agent) runs inside a span that follows the OpenTelemetry GenAI
//! conventions. Spans go to `traces.jsonl`, counters and histograms come out as Prometheus text.
//!
//! ```
//! use std::io;
//! use std::time::Duration;
//!
//! use genai_trace::{MemoryExporter, Telemetry, genai_agent, genai_chat, genai_tool, record};
//!
//! #[genai_tool("read_file")]
//! fn read_file(path: &str) -> io::Result<String> {
//!     std::fs::read_to_string(path)
//! }
//!
//! #[genai_chat(provider = "openai", model = model)]
//! fn chat(model: &str, question: &str) -> String {
//!     // ... any client, any SDK ...
//!     record!(gen_ai.usage.input_tokens = 250, gen_ai.usage.output_tokens = 130);
//!     "Cargo.toml says so".to_owned()
//! }
//!
//! #[genai_agent("coder")]
//! fn run(task: &str) -> io::Result<String> {
//!     let manifest = read_file("Cargo.toml")?;
//!     Ok(chat("gpt-4o", &format!("{task}\n{manifest}")))
//! }
//!
//! // `genai_trace::init()?` writes to ./traces.jsonl; here the spans stay in memory.
//! let memory = MemoryExporter::new();
//! let telemetry = Telemetry::builder().memory(&memory).install()?;
//! run("which edition is this?")?;
//!
//! let report = telemetry.flush(Duration::from_secs(5));
//! assert_eq!(report.to_string(), "3 spans ended; memory: 3 written, 0 dropped, 0 failed");
//! let tree = genai_trace::render_tree(&memory.spans());
//! assert!(tree.starts_with("invoke_agent coder "));
//! assert!(tree.contains("├─ execute_tool read_file "));
//! assert!(tree.contains("└─ chat gpt-4o ") && tree.contains(" 250/130 tokens"));
//! assert!(telemetry.metrics_text().contains("tools_called_total{tool=\"read_file\"} 1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - A function returns what it would have returned, and panics as it would have panicked.
//! - A span ends exactly once on every path: ok, error, panicked, cancelled ([`Outcome`]).
//! - The caller never waits for a file: it leaves an entry in a bounded buffer of its own thread.
//!   What finds no room is dropped, and counted in the [`Report`] and in
//!   `genai_trace_spans_dropped_total`; the metrics count it all the same.
//! - With nothing installed an annotated call costs one relaxed load.
//! - No async runtime is needed, and none is in the way.
//!
//! # What it does not do
//!
//! It keeps no arguments, results or messages unless you [say so](content), and sends nothing over the
//! network unless you ask for [OTLP](Builder). What a crash leaves in the buffers, 50 ms at most, is lost unless the
//! telemetry is [`crash_safe`](Builder::crash_safe).
//!
//! # Features
//!
//! None is on by default.
//!
//! - `gzip`: rotated files of traces are compressed, and read back.
//! - `stream`: functions that return a `Stream` keep their span until it ends; `.in_current_span()` on streams.
//! - `tokio`: tasks in the current span (`genai_trace::task`), and kinds of errors of tokio's.
//! - `rayon`: jobs and parallel iterators in the current span.
//! - `profiles`: spans are spelt as Phoenix, Langfuse, MLflow, Datadog and LangSmith read them best ([`Profile`]).
//! - `redact`: content is redacted before it is kept, and may be stored beside the traces ([`content`]).
//! - `otlp`: spans, metrics and events go to a collector or a backend over HTTP: `Builder::otlp`,
//!   `Builder::metrics_otlp`, `Builder::events_otlp`.
//! - `otlp-grpc`: they go there over gRPC as well, without a runtime of the program's.
//! - `prices`: what model calls cost, by the data of the crate `genai-prices` ([`prices`]).
//! - `reqwest`, `ureq`: a span goes along in the headers of their requests; kinds of errors of reqwest's, by status.
//! - `reqwest-middleware`: calls of models are spans without an attribute (`genai_trace::reqwest::ModelCalls`).
//! - `http`, `tonic`: a [`Carrier`] is read from and put into their maps of headers and metadata.
//! - `serve`: the metrics over HTTP, for Prometheus (`Telemetry::serve`).
//! - `sqlite`: spans, events and scores in a database (`Builder::sqlite`), which is read as a traces file is.
//! - `tower`: a root span for each request of a server, the current one in those of a client, whose calls of models are
//!   spans (`genai_trace::tower`); `axum`: named after its route.
//! - `signals`: SIGINT and SIGTERM hand over what has ended before they end the program.
//! - `tracing`: spans and events of `tracing` in these traces (`genai_trace::bridge::tracing`), and these spans, or their
//!   ids, in its log lines (`Builder::tracing_spans`).
//! - `opentelemetry`: spans of OpenTelemetry as parents and as children (`genai_trace::bridge::opentelemetry`);
//!   `opentelemetry-sdk`: any exporter of its SDK takes our spans (`SdkExporter` there).
//! - `off`: attributes leave functions as they are and nothing is recorded, for a binary that is to
//!   carry nothing of it. Features are one for a whole build: a library must not set it.

#[cfg(any(feature = "opentelemetry", feature = "tracing"))]
pub mod bridge;
mod config;
pub mod content;
mod ending;
mod export;
pub mod files;
mod mcp;
mod metrics;
#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
mod model_calls;
mod order;
pub mod prices;
mod process;
mod profile;
mod propagate;
pub mod provider;
#[cfg(feature = "rayon")]
pub mod rayon;
mod reader;
mod record;
mod recorder;
#[cfg(feature = "reqwest")]
pub mod reqwest;
mod runs;
mod score;
mod span;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod summary;
mod sys;
#[cfg(feature = "tokio")]
pub mod task;
mod telemetry;
pub mod testing;
pub mod thread;
#[cfg(feature = "tower")]
pub mod tower;
#[cfg(feature = "ureq")]
pub mod ureq;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use config::{Builder, InitError};
pub use export::console::ConsoleExporter;
pub use export::jsonl::events::JsonlLogExporter;
pub use export::jsonl::{JsonlExporter, JsonlOptions, SyncPolicy};
pub use export::log::LogExporter;
pub use export::memory::MemoryExporter;
#[cfg(feature = "otlp")]
pub use export::otlp::{OtlpHistogramAggregation, OtlpOptions, OtlpProtocol, OtlpTemporality};
#[cfg(feature = "sqlite")]
pub use export::sqlite::{SqliteExporter, SqliteLogExporter};
pub use export::tree::render_tree;
pub use export::{ExportError, SpanBatch, SpanExporter};
pub use genai_trace_macros::{
    ChatResponse, GenAiError, genai_agent, genai_chat, genai_create_agent, genai_embeddings,
    genai_fetch_response, genai_gate, genai_mcp, genai_memory, genai_plan, genai_retrieval,
    genai_span, genai_tool, genai_tools, genai_workflow, record,
};
pub use mcp::McpSession;
pub use metrics::{
    Counter, Family, Gauge, Histogram, Measures, MetricError, MetricKind, Registry, UnknownViews,
    Views,
};
pub use process::route::Route;
pub use process::sampler::Sampler;
pub use process::tail::TailSampling;
pub use profile::{Profile, UnknownProfile};
pub use propagate::baggage::{Baggage, BaggageError};
pub use propagate::carried::Carried;
pub use propagate::carrier::Carrier;
pub use propagate::headers::Headers;
pub use propagate::traceparent::ParseTraceparentError;
pub use provider::chat_response::{ChatRequest, ChatResponse};
pub use provider::{ChatFacts, Usage};
pub use reader::SpanReader;
pub use record::{
    Attributes, Dropped, Event, Link, LogRecord, Scope, SpanKind, SpanRecord, Status, Value,
};
pub use recorder::recover::recover;
pub use recorder::recovered::{RecoverError, Recovered};
pub use recorder::report::{ExporterReport, Report};
pub use recorder::span_in_flight::{SpanInFlight, open_spans_in};

pub use runs::totals::{RunTotals, TokenUsage, ToolCall};
pub use runs::{RunError, Runs};
pub use score::{Score, ScoreValue};
pub use span::attribute_value::AttributeValue;
pub use span::builder::{Entered, SpanBuilder, span};
pub use span::context::{AsParent, SpanContext};
pub use span::current::{SpanRef, current};
pub use span::detached::OpenSpan;
pub use span::error_type::{error_type_of, register_error_type};
pub use span::gate::{GateDecision, GateOutcome};
pub use span::genai_error::GenAiError;
pub use span::handoff::handoff;
pub use span::ids::{ParseIdError, SpanId, TraceId};
pub use span::in_span::{InCurrentSpan, InSpan, carry};
pub use span::items::EventAttributes;
pub use span::limits::SpanLimits;
pub use span::operation::Operation;
pub use span::outcome::Outcome;
pub use span::tool_outcome::ToolOutcome;
pub use span::value_writer::ValueWriter;
pub use summary::summarize;
#[cfg(feature = "serve")]
pub use telemetry::MetricsServer;
pub use telemetry::{FlushOnDrop, MetricsPage, Telemetry, init, record_measures};

/// The README's snippets, as tests.
#[cfg(all(doctest, feature = "stream"))]
#[doc = include_str!("../../README.md")]
struct Readme;
