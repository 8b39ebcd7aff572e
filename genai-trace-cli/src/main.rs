//! The `genai-trace` command.

mod base64;
mod facts;
mod recover;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Looks after the files that genai-trace writes.
#[derive(Debug, Parser)]
#[command(name = "genai-trace", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Facts(facts::Arguments),
    Recover(recover::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Facts(arguments) => facts::run(&arguments),
        Command::Recover(arguments) => recover::run(&arguments),
    }
}
