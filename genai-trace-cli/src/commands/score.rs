//! `genai-trace score`

use std::path::{Path, PathBuf};

use clap::Args;
use genai_trace::{Score, SpanContext, SpanId, TraceId};
use serde_json::json;

use crate::one_trace::{collect, find};
use crate::reading::Scan;
use crate::scores::{Kept, NOTE, Scores, keep, said};
use crate::text::{Align, moment, table, visible};

/// Gives a trace or a span a score, a mark or a note, and lists them.
///
/// `score 5f4f good`, `score 5f4f/18dd bad --comment "the wrong file"`, `score 5f4f relevance 0.8`, `score 5f4f tone
/// friendly`, `score 5f4f note "look at it again"`. It is kept beside the file, in traces.scores.jsonl, or
/// traces.db.scores.jsonl of a store, where `show`, `ls` and `query` find it; of the scores of one name the last holds.
/// Without a name those of the trace are listed, without a trace all, those that were given while a span was open among
/// them.
///
/// Exits with 0, and with 2 where there is no such trace.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The beginnings of the ids of a trace and, behind a slash, of a span of it
    #[arg(value_name = "TRACE[/SPAN]")]
    target: Option<String>,
    /// `good`, `bad`, `note`, or what is scored
    name: Option<String>,
    /// A number or a word; the text of a note
    #[arg(allow_negative_numbers = true)]
    value: Option<String>,
    /// Why the score is what it is
    #[arg(short, long, value_name = "TEXT", requires = "name")]
    comment: Option<String>,
    /// The file of the trace
    #[arg(short, long, default_value = "traces.jsonl")]
    file: PathBuf,
    /// Prints one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let file = std::slice::from_ref(&arguments.file);
    let Some(target) = &arguments.target else {
        return Ok(list(&Scores::everywhere(file, None)?, None, arguments.json));
    };
    let (trace, span) = named(target, file)?;
    if let Some(name) = &arguments.name {
        is_file(&arguments.file)?;
        let mut score = said(name, arguments.value.as_deref())?;
        if let Some(comment) = &arguments.comment {
            if name == NOTE {
                return Err("a note is its text: expected no --comment beside it".to_owned());
            }
            score = score.explanation(comment);
        }
        add(&arguments.file, score, trace, span)?;
    }
    let of = (u128::from_be_bytes(trace.to_bytes()), span);
    let scores = Scores::everywhere(file, Some(of.0))?;
    Ok(list(&scores, Some(of), arguments.json))
}

/// That scores can lie beside it: beside a pattern, a pipe or standard input nobody would find them.
fn is_file(path: &Path) -> Result<(), String> {
    match path.is_file() {
        true => Ok(()),
        false => Err(format!(
            "{path:?} is no file, beside which scores could be kept"
        )),
    }
}

/// The trace and the span that are named; an error that names what is not there.
fn named(target: &str, file: &[PathBuf]) -> Result<(TraceId, Option<SpanId>), String> {
    let (trace, span) = match target.split_once('/') {
        Some((trace, span)) => (trace, Some(span.to_ascii_lowercase())),
        None => (target, None),
    };
    if trace.is_empty() || span.as_deref() == Some("") {
        return Err(format!("expected TRACE or TRACE/SPAN, not {target:?}"));
    }
    let scan = Scan::of(file)?;
    let id = find(&scan, Some(&trace.to_ascii_lowercase()))?;
    let trace: TraceId = format!("{id:032x}")
        .parse()
        .map_err(|error| format!("{id:032x} is no id of a trace: {error}"))?;
    let Some(wanted) = span else {
        return Ok((trace, None));
    };
    let mut spans: Vec<SpanId> = collect(&scan, id)?
        .iter()
        .map(|span| span.span_id)
        .filter(|id| id.to_string().starts_with(&wanted))
        .collect();
    spans.sort_unstable_by_key(SpanId::to_string);
    spans.dedup();
    match spans.as_slice() {
        [one] => Ok((trace, Some(*one))),
        [] => Err(format!("there is no span {wanted:?} in trace {trace}")),
        several => Err(format!(
            "{} spans of trace {trace} begin with {wanted:?}",
            several.len()
        )),
    }
}

fn add(file: &Path, score: Score, trace: TraceId, span: Option<SpanId>) -> Result<(), String> {
    let score = match span {
        None => score.trace(trace),
        Some(span) => score.span(&SpanContext::new(trace, span)),
    };
    keep(file, score.to_log_record())
}

/// The scores of a trace or a span of it, or all.
fn list(scores: &Scores, of: Option<(u128, Option<SpanId>)>, is_json: bool) -> String {
    let span = of
        .and_then(|(_, span)| span)
        .map(|span| u64::from_be_bytes(span.to_bytes()));
    let all: Vec<(u128, &Kept)> = scores
        .iter()
        .filter(|(trace, kept)| {
            let is_of_trace = of.is_none_or(|(wanted, _)| wanted == *trace);
            is_of_trace && (span.is_none() || span == kept.span())
        })
        .collect();
    if is_json {
        let all: Vec<_> = all
            .iter()
            .map(|(trace, kept)| {
                let mut document = kept.document();
                if let Some(members) = document.as_object_mut() {
                    members.insert("trace_id".to_owned(), json!(format!("{trace:032x}")));
                }
                document
            })
            .collect();
        return format!("{}\n", json!({ "scores": all }));
    }
    if all.is_empty() {
        return "no scores\n".to_owned();
    }
    let rows: Vec<_> = all
        .iter()
        .map(|(trace, kept)| {
            vec![
                format!("{trace:032x}").chars().take(8).collect(),
                kept.span()
                    .map_or(String::new(), |span| format!("{span:016x}")),
                moment(kept.time()),
                visible(&kept.text()),
            ]
        })
        .collect();
    let heads = ["trace", "span", "when", "score"].map(|head| (head, Align::Left));
    table(&heads, &rows)
}
