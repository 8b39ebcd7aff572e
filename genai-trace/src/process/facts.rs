//! What is known of a trace from its spans so far.

use super::probability::Probability;
use crate::export::view::SpanView;
use crate::record::Value;
use crate::span::names;

/// What is known of a trace from its spans so far.
#[derive(Debug)]
pub(super) struct Facts {
    /// A span of it fits a rule.
    pub(super) fits_rule: bool,
    /// The route that it takes.
    pub(super) route: Option<usize>,
    /// With what probability the sampler has kept it: that of the span that was thinned out least.
    pub(super) sampled_with: Probability,
    /// What its model calls cost, where a rule asks for that: millionths of a millionth of a dollar.
    pub(super) cost: u64,
    start: u64,
    end: u64,
}

impl Facts {
    pub(super) fn of(span: &SpanView<'_>) -> Self {
        Self {
            fits_rule: false,
            route: None,
            sampled_with: sampled_with(span),
            cost: 0,
            start: span.header.start,
            end: span.header.end,
        }
    }

    /// Takes in another span.
    pub(super) fn add(&mut self, span: &SpanView<'_>) {
        self.start = self.start.min(span.header.start);
        self.end = self.end.max(span.header.end);
        if !self.sampled_with.is_certain() {
            let other = sampled_with(span);
            if other > self.sampled_with {
                self.sampled_with = other;
            }
        }
    }

    /// Nanoseconds from the first start to the last end.
    pub(super) fn duration(&self) -> u64 {
        self.end - self.start
    }
}

/// With what probability the sampler has kept a span.
pub(super) fn sampled_with(span: &SpanView<'_>) -> Probability {
    match span.said(names::SAMPLING_PROBABILITY).map(Value::from) {
        Some(Value::Float(ratio)) => Probability::nearest(ratio),
        _ => Probability::ONE,
    }
}
