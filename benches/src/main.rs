//! What genai-trace costs, beside its fastest peers on the same work. See `README.md`.

mod alloc;
mod check;
mod child;
mod cli;
mod contenders;
mod cpu;
mod facts;
mod figures;
mod lines;
mod machine;
mod memory;
mod plot;
mod report;
mod required;
mod rounds;
mod stats;
mod table;
mod work;

use std::process::ExitCode;

use cli::Command;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

fn main() -> ExitCode {
    let result = match cli::parse(std::env::args().skip(1)) {
        Ok(Command::Compare(options)) => rounds::compare(&options),
        Ok(Command::Check(options)) => check::same_lines(&options),
        Ok(Command::Child(contender, options)) => child::measure(&contender, &options),
        Ok(Command::Run(contender, options)) => child::run(&contender, &options),
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
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
