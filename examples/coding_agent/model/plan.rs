//! What to do next: every topic of the question says which results it needs, and what is not yet
//! in the conversation is asked for, all at once. When nothing is missing, the topics answer.

use serde_json::{Value, json};

use super::conversation::Conversation;
use super::question::Question;
use super::topics::{inventory, largest, named, obstacles, occurrences};

/// The most calls in one reply.
const MAX_PARALLEL: usize = 16;

/// The model's next step.
pub(super) enum Next {
    Calls(Vec<Wanted>),
    Answer(String),
}

/// A tool call that a topic needs the result of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) tool: &'static str,
    pub(super) arguments: Value,
}

/// Plans from the conversation and nothing else.
pub(super) fn next(conversation: &Conversation<'_>) -> Next {
    let question = Question::read(conversation.question);
    let mut missing: Vec<Wanted> = Vec::new();
    for call in wanted(&question, conversation) {
        if conversation.offers(call.tool)
            && conversation.find(&call).is_none()
            && !missing.contains(&call)
        {
            missing.push(call);
        }
    }
    missing.truncate(MAX_PARALLEL);
    if missing.is_empty() {
        Next::Answer(answer(&question, conversation))
    } else {
        Next::Calls(missing)
    }
}

fn wanted(question: &Question, conversation: &Conversation<'_>) -> Vec<Wanted> {
    let listing = Wanted::list();
    // What there is comes first: most of the rest is chosen from it.
    if conversation.offers(listing.tool) && conversation.find(&listing).is_none() {
        return vec![listing];
    }
    let mut calls = named::plan(question, conversation);
    if question.inventory {
        calls.extend(inventory::plan(conversation));
    }
    calls.extend(occurrences::plan(&question.terms, conversation));
    if question.largest {
        calls.extend(largest::plan(conversation));
    }
    calls
}

fn answer(question: &Question, conversation: &Conversation<'_>) -> String {
    let mut paragraphs = Vec::new();
    if question.inventory {
        paragraphs.push(inventory::report(conversation));
    }
    paragraphs.push(occurrences::report(&question.terms, conversation));
    if question.largest {
        paragraphs.push(largest::report(conversation));
    }
    paragraphs.push(named::report(question, conversation));
    let obstacles = obstacles::report(conversation, &paragraphs.join("\n"));
    paragraphs.push(obstacles);
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

impl Wanted {
    pub(super) fn list() -> Self {
        Self {
            tool: "list_files",
            arguments: json!({}),
        }
    }

    pub(super) fn search(pattern: &str) -> Self {
        Self {
            tool: "search",
            arguments: json!({ "pattern": pattern }),
        }
    }

    pub(super) fn search_in(pattern: &str, suffix: &str) -> Self {
        Self {
            tool: "search",
            arguments: json!({ "pattern": pattern, "suffix": suffix }),
        }
    }

    pub(super) fn file(path: &str) -> Self {
        Self {
            tool: "read_file",
            arguments: json!({ "path": path }),
        }
    }

    pub(super) fn part(path: &str, from_line: usize, lines: usize) -> Self {
        let arguments = json!({ "path": path, "from_line": from_line, "lines": lines });
        Self {
            tool: "read_file",
            arguments,
        }
    }

    pub(super) fn run(command: &str, args: &[&str]) -> Self {
        Self {
            tool: "run_command",
            arguments: json!({ "command": command, "args": args }),
        }
    }
}
