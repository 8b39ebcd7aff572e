//! Spans of OpenTelemetry and ours in one trace, each exported once, and the exporters of its SDK.

mod contexts;
mod exporter;
#[cfg(unix)]
mod forks;
mod parents;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use genai_trace::bridge::opentelemetry::{OurTracer, with_our_parents};
use genai_trace::{Builder, Telemetry, genai_agent, genai_tool};
use genai_trace_tests::{Recorded, recorded_unchecked_as};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracer, SdkTracerProvider, SpanData};

/// What others trace with, and what they have exported.
struct Theirs {
    provider: SdkTracerProvider,
    exported: InMemorySpanExporter,
}

impl Theirs {
    fn new() -> Self {
        Self::sampled_by(opentelemetry_sdk::trace::Sampler::ParentBased(Box::new(
            opentelemetry_sdk::trace::Sampler::AlwaysOn,
        )))
    }

    fn sampled_by(sampler: opentelemetry_sdk::trace::Sampler) -> Self {
        let exported = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_simple_exporter(exported.clone())
            .build();
        Self { provider, exported }
    }

    /// A tracer as it is.
    fn tracer(&self) -> SdkTracer {
        self.provider.tracer("theirs")
    }

    /// One whose spans are children of ours.
    fn tracer_below_ours(&self) -> OurTracer<SdkTracer> {
        with_our_parents(self.provider.clone()).tracer("theirs")
    }

    fn spans(&self) -> Vec<SpanData> {
        self.exported.get_finished_spans().unwrap()
    }

    fn span(&self, name: &str) -> SpanData {
        let found: Vec<_> = self
            .spans()
            .into_iter()
            .filter(|span| span.name == name)
            .collect();
        assert_eq!(found.len(), 1, "{name}");
        found.into_iter().next().unwrap()
    }
}

/// What is recorded of `work`, where spans of theirs are parents of ours.
fn recorded(work: impl FnOnce()) -> Recorded {
    recorded_by(|builder| builder, work)
}

fn recorded_by(say: impl FnOnce(Builder) -> Builder, work: impl FnOnce()) -> Recorded {
    recorded_with(
        |builder| say(builder.opentelemetry_parents(true)),
        |_| work(),
    )
}

/// What is recorded of `work`, in the turn of this test.
fn recorded_with(say: impl FnOnce(Builder) -> Builder, work: impl FnOnce(&Telemetry)) -> Recorded {
    let _turn = turn();
    recorded_unchecked_as(say, work)
}

/// Telemetry is one for a process: tests take turns, those too that install theirs themselves.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn id(shown: impl fmt::Display) -> String {
    shown.to_string()
}

/// The id of the span that a span of ours is below.
fn parent_of(recorded: &Recorded, name: &str) -> Option<String> {
    recorded.span(name).parent_span_id.map(id)
}

#[genai_tool("search")]
fn search() {}

#[genai_agent("coder")]
fn run() {
    search();
}

#[genai_tool("turn")]
fn run_in_span(work: impl FnOnce()) {
    work();
}
