//! Reading a file to its end: whole if that is allowed, else in parts, which takes knowing how
//! many lines there are, which takes a command, which takes one that is allowed.

use serde_json::json;

use super::conversation::{Conversation, Failure};
use super::plan::Wanted;
use super::results::{Part, Ran};

/// The lines of a part.
const PART: usize = 400;
/// The most parts of a file that are read.
const MAX_PARTS: usize = 8;

/// How far the reading of a file has come.
pub(super) enum Reading {
    /// Results that are missing.
    Needs(Vec<Wanted>),
    Text {
        text: String,
        /// Whether this is all of the file.
        complete: bool,
    },
    Failed(Failure),
}

/// How far the counting of a file's lines has come.
pub(super) enum Lines {
    Needs(Wanted),
    Known(usize),
    /// There is no way to count them.
    Unknown,
}

/// Reads a file as far as the conversation goes.
pub(super) fn read(conversation: &Conversation<'_>, path: &str) -> Reading {
    match glance(conversation, path) {
        Reading::Text {
            complete: false, ..
        } => match lines(conversation, path) {
            Lines::Needs(call) => Reading::Needs(vec![call]),
            Lines::Known(lines) => read_parts(conversation, path, lines.div_ceil(PART)),
            Lines::Unknown => read_parts(conversation, path, 1),
        },
        reading => reading,
    }
}

/// Reads a file only if that takes one call; of a larger one there is no text.
pub(super) fn glance(conversation: &Conversation<'_>, path: &str) -> Reading {
    let whole = Wanted::file(path);
    let Some(exchange) = conversation.find(&whole) else {
        return Reading::Needs(vec![whole]);
    };
    match exchange.outcome::<Part>() {
        Ok(part) => Reading::Text {
            text: part.text,
            complete: true,
        },
        Err(failure) if failure.kind == "too_large" => Reading::Text {
            text: String::new(),
            complete: false,
        },
        Err(failure) => Reading::Failed(failure),
    }
}

/// Reads the parts that are known to exist at once, and others while there are more.
fn read_parts(conversation: &Conversation<'_>, path: &str, known: usize) -> Reading {
    let mut text = String::new();
    let mut missing = Vec::new();
    let mut more = true;
    for number in 0..MAX_PARTS {
        if number >= known && !more {
            break;
        }
        let call = Wanted::part(path, number * PART + 1, PART);
        match conversation
            .find(&call)
            .map(|exchange| exchange.outcome::<Part>())
        {
            None => {
                missing.push(call);
                more = false;
            }
            Some(Ok(part)) => {
                text.push_str(&part.text);
                text.push('\n');
                more = part.more;
            }
            Some(Err(failure)) => return Reading::Failed(failure),
        }
    }
    if missing.is_empty() {
        Reading::Text {
            text,
            complete: !more,
        }
    } else {
        Reading::Needs(missing)
    }
}

/// Counts a file's lines: by a shell, as is the habit, until a denial says what is allowed.
pub(super) fn lines(conversation: &Conversation<'_>, path: &str) -> Lines {
    let quoted = path.replace('\'', r"'\''");
    let by_shell = Wanted::run("sh", &["-c", &format!("wc -l < '{quoted}'")]);
    let call = match shell_denial(conversation) {
        None => by_shell,
        Some(denial) if denial.names("wc") => Wanted::run("wc", &["-l", "--", path]),
        Some(_) => return Lines::Unknown,
    };
    if !conversation.offers(call.tool) {
        return Lines::Unknown;
    }
    let Some(exchange) = conversation.find(&call) else {
        return Lines::Needs(call);
    };
    let lines = exchange
        .result::<Ran>()
        .filter(|ran| ran.exit_code == Some(0))
        .and_then(|ran| {
            let number = ran.stdout.split_whitespace().next()?;
            number.parse().ok()
        });
    lines.map_or(Lines::Unknown, Lines::Known)
}

/// Why the shell was denied, if it was.
fn shell_denial(conversation: &Conversation<'_>) -> Option<Failure> {
    conversation
        .exchanges
        .iter()
        .filter(|exchange| exchange.arguments.get("command") == Some(&json!("sh")))
        .find_map(|exchange| {
            exchange
                .failure()
                .filter(|failure| failure.kind == "denied")
        })
}
