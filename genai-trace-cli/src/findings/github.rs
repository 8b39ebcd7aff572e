//! Findings as annotations, which GitHub's workflows read from standard output.

use std::fmt::Write;

use super::{Finding, Findings, Level};
use crate::reading::Judged;
use crate::text::visible;

/// A line for each finding.
pub(super) fn lines(findings: &Findings, judged: &Judged) -> String {
    let mut out = String::new();
    for finding in findings.iter() {
        line(finding, judged, &mut out);
    }
    out
}

fn line(finding: &Finding, judged: &Judged, out: &mut String) {
    let level = match finding.rule.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let _ = write!(out, "::{level} ");
    let is_of_line = finding.is_of_line();
    let mut message = match is_of_line {
        true => String::new(),
        false => format!("trace {:032x}", finding.trace_id),
    };
    if let Some(span) = &finding.span {
        let source = judged.sources.get(span.place.source);
        if let Some(path) = source.and_then(|source| source.path()) {
            let file = property(&path.display().to_string());
            let _ = write!(out, "file={file},line={},", span.place.line);
        }
        if !is_of_line {
            let _ = write!(message, ", span {:016x} ({})", span.id, visible(&span.name));
        }
    }
    if !is_of_line {
        message.push_str(": ");
    }
    message.push_str(&visible(&finding.message));
    let _ = writeln!(
        out,
        "title={}::{}",
        property(finding.rule.id),
        data(&message)
    );
}

/// A message as the command takes it: in one line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
