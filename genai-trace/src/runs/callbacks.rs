//! The callbacks by the names that frameworks give them.

use std::fmt::Display;

use super::totals::TokenUsage;
use super::{RunError, Runs};
use crate::span::builder::span;
use crate::span::names;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// The callbacks of frameworks in the manner of LangChain, by their names there. Each has the run's
/// id, and where it begins a run the id of the run above it, which may be `None`.
impl Runs {
    /// A chain, a graph or any other step begins: a span called `name`.
    ///
    /// # Errors
    /// As [`start`](Runs::start).
    pub fn on_chain_start(
        &self,
        id: impl Display,
        parent: Option<impl Display>,
        name: &str,
    ) -> Result<(), RunError> {
        self.start_below(parent, id, span(name.to_owned()))
    }

    /// A chain has ended.
    ///
    /// # Errors
    /// As [`end`](Runs::end).
    pub fn on_chain_end(&self, id: impl Display) -> Result<(), RunError> {
        self.end(id)
    }

    /// A chain has failed.
    ///
    /// # Errors
    /// As [`fail`](Runs::fail).
    pub fn on_chain_error<E: Display + 'static>(
        &self,
        id: impl Display,
        error: &E,
    ) -> Result<(), RunError> {
        self.fail(id, error)
    }

    /// A call of a chat model begins: a span `chat {model}`. What else is known of the request is
    /// set with [`record`](Runs::record).
    ///
    /// # Errors
    /// As [`start`](Runs::start).
    pub fn on_llm_start(
        &self,
        id: impl Display,
        parent: Option<impl Display>,
        provider: &str,
        model: &str,
    ) -> Result<(), RunError> {
        let span = span(model.to_owned()).operation(Operation::Chat);
        self.start_below(parent, id, span.attr(names::PROVIDER, provider))
    }

    /// A model call has ended, with the tokens that it used where the framework knows them.
    ///
    /// # Errors
    /// As [`end`](Runs::end).
    pub fn on_llm_end(
        &self,
        id: impl Display,
        usage: impl Into<Option<TokenUsage>>,
    ) -> Result<(), RunError> {
        if let Some(usage) = usage.into() {
            self.usage(&id, usage)?;
        }
        self.end(id)
    }

    /// A model call has failed.
    ///
    /// # Errors
    /// As [`fail`](Runs::fail).
    pub fn on_llm_error<E: Display + 'static>(
        &self,
        id: impl Display,
        error: &E,
    ) -> Result<(), RunError> {
        self.fail(id, error)
    }

    /// A tool call begins: a span `execute_tool {name}`. The input goes to the
    /// [totals](Runs::totals), not to the span.
    ///
    /// # Errors
    /// As [`start`](Runs::start).
    pub fn on_tool_start(
        &self,
        id: impl Display,
        parent: Option<impl Display>,
        name: &str,
        input: &str,
    ) -> Result<(), RunError> {
        let parent = parent.map(|parent| parent.to_string());
        let span = span(name.to_owned()).operation(Operation::Tool);
        self.begin(id.to_string(), parent, span, input)
    }

    /// A tool call has ended. The output goes to the [totals](Runs::totals), not to the span.
    ///
    /// # Errors
    /// As [`end`](Runs::end).
    pub fn on_tool_end(&self, id: impl Display, output: &str) -> Result<(), RunError> {
        let id = id.to_string();
        let run = self.book().end(&id, Outcome::Ok, output)?;
        run.span.end();
        Ok(())
    }

    /// A tool call has failed.
    ///
    /// # Errors
    /// As [`fail`](Runs::fail).
    pub fn on_tool_error<E: Display + 'static>(
        &self,
        id: impl Display,
        error: &E,
    ) -> Result<(), RunError> {
        self.fail(id, error)
    }
}
