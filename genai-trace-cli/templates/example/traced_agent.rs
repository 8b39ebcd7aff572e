//! An agent whose runs can be looked at: `cargo run --example traced_agent`, then `genai-trace show`.

use std::error::Error;
use std::{fs, io};

use genai_trace::{genai_agent, genai_chat, genai_tool, record};

/// The model that is asked.
const MODEL: &str = "gpt-4o-mini";

/// After so many turns nothing is to be expected of more.
const MOST_TURNS: usize = 8;

fn main() -> Result<(), Box<dyn Error>> {
    // Spans go to ./traces.jsonl, or where the environment says: OTEL_TRACES_EXPORTER=console.
    let telemetry = genai_trace::init()?;

    let question = "What is this project called?";
    println!("{} {}\n", question, answer(question)?);

    // What was counted, as Prometheus reads it.
    print!("{}", telemetry.metrics_text());
    Ok(()) // dropping `telemetry` writes what is left
}

/// Answers a question about the files in this folder.
#[genai_agent("reader", model = MODEL)]
fn answer(question: &str) -> Result<String, Box<dyn Error>> {
    let mut said = vec![question.to_owned()];
    for _ in 0..MOST_TURNS {
        match chat(&said)? {
            Reply::Text(text) => return Ok(text),
            // That a tool fails is for the model to deal with.
            Reply::ReadFile(path) => {
                said.push(read_file(path).unwrap_or_else(|error| format!("error: {}", error)));
            }
        }
    }
    Err(format!("no answer after {} turns", MOST_TURNS).into())
}

/// What the model wants.
enum Reply {
    ReadFile(&'static str),
    Text(String),
}

/// Asks the model: a script, so that this runs offline and without a key.
#[genai_chat(provider = "openai", model = MODEL)]
fn chat(said: &[String]) -> io::Result<Reply> {
    // Your client goes here. Tokens, finish reasons and the rest are read from what it gives, where
    // that is a provider's JSON or an SDK's own type; what is of another kind is said by hand.
    let characters: usize = said.iter().map(String::len).sum();
    record!(
        gen_ai.usage.input_tokens = characters / 4,
        gen_ai.usage.output_tokens = 5,
    );
    Ok(match said {
        [] | [_] => Reply::ReadFile("package.json"),
        [_, _] => Reply::ReadFile("Cargo.toml"),
        [.., manifest] => {
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "));
            let name = name.map_or("I cannot say", |name| name.trim_matches('"'));
            Reply::Text(format!("{}.", name))
        }
    })
}

#[genai_tool("read_file")]
fn read_file(path: &str) -> io::Result<String> {
    fs::read_to_string(path)
}
