//! `genai-trace recover`

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
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
    let recovered = match recover(&arguments.file) {
        Ok(recovered) => recovered,
        Err(error) => {
            if arguments.json {
                // It is said below, and the exit is the same.
                let _ = say(&json!({ "error": error }));
            }
            return fail(&error);
        }
    };
    let said = match arguments.json {
        true => say(&document(&recovered)),
        false => say(&recovered),
    };
    match said {
        Err(error) => fail(&format!("cannot write to standard output: {error}")),
        Ok(()) if recovered.bad.is_empty() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
    }
}

fn recover(file: &Path) -> Result<Recovered, String> {
    let mut folder = file.as_os_str().to_owned();
    folder.push(".d");
    let folder = Path::new(&folder);
    if is_missing(file) && is_missing(folder) {
        return Err(format!("there is neither {file:?} nor {folder:?}"));
    }
    genai_trace::recover(file).map_err(|error| error.to_string())
}

/// Whether nothing is called so, not even a link that leads nowhere.
fn is_missing(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
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
fn say(line: &dyn std::fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}

fn fail(error: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "genai-trace: {error}");
    ExitCode::FAILURE
}
