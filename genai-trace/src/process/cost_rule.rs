//! How much a trace may cost before it is kept for that.

use super::tail::refused;
use crate::config::InitError;
use crate::export::view::SpanView;
use crate::prices::{Prices, Said};

/// A trace that costs more is not thought of.
const MOST_USD: f64 = 1e6;

/// How much a trace may cost, and what calls cost.
#[derive(Debug)]
pub(super) struct CostRule {
    /// Millionths of a millionth of a dollar.
    pico_usd: u64,
    prices: Prices,
}

impl CostRule {
    pub(super) fn new(usd: f64, prices: Option<&Prices>) -> Result<Self, InitError> {
        let value = || format!("keep_costlier_than({usd})");
        if !(0.0..=MOST_USD).contains(&usd) {
            let expected = format!("us dollars, from 0 to {MOST_USD}");
            return Err(refused(value(), &expected));
        }
        let prices = prices.cloned().or_else(Prices::of_build);
        let prices =
            prices.ok_or_else(|| refused(value(), "prices beside it, or the feature `prices`"))?;
        // In bounds, and whole.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let pico_usd = (usd * 1e12).round() as u64;
        Ok(Self { pico_usd, prices })
    }

    /// What the call cost that a span stands for; 0 where nobody knows.
    pub(super) fn cost(&self, span: &SpanView<'_>) -> u64 {
        if !span.callsite.operation().has_model() {
            return 0;
        }
        let start = span.since_1970(span.header.start);
        let cost = Said::by(span.callsite, span.items()).cost(&self.prices, start);
        cost.pico_usd().unwrap_or(0)
    }

    pub(super) const fn is_exceeded_by(&self, cost: u64) -> bool {
        cost > self.pico_usd
    }
}
