//! What came of the runs: tokens and tool calls.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use super::Runs;
use crate::span::outcome::Outcome;

/// What came of the runs of one [`Runs`] that have ended.
///
/// ```
/// use genai_trace::{Operation, Runs, span};
///
/// let runs = Runs::new();
/// runs.start(1, span("weather").operation(Operation::Tool))?;
/// assert_eq!(runs.totals().open, 1);
/// runs.end(1)?;
/// let totals = runs.totals();
/// assert_eq!((totals.open, totals.tool_calls.len()), (0, 1));
/// # Ok::<(), genai_trace::RunError>(())
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct RunTotals {
    /// The tokens of all model calls that said theirs.
    pub token_usage: TokenUsage,
    /// The tool calls in the order in which they ended, the first [`Runs::MAX_TOOL_CALLS`].
    pub tool_calls: Vec<ToolCall>,
    /// How many tool calls were left out of `tool_calls`.
    pub tool_calls_left_out: u64,
    /// How many runs are open.
    pub open: usize,
    /// How many callbacks did not fit what came before them: see [`RunError`](crate::RunError).
    pub ignored: u64,
}

impl RunTotals {
    pub(super) fn add_tool_call(&mut self, call: ToolCall) {
        if self.tool_calls.len() < Runs::MAX_TOOL_CALLS {
            self.tool_calls.push(call);
        } else {
            self.tool_calls_left_out += 1;
        }
    }
}

/// The tokens that a model call used, or that several used together; what nobody said is `None`,
/// never 0.
///
/// It reads from both forms that frameworks give it in:
///
/// ```
/// use genai_trace::TokenUsage;
///
/// let old = r#"{"prompt_tokens": 250, "completion_tokens": 130, "total_tokens": 380}"#;
/// let new = r#"{"input_tokens": 250, "output_tokens": 130, "total_tokens": 380}"#;
/// let (old, new): (TokenUsage, TokenUsage) =
///     (serde_json::from_str(old)?, serde_json::from_str(new)?);
/// assert_eq!(old, new);
/// assert_eq!(old.total(), Some(380));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Said")]
#[non_exhaustive]
pub struct TokenUsage {
    /// Every input token, cached ones included; `prompt_tokens` of old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Every output token, reasoning included; `completion_tokens` of old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// The total as it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<u64>,
}

/// Usage under its old names and its new ones; a provider may send both.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Said {
    input_tokens: Option<u64>,
    prompt_tokens: Option<u64>,
    output_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
}

impl From<Said> for TokenUsage {
    fn from(said: Said) -> Self {
        Self {
            input_tokens: said.input_tokens.or(said.prompt_tokens),
            output_tokens: said.output_tokens.or(said.completion_tokens),
            total_tokens: said.total_tokens,
        }
    }
}

impl TokenUsage {
    /// The usage of a call that said its input and output tokens.
    pub const fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            input_tokens: Some(input_tokens),
            output_tokens: Some(output_tokens),
            total_tokens: None,
        }
    }

    /// The total as it was said, else the sum of what was said.
    pub fn total(&self) -> Option<u64> {
        self.total_tokens
            .or_else(|| sum(self.input_tokens, self.output_tokens))
    }

    /// Adds the tokens of another call.
    pub(super) fn add(&mut self, more: TokenUsage) {
        // Both totals before either part changes: one call may have said a total, another none.
        self.total_tokens = sum(self.total(), more.total());
        self.input_tokens = sum(self.input_tokens, more.input_tokens);
        self.output_tokens = sum(self.output_tokens, more.output_tokens);
    }
}

/// The sum of what is known; none where nothing is.
fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.into_iter().chain(b).reduce(u64::saturating_add)
}

/// A tool call that has ended. Input and output stay here, with whoever gave them: no span has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ToolCall {
    /// The tool.
    pub name: String,
    /// What it was called with, as it was given to [`Runs::on_tool_start`]; otherwise empty.
    pub input: String,
    /// What it returned, as it was given to [`Runs::on_tool_end`]; otherwise empty.
    pub output: String,
    /// The time between the two callbacks; `latency_ms`, in milliseconds, where it is serialised.
    #[serde(rename = "latency_ms", serialize_with = "milliseconds")]
    pub latency: Duration,
    /// [`Ok`](Outcome::Ok) or [`Error`](Outcome::Error).
    #[serde(serialize_with = "word")]
    pub outcome: Outcome,
}

impl ToolCall {
    /// A call that begins.
    pub(super) fn new(name: String, input: String) -> Self {
        Self {
            name,
            input,
            output: String::new(),
            latency: Duration::ZERO,
            outcome: Outcome::Ok,
        }
    }
}

fn milliseconds<S: Serializer>(latency: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(latency.as_secs_f64() * 1e3)
}

fn word<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}
