//! Spans of [`opentelemetry`](https://docs.rs/opentelemetry) and ours in one trace, and the exporters of its SDK.
//! Feature `opentelemetry`, and `opentelemetry-sdk` for the exporters; both are for version 0.33 of these crates, and
//! tested with 0.33.0, the lowest, and 0.33.1.
//!
//! Where both are in a program, each keeps its own exporters, and no span is recorded twice. Two lines join their
//! traces: [`opentelemetry_parents`](crate::Builder::opentelemetry_parents) for what begins in ours below a span of
//! theirs, and [`with_our_parents`] for what begins in theirs below a span of ours:
//!
//! ```
//! use genai_trace::bridge::opentelemetry::with_our_parents;
//! use genai_trace::{MemoryExporter, Telemetry, genai_agent};
//! use opentelemetry::global;
//! use opentelemetry::trace::{Span, Tracer};
//! use opentelemetry_sdk::trace::SdkTracerProvider;
//!
//! #[genai_agent("coder")]
//! fn run() -> opentelemetry::trace::SpanContext {
//!     // what an instrumented client or database does
//!     global::tracer("client").start("GET /v1/models").span_context().clone()
//! }
//!
//! let provider = SdkTracerProvider::builder().build(); // with the exporters that it has
//! global::set_tracer_provider(with_our_parents(provider));
//! let memory = MemoryExporter::new();
//! let telemetry = Telemetry::builder().memory(&memory).opentelemetry_parents(true).install()?;
//!
//! let client = run();
//! drop(telemetry);
//! assert_eq!(client.trace_id().to_string(), memory.spans()[0].trace_id.to_string());
//! # Ok::<(), genai_trace::InitError>(())
//! ```
//!
//! What only looks at the current context of OpenTelemetry, as a client does that puts it into its headers, finds the
//! span of ours in what runs under [`attach`] or [`with_our_context`](WithOurContext::with_our_context).
//!
//! A span of theirs between two of ours is the parent of the second where that is said:
//! `#[genai_tool(parent = from_context(&Context::current()))]`. Else both are children of the first.
//!
//! A span of `tracing` that `tracing-opentelemetry` takes as well should not go through the bridge for `tracing`, or
//! both sides have it: a filter on that layer, or `only_gen_ai`, says which.
//!
//! What is not sampled on one side is not on the other, by the parent-based rule that each has by default.
//! `tracestate` goes along both ways, and `baggage` does where it is [allowed](crate::Builder::baggage). Of the trace
//! flags only the lowest does.

mod attached;
pub(crate) mod begun;
mod below_ours;
mod context;
#[cfg(feature = "opentelemetry-sdk")]
mod drive;
#[cfg(feature = "opentelemetry-sdk")]
mod exporter;
#[cfg(feature = "opentelemetry-sdk")]
mod span_data;

pub use self::attached::{Attached, InOurContext, WithOurContext, attach};
pub use self::below_ours::{OurChild, OurTracer, WithOurParents, with_our_parents};
pub(crate) use self::context::neighbour;
pub use self::context::{
    current_context, from_context, from_span_context, to_context, to_span_context,
};
#[cfg(feature = "opentelemetry-sdk")]
pub use self::drive::ExportFuture;
#[cfg(feature = "opentelemetry-sdk")]
pub use self::exporter::SdkExporter;
