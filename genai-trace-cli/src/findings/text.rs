//! Findings for people, by rule.

use std::fmt::Write;

use super::{Finding, Findings, Level};
use crate::reading::Judged;
use crate::text::{count, visible};

/// What was found, at most so many of each rule.
pub(super) fn text(findings: &Findings, judged: &Judged, most: usize, is_coloured: bool) -> String {
    let mut out = String::new();
    for (all, kept) in findings.by_rule() {
        let Some(rule) = kept.first().map(|finding| finding.rule) else {
            continue;
        };
        let level = paint(rule.level, is_coloured);
        let _ = writeln!(out, "{level} {}: {}", rule.id, rule.summary);
        let mut shown = 0;
        for finding in kept.iter().take(most) {
            shown += 1;
            let _ = writeln!(out, "  {}", line(finding, judged));
        }
        if let Some(more @ 1..) = all.checked_sub(shown) {
            let _ = writeln!(out, "  and {more} more");
        }
        let _ = writeln!(out, "  {}\n", rule.help);
    }
    let counts: Vec<_> = [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .filter_map(|level| {
            let worse = match level {
                Level::Error => 0,
                Level::Warning => findings.count(Level::Error),
                Level::Note => findings.count(Level::Warning),
            };
            let here = findings.count(level) - worse;
            (here > 0).then(|| count(here, level.as_str()))
        })
        .collect();
    let counts = match counts.is_empty() {
        true => "nothing found".to_owned(),
        false => counts.join(", "),
    };
    let (spans, traces) = (count(judged.spans, "span"), count(judged.traces, "trace"));
    let _ = writeln!(out, "{counts} in {spans} of {traces}");
    if judged.bad_lines > 0 {
        let lines = count(judged.bad_lines, "line");
        let _ = writeln!(
            out,
            "{lines} could not be read, and may hide anything (--allow unreadable)"
        );
    }
    if judged.bad_spans > 0 {
        let spans = count(judged.bad_spans, "span");
        let _ = writeln!(
            out,
            "{spans} in lines of OTLP could not be read, and may hide anything (--allow unreadable)"
        );
    }
    if judged.in_parts > 0 {
        let times = count(judged.in_parts, "time");
        let _ = writeln!(
            out,
            "{times} spans of a trace came so late that they were judged by themselves"
        );
    }
    out
}

/// Where, which spans, and what.
fn line(finding: &Finding, judged: &Judged) -> String {
    let trace: String = format!("{:032x}", finding.trace_id)
        .chars()
        .take(8)
        .collect();
    let section = finding.section.as_ref();
    let section = section.map_or(String::new(), |section| format!(" [{section}]"));
    let message = visible(&(finding.message.clone() + &section));
    let Some(span) = &finding.span else {
        return format!("trace {trace}: {message}");
    };
    let source = judged.sources.get(span.place.source);
    let file = match source.and_then(|source| source.path()) {
        Some(path) => visible(&path.display().to_string()),
        None => "-".to_owned(),
    };
    if finding.is_of_line() {
        return format!("{file}:{}: {message}", span.place.line);
    }
    format!(
        "{file}:{} {trace}/{:016x} {}: {message}",
        span.place.line,
        span.id,
        visible(&span.name)
    )
}

fn paint(level: Level, is_coloured: bool) -> String {
    let code = match level {
        Level::Error => "31",
        Level::Warning => "33",
        Level::Note => "36",
    };
    match is_coloured {
        true => format!("\x1b[{code}m{}\x1b[0m", level.as_str()),
        false => level.as_str().to_owned(),
    }
}
