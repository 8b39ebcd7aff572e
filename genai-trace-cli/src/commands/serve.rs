//! `genai-trace serve`

use std::path::PathBuf;

use clap::Args;

use crate::serve::{Serve, run as serve};

/// Shows traces in a browser, while they are written.
///
/// It prints the address to open, reads the files and follows them as they grow. Marks and notes are kept beside the
/// traces, in traces.scores.jsonl, those of a store in traces.db.scores.jsonl. Nothing is fetched from anywhere. Where it
/// is bound to anything but this machine's own address, a token is wanted, which stands in the address that it prints.
///
/// Exits with 0 when it is interrupted, and with 2 where the port is taken.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files of spans, patterns, or - for standard input; a file with those rotated away from it. What is not there yet
    /// is waited for
    #[arg(default_value = "traces.jsonl", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The port of the viewer; 0 takes one that is free
    #[arg(long, default_value_t = 4319)]
    port: u16,
    /// The address that it is bound to
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Also receives spans of any OpenTelemetry program, as OTLP over HTTP, and their events; metrics and other logs are left aside
    #[arg(long, num_args = 0..=1, default_missing_value = "4318", value_name = "PORT")]
    otlp: Option<u16>,
    /// The file that received spans are appended to, their events beside it; without it they are gone with the program
    #[arg(long, value_name = "FILE", requires = "otlp")]
    keep: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    serve(&Serve {
        files: arguments.files.clone(),
        host: arguments.host.clone(),
        port: arguments.port,
        otlp: arguments.otlp,
        keep: arguments.keep.clone(),
    })?;
    Ok(String::new())
}
