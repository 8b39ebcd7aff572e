//! `genai-trace diff`

mod draw;

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value as Json, json};

use self::draw::Drawing;
use crate::compare::{Comparison, Row};
use crate::content::{Content, InPlaceOfGaps, complain};
use crate::one_trace::{collect, find};
use crate::out::{self, Found};
use crate::reading::Scan;
use crate::tree::Tree;

/// Compares two runs call by call: what was added, removed, moved, and what changed in arguments, outputs, prompts,
/// errors, tokens, cost and time.
///
/// Calls are laid over each other in their order, with what stands below them, so that one that was put in shifts no
/// other. Marks: + only in B, - only in A, > at another place, ~ changed. A time has changed where it is half as long
/// again, and 10 ms longer.
///
/// Exits with 0 whether they differ or not, unless --exit-code is said, and with 2 where there is no such trace.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The earlier run: the beginning of a trace's id, or a file, of which the last trace is meant
    a: String,
    /// The later one
    b: String,
    /// Where traces are looked for that are said by their ids
    #[arg(default_value = "traces.jsonl", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only what differs, without calls that are the same
    #[arg(short, long)]
    changes: bool,
    /// Exits with 1 where the runs differ in anything but time
    #[arg(long)]
    exit_code: bool,
    /// Prints one JSON document instead of a tree
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Found, String> {
    let (a_id, a) = read(&arguments.a, &arguments.files)?;
    let (b_id, b) = read(&arguments.b, &arguments.files)?;
    let comparison = Comparison::of(&a, &b);
    let text = match arguments.json {
        true => format!("{}\n", document((a_id, &a), (b_id, &b), &comparison)),
        false => Drawing {
            ids: [a_id, b_id],
            trees: [&a, &b],
            comparison: &comparison,
            is_coloured: out::is_coloured(),
            has_only_changes: arguments.changes,
        }
        .text(),
    };
    Ok(Found {
        text,
        is_something: arguments.exit_code && comparison.differs(),
    })
}

/// The trace that an argument names.
fn read(said: &str, files: &[PathBuf]) -> Result<(u128, Tree), String> {
    let file = PathBuf::from(said);
    let is_id = !said.is_empty()
        && said.len() <= 32
        && said.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !file.exists();
    let one = [file];
    let (files, wanted) = match is_id {
        true => (files, Some(said.to_ascii_lowercase())),
        false => (one.as_slice(), None),
    };
    let scan = Scan::of(files)?;
    let id = find(&scan, wanted.as_deref()).map_err(|error| match wanted {
        Some(_) => error,
        None => format!("{said:?}: {error}"),
    })?;
    let mut spans = collect(&scan, id)?;
    let content = Content::beside(files, Some(id))?;
    let gaps = content.fill(&mut spans, InPlaceOfGaps::Words)?;
    complain(gaps.first(), gaps.len());
    Ok((id, Tree::new(spans)))
}

fn document(a: (u128, &Tree), b: (u128, &Tree), comparison: &Comparison) -> Json {
    let side = |place: Option<usize>, tree: &Tree| {
        let span = tree.span(place?)?;
        Some(json!({
            "span_id": span.span_id,
            "name": span.name,
            "duration_ns": span.end_unix_nano.saturating_sub(span.start_unix_nano),
        }))
    };
    let row = |row: &Row| {
        let changes: Vec<_> = row
            .changes
            .iter()
            .map(|change| {
                json!({
                    "what": change.what.as_str(),
                    "at": change.at,
                    "a": change.a,
                    "b": change.b,
                    "words": change.words,
                })
            })
            .collect();
        json!({
            "depth": row.depth,
            "is": draw::Mark::of(row).word(),
            "a": side(row.a, a.1),
            "b": side(row.b, b.1),
            "changes": changes,
        })
    };
    json!({
        "a": { "trace_id": format!("{:032x}", a.0), "sum": comparison.a.document() },
        "b": { "trace_id": format!("{:032x}", b.0), "sum": comparison.b.document() },
        "differs": comparison.differs(),
        "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
    })
}
