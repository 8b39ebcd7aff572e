//! What the run prints at its end.

use std::io::{self, Write};

use genai_trace::{Report, SpanRecord, Status, render_tree};

/// Prints the question and its answer.
pub(crate) fn answer(out: &mut impl Write, question: &str, answer: &str) -> io::Result<()> {
    heading(out, "Question")?;
    writeln!(out, "{question}\n")?;
    heading(out, "Answer")?;
    writeln!(out, "{answer}\n")
}

/// Prints the tree of the run's spans, what became of them, one each of three kinds as it stands
/// in the file, and the metrics.
pub(crate) fn telemetry(
    out: &mut impl Write,
    spans: &[SpanRecord],
    report: &Report,
    metrics: &str,
) -> io::Result<()> {
    heading(out, "Trace")?;
    writeln!(out, "{}\n\n{report}\n", render_tree(spans).trim_end())?;

    heading(out, "Three spans")?;
    for kind in ["chat", "execute_tool", "gate"] {
        // Of several, one that went wrong tells more.
        let mut of_kind = spans
            .iter()
            .filter(|span| span.name.split(' ').next() == Some(kind));
        let first = of_kind.clone().next();
        if let Some(span) = of_kind.find(|span| tells_more(span)).or(first) {
            writeln!(out, "{}", serde_json::to_string(span)?)?;
        }
    }

    writeln!(out)?;
    heading(out, "Metrics")?;
    write!(out, "{metrics}")?;
    out.flush()
}

/// Whether something went wrong in a span, or was stopped.
fn tells_more(span: &SpanRecord) -> bool {
    let decision = span.attributes.str("genai_trace.gate.decision");
    span.status == Status::Error || decision == Some("deny")
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "== {text} ==")
}
