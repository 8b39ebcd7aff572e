//! An agent that goes on by one step with each line on its standard input: something to look at while it runs.
//!
//! `cargo run -p genai-trace-cli --example stepper -- traces.jsonl`, and `genai-trace serve` beside it.

use std::env;
use std::error::Error;
use std::io::{self, BufRead};

use genai_trace::{Telemetry, genai_agent, genai_tool, record};

#[genai_agent("stepper")]
fn agent() -> io::Result<u32> {
    let mut steps = 0;
    while step(steps)? {
        steps += 1;
    }
    Ok(steps)
}

/// Is at work until there is a line; says whether that was not the last.
#[genai_tool("wait_for_line")]
fn step(number: u32) -> io::Result<bool> {
    record!("step.number" = number);
    let mut line = String::new();
    Ok(io::stdin().lock().read_line(&mut line)? > 0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).unwrap_or("traces.jsonl".to_owned());
    let telemetry = Telemetry::builder()
        .jsonl(file)
        .crash_safe(true)
        .install()?;
    println!("{} steps", agent()?);
    drop(telemetry);
    Ok(())
}
