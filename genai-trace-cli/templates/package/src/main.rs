//! An agent whose runs can be looked at: `cargo run`, then `genai-trace show`.

mod agent;
mod model;
mod tools;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // Spans go to ./traces.jsonl, or where the environment says: OTEL_TRACES_EXPORTER=console.
    let telemetry = genai_trace::init()?;

    let question = "What is this project called?";
    println!("{question} {}\n", agent::answer(question)?);

    // What was counted, as Prometheus reads it.
    print!("{}", telemetry.metrics_text());
    Ok(()) // dropping `telemetry` writes what is left
}
