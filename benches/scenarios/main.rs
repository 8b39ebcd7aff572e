//! What genai-trace costs where the work is not the usual one. See `README.md`.

mod all;
mod cli;
mod cores;
#[path = "../src/contenders/exposition.rs"]
mod exposition;
mod fast;
#[path = "../src/contenders/fastrace_hand.rs"]
mod fastrace_hand;
mod file;
mod heap;
#[path = "../src/contenders/line.rs"]
mod line;
mod otel;
mod ours;
mod paired;
mod poll;
mod report;
mod rounds;
mod scenario;
#[path = "../src/stats.rs"]
#[allow(
    dead_code,
    reason = "shared with the benchmark, which also shows ranges"
)]
mod stats;
mod used;
#[path = "../src/work.rs"]
#[allow(dead_code, reason = "shared with the benchmark, whose laps are others")]
mod work;

use std::io;
use std::process::ExitCode;

use cli::{Command, Options};
use scenario::Scenario;

#[global_allocator]
static ALLOCATOR: heap::Counting = heap::Counting;

fn main() -> ExitCode {
    let result = match cli::parse(std::env::args().skip(1)) {
        Ok(Command::Compare(options)) => compare(&options),
        Ok(Command::Child(scenario, contender, options)) => child(&scenario, &contender, &options),
        Ok(Command::Run(scenario, options)) => run(&scenario, &options),
        Ok(Command::Help) => {
            println!("{}", cli::USAGE);
            Ok(())
        }
        Err(misuse) => {
            eprintln!("{misuse}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scenarios: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(options: &Options) -> io::Result<()> {
    let asked = options.only.iter().map(|name| named(name));
    let asked = asked.collect::<io::Result<Vec<_>>>()?;
    all::build()?;
    match asked.is_empty() {
        true => rounds::compare(all::ALL, options),
        false => rounds::compare(&asked, options),
    }
}

fn child(scenario: &str, contender: &str, options: &Options) -> io::Result<()> {
    let contenders = named(scenario)?.contenders;
    let found = contenders.iter().find(|one| one.name == contender);
    let found = found.ok_or_else(|| {
        io::Error::other(format!("there is no contender {contender:?} in {scenario}"))
    })?;
    let figures = (found.measure)(&options.dir)?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

fn run(scenario: &str, options: &Options) -> io::Result<()> {
    match &named(scenario)?.run {
        Some(run) => {
            eprintln!("{} times: {}", options.times, run.unit);
            (run.work)(&options.dir, options.times)
        }
        None => Err(io::Error::other(format!("{scenario} cannot be run alone"))),
    }
}

fn named(name: &str) -> io::Result<&'static Scenario> {
    let found = all::ALL.iter().find(|scenario| scenario.name == name);
    found.copied().ok_or_else(|| {
        let known: Vec<_> = all::ALL.iter().map(|scenario| scenario.name).collect();
        io::Error::other(format!("there is no {name:?}: {}", known.join(", ")))
    })
}
