//! Whether all contenders say the same of the same work.
//!
//! Who leaves the line to an exporter writes the very lines of genai-trace, but for ids, times and
//! the order of attributes. Who has a form of its own ([`Lines::Own`]) is compared by what it says.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::process::Command;

use serde_json::Value;

use crate::cli::Options;
use crate::contenders::{ALL, Entry, Lines};
use crate::facts::{self, Facts};
use crate::lines;
use crate::work::{self, SPANS, TOOLS};

/// Lines without what differs in every run, and how often there is each.
type Form = BTreeMap<String, usize>;

/// Lets every contender run a lap in a process of its own, and compares what they have written.
pub fn same_lines(options: &Options) -> io::Result<()> {
    let mut expected: Option<(&str, Form)> = None;
    for entry in ALL.iter().filter(|entry| entry.writes()) {
        let lines = written(entry, options)?;
        let failed = |wrong: String| io::Error::other(format!("{}: {wrong}", entry.name));
        let (read, form): (fn(&Value) -> Option<Facts>, _) = match entry.lines {
            Lines::Own(read) => (read, None),
            _ => (facts::of_our_lines, Some(form(&lines))),
        };
        let facts = lines
            .iter()
            .map(|line| read(&line.value).ok_or_else(|| failed(format!("what is {line:?}?"))))
            .collect::<io::Result<Vec<_>>>()?;
        check_trees(&facts).map_err(failed)?;
        check_attributes(&facts, entry.lap).map_err(failed)?;
        match (form, &expected) {
            (None, _) => {
                let example = &lines
                    .first()
                    .ok_or_else(|| failed("no line".to_owned()))?
                    .value;
                eprintln!(
                    "{} writes a form of its own, such as\n{example}",
                    entry.name
                );
            }
            (Some(form), None) => expected = Some((entry.name, form)),
            (Some(form), Some((_, other))) if *other == form => {}
            (Some(form), Some((first, other))) => {
                return Err(failed(format!(
                    "other lines than {first}:\n{}\n{}",
                    example(other),
                    example(&form)
                )));
            }
        }
    }
    let (name, form) = expected.ok_or_else(|| io::Error::other("nobody wrote anything"))?;
    eprintln!(
        "all others write the lines that {name} writes, such as\n{}",
        example(&form)
    );
    Ok(())
}

#[derive(Debug)]
struct Line {
    value: Value,
    bytes: usize,
}

/// The lines that a contender writes in one lap.
fn written(entry: &Entry, options: &Options) -> io::Result<Vec<Line>> {
    let name = entry.name;
    let lines = lines::Lines::create(&options.dir, &format!("check-{name}"))?;
    let status = Command::new(std::env::current_exe()?)
        .args(["run", name, "--laps", "1", "--file"])
        .arg(lines.path())
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("{name} ended with {status}")));
    }
    let lines = lines
        .read()?
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            Ok(Line {
                value: serde_json::from_slice(line)?,
                bytes: line.len(),
            })
        })
        .collect::<io::Result<Vec<_>>>()?;
    if lines.len() != entry.lap * SPANS {
        return Err(io::Error::other(format!(
            "{name} wrote {} lines of {} spans",
            lines.len(),
            entry.lap * SPANS
        )));
    }
    Ok(lines)
}

fn form(lines: &[Line]) -> Form {
    let mut form = Form::new();
    for line in lines {
        *form.entry(masked(line)).or_default() += 1;
    }
    form
}

fn example(form: &Form) -> &str {
    form.keys().next().map_or("", String::as_str)
}

/// The line without ids and times, and with its length.
fn masked(line: &Line) -> String {
    let mut span = line.value.clone();
    for key in [
        "trace_id",
        "span_id",
        "parent_span_id",
        "start_unix_nano",
        "end_unix_nano",
    ] {
        if let Some(value) = span.get_mut(key).filter(|value| !value.is_null()) {
            *value = Value::from("");
        }
    }
    span.sort_all_objects();
    format!("{} bytes: {span}", line.bytes)
}

/// Every span has an id of its own and ends after it began; every tool lies inside its agent.
fn check_trees(spans: &[Facts]) -> Result<(), String> {
    let by_id: HashMap<_, _> = spans.iter().map(|span| (&span.span_id, span)).collect();
    if by_id.len() != spans.len() {
        return Err("ids occur twice".to_owned());
    }
    for span in spans {
        if span.start.as_ref().is_some_and(|start| *start > span.end) {
            return Err(format!("span {} ends before it begins", span.span_id));
        }
        let expected = if span.parent_id.is_none() {
            work::RUN
        } else {
            work::READ_FILE
        };
        if span.name != expected {
            return Err(format!("span {} is called {}", span.span_id, span.name));
        }
        let Some(parent_id) = &span.parent_id else {
            continue;
        };
        let Some(parent) = by_id.get(parent_id) else {
            return Err(format!("span {} has no parent", span.span_id));
        };
        let outside = span.start < parent.start || span.end > parent.end;
        if parent.trace_id != span.trace_id || outside {
            return Err(format!("span {} lies outside its parent", span.span_id));
        }
    }
    Ok(())
}

/// The attributes are those of the work, each as often as it was given.
fn check_attributes(spans: &[Facts], bursts: usize) -> Result<(), String> {
    let mut given = BTreeMap::new();
    for burst in 0..bursts {
        let first = burst * TOOLS;
        *given.entry(("app.task", work::path(first))).or_insert(0) += 1;
        for call in first..first + TOOLS {
            *given.entry(("app.path", work::path(call))).or_insert(0) += 1;
        }
    }
    given.insert(("app.a", work::A), spans.len());
    given.insert(("app.b", work::B), spans.len());
    let mut found = BTreeMap::new();
    for (key, value) in spans.iter().flat_map(|span| &span.attributes) {
        *found.entry((*key, value.as_str())).or_insert(0) += 1;
    }
    if found == given {
        Ok(())
    } else {
        Err(format!("its attributes are {found:?} instead of {given:?}"))
    }
}
