//! The `genai-trace` command.

mod commands;
mod compare;
mod findings;
mod input;
mod out;
mod pricing;
mod reading;
mod scores;
mod span;
mod text;
mod traces;
mod tree;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::commands::{check, cost, diff, facts, ls, ps, recover, score, show, stats, validate};

/// Answers what agents did, how long it took and what it cost, from the files that genai-trace writes.
#[derive(Debug, Parser)]
#[command(name = "genai-trace", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ls(ls::Arguments),
    Show(show::Arguments),
    Ps(ps::Arguments),
    Stats(stats::Arguments),
    Cost(cost::Arguments),
    Diff(diff::Arguments),
    Score(score::Arguments),
    Check(check::Arguments),
    Validate(validate::Arguments),
    Facts(facts::Arguments),
    Recover(recover::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Ls(arguments) => out::answer(ls::run(&arguments)),
        Command::Show(arguments) => out::answer(show::run(&arguments)),
        Command::Ps(arguments) => out::answer(ps::run(&arguments)),
        Command::Stats(arguments) => out::answer(stats::run(&arguments)),
        Command::Cost(arguments) => out::answer(cost::run(&arguments)),
        Command::Diff(arguments) => out::found(diff::run(&arguments)),
        Command::Score(arguments) => out::answer(score::run(&arguments)),
        Command::Check(arguments) => out::found(check::run(&arguments)),
        Command::Validate(arguments) => out::found(validate::run(&arguments)),
        Command::Facts(arguments) => facts::run(&arguments),
        Command::Recover(arguments) => recover::run(&arguments),
    }
}
