//! A program without an async runtime: its futures are polled by hand.
#![deny(warnings)]

#[path = "../../kinds.rs"]
mod kinds;

use std::pin::pin;
use std::task::{Context, Waker};

use genai_trace::{MemoryExporter, Outcome, Telemetry};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install()?;
    assert_eq!(kinds::block_on(kinds::agent("why?"))?, 1);
    {
        // One poll, and no more.
        let mut chat = pin!(kinds::chat("o3", "still there?"));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(chat.as_mut().poll(&mut cx).is_pending());
    }
    drop(telemetry);
    let spans = memory.spans();
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    let mut expected = [kinds::SPANS, &["chat o3"]].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
    let cut_short = spans.iter().find(|span| span.name == "chat o3");
    assert_eq!(
        cut_short.and_then(|span| span.attributes.str("genai_trace.outcome")),
        Some(Outcome::Cancelled.as_str())
    );
    Ok(())
}
