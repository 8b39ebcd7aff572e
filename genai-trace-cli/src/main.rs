//! The `genai-trace` command.

mod commands;
mod compare;
mod input;
mod interrupt;
mod out;
mod pricing;
mod reading;
mod serve;
mod span;
mod text;
mod tree;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::commands::{
    cost, diff, facts, ls, ps, recover, report, serve as viewer, show, stats, tail,
};

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
    Tail(tail::Arguments),
    Serve(viewer::Arguments),
    Report(report::Arguments),
    Stats(stats::Arguments),
    Cost(cost::Arguments),
    Diff(diff::Arguments),
    Facts(facts::Arguments),
    Recover(recover::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Ls(arguments) => out::answer(ls::run(&arguments)),
        Command::Show(arguments) => out::answer(show::run(&arguments)),
        Command::Ps(arguments) => out::answer(ps::run(&arguments)),
        Command::Tail(arguments) => out::answer(tail::run(&arguments)),
        Command::Serve(arguments) => out::answer(viewer::run(&arguments)),
        Command::Report(arguments) => out::answer(report::run(&arguments)),
        Command::Stats(arguments) => out::answer(stats::run(&arguments)),
        Command::Cost(arguments) => out::answer(cost::run(&arguments)),
        Command::Diff(arguments) => out::found(diff::run(&arguments)),
        Command::Facts(arguments) => facts::run(&arguments),
        Command::Recover(arguments) => recover::run(&arguments),
    }
}
