//! `genai-trace recover`

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use genai_trace::Recovered;
use serde_json::{Value, json};

/// Puts what crashed processes have left into the traces file, each span once.
///
/// Spans that had ended become the lines that their process would have written. Spans that were open
/// follow with the outcome "crashed". Processes that are still running are left alone.
///
/// Exits with 0, with 1 where something could not be recovered, and with 2 where it is misused.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The traces file; what crashes leave lies in FILE.d
    #[arg(default_value = "traces.jsonl", value_name = "FILE")]
    file: PathBuf,
    /// Prints one JSON document instead of a line of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let recovered = match genai_trace::recover(&arguments.file) {
        Ok(recovered) => recovered,
        Err(error) => {
            if arguments.json {
                say(&json!({ "error": error.to_string() }));
            }
            let _ = writeln!(io::stderr(), "genai-trace: {error}");
            return ExitCode::FAILURE;
        }
    };
    if arguments.json {
        say(&document(&recovered));
    } else {
        say(&recovered);
    }
    match recovered.bad.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn document(recovered: &Recovered) -> Value {
    let bad = recovered
        .bad
        .iter()
        .map(|(path, reason)| json!({ "path": path.to_string_lossy(), "reason": reason }));
    json!({
        "finished": recovered.finished,
        "open": recovered.open,
        "already_there": recovered.already_there,
        "boxes": recovered.boxes,
        "alive": recovered.alive,
        "bad": bad.collect::<Vec<_>>(),
    })
}

/// Prints a line; a reader that has gone away is no fault of ours.
fn say(line: &dyn std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
