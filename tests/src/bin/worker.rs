//! Two processes with a queue between them.
//!
//! `worker send` works on a request and writes a message, a line of JSON, to standard output;
//! `worker receive` reads messages from standard input and works on them. Each writes its own
//! trace file, as the environment says.

use std::error::Error;
use std::io::{self, BufRead};

use genai_trace::{Carried, current, genai_agent, genai_tool, record};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Job {
    path: String,
}

#[genai_agent("coder")]
fn schedule() -> Result<String, serde_json::Error> {
    let path = "Cargo.toml".to_owned();
    serde_json::to_string(&Carried::new(Job { path }))
}

#[genai_tool("read_file")]
fn read_file(path: &str) -> usize {
    path.len()
}

fn main() -> Result<(), Box<dyn Error>> {
    let _telemetry = genai_trace::init()?;
    if std::env::args().nth(1).as_deref() == Some("send") {
        println!("{}", schedule()?);
        return Ok(());
    }
    for line in io::stdin().lock().lines() {
        let message: Carried<Job> = serde_json::from_str(&line?)?;
        if let Some(error) = message.carrier().error() {
            println!("{error}");
        }
        message.run(|job| {
            // The sender's span is no span of this process: there is nothing to record for.
            record!(app.lost = true);
            assert!(!current().is_recording());
            read_file(&job.path)
        });
    }
    Ok(())
}
