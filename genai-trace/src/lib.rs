//! Put one attribute on an agent's functions; get standard traces and exact metrics.
mod config;
mod export;
mod metrics;
mod provider;
mod record;
mod recorder;
mod span;
mod sys;
mod telemetry;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use config::{Builder, InitError};
pub use export::console::ConsoleExporter;
pub use export::jsonl::JsonlExporter;
pub use export::memory::MemoryExporter;
pub use export::tree::render_tree;
pub use export::{ExportError, SpanBatch, SpanExporter};
pub use genai_trace_macros::{genai_agent, genai_chat, genai_gate, genai_span, genai_tool, record};
pub use metrics::{
    Counter, Family, Gauge, Histogram, Measures, MetricError, MetricKind, Registry, UnknownViews,
    Views,
};
pub use record::{Attributes, Dropped, Event, Link, Scope, SpanKind, SpanRecord, Status, Value};
pub use recorder::report::{ExporterReport, Report};
pub use span::attribute_value::AttributeValue;
pub use span::builder::{Entered, SpanBuilder, span};
pub use span::context::SpanContext;
pub use span::current::{SpanRef, current};
pub use span::gate::{GateDecision, GateOutcome};
pub use span::ids::{ParseIdError, SpanId, TraceId};
pub use span::items::EventAttributes;
pub use span::operation::Operation;
pub use span::outcome::Outcome;
pub use span::value_bytes::ValueWriter;
pub use telemetry::{Telemetry, init, record_measures};
