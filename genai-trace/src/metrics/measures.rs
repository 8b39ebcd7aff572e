//! Figures of a run that was not traced, for the same metrics.

use std::time::Duration;

use super::charge::Charge;
use super::labels::Labels;
use super::shard::{Ended, Shard};
use super::symbol::{Symbol, SymbolCache};
use crate::prices::{Call, Costs};
use crate::provider::usage::Usage;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;

/// Figures of one run that was not traced, for the same metrics as the runs that were.
///
/// The run counts as the run of an agent with no agent above, its tokens as those of a chat with
/// the model, each tool call as the execution of that tool. No span comes of it, so
/// `genai_trace_spans_total` does not count it.
///
/// ```
/// use genai_trace::{Measures, MemoryExporter, Telemetry, Views};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder()
///     .memory(&MemoryExporter::new())
///     .views([Views::Chat])
///     .install()?;
/// let run = Measures::new("openai", "gpt-4o")
///     .duration(Duration::from_millis(1200))
///     .input_tokens(250)
///     .output_tokens(130)
///     .tool_call("weather", Duration::from_millis(83));
/// genai_trace::record_measures(run);
/// let text = telemetry.metrics_text();
/// assert!(text.contains(r#"chat_requests_total{model="gpt-4o",provider="openai"} 1"#));
/// assert!(text.contains(r#"token_type="total_tokens"} 380"#));
/// assert!(text.contains(r#"tool_calls_total{tool_name="weather"} 1"#));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "measures count only once they are recorded"]
pub struct Measures<'a> {
    provider: &'a str,
    model: &'a str,
    agent: &'a str,
    error: Option<&'a str>,
    duration: Duration,
    usage: Usage,
    tool_calls: Vec<(&'a str, Duration)>,
}

impl<'a> Measures<'a> {
    /// A run that called `model` of `provider`; either may be empty when it is not known.
    pub fn new(provider: &'a str, model: &'a str) -> Measures<'a> {
        Measures {
            provider,
            model,
            agent: "",
            error: None,
            duration: Duration::ZERO,
            usage: Usage::default(),
            tool_calls: Vec::new(),
        }
    }

    /// The name of the agent that ran; none by default.
    pub fn agent(mut self, name: &'a str) -> Measures<'a> {
        self.agent = name;
        self
    }

    /// How long the run took, from end to end; nothing by default.
    pub fn duration(mut self, duration: Duration) -> Measures<'a> {
        self.duration = duration;
        self
    }

    /// Says that the run failed, with the low-cardinality `error.type` of the failure.
    pub fn error(mut self, error_type: &'a str) -> Measures<'a> {
        self.error = Some(error_type);
        self
    }

    /// How many tokens went into the model, cached ones included; unknown by default.
    pub fn input_tokens(mut self, tokens: u64) -> Measures<'a> {
        self.usage.input = Some(tokens);
        self
    }

    /// How many tokens came out of the model, reasoning included; unknown by default.
    pub fn output_tokens(mut self, tokens: u64) -> Measures<'a> {
        self.usage.output = Some(tokens);
        self
    }

    /// Adds the execution of a tool, which took `duration`.
    pub fn tool_call(mut self, tool: &'a str, duration: Duration) -> Measures<'a> {
        self.tool_calls.push((tool, duration));
        self
    }

    /// Counts the figures in `shard`.
    pub(crate) fn record_into(
        &self,
        shard: &mut Shard,
        symbols: &mut SymbolCache,
        costs: Option<&Costs>,
    ) {
        let agent = symbols.get(self.agent);
        let model = symbols.get(self.model);
        let provider = symbols.get(self.provider);
        let run = Labels {
            outcome: self.error.map_or(Outcome::Ok, |_| Outcome::Error),
            error_type: self.error.map_or(Symbol::NONE, |error| symbols.get(error)),
            top: true,
            subject: agent,
            model,
            provider,
            ..Labels::new(Operation::Agent)
        };
        shard.measure(&Ended::new(run, nanoseconds(self.duration)));
        let call = Labels {
            model,
            provider,
            agent,
            ..Labels::new(Operation::Chat)
        };
        let cost = costs.and_then(|costs| {
            let call = Call::new(&self.usage).provider(self.provider);
            let cost = costs.prices.cost(&call.request_model(self.model));
            Some(Charge::of(&cost.of_call(self.error.is_some())?))
        });
        shard.use_tokens(call, &self.usage, cost);
        for (tool, duration) in &self.tool_calls {
            let execution = Labels {
                subject: symbols.get(tool),
                agent,
                ..Labels::new(Operation::Tool)
            };
            shard.measure(&Ended::new(execution, nanoseconds(*duration)));
        }
    }
}

/// The nanoseconds of `duration`, at most the 584 years that fit.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
