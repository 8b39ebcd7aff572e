//! Whether a trace is kept, decided when it has ended.

use std::time::Duration;

use super::attribute_rule::AttributeRule;
use super::cost_rule::CostRule;
use super::facts::Facts;
use super::probability::Probability;
use crate::config::InitError;
use crate::export::view::SpanView;
use crate::prices::Prices;
use crate::record::Value;
use crate::span::ids::TraceId;
use crate::span::operation::Operation;

/// How long a trace may wait unless said.
const DECISION_WAIT: Duration = Duration::from_secs(30);
/// How much memory the waiting spans may take unless said.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Less would decide nearly every trace before it has ended.
const LEAST_BYTES: usize = 64 * 1024;

/// Which traces are kept, decided when they have ended:
/// [`Builder::tail_sampling`](crate::Builder::tail_sampling).
///
/// A trace that fits one of the rules is kept whole; of the rest [`keep_rest`](Self::keep_rest) says
/// how many, 0 unless said. Metrics count every span all the same, and
/// [`Report::sampled_out`](crate::Report::sampled_out) counts those that were left out.
///
/// A trace has ended when its root in this process has. It is decided 50 ms later, or at the next
/// flush; or, on what is known by then, after [`decision_wait`](Self::decision_wait), or when the
/// waiting spans take more than [`max_bytes`](Self::max_bytes), the oldest trace first. Spans that
/// end later follow the decision; in a trace that was not kept, one that itself fits a rule is kept
/// alone. Of a process that is killed the spans that wait are recovered, all of them, where it was
/// [`crash_safe`](crate::Builder::crash_safe), and lost otherwise.
///
/// What is kept of the rest is chosen by trace id, as a [`Sampler`](crate::Sampler) does, and carries
/// `sampling.probability`, which counts in what the sampler has left over; what fits a rule weighs 1.
///
/// ```
/// use std::time::Duration;
/// use genai_trace::{MemoryExporter, TailSampling, Telemetry, span};
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder()
///     .memory(&memory)
///     .tail_sampling(
///         TailSampling::new()
///             .keep_errors()
///             .keep_slower_than(Duration::from_secs(10))
///             .keep_tool("delete_file")
///             .keep_attribute("app.tenant", "gold")
///             .keep_rest(0.0),
///     )
///     .install()?;
/// span("turn").run(|| {});
/// span("turn").attr("app.tenant", "gold").run(|| {});
/// let report = telemetry.shutdown(Duration::from_secs(5));
/// assert_eq!((memory.spans().len(), report.sampled_out), (1, 1));
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the rules count once they are given to the builder"]
pub struct TailSampling {
    errors: bool,
    slower_than: Option<Duration>,
    costlier_than: Option<f64>,
    tools: Vec<String>,
    attributes: Vec<AttributeRule>,
    rest: Option<f64>,
    decision_wait: Duration,
    max_bytes: usize,
}

impl Default for TailSampling {
    fn default() -> Self {
        Self::new()
    }
}

impl TailSampling {
    /// No rule yet: at least one is to follow.
    pub const fn new() -> Self {
        Self {
            errors: false,
            slower_than: None,
            costlier_than: None,
            tools: Vec::new(),
            attributes: Vec::new(),
            rest: None,
            decision_wait: DECISION_WAIT,
            max_bytes: MAX_BYTES,
        }
    }

    /// Keeps every trace with a span whose status is ERROR, panics included.
    pub const fn keep_errors(mut self) -> Self {
        self.errors = true;
        self
    }

    /// Keeps every trace that took longer, from its first start to its last end.
    pub const fn keep_slower_than(mut self, duration: Duration) -> Self {
        self.slower_than = Some(duration);
        self
    }

    /// Keeps every trace whose model calls cost more than so many US dollars together.
    ///
    /// Calls of unknown cost add nothing: a trace that is to be kept for them needs a rule of its own. It
    /// needs [`Builder::prices`](crate::Builder::prices), or the feature `prices`.
    pub const fn keep_costlier_than(mut self, usd: f64) -> Self {
        self.costlier_than = Some(usd);
        self
    }

    /// Keeps every trace in which the tool `name` was called.
    pub fn keep_tool(mut self, name: impl Into<String>) -> Self {
        self.tools.push(name.into());
        self
    }

    /// Keeps every trace with a span that carries this attribute.
    pub fn keep_attribute(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.attributes.push(AttributeRule {
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// Keeps this share of the traces that fit no rule, from 0 to 1.
    pub const fn keep_rest(mut self, ratio: f64) -> Self {
        self.rest = Some(ratio);
        self
    }

    /// Sets how long a trace may wait for its end; 30 s unless said. An agent that runs for longer is
    /// decided while it runs: set it to the longest run that is to be judged as a whole.
    pub const fn decision_wait(mut self, wait: Duration) -> Self {
        self.decision_wait = wait;
        self
    }

    /// Sets how many bytes waiting spans may take, 65,536 at least; 16 MiB unless said.
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    pub(super) fn waiting_limits(&self) -> (u64, usize) {
        (nanos(self.decision_wait), self.max_bytes)
    }

    /// The rules, checked.
    pub(super) fn checked(self, prices: Option<&Prices>) -> Result<Rules, InitError> {
        let has_rule = self.errors
            || self.slower_than.is_some()
            || self.costlier_than.is_some()
            || !self.tools.is_empty()
            || !self.attributes.is_empty()
            || self.rest.is_some();
        if !has_rule {
            return Err(refused(
                "no rule".to_owned(),
                "keep_errors, keep_slower_than, keep_costlier_than, keep_tool, keep_attribute or keep_rest",
            ));
        }
        let rest = self.rest.unwrap_or(0.0);
        let rest = Probability::new(rest)
            .ok_or_else(|| refused(format!("keep_rest({rest})"), "a ratio from 0 to 1"))?;
        if self.slower_than.is_some_and(|duration| duration.is_zero()) {
            return Err(refused(
                "keep_slower_than(0ns)".to_owned(),
                "more than zero",
            ));
        }
        if self.decision_wait.is_zero() {
            return Err(refused("decision_wait(0ns)".to_owned(), "more than zero"));
        }
        if self.max_bytes < LEAST_BYTES {
            return Err(refused(
                format!("max_bytes({})", self.max_bytes),
                "65536 or more",
            ));
        }
        if self.tools.iter().any(String::is_empty) {
            return Err(refused("keep_tool(\"\")".to_owned(), "the name of a tool"));
        }
        if self.attributes.iter().any(|rule| rule.key.is_empty()) {
            return Err(refused(
                "keep_attribute(\"\", ..)".to_owned(),
                "the name of an attribute",
            ));
        }
        let costlier_than = self.costlier_than.map(|usd| CostRule::new(usd, prices));
        Ok(Rules {
            errors: self.errors,
            slower_than: self.slower_than.map(nanos),
            costlier_than: costlier_than.transpose()?,
            tools: self.tools,
            attributes: self.attributes,
            rest,
        })
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

pub(super) fn refused(value: String, expected: &str) -> InitError {
    InitError::Setting {
        name: "tail_sampling",
        value,
        expected: expected.to_owned(),
    }
}

/// The rules, checked.
#[derive(Debug)]
pub(super) struct Rules {
    errors: bool,
    /// Nanoseconds.
    slower_than: Option<u64>,
    costlier_than: Option<CostRule>,
    tools: Vec<String>,
    attributes: Vec<AttributeRule>,
    rest: Probability,
}

/// What becomes of a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kept {
    /// It is kept for certain.
    Whole,
    /// It is one of those that are kept with this probability.
    Share(Probability),
    Not,
}

impl Rules {
    /// What a span cost, where that is asked: millionths of a millionth of a dollar.
    pub(super) fn cost(&self, span: &SpanView<'_>) -> u64 {
        let rule = self.costlier_than.as_ref();
        rule.map_or(0, |rule| rule.cost(span))
    }

    /// Whether one span alone, which cost so much, has its trace kept.
    pub(super) fn fit(&self, span: &SpanView<'_>, cost: u64) -> bool {
        self.is_costly(cost)
            || self.errors && span.header.outcome.is_error()
            || self.fits_tool(span)
            || self.attributes.iter().any(|rule| rule.fits(span))
    }

    fn is_costly(&self, cost: u64) -> bool {
        let rule = self.costlier_than.as_ref();
        rule.is_some_and(|rule| rule.is_exceeded_by(cost))
    }

    fn fits_tool(&self, span: &SpanView<'_>) -> bool {
        if self.tools.is_empty() || span.callsite.operation() != Operation::Tool {
            return false;
        }
        let name = span.subject();
        name.is_some_and(|name| self.tools.iter().any(|tool| name == *tool.as_str()))
    }

    /// What becomes of the trace of which `facts` are known.
    pub(super) fn decide(&self, trace: TraceId, facts: &Facts) -> Kept {
        let is_slow = self
            .slower_than
            .is_some_and(|limit| facts.duration() > limit);
        if facts.fits_rule || is_slow || self.is_costly(facts.cost) {
            return Kept::Whole;
        }
        let share = facts.sampled_with.thinned(self.rest);
        match share.keeps(trace) {
            true if share.is_certain() => Kept::Whole,
            true => Kept::Share(share),
            false => Kept::Not,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_means_nothing_is_named_with_what_is_allowed() {
        let with = TailSampling::new().keep_errors();
        let mistakes = [
            TailSampling::new(),
            with.clone().keep_rest(1.5),
            with.clone().keep_rest(f64::NAN),
            with.clone().keep_slower_than(Duration::ZERO),
            with.clone().keep_costlier_than(-0.01),
            with.clone().keep_costlier_than(f64::NAN),
            with.clone().decision_wait(Duration::ZERO),
            with.clone().max_bytes(1000),
            with.clone().keep_tool(""),
            with.keep_attribute("", true),
        ]
        .map(|rules| rules.checked(None).unwrap_err().to_string());
        assert_eq!(
            mistakes.join("\n"),
            "\
tail_sampling(no rule): expected keep_errors, keep_slower_than, keep_costlier_than, keep_tool, keep_attribute or keep_rest
tail_sampling(keep_rest(1.5)): expected a ratio from 0 to 1
tail_sampling(keep_rest(NaN)): expected a ratio from 0 to 1
tail_sampling(keep_slower_than(0ns)): expected more than zero
tail_sampling(keep_costlier_than(-0.01)): expected us dollars, from 0 to 1000000
tail_sampling(keep_costlier_than(NaN)): expected us dollars, from 0 to 1000000
tail_sampling(decision_wait(0ns)): expected more than zero
tail_sampling(max_bytes(1000)): expected 65536 or more
tail_sampling(keep_tool(\"\")): expected the name of a tool
tail_sampling(keep_attribute(\"\", ..)): expected the name of an attribute"
        );
    }
}
