//! The options of commands that are about one trace, and the reading of it.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use genai_trace::SpanRecord;

use crate::content::{Content, InPlaceOfGaps, complain};
use crate::reading::Scan;

/// One trace.
#[derive(Debug, Args)]
pub(crate) struct OneTrace {
    /// The trace, by the beginning of its id, the last one unless said; then files, as of the other commands
    #[arg(value_name = "TRACE | FILE")]
    what: Vec<String>,
}

impl OneTrace {
    /// The files that are named.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        split(&self.what).1
    }

    /// The trace's id and its spans, in the order of the files, with what is kept beside them.
    pub(crate) fn read(&self, in_place: InPlaceOfGaps) -> Result<(u128, Vec<SpanRecord>), String> {
        let (wanted, files) = split(&self.what);
        let scan = Scan::of(&files)?;
        let id = find(&scan, wanted.as_deref())?;
        let mut spans = collect(&scan, id)?;
        let gaps = Content::beside(&files, Some(id))?.fill(&mut spans, in_place)?;
        complain(gaps.first(), gaps.len());
        Ok((id, spans))
    }
}

/// When a trace began, and when its last span did.
#[derive(Clone, Copy, Debug)]
struct Times {
    first: u64,
    last: u64,
}

/// The trace, where one is named, and the files.
pub(crate) fn split(what: &[String]) -> (Option<String>, Vec<PathBuf>) {
    let is_id = |text: &String| {
        let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hexadecimal && !text.is_empty() && text.len() <= 32 && !PathBuf::from(text).exists()
    };
    let (id, files) = match what.split_first() {
        Some((first, rest)) if is_id(first) => (Some(first.to_ascii_lowercase()), rest),
        _ => (None, what),
    };
    let mut files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    if files.is_empty() {
        files.push("traces.jsonl".into());
    }
    (id, files)
}

/// The trace whose id begins so, or the one that began last.
pub(crate) fn find(scan: &Scan, wanted: Option<&str>) -> Result<u128, String> {
    let (parts, _) = scan.each_span(HashMap::<u128, Times>::new, |traces, span| {
        let is_it = wanted.is_none_or(|wanted| {
            let id = format!("{:032x}", span.trace_id);
            id.starts_with(wanted)
        });
        if is_it {
            let times = traces.entry(span.trace_id).or_insert(Times {
                first: span.start,
                last: span.start,
            });
            times.first = times.first.min(span.start);
            times.last = times.last.max(span.start);
        }
    })?;
    let mut traces: HashMap<u128, Times> = HashMap::new();
    for (id, times) in parts.into_iter().flatten() {
        let known = traces.entry(id).or_insert(times);
        known.first = known.first.min(times.first);
        known.last = known.last.max(times.last);
    }
    let mut ids: Vec<_> = traces.into_iter().collect();
    ids.sort_by_key(|(id, times)| (times.first, times.last, *id));
    match (wanted, ids.as_slice()) {
        (None, [.., (id, _)]) | (Some(_), [(id, _)]) => Ok(*id),
        (None, []) => Err("there is no trace".to_owned()),
        (Some(wanted), []) => Err(format!("there is no trace {wanted:?}")),
        (Some(wanted), several) => {
            let shown = several.iter().take(5);
            let shown: Vec<_> = shown.map(|(id, _)| format!("{id:032x}")).collect();
            Err(format!(
                "{} traces begin with {wanted:?}: {}{}",
                several.len(),
                shown.join(", "),
                if several.len() > 5 { ", .." } else { "" }
            ))
        }
    }
}

/// The spans of a trace, in the order of the files.
pub(crate) fn collect(scan: &Scan, id: u128) -> Result<Vec<SpanRecord>, String> {
    let (spans, reading) = scan.records(|span| span.trace_id == id)?;
    scan.complain(&reading);
    Ok(spans)
}
