//! The command line.

use std::fmt;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
usage: coding_agent [DIR] [--ask QUESTION] [--model MODEL]

Answers a question about the files of DIR (default: the current folder).

  --ask QUESTION   what to find out (default: files, crates, TODO, unsafe, unwrap, largest file)
  --model MODEL    the model to ask (default: planner-1, the planner inside this example)

OPENAI_BASE_URL and OPENAI_API_KEY name an OpenAI-compatible server to ask instead.
GENAI_TRACE_FILE names the trace file (default: traces.jsonl in the current folder).
";

const QUESTION: &str = "Which crates and files are there, where do TODO, unsafe and unwrap stand, \
    and which file is the largest and what does it define?";

/// What the user asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) question: String,
    pub(crate) model: Option<String>,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Ask(Options),
    Help,
}

/// Why the arguments are wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UsageError {
    Unknown(String),
    NoValue(String),
    Twice(String),
    NoFolder(PathBuf),
}

/// Reads the arguments, without the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, UsageError> {
    let (mut folder, mut question, mut model) = (None, None, None);
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let (name, value) = match arg.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--ask" => (&mut question, args.next()),
            "--model" => (&mut model, args.next()),
            other if other.starts_with('-') => return Err(UsageError::Unknown(arg)),
            _ => (&mut folder, Some(arg.clone())),
        };
        let value = value.filter(|value| !value.trim().is_empty());
        let value = value.ok_or_else(|| UsageError::NoValue(arg.clone()))?;
        if name.replace(value).is_some() {
            return Err(UsageError::Twice(arg));
        }
    }
    let folder = PathBuf::from(folder.unwrap_or_else(|| ".".into()));
    if !folder.is_dir() {
        return Err(UsageError::NoFolder(folder));
    }
    let question = question.unwrap_or_else(|| QUESTION.to_owned());
    Ok(Command::Ask(Options {
        folder,
        question,
        model,
    }))
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(option) => write!(f, "unknown option `{option}`"),
            Self::NoValue(option) => write!(f, "`{option}` needs a value"),
            Self::Twice(arg) => write!(f, "`{arg}`: given twice"),
            Self::NoFolder(path) => write!(f, "`{}` is not a folder", path.display()),
        }
    }
}
