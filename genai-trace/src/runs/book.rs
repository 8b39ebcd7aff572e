//! The account of the runs: which are open, which have ended, what came of them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::totals::{RunTotals, TokenUsage, ToolCall};
use super::{RunError, Runs};
use crate::order;
use crate::span::builder::SpanBuilder;
use crate::span::context::SpanContext;
use crate::span::detached::OpenSpan;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// Most characters of an id that an error repeats.
const MOST_SHOWN: usize = 64;

/// A run that is open.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) span: OpenSpan,
    pub(super) usage: Option<TokenUsage>,
    /// Where the run is that of a tool.
    tool: Option<ToolCall>,
    began: Instant,
}

impl Run {
    /// Begins the span that `span` describes; a tool's `input` is kept for the totals.
    pub(super) fn start(span: SpanBuilder, input: &str) -> Self {
        let (operation, name) = span.subject();
        let is_tool = operation == Operation::Tool;
        let tool = is_tool.then(|| ToolCall::new(shortened(name), shortened(input)));
        Self {
            tool,
            span: span.start(),
            usage: None,
            began: Instant::now(),
        }
    }
}

/// The account of the runs.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// With the number of its beginning, to close them in order.
    open: HashMap<String, (u64, Run)>,
    begun: u64,
    ended: Ended,
    totals: RunTotals,
}

/// The runs that have ended, at most [`Runs::MAX_OPEN`], the latest ones: children of theirs may
/// still begin.
#[derive(Debug, Default)]
struct Ended {
    contexts: HashMap<Arc<str>, Option<SpanContext>>,
    /// The first to be forgotten in front.
    order: VecDeque<Arc<str>>,
}

impl Book {
    /// What identifies the run `id` to its children, whether it is open or has ended.
    pub(super) fn context(&self, id: &str) -> Option<SpanContext> {
        match self.open.get(id) {
            Some((_, run)) => run.span.context(),
            None => self.ended.contexts.get(id).cloned().flatten(),
        }
    }

    /// Enters the run that `start` begins.
    pub(super) fn begin(
        &mut self,
        id: String,
        start: impl FnOnce() -> Run,
    ) -> Result<(), RunError> {
        if self.open.contains_key(&id) {
            return Err(self.ignore(RunError::AlreadyOpen { id: shown(&id) }));
        }
        if self.open.len() >= Runs::MAX_OPEN {
            return Err(self.ignore(RunError::TooMany { id: shown(&id) }));
        }
        self.begun += 1;
        self.open.insert(id, (self.begun, start()));
        Ok(())
    }

    /// The run `id`, where it is open.
    pub(super) fn open(&mut self, id: &str) -> Result<&mut Run, RunError> {
        // A lookup for the answer, and one for its place: the borrow checker knows no other way.
        if !self.open.contains_key(id) {
            return Err(self.not_open(id));
        }
        match self.open.get_mut(id) {
            Some((_, run)) => Ok(run),
            None => Err(RunError::Unknown { id: shown(id) }),
        }
    }

    /// Takes the run `id` out and adds what came of it to the totals; its span is the caller's to end.
    pub(super) fn end(
        &mut self,
        id: &str,
        outcome: Outcome,
        output: &str,
    ) -> Result<Run, RunError> {
        let Some((id, (_, mut run))) = self.open.remove_entry(id) else {
            return Err(self.not_open(id));
        };
        self.ended.remember(&id, run.span.context());
        if let Some(usage) = run.usage {
            self.totals.token_usage.add(usage);
        }
        if let Some(mut tool) = run.tool.take() {
            tool.latency = run.began.elapsed();
            tool.outcome = outcome;
            tool.output = shortened(output);
            self.totals.add_tool_call(tool);
        }
        Ok(run)
    }

    /// The runs that are open, in the order in which they began; afterwards none is.
    pub(super) fn close(&mut self) -> Vec<Run> {
        let mut left: Vec<_> = self.open.drain().map(|(_, run)| run).collect();
        order::sort_by_key(&mut left, |(number, _)| *number);
        left.into_iter().map(|(_, run)| run).collect()
    }

    pub(super) fn totals(&self) -> RunTotals {
        RunTotals {
            open: self.open.len(),
            ..self.totals.clone()
        }
    }

    fn not_open(&mut self, id: &str) -> RunError {
        let id_shown = shown(id);
        let error = if self.ended.contexts.contains_key(id) {
            RunError::AlreadyEnded { id: id_shown }
        } else {
            RunError::Unknown { id: id_shown }
        };
        self.ignore(error)
    }

    fn ignore(&mut self, error: RunError) -> RunError {
        self.totals.ignored += 1;
        error
    }
}

impl Ended {
    fn remember(&mut self, id: &str, context: Option<SpanContext>) {
        let id: Arc<str> = Arc::from(id);
        if self.contexts.insert(Arc::clone(&id), context).is_some() {
            // An id that was used again keeps its place.
            return;
        }
        self.order.push_back(id);
        if self.order.len() > Runs::MAX_OPEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.contexts.remove(&oldest);
        }
    }
}

/// An id as an error shows it.
fn shown(id: &str) -> String {
    let mut chars = id.chars();
    let mut shown: String = chars.by_ref().take(MOST_SHOWN).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

/// A text as the totals keep it.
fn shortened(text: &str) -> String {
    let end = text.floor_char_boundary(Runs::MAX_TEXT_BYTES);
    text.get(..end).unwrap_or_default().to_owned()
}
