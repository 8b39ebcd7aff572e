//! Our spans, as subscribers of `tracing` see them.

mod both_ways;
mod carried;
mod life;
mod log_lines;
mod subscribers;
mod told;

use genai_trace::{current, genai_agent, genai_chat, genai_tool};
use genai_trace_tests::{Recorded, recorded_unchecked_as};
use tracing::subscriber::with_default;
use tracing::{Span, Subscriber, info};

/// What is recorded of `work` while spans are shown to `subscriber`.
fn shown_to(subscriber: impl Subscriber + Send + Sync + 'static, work: impl FnOnce()) -> Recorded {
    recorded_unchecked_as(
        |builder| builder.tracing_spans(true),
        |_| with_default(subscriber, work),
    )
}

/// The name of the span of `tracing` that the thread is in.
fn inside() -> Option<&'static str> {
    Span::current().metadata().map(|metadata| metadata.name())
}

#[genai_tool("search", fields("search.words" = words))]
fn search(words: u64) -> String {
    info!("looking");
    current().span_id().unwrap().to_string()
}

#[genai_agent("coder")]
fn run(work: impl FnOnce()) {
    work();
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat(work: impl FnOnce()) {
    work();
}
