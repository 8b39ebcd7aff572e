//! The `genai-trace` command.

mod commands;
mod compare;
mod content;
mod findings;
mod input;
mod interrupt;
mod once;
mod one_trace;
mod out;
mod output;
mod pricing;
mod reading;
mod said;
mod scores;
mod serve;
mod span;
mod text;
mod traces;
mod tree;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::commands::{
    check, completions, convert, cost, diff, facts, init, ls, man, ps, query, recover, report,
    score, serve as viewer, show, stats, summary, tail, validate,
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
    Init(init::Arguments),
    Ls(ls::Arguments),
    Show(show::Arguments),
    Ps(ps::Arguments),
    Tail(tail::Arguments),
    Serve(viewer::Arguments),
    Report(report::Arguments),
    Stats(stats::Arguments),
    Cost(cost::Arguments),
    Convert(convert::Arguments),
    Diff(diff::Arguments),
    Summary(summary::Arguments),
    Query(query::Arguments),
    Score(score::Arguments),
    Check(check::Arguments),
    Validate(validate::Arguments),
    Facts(facts::Arguments),
    Recover(recover::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Init(arguments) => out::answer(init::run(&arguments)),
        Command::Ls(arguments) => out::answer(ls::run(&arguments)),
        Command::Show(arguments) => out::answer(show::run(&arguments)),
        Command::Ps(arguments) => out::answer(ps::run(&arguments)),
        Command::Tail(arguments) => out::answer(tail::run(&arguments)),
        Command::Serve(arguments) => out::answer(viewer::run(&arguments)),
        Command::Report(arguments) => out::answer(report::run(&arguments)),
        Command::Stats(arguments) => out::answer(stats::run(&arguments)),
        Command::Cost(arguments) => out::answer(cost::run(&arguments)),
        Command::Convert(arguments) => out::answer(convert::run(&arguments)),
        Command::Summary(arguments) => out::answer(summary::run(&arguments)),
        Command::Diff(arguments) => out::found(diff::run(&arguments)),
        Command::Query(arguments) => query::run(&arguments),
        Command::Score(arguments) => out::answer(score::run(&arguments)),
        Command::Check(arguments) => out::found(check::run(&arguments)),
        Command::Validate(arguments) => out::found(validate::run(&arguments)),
        Command::Facts(arguments) => facts::run(&arguments),
        Command::Recover(arguments) => recover::run(&arguments),
        Command::Completions(arguments) => {
            out::answer(completions::run(&arguments, Arguments::command()))
        }
        Command::Man(arguments) => out::answer(man::run(&arguments, Arguments::command())),
    }
}
