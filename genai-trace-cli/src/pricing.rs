//! What spans cost: as they say it themselves, else by the prices of their models.

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use genai_trace::prices::{Call, Cost, Prices};
use genai_trace::provider::Usage;

use crate::span::{Brief, Kind};

/// What a span cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spent {
    Dollars(f64),
    /// It called a model, and nobody knows the price.
    Unknown,
    /// It calls no model.
    Nothing,
}

impl Spent {
    pub(crate) const fn dollars(self) -> Option<f64> {
        match self {
            Spent::Dollars(dollars) => Some(dollars),
            _ => None,
        }
    }
}

/// Read when a first price is looked up: mostly spans say themselves what they cost.
static PRICES: LazyLock<Prices> = LazyLock::new(Prices::builtin);

/// What a span alone cost, without those below it.
pub(crate) fn spent(span: &Brief<'_>) -> Spent {
    if !matches!(span.kind(), Kind::Model | Kind::Embeddings) {
        return Spent::Nothing;
    }
    let facts = &span.facts;
    if let Some(dollars) = facts.cost {
        return Spent::Dollars(dollars);
    }
    if facts.input_tokens.is_none() && facts.output_tokens.is_none() {
        return match span.has_failed {
            // Nobody is billed for what never came.
            true => Spent::Nothing,
            false => Spent::Unknown,
        };
    }
    let usage = Usage {
        input: facts.input_tokens,
        output: facts.output_tokens,
        cache_read: facts.cache_read_tokens,
        cache_write: facts.cache_write_tokens,
        reasoning: facts.reasoning_tokens,
        ..Usage::default()
    };
    let mut call = Call::new(&usage).at(UNIX_EPOCH + Duration::from_nanos(span.start));
    if let Some(provider) = &facts.provider {
        call = call.provider(provider);
    }
    if let Some(model) = &facts.model {
        call = call.request_model(model);
    }
    if let Some(model) = &facts.response_model {
        call = call.response_model(model);
    }
    match PRICES.cost(&call) {
        Cost::Unknown(_) => Spent::Unknown,
        cost => cost.usd().map_or(Spent::Unknown, Spent::Dollars),
    }
}
