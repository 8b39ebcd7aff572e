//! A coding agent that works on real files, traced by attributes.
//!
//! ```text
//! cargo run --example coding_agent -- [DIR] [--ask QUESTION] [--model MODEL]
//! ```
//!
//! It answers a question about a folder in turns: the model is asked, the tools that it calls run
//! at the same time behind a chain of gates, and their results go back to the model. The model is
//! a planner behind real HTTP on loopback (`model/`); `OPENAI_BASE_URL` names another one.
//!
//! At the end it prints the answer, the tree of spans, three spans as they stand in
//! `traces.jsonl`, and the metrics. Where to look for the attributes:
//!
//! - `#[genai_agent]` and `#[genai_span]`: `agent.rs`
//! - `#[genai_chat]`: `client.rs`
//! - `#[genai_tool]`: the files in `tools/`
//! - `#[genai_gate]`: `gates.rs`

mod agent;
mod cli;
mod client;
mod endpoint;
mod gates;
mod http;
mod model;
mod report;
mod sandbox;
mod tools;
mod workspace;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use genai_trace::{Builder, InitError, MemoryExporter, Telemetry};

use crate::agent::Agent;
use crate::cli::{Command, Options};
use crate::client::ChatClient;
use crate::endpoint::Endpoint;
use crate::model::ModelServer;
use crate::sandbox::Sandbox;
use crate::tools::Toolbox;
use crate::workspace::Workspace;

/// How long to wait for the last span to be written.
const FLUSH: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let options = match cli::parse(env::args().skip(1)) {
        Ok(Command::Ask(options)) => options,
        Ok(Command::Help) => return exit_code(print(cli::USAGE).map_err(Into::into)),
        Err(error) => {
            eprint!("coding_agent: {error}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    exit_code(run(options))
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let (client, _server) = client(options.model)?;
    let trace_file = trace_file();
    let workspace = Workspace::open(&options.folder)?.without_trace(&trace_file);
    let sandbox = Sandbox {
        folder: workspace.root().to_owned(),
        time_limit: Duration::from_secs(10),
        output_limit: 32 * 1024,
    };
    let agent = Agent {
        client,
        toolbox: Toolbox { workspace, sandbox },
    };

    let memory = MemoryExporter::new();
    let telemetry = install(&memory)?;
    let answer = agent.answer(&options.question);
    let report = telemetry.shutdown(FLUSH);
    let mut out = io::stdout().lock();
    if let Ok(answer) = &answer {
        report::answer(&mut out, &options.question, answer)?;
    }
    // A run that failed is when one wants to see what happened.
    report::telemetry(
        &mut out,
        &memory.spans(),
        &report,
        &telemetry.metrics_text(),
    )?;
    Ok(answer.map(|_| ())?)
}

/// Telemetry as the environment says, and beside it the spans in memory, to be shown.
fn install(memory: &MemoryExporter) -> Result<Telemetry, InitError> {
    Builder::from_env()?
        .default_service_name("coding-agent")
        .also(memory.clone())
        .install()
}

/// The model that the environment names, or else the example's own and its server.
fn client(model: Option<String>) -> Result<(ChatClient, Option<ModelServer>), Box<dyn Error>> {
    let (endpoint, server) = match given("OPENAI_BASE_URL") {
        Some(url) => (Endpoint::parse(&url, given("OPENAI_API_KEY"))?, None),
        None => {
            let server = ModelServer::start()?;
            (
                Endpoint::parse(&server.base_url(), Some("loopback".into()))?,
                Some(server),
            )
        }
    };
    let model = model.unwrap_or_else(|| model::MODEL.to_owned());
    Ok((ChatClient { endpoint, model }, server))
}

/// The file that the spans go to, which is no part of what the agent works on.
fn trace_file() -> PathBuf {
    given("GENAI_TRACE_FILE")
        .unwrap_or_else(|| "traces.jsonl".into())
        .into()
}

/// A variable of the environment that says something.
fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

fn exit_code(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has seen enough, as `head` does.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coding_agent: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
