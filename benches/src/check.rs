//! Whether all contenders write the same lines, but for ids, times and the order of attributes.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::process::Command;

use serde_json::Value;

use crate::cli::Options;
use crate::contenders::ALL;
use crate::lines::Lines;
use crate::work::{LAP, SPANS};

/// Lines without what differs in every run, and how often there is each.
type Form = BTreeMap<String, usize>;

/// Lets every contender run a lap in a process of its own, and compares what they have written.
pub fn same_lines(options: &Options) -> io::Result<()> {
    let mut expected: Option<(&str, Form)> = None;
    for name in ALL.into_iter().filter(|name| *name != "plain") {
        let lines = Lines::create(&options.dir, "check")?;
        let status = Command::new(std::env::current_exe()?)
            .args(["run", name, "--laps", "1", "--file"])
            .arg(lines.path())
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("{name} ended with {status}")));
        }
        let form = form(name, &lines.read()?)?;
        match &expected {
            None => expected = Some((name, form)),
            Some((_, other)) if *other == form => {}
            Some((first, other)) => {
                let one = |form: &Form| form.keys().next().cloned().unwrap_or_default();
                let (ours, theirs) = (one(&form), one(other));
                return Err(io::Error::other(format!(
                    "{first} and {name} write different lines:\n{theirs}\n{ours}"
                )));
            }
        }
    }
    let (name, form) = expected.ok_or_else(|| io::Error::other("nobody wrote anything"))?;
    let example = form.keys().next().cloned().unwrap_or_default();
    eprintln!("all write the lines that {name} writes, such as\n{example}");
    Ok(())
}

fn form(name: &str, file: &[u8]) -> io::Result<Form> {
    let mut form = Form::new();
    let mut lines = Vec::new();
    for line in file
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let span: Value = serde_json::from_slice(line)?;
        *form.entry(masked(span.clone(), line.len())).or_default() += 1;
        lines.push(span);
    }
    if lines.len() != LAP * SPANS {
        return Err(io::Error::other(format!(
            "{name} wrote {} lines",
            lines.len()
        )));
    }
    check_trees(&lines).map_err(|wrong| io::Error::other(format!("{name}: {wrong}")))?;
    Ok(form)
}

/// The line without ids and times, and with its length.
fn masked(mut span: Value, len: usize) -> String {
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
    format!("{len} bytes: {span}")
}

/// Every span has an id of its own and ends after it began; every tool lies inside its agent.
fn check_trees(spans: &[Value]) -> Result<(), String> {
    let text = |span: &Value, key: &str| span[key].as_str().unwrap_or_default().to_owned();
    let by_id: HashMap<_, _> = spans
        .iter()
        .map(|span| (text(span, "span_id"), span))
        .collect();
    if by_id.len() != spans.len() {
        return Err("ids occur twice".to_owned());
    }
    for span in spans {
        let time = |span: &Value, key: &str| span[key].as_u64().unwrap_or_default();
        let (start, end) = (time(span, "start_unix_nano"), time(span, "end_unix_nano"));
        if start > end {
            return Err(format!("a span ends before it begins: {span}"));
        }
        if span["parent_span_id"].is_null() {
            continue;
        }
        let Some(parent) = by_id.get(&text(span, "parent_span_id")) else {
            return Err(format!("a span has no parent: {span}"));
        };
        let outside =
            start < time(parent, "start_unix_nano") || end > time(parent, "end_unix_nano");
        if parent["trace_id"] != span["trace_id"] || outside {
            return Err(format!("a span lies outside its parent: {span} {parent}"));
        }
    }
    Ok(())
}
