//! The smallest program with one span, written to the file that the environment names.
//!
//! It prints how many nanoseconds passed in `main` until the span had ended.

use std::time::{Duration, Instant};

use genai_trace::genai_tool;

#[genai_tool]
fn greet() {
    println!("hello");
}

fn main() -> Result<(), genai_trace::InitError> {
    let begin = Instant::now();
    let telemetry = genai_trace::init()?;
    greet();
    let took = begin.elapsed().as_nanos();
    let report = telemetry.shutdown(Duration::from_secs(60));
    assert!(!report.has_losses(), "{report}");
    println!("{took}");
    Ok(())
}
