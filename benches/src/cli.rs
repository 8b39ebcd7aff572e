//! The command line.

use std::path::PathBuf;

/// How the program is called.
pub const USAGE: &str = "\
usage: bench [compare] [--markdown] [OPTIONS]   all contenders, in rounds
       bench check [OPTIONS]                    whether all write the same lines
       bench run CONTENDER [OPTIONS]            the work alone, for a profiler
       bench child CONTENDER [OPTIONS]          one contender's figures as JSON

  --rounds N    rounds of all contenders (7)
  --laps N      laps of each phase; a lap is 2,000 bursts of 11 spans (20); the slow run fewer
  --dir PATH    where files are written, and removed again (the system's folder for such)
  --file PATH   where `run` writes what is to stay
  --plot PATH   where the figures are drawn as SVG

contenders: plain, genai-trace, genai-trace-crash-safe, fastrace-hand, fastrace-serde,
            otel-prometheus, otel, tracing-otel, tracing-json, logfire, emit, trace-weft";

/// What is asked for.
pub enum Command {
    /// All contenders, in rounds.
    Compare(Options),
    /// Whether all write the same lines.
    Check(Options),
    /// The figures of one contender.
    Child(String, Options),
    /// The work of one contender, unmeasured.
    Run(String, Options),
    /// How the program is called.
    Help,
}

/// What can be set.
pub struct Options {
    pub rounds: usize,
    pub laps: usize,
    pub dir: PathBuf,
    pub file: Option<PathBuf>,
    pub plot: Option<PathBuf>,
    pub markdown: bool,
}

/// Reads the arguments.
pub fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut args = args.peekable();
    let command = match args.peek() {
        Some(word) if !word.starts_with("--") => args.next(),
        _ => None,
    };
    let contender = match command.as_deref() {
        Some("child" | "run") => args.next().ok_or("which contender?")?,
        _ => String::new(),
    };
    let mut options = Options {
        rounds: 7,
        laps: 20,
        dir: std::env::temp_dir(),
        file: None,
        plot: None,
        markdown: false,
    };
    while let Some(option) = args.next() {
        let mut value = || args.next().ok_or(format!("{option} needs a value"));
        match option.as_str() {
            "--rounds" => options.rounds = number(&value()?)?,
            "--laps" => options.laps = number(&value()?)?,
            "--dir" => options.dir = value()?.into(),
            "--file" => options.file = Some(value()?.into()),
            "--plot" => options.plot = Some(value()?.into()),
            "--help" => return Ok(Command::Help),
            "--markdown" => options.markdown = true,
            _ => return Err(format!("what is {option:?}?")),
        }
    }
    match command.as_deref() {
        None | Some("compare") => Ok(Command::Compare(options)),
        Some("check") => Ok(Command::Check(options)),
        Some("child") => Ok(Command::Child(contender, options)),
        Some("run") => Ok(Command::Run(contender, options)),
        Some(other) => Err(format!("what is {other:?}?")),
    }
}

fn number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{text:?} is no number above 0")),
    }
}
