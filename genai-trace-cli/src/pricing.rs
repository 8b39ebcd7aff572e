//! What spans cost: as they say it themselves, else by the prices of their models.

mod used;

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use genai_trace::prices::{Breakdown, Call, Cost, Prices};
use genai_trace::provider::Usage;

pub(crate) use used::Used;

use crate::span::{Brief, Facts};

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

/// What a span alone cost, without those below it: as it says itself, else by the prices of its model.
pub(crate) fn spent(span: &Brief<'_>) -> Spent {
    let said = span.facts.cost.filter(|_| span.kind().calls_a_model());
    if let Some(dollars) = said {
        return Spent::Dollars(dollars);
    }
    match priced(&PRICES, span, None) {
        None => Spent::Nothing,
        Some(cost) => cost.usd().map_or(Spent::Unknown, Spent::Dollars),
    }
}

/// What a span cost by class, by the prices of its model.
pub(crate) fn by_class(span: &Brief<'_>) -> Option<Breakdown> {
    match priced(&PRICES, span, None)? {
        Cost::Priced(breakdown) => Some(breakdown),
        Cost::Free => Some(Breakdown::default()),
        Cost::Unknown(_) => None,
    }
}

/// What a model call cost by `prices`, as if it had been one of the model `instead`, where that is said; none where it
/// is no such call, or failed before anything was used.
pub(crate) fn priced(prices: &Prices, span: &Brief<'_>, instead: Option<&Model>) -> Option<Cost> {
    if !span.kind().calls_a_model() {
        return None;
    }
    let facts = &span.facts;
    let has_usage = facts.input_tokens.is_some() || facts.output_tokens.is_some();
    if span.has_failed && !has_usage {
        // Nobody is billed for what never came.
        return None;
    }
    let usage = Usage {
        input: facts.input_tokens,
        output: facts.output_tokens,
        cache_read: facts.cache_read_tokens,
        cache_write: facts.cache_write_tokens,
        reasoning: facts.reasoning_tokens,
        ..Usage::default()
    };
    let call = Call::new(&usage).at(UNIX_EPOCH + Duration::from_nanos(span.start));
    let call = match instead {
        Some(model) => model.asked(call),
        None => asked(call, facts),
    };
    Some(prices.cost(&call))
}

fn asked<'a>(mut call: Call<'a>, facts: &'a Facts<'_>) -> Call<'a> {
    if let Some(provider) = &facts.provider {
        call = call.provider(provider);
    }
    if let Some(model) = &facts.model {
        call = call.request_model(model);
    }
    if let Some(model) = &facts.response_model {
        call = call.response_model(model);
    }
    call
}

/// A model that somebody may have asked, with its provider where that is said: `openai/gpt-4o-mini`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    provider: Option<String>,
    name: String,
}

impl FromStr for Model {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (provider, name) = match text.split_once('/') {
            Some((provider, name)) => (Some(provider.to_owned()), name),
            None => (None, text),
        };
        if name.is_empty() || provider.as_deref() == Some("") {
            return Err("expected a model, as `gpt-4o-mini` or `openai/gpt-4o-mini`".to_owned());
        }
        Ok(Self {
            provider,
            name: name.to_owned(),
        })
    }
}

impl Model {
    fn asked<'a>(&'a self, call: Call<'a>) -> Call<'a> {
        let call = call.request_model(&self.name);
        match &self.provider {
            Some(provider) => call.provider(provider),
            None => call,
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
