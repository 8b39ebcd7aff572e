//! Traces as trees on a terminal.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use super::tree::{Style, render};
use super::{ExportError, SpanBatch, SpanExporter};
use crate::order;
use crate::profile::Shape;
use crate::record::SpanRecord;
use crate::span::ids::TraceId;

/// Spans that wait for their root; beyond, traces are drawn as far as they have come.
const MAX_WAITING: usize = 10_000;

/// Draws each trace as a tree when its root has ended: names, durations, tokens and errors.
///
/// With the profiles `seed_002` and `seed_003` spans are printed as JSON, as there; with any other the tree has the
/// profile's names, and the facts as they were recorded.
///
/// Coloured on a terminal unless the environment says `NO_COLOR`. It holds at most 10,000 spans.
pub struct ConsoleExporter {
    out: Box<dyn Write + Send>,
    style: Style,
    shape: Shape,
    traces: HashMap<TraceId, Waiting>,
    waiting: usize,
}

/// The spans of a trace that has not been drawn.
#[derive(Default)]
struct Waiting {
    spans: Vec<SpanRecord>,
    /// The root has ended. The trace is drawn a round later, so that what other threads ended
    /// just before is drawn with it.
    complete: bool,
}

impl ConsoleExporter {
    /// Draws on standard output.
    pub fn stdout() -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = if io::stdout().is_terminal() && !no_color {
            Style::Coloured
        } else {
            Style::Plain
        };
        Self::with_style(Box::new(io::stdout()), style)
    }

    /// Draws, without colours, on `out`.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self::with_style(Box::new(out), Style::Plain)
    }

    fn with_style(out: Box<dyn Write + Send>, style: Style) -> Self {
        Self {
            out,
            style,
            shape: Shape::Record,
            traces: HashMap::new(),
            waiting: 0,
        }
    }

    fn add(&mut self, span: SpanRecord) {
        let trace = self.traces.entry(span.trace_id).or_default();
        trace.complete |= span.parent_span_id.is_none();
        trace.spans.push(span);
        self.waiting += 1;
    }

    /// Draws the traces that are complete, or all.
    fn draw(&mut self, all: bool) -> Result<(), ExportError> {
        let is_ready = |_: &TraceId, trace: &mut Waiting| all || trace.complete;
        let ready = self.traces.extract_if(is_ready);
        let mut ready: Vec<_> = ready.map(|(_, trace)| trace.spans).collect();
        order::sort_by_key(&mut ready, |spans| {
            spans.iter().map(|span| span.start_unix_nano).min()
        });
        let mut undrawn: usize = ready.iter().map(Vec::len).sum();
        self.waiting -= undrawn;
        let result = ready
            .into_iter()
            .try_for_each(|spans| {
                let all: Vec<_> = spans.iter().collect();
                let printed = self.shape.print(&all);
                let drawn = printed.unwrap_or_else(|| render(&all, self.style).into_bytes());
                self.out.write_all(&drawn)?;
                undrawn -= spans.len();
                Ok(())
            })
            .and_then(|()| self.out.flush());
        result.map_err(|error: io::Error| {
            let lost = u64::try_from(undrawn).unwrap_or(u64::MAX);
            ExportError::of_some(lost, format_args!("cannot write to the console: {error}"))
        })
    }
}

impl SpanExporter for ConsoleExporter {
    fn name(&self) -> &str {
        "console"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        let drawn = self.draw(false);
        self.shape = batch.shape();
        let all = batch.records().iter();
        if batch.views().is_some() || self.shape.is_printed() {
            all.for_each(|span| self.add(span.clone()));
        } else {
            for (span, recorded) in all.zip(batch.recorded()) {
                let name = span.name.clone();
                self.add(SpanRecord { name, ..recorded });
            }
        }
        if self.waiting > MAX_WAITING {
            self.draw(true)?;
        }
        drawn
    }

    fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
        self.draw(false)
    }

    fn shutdown(&mut self, _: Instant) -> Result<(), ExportError> {
        self.draw(true)
    }
}

impl fmt::Debug for ConsoleExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleExporter")
            .field("style", &self.style)
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}
