//! `genai-trace report`

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use crate::input::sources;
use crate::one_trace::split;
use crate::output::{into_file, is_another};
use crate::serve::{Report, report};

/// Writes one HTML file with runs in it, which any browser shows without a server: to keep, or to send to somebody.
///
/// It holds what `genai-trace serve` shows of them, with everything that was said; values of more than 64 KiB are cut.
/// Without a trace it has all runs of the files, the newest 100 of more. Nothing in it asks for anything elsewhere.
///
/// Exits with 0, and with 2 where there is no such trace, or nothing can be written.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The trace, by the beginning of its id, all unless said; then files, as of the other commands
    #[arg(value_name = "TRACE | FILE")]
    what: Vec<String>,
    /// The file that is written; - for standard output
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let (wanted, files) = split(&arguments.what);
    let output = &arguments.output;
    is_another(output, &sources(&files)?)?;
    let found = report(wanted.as_deref(), &files)?;
    let failed = |error: io::Error| format!("cannot write {output:?}: {error}");
    if output.as_os_str() == "-" {
        let mut out = BufWriter::new(io::stdout().lock());
        return match found.write(&mut out).and_then(|()| out.flush()) {
            // A reader that has gone away is no fault of ours.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(error)),
            _ => Ok(String::new()),
        };
    }
    into_file(output, |mut out| found.write(&mut out)).map_err(failed)?;
    Ok(said(&found, output))
}

fn said(found: &Report, output: &std::path::Path) -> String {
    let runs = match found.runs() {
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    match found.left_out() {
        0 => format!("{}: {runs}\n", output.display()),
        left => format!(
            "{}: the newest {runs}; {left} older ones are left out\n",
            output.display()
        ),
    }
}
