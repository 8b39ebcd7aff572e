//! What the question names itself: paths to read or delete and commands to run.

use super::{count, some_of};
use crate::model::conversation::Conversation;
use crate::model::definitions;
use crate::model::plan::Wanted;
use crate::model::question::Question;
use crate::model::reading::{Reading, read};
use crate::model::results::{Ran, listing};

/// The most definitions that are named.
const MAX_NAMED: usize = 12;
/// The most characters of a command's output that are shown.
const MAX_OUTPUT: usize = 400;

pub(crate) fn plan(question: &Question, conversation: &Conversation<'_>) -> Vec<Wanted> {
    let mut calls: Vec<Wanted> = question
        .commands
        .iter()
        .filter_map(|words| command(words))
        .collect();
    for path in &question.paths {
        if question.delete {
            calls.push(deletion(path));
            continue;
        }
        match read(conversation, path) {
            Reading::Needs(missing) => calls.extend(missing),
            Reading::Text { .. } => {}
            Reading::Failed(_) => {
                let other = namesake(conversation, path).map(|other| read(conversation, &other));
                if let Some(Reading::Needs(missing)) = other {
                    calls.extend(missing);
                }
            }
        }
    }
    calls
}

pub(crate) fn report(question: &Question, conversation: &Conversation<'_>) -> String {
    let mut lines: Vec<String> = question
        .commands
        .iter()
        .filter_map(|words| Some((words.join(" "), command(words)?)))
        .chain(deletions(question))
        .map(|(line, call)| ran(conversation, &line, &call))
        .collect();
    for path in question.paths.iter().filter(|_| !question.delete) {
        lines.push(describe(conversation, path));
        if let Reading::Failed(_) = read(conversation, path)
            && let Some(other) = namesake(conversation, path)
        {
            lines.push(format!(
                "There is {other}, though. {}",
                describe(conversation, &other)
            ));
        }
    }
    lines.join("\n")
}

fn command(words: &[String]) -> Option<Wanted> {
    let mut words = words.iter().map(String::as_str);
    let program = words.next()?;
    Some(Wanted::run(program, &words.collect::<Vec<&str>>()))
}

fn deletion(path: &str) -> Wanted {
    Wanted::run("rm", &["--", path])
}

fn deletions(question: &Question) -> impl Iterator<Item = (String, Wanted)> {
    let paths = question.paths.iter().filter(|_| question.delete);
    paths.map(|path| (format!("rm {path}"), deletion(path)))
}

fn ran(conversation: &Conversation<'_>, line: &str, call: &Wanted) -> String {
    match conversation
        .find(call)
        .map(|exchange| exchange.outcome::<Ran>())
    {
        Some(Ok(ran)) => {
            let said = format!("{}{}", ran.stdout, ran.stderr);
            let said: String = said.trim_end().chars().take(MAX_OUTPUT).collect();
            let code = ran
                .exit_code
                .map_or("no code".to_owned(), |code| code.to_string());
            format!("`{line}` ended with {code}:\n{said}")
        }
        Some(Err(failure)) => format!("`{line}` was not run: {}.", failure.message),
        None => format!("`{line}` was not run: there is no tool for it."),
    }
}

fn describe(conversation: &Conversation<'_>, path: &str) -> String {
    match read(conversation, path) {
        Reading::Text { text, .. } => {
            let lines = count(text.lines().count() as u64, "line");
            match definitions::of(path, &text) {
                Some(found) if !found.is_empty() => {
                    let number = count(found.len() as u64, "item");
                    let found = some_of(&found, MAX_NAMED);
                    format!("{path} has {lines} and defines {number}: {found}.")
                }
                _ => format!("{path} has {lines}."),
            }
        }
        Reading::Failed(failure) => format!("{path} was not read: {}.", failure.message),
        Reading::Needs(_) => format!("{path} was not read: there is no tool for it."),
    }
}

/// A listed file of the same name in another folder.
fn namesake(conversation: &Conversation<'_>, path: &str) -> Option<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let files = listing(conversation)?.files;
    let other = files
        .into_iter()
        .find(|file| file.path != path && name(&file.path) == name(path));
    other.map(|file| file.path)
}
