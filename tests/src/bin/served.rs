//! Has its metrics served as the environment says.
//!
//! `served`: goes on when it is told a line: first it takes the server over, and drops it; then it shuts down what
//! it has installed anew; then it ends.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use genai_trace::{genai_tool, init};

#[genai_tool("read_file")]
fn read_file() {}

fn told() -> io::Result<()> {
    io::stdin().read_line(&mut String::new()).map(|_| ())
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let telemetry = match init() {
        Ok(telemetry) => telemetry,
        Err(error) => {
            println!("{error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    read_file();
    println!("up");
    told()?;
    // What serves already is handed over.
    println!("{}", telemetry.serve()?.address());
    drop(telemetry);
    let telemetry = init()?;
    println!("up again");
    told()?;
    let _ = telemetry.shutdown(Duration::from_secs(30));
    println!("shut down");
    told()?;
    Ok(ExitCode::SUCCESS)
}
