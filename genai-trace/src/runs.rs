//! Spans for frameworks that only tell when a run begins and when it ends.
//!
//! Such a framework calls back with the id of a run and the id of the run above it, on any thread
//! and in any order. [`Runs`] holds a span for each open run; [`book`] keeps the account of them,
//! [`totals`] is what came of them, and [`callbacks`] are the callbacks by the names that
//! frameworks give them.

mod book;
mod callbacks;
pub(crate) mod totals;

use std::error::Error;
use std::fmt::{self, Display};
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::book::{Book, Run};
use self::totals::{RunTotals, TokenUsage};
use crate::span::builder::SpanBuilder;
use crate::span::current::{SpanRef, current};
use crate::span::names;
use crate::span::outcome::Outcome;

/// Spans for a framework that only gives callbacks: a run with this id begins, a run with that id
/// ends.
///
/// Make one for each request, where the request's span is current, and give it to the framework's
/// callback handler. A run goes below the run that [`start_below`](Runs::start_below) names, and
/// otherwise below that span: never below whatever the calling thread is in, so that parallel runs
/// are siblings. Callbacks may come from any thread, in any order, and a wrong one breaks nothing: it
/// is ignored, counted in [`RunTotals::ignored`], and the [`RunError`] names the id.
///
/// Runs that are still open when the `Runs` is dropped end with the outcome
/// [`Cancelled`](Outcome::Cancelled). What it keeps is bounded: at most [`Runs::MAX_OPEN`] open runs
/// and as many ended ones, of which only the latest may still be named as a parent.
///
/// ```
/// use genai_trace::{Operation, Runs, TokenUsage, span};
///
/// # let memory = genai_trace::MemoryExporter::new();
/// # let telemetry = genai_trace::Telemetry::builder().memory(&memory).install()?;
/// span("coder").operation(Operation::Agent).run(|| {
///     let runs = Runs::new();
///     // what the framework's callbacks do; ids are UUIDs, numbers, any text
///     runs.on_llm_start("run-1", None::<&str>, "openai", "gpt-4o")?;
///     runs.on_tool_start("run-2", None::<&str>, "weather", "Prestatyn")?;
///     runs.on_llm_end("run-1", TokenUsage::new(250, 130))?;
///     runs.on_tool_end("run-2", "8.8°C, overcast clouds")?;
///
///     let totals = runs.totals();
///     assert_eq!(totals.token_usage.total(), Some(380));
///     assert_eq!(totals.tool_calls[0].name, "weather");
///     Ok::<(), genai_trace::RunError>(())
/// })?;
/// # drop(telemetry);
/// # let tree = genai_trace::render_tree(&memory.spans());
/// # assert!(tree.contains("├─ chat gpt-4o ") && tree.contains("└─ execute_tool weather "), "{tree}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Runs {
    /// The span that was current where this was made.
    above: SpanRef,
    book: Mutex<Book>,
}

impl Runs {
    /// Most runs that may be open at once; one more is refused.
    pub const MAX_OPEN: usize = 4096;
    /// Most tool calls that [`RunTotals::tool_calls`] keeps; the rest is only counted.
    pub const MAX_TOOL_CALLS: usize = 1024;
    /// Longest input and output that a [`ToolCall`](crate::ToolCall) keeps, in bytes; what is longer is cut.
    pub const MAX_TEXT_BYTES: usize = 16 * 1024;

    /// Takes runs for the span that the thread is in; outside any span each run without a run above
    /// it begins a trace.
    pub fn new() -> Self {
        Self {
            above: current(),
            book: Mutex::default(),
        }
    }

    /// Begins the run `id` as the span that `span` describes. A parent that the builder was told
    /// holds.
    ///
    /// # Errors
    /// [`RunError::AlreadyOpen`] where a run with this id is open, which goes on, and
    /// [`RunError::TooMany`] beyond [`Runs::MAX_OPEN`]. The id of a run that has ended may be used
    /// again.
    pub fn start(&self, id: impl Display, span: SpanBuilder) -> Result<(), RunError> {
        self.begin(id.to_string(), None, span, "")
    }

    /// Begins the run `id` below the run `parent`, which may be `None`, as frameworks have it.
    ///
    /// The parent may have ended already. One that is not known, since the framework tells only of
    /// some of its runs, is passed over: the run then stands where [`start`](Runs::start) puts it.
    ///
    /// # Errors
    /// As [`start`](Runs::start).
    pub fn start_below(
        &self,
        parent: Option<impl Display>,
        id: impl Display,
        span: SpanBuilder,
    ) -> Result<(), RunError> {
        let parent = parent.map(|parent| parent.to_string());
        self.begin(id.to_string(), parent, span, "")
    }

    fn begin(
        &self,
        id: String,
        parent: Option<String>,
        span: SpanBuilder,
        input: &str,
    ) -> Result<(), RunError> {
        let mut book = self.book();
        let parent = parent.and_then(|parent| book.context(&parent));
        let above = self.above.context();
        let parent = parent.as_ref().or(above.as_ref());
        // Under the lock, so that a second start cannot come in between: no code of the user runs.
        book.begin(id, || {
            self.above.run(|| Run::start(span.below(parent), input))
        })
    }

    /// Records facts about the open run `id`.
    ///
    /// ```
    /// use genai_trace::{Runs, span};
    ///
    /// let runs = Runs::new();
    /// runs.start("run-1", span("plan"))?;
    /// runs.record("run-1", |span| span.set("app.step", "plan"))?;
    /// # Ok::<(), genai_trace::RunError>(())
    /// ```
    ///
    /// # Errors
    /// [`RunError::Unknown`] and [`RunError::AlreadyEnded`]; `work` is not called then.
    pub fn record(&self, id: impl Display, work: impl FnOnce(&SpanRef)) -> Result<(), RunError> {
        work(&self.span(id)?);
        Ok(())
    }

    /// A handle of the open run `id`: to run code in it, or to keep.
    ///
    /// # Errors
    /// [`RunError::Unknown`] and [`RunError::AlreadyEnded`].
    pub fn span(&self, id: impl Display) -> Result<SpanRef, RunError> {
        let id = id.to_string();
        let mut book = self.book();
        Ok(book.open(&id)?.span.handle())
    }

    /// Says what the model call `id` used. It counts in the totals when the run ends; said again,
    /// as streams do, the last one holds.
    ///
    /// # Errors
    /// [`RunError::Unknown`] and [`RunError::AlreadyEnded`].
    pub fn usage(&self, id: impl Display, usage: TokenUsage) -> Result<(), RunError> {
        let id = id.to_string();
        let mut book = self.book();
        let run = book.open(&id)?;
        run.usage = Some(usage);
        run.span.set(names::INPUT_TOKENS, &usage.input_tokens);
        run.span.set(names::OUTPUT_TOKENS, &usage.output_tokens);
        Ok(())
    }

    /// Ends the run `id`: what it stands for was done.
    ///
    /// # Errors
    /// [`RunError::Unknown`] and [`RunError::AlreadyEnded`].
    pub fn end(&self, id: impl Display) -> Result<(), RunError> {
        let id = id.to_string();
        let run = self.book().end(&id, Outcome::Ok, "")?;
        run.span.end();
        Ok(())
    }

    /// Ends the run `id` with an error.
    ///
    /// # Errors
    /// [`RunError::Unknown`] and [`RunError::AlreadyEnded`].
    pub fn fail<E: Display + 'static>(&self, id: impl Display, error: &E) -> Result<(), RunError> {
        let id = id.to_string();
        let run = self.book().end(&id, Outcome::Error, "")?;
        // Not under the lock: the error shows itself.
        run.span.fail(error);
        Ok(())
    }

    /// What came of the runs that have ended so far.
    pub fn totals(&self) -> RunTotals {
        self.book().totals()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Runs {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Runs {
    /// Of the runs that are open no end will come any more. Those that began last end first, so
    /// that none ends before its children.
    fn drop(&mut self) {
        let book = self.book.get_mut().unwrap_or_else(PoisonError::into_inner);
        let left = book.close();
        for run in left.into_iter().rev() {
            run.span.cancel();
        }
    }
}

/// A callback of a framework that does not fit what came before it; it was ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunError {
    /// A run was begun whose id is that of an open run.
    AlreadyOpen {
        /// The run's id, cut to 64 characters.
        id: String,
    },
    /// A run was ended that has ended before.
    AlreadyEnded {
        /// The run's id, cut to 64 characters.
        id: String,
    },
    /// A run was ended, or recorded for, that was never begun, or whose beginning was refused.
    Unknown {
        /// The run's id, cut to 64 characters.
        id: String,
    },
    /// A run was begun while [`Runs::MAX_OPEN`] were open.
    TooMany {
        /// The run's id, cut to 64 characters.
        id: String,
    },
}

impl RunError {
    /// The id of the run, cut to 64 characters.
    pub fn id(&self) -> &str {
        match self {
            RunError::AlreadyOpen { id }
            | RunError::AlreadyEnded { id }
            | RunError::Unknown { id }
            | RunError::TooMany { id } => id,
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::AlreadyOpen { id } => write!(f, "run {id:?} is open already"),
            RunError::AlreadyEnded { id } => write!(f, "run {id:?} has ended already"),
            RunError::Unknown { id } => write!(f, "no run {id:?} has begun"),
            RunError::TooMany { id } => {
                write!(
                    f,
                    "no room for run {id:?}: {} runs are open",
                    Runs::MAX_OPEN
                )
            }
        }
    }
}

impl Error for RunError {}
