//! A function in the cloud: events come in, answers go out, and between two of them the process is
//! frozen, so that what is not written by then may never be.
//!
//! The events are lines of standard input (three of its own where there are none), the answers lines
//! of standard output. Each request's spans are in the file before its answer is.
//!
//! ```sh
//! cargo run --example serverless
//! printf '%s\n' 'hello' 'fail' | cargo run --example serverless -- -
//! ```

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::time::Duration;

use genai_trace::{Telemetry, genai_agent, genai_tool};

/// What the platform leaves a request after its answer.
const DEADLINE: Duration = Duration::from_secs(2);

#[genai_tool("look_up", fields("app.word" = word))]
fn look_up(word: &str) -> Result<usize, String> {
    match word {
        "fail" => Err(format!("nothing is known of {word:?}")),
        _ => Ok(word.len()),
    }
}

/// Answers an event; an error is an answer as well.
#[genai_agent("answerer")]
fn answer(event: &str) -> Result<String, String> {
    let letters: usize = event
        .split_whitespace()
        .map(look_up)
        .sum::<Result<usize, String>>()?;
    Ok(format!("{letters} letters"))
}

/// One request. Whatever becomes of it, a `?` and a panic included, its spans are flushed.
fn handle(telemetry: &Telemetry, event: &str, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let flush = telemetry.flush_on_drop(DEADLINE);
    let answer = answer(event);
    let report = flush.flush();
    match answer {
        Ok(answer) => writeln!(out, "{event}: {answer}")?,
        Err(error) => writeln!(out, "{event}: error: {error}")?,
    }
    writeln!(out, "  {report}")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // In the cloud this is a static of the function's process, and nobody drops it.
    let telemetry = genai_trace::init()?;
    let mut out = io::stdout().lock();
    if std::env::args().nth(1).as_deref() == Some("-") {
        for event in io::stdin().lock().lines() {
            handle(&telemetry, &event?, &mut out)?;
        }
    } else {
        for event in ["how long is this", "fail", "bye"] {
            handle(&telemetry, event, &mut out)?;
        }
    }
    Ok(())
}
