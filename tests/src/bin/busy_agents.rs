//! Agents at work, one of everything that a dashboard shows: answers that stream, tools and models that fail, gates that
//! deny, a model without a price, runs that are open.
//!
//! `busy_agents RUNS`: makes so many runs for each line on standard input, and ends with it.

use std::error::Error;
use std::io;
use std::thread::sleep;
use std::time::Duration;

use genai_trace::{
    GateDecision, genai_agent, genai_chat, genai_embeddings, genai_gate, genai_tool, record,
};

const MODELS: [&str; 3] = ["gpt-4o-mini", "claude-sonnet-4-5", "no-such-model"];
const PROVIDERS: [&str; 3] = ["openai", "anthropic", "acme"];

/// What is not there.
#[derive(Debug)]
struct Missing;

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is not there")
    }
}

impl Error for Missing {}

#[genai_gate("inside_workspace")]
fn inside_workspace(run: usize) -> GateDecision {
    match run % 5 {
        0 => GateDecision::Deny("outside the workspace".into()),
        _ => GateDecision::Allow,
    }
}

#[genai_tool("read_file")]
fn read_file(run: usize) -> Result<usize, Missing> {
    sleep(Duration::from_micros(300));
    match run % 4 {
        0 => Err(Missing),
        _ => Ok(run),
    }
}

#[genai_tool("search")]
fn search() {
    sleep(Duration::from_micros(200));
}

#[genai_chat(model = MODELS[run % 3], provider = PROVIDERS[run % 3])]
fn chat(run: usize) -> Result<(), Missing> {
    sleep(Duration::from_millis(1));
    if run % 7 == 3 {
        return Err(Missing);
    }
    record!(
        gen_ai.usage.input_tokens = 1_000 + run as i64,
        gen_ai.usage.output_tokens = 100,
        gen_ai.usage.cache_read.input_tokens = 600,
        gen_ai.response.time_to_first_chunk = 0.0004,
    );
    Ok(())
}

#[genai_embeddings(model = "text-embedding-3-small", provider = "openai")]
fn embed(run: usize) {
    sleep(Duration::from_micros(200));
    record!(gen_ai.usage.input_tokens = 50 + run as i64);
}

#[genai_agent("coder")]
fn coder(run: usize) -> Result<(), Missing> {
    embed(run);
    chat(run)?;
    inside_workspace(run);
    search();
    let read = read_file(run);
    chat(run)?;
    read.map(|_| ())
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs: usize = std::env::args().nth(1).unwrap_or_default().parse()?;
    let telemetry = genai_trace::init()?;
    let mut run = 0;
    for line in io::stdin().lines() {
        line?;
        for _ in 0..runs {
            let _ = coder(run);
            run += 1;
        }
    }
    drop(telemetry);
    Ok(())
}
