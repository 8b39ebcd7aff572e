//! Spans as rows of a data set for evaluations: what went in, what came out, and what somebody thought of it.

use std::io::{self, Write};
use std::slice;

use genai_trace::SpanRecord;
use serde_json::{Map, Value as Json, json};

use super::Writer;
use crate::content::{Content, Gap, InPlaceOfGaps, complain};
use crate::said::{whole_input, whole_output};
use crate::scores::{Kept, Scores};
use crate::span::Brief;

/// A line a row. Spans of which nothing was captured are passed over, and counted.
pub(super) struct DataSet {
    scores: Scores,
    content: Content,
    first_gap: Option<Gap>,
    gaps: usize,
    without_content: u64,
}

impl DataSet {
    pub(super) const fn new(scores: Scores, content: Content) -> Self {
        Self {
            scores,
            content,
            first_gap: None,
            gaps: 0,
            without_content: 0,
        }
    }
}

impl Writer for DataSet {
    fn span(&mut self, mut span: SpanRecord, out: &mut dyn Write) -> io::Result<()> {
        // What has only begun has no answer yet.
        if !Brief::of(&span).has_ended() {
            return Ok(());
        }
        let one = slice::from_mut(&mut span);
        let gaps = self.content.fill(one, InPlaceOfGaps::Nothing);
        let gaps = gaps.map_err(io::Error::other)?;
        self.gaps += gaps.len();
        self.first_gap = self.first_gap.take().or(gaps.into_iter().next());
        let Some(input) = whole_input(&span) else {
            self.without_content += 1;
            return Ok(());
        };
        let output = whole_output(&span);
        let brief = Brief::of(&span);
        let of_span = self.scores.of_span(brief.trace_id, brief.span_id);
        // What was said of a run is said of its root.
        let of_trace = self
            .scores
            .of_trace(brief.trace_id)
            .filter(|_| brief.parent == 0);
        let scores: Vec<&Kept> = of_trace.chain(of_span).collect();
        let is_good = scores.iter().any(|score| score.mark() == Some(true));
        let row = json!({
            "input": input,
            "output": output,
            // Only what somebody has called good is what one expects.
            "expected_output": output.as_ref().filter(|_| is_good),
            "scores": scores.iter().map(|score| score.document()).collect::<Vec<_>>(),
            "metadata": metadata(&brief),
        });
        serde_json::to_writer(&mut *out, &row)?;
        out.write_all(b"\n")
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        complain(self.first_gap.as_ref(), self.gaps);
        let of_them = match self.without_content {
            0 => return Ok(()),
            1 => "1 span does not say what went into it".to_owned(),
            spans => format!("{spans} spans do not say what went into them"),
        };
        // Where that is closed nobody wants to know.
        let _ = writeln!(
            io::stderr(),
            "genai-trace: {of_them} and {} passed over: content was not captured",
            if self.without_content == 1 {
                "was"
            } else {
                "were"
            }
        );
        Ok(())
    }
}

/// From where the row is, and under what circumstances.
fn metadata(span: &Brief<'_>) -> Json {
    let facts = &span.facts;
    let mut metadata = Map::new();
    metadata.insert(
        "trace_id".to_owned(),
        format!("{:032x}", span.trace_id).into(),
    );
    metadata.insert(
        "span_id".to_owned(),
        format!("{:016x}", span.span_id).into(),
    );
    metadata.insert("name".to_owned(), span.name.as_ref().into());
    metadata.insert("has_failed".to_owned(), span.has_failed.into());
    for (key, said) in [
        ("agent", &facts.agent),
        ("model", &facts.model),
        ("tool", &facts.tool),
        ("task", &facts.task),
        ("conversation", &facts.conversation),
        ("error_type", &facts.error_type),
    ] {
        if let Some(said) = said {
            metadata.insert(key.to_owned(), said.as_ref().into());
        }
    }
    metadata.into()
}
