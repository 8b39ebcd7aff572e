//! What calls are put together by, and what is known of those that were.

use clap::ValueEnum;
use serde_json::{Value as Json, json};

use super::percentiles::Durations;
use crate::pricing::Used;
use crate::span::{Brief, Kind};
use crate::text::{duration, moment, visible};

/// What calls are put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Grouping {
    /// Calls of tools
    Tool,
    /// Calls of models
    Model,
    /// Runs of agents
    Agent,
    /// Calls of models, by the day on which they began, in UTC
    Day,
    /// Calls of models, by the variant of an experiment
    Variant,
    /// Attempts at a task of an evaluation
    Task,
}

/// What is known of calls that belong together.
#[derive(Default)]
pub(super) struct Group {
    calls: u64,
    errors: u64,
    durations: Durations,
    used: Used,
}

impl Grouping {
    /// Tells what the span belongs to, where it counts.
    pub(super) fn key(self, span: &Brief<'_>, take: &mut dyn FnMut(&str)) {
        let kind = span.kind();
        match self {
            Grouping::Tool if kind == Kind::Tool => take(span.subject()),
            Grouping::Agent if kind == Kind::Agent => take(span.subject()),
            Grouping::Model if kind.calls_a_model() => {
                take(span.facts.any_model().unwrap_or("unknown"));
            }
            Grouping::Day if kind.calls_a_model() => {
                let began = moment(span.start);
                take(began.split(' ').next().unwrap_or_default());
            }
            Grouping::Variant if kind.calls_a_model() => {
                let facts = &span.facts;
                if let Some(variant) = &facts.variant {
                    match &facts.experiment {
                        Some(experiment) => take(&format!("{experiment}: {variant}")),
                        None => take(variant),
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) const fn has_tokens(self) -> bool {
        matches!(self, Grouping::Model | Grouping::Day | Grouping::Variant)
    }
}

impl Group {
    pub(super) fn add(&mut self, span: &Brief<'_>) {
        self.calls += 1;
        self.errors += u64::from(span.has_failed);
        self.durations.add(span.nanoseconds());
        self.used.add(Used::of(span));
    }

    pub(super) fn merge(&mut self, other: Group) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.durations.merge(other.durations);
        self.used.add(other.used);
    }

    /// Days stand in their order, all else by how long it took in the whole: what is slow stands first.
    pub(super) fn order(&self, grouping: Grouping) -> std::cmp::Reverse<u64> {
        match grouping {
            Grouping::Day => std::cmp::Reverse(0),
            _ => std::cmp::Reverse(self.durations.sum()),
        }
    }

    pub(super) fn row(mut self, name: &str, grouping: Grouping, minutes: f64) -> Vec<String> {
        let mut row = vec![visible(name), self.calls.to_string()];
        #[allow(clippy::cast_precision_loss)]
        let calls = self.calls as f64;
        // Of less than a minute a rate says nothing.
        row.push(match minutes >= 1.0 {
            true => rate(calls / minutes),
            false => String::new(),
        });
        row.push(match self.errors {
            0 => String::new(),
            errors => errors.to_string(),
        });
        let percentiles = self.durations.percentiles([50.0, 90.0, 95.0, 99.0]);
        row.extend(percentiles.unwrap_or_default().map(duration));
        row.push(duration(self.durations.max()));
        if grouping.has_tokens() {
            row.push(self.used.input_tokens.to_string());
            row.push(self.used.output_tokens.to_string());
            row.push(self.used.cost());
        }
        row
    }

    pub(super) fn document(mut self, minutes: f64) -> Json {
        let percentiles = self.durations.percentiles([50.0, 90.0, 95.0, 99.0]);
        let [p50, p90, p95, p99] = percentiles.unwrap_or_default();
        #[allow(clippy::cast_precision_loss)]
        let per_minute = (minutes > 0.0).then(|| self.calls as f64 / minutes);
        json!({
            "calls": self.calls,
            "per_minute": per_minute,
            "errors": self.errors,
            "total_ns": self.durations.sum(),
            "p50_ns": p50,
            "p90_ns": p90,
            "p95_ns": p95,
            "p99_ns": p99,
            "max_ns": self.durations.max(),
            "input_tokens": self.used.input_tokens,
            "output_tokens": self.used.output_tokens,
            "cost_usd": self.used.dollars,
            "unpriced_calls": self.used.unpriced,
        })
    }
}

fn rate(rate: f64) -> String {
    match rate {
        rate if rate < 0.05 => "<0.1".to_owned(),
        rate if rate < 10.0 => format!("{rate:.1}"),
        rate => format!("{rate:.0}"),
    }
}
