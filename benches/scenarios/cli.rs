//! The command line.

use std::path::PathBuf;

/// How the program is called.
pub const USAGE: &str = "\
usage: scenarios [--markdown] [OPTIONS]        all scenarios, in rounds
       scenarios run SCENARIO [OPTIONS]        genai-trace's work alone, for a profiler
       scenarios child SCENARIO CONTENDER [OPTIONS]
                                               one contender's figures as JSON

  --only NAME   this scenario alone; may be said more than once
  --rounds N    rounds of all contenders (7)
  --times N     how often `run` does its work (100,000)
  --dir PATH    where files are written, and removed again (the system's folder for such)";

/// What is asked for.
pub enum Command {
    /// All contenders of scenarios, in rounds.
    Compare(Options),
    /// The figures of one contender.
    Child(String, String, Options),
    /// The work of a scenario, unmeasured.
    Run(String, Options),
    /// How the program is called.
    Help,
}

/// What can be set.
pub struct Options {
    pub only: Vec<String>,
    pub rounds: usize,
    pub times: usize,
    pub dir: PathBuf,
    pub markdown: bool,
}

/// Reads the arguments.
pub fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut args = args.peekable();
    let command = match args.peek() {
        Some(word) if !word.starts_with("--") => args.next(),
        _ => None,
    };
    let mut word = |missing: &str| args.next().ok_or(missing.to_owned());
    let (scenario, contender) = match command.as_deref() {
        Some("child") => (word("which scenario?")?, word("which contender?")?),
        Some("run") => (word("which scenario?")?, String::new()),
        _ => Default::default(),
    };
    let mut options = Options {
        only: Vec::new(),
        rounds: 7,
        times: 100_000,
        dir: std::env::temp_dir(),
        markdown: false,
    };
    while let Some(option) = args.next() {
        let mut value = || args.next().ok_or(format!("{option} needs a value"));
        match option.as_str() {
            "--only" => options.only.push(value()?),
            "--rounds" => options.rounds = number(&value()?)?,
            "--times" => options.times = number(&value()?)?,
            "--dir" => options.dir = value()?.into(),
            "--help" => return Ok(Command::Help),
            "--markdown" => options.markdown = true,
            _ => return Err(format!("what is {option:?}?")),
        }
    }
    match command.as_deref() {
        None => Ok(Command::Compare(options)),
        Some("child") => Ok(Command::Child(scenario, contender, options)),
        Some("run") => Ok(Command::Run(scenario, options)),
        Some(other) => Err(format!("what is {other:?}?")),
    }
}

fn number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{text:?} is no number above 0")),
    }
}
