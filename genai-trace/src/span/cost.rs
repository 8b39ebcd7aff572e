//! What a model call cost, at the end of its span.

use super::frame::Frame;
use super::names;
use super::outcome::Outcome;
use super::stack::ThreadState;
use crate::metrics::Charge;
use crate::prices::Said;

/// Finds out what a model call cost, and writes it on the span where that is asked for; none where
/// no prices are known, for what is no call of a model, and for one that failed before anything was used.
pub(super) fn describe(
    frame: &mut Frame,
    thread: &mut ThreadState,
    outcome: Outcome,
) -> Option<Charge> {
    let operation = frame.callsite.operation();
    if !operation.has_model() {
        return None;
    }
    let costs = thread.port(frame.generation)?.costs()?;
    let start = frame.start.saturating_add_signed(frame.offset);
    let cost = Said::by(frame.callsite, frame.items.iter()).cost(&costs.prices, start);
    let cost = cost.of_call(outcome.is_error())?;
    if costs.on_spans && !frame.sampling.is_out() {
        frame.items.set_own(names::COST_STATUS, cost.status());
        if let Some(usd) = cost.usd() {
            frame.items.set_own(names::COST_USD, &to_six_digits(usd));
        }
    }
    let charge = Charge::of(&cost);
    if let (Charge::PicoUsd(pico_usd), Some(scope)) = (&charge, &frame.scope) {
        scope.count_cost(*pico_usd);
    }
    Some(charge)
}

/// Dollars, to six digits.
pub(super) fn usd(pico_usd: u64) -> f64 {
    to_six_digits(pico_usd as f64 / 1e12)
}

fn to_six_digits(usd: f64) -> f64 {
    (usd * 1e6).round() / 1e6
}
