//! What was found in the data, kept for the calls that follow: to find it takes a hundred times as long as
//! to use it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::UNIX_EPOCH;

use super::super::Rate;
use super::super::class::PriceClass;
use super::super::cost::Cost;
use super::super::portions::Portions;
use super::super::unpriced::Unpriced;
use super::{Entry, is_called_free};

/// Prices of the data begin and end at such seconds of the day, and none in between: `.ci/prices` looks.
const SLOT_SECONDS: u64 = 1_800;
/// Above so many input tokens prices of the data change, and nowhere else: `.ci/prices` looks.
const TIER_STARTS: [u64; 9] = [
    32_000, 100_000, 128_000, 199_999, 200_000, 256_000, 272_000, 512_000, 524_288,
];
/// A thread forgets all where it would be more: models, half hours and tiers come and go.
const MOST_KEPT: usize = 256;

thread_local! {
    static KEPT: RefCell<HashMap<u64, Kept>> = RefCell::default();
}

/// What the data say of a model, for one half hour and one tier.
struct Kept {
    place: Place,
    provider: Option<String>,
    model: String,
    service_tier: Option<String>,
    found: Result<Prices, Unpriced>,
}

/// On which the prices of a model depend, beside its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    slot: u64,
    tier: usize,
}

/// The prices of a model; those of a class once somebody has asked for it.
struct Prices {
    is_free: bool,
    rates: [Option<Rate>; PriceClass::ALL.len()],
}

impl Place {
    fn of(entry: &Entry<'_>) -> Self {
        let since_1970 = entry.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            slot: since_1970.as_secs() / SLOT_SECONDS,
            tier: TIER_STARTS.partition_point(|start| entry.input_tokens > *start),
        }
    }
}

impl Kept {
    fn find(entry: &Entry<'_>, place: Place) -> Self {
        let found = entry.find().map(|found| Prices {
            is_free: is_called_free(&found),
            rates: [None; PriceClass::ALL.len()],
        });
        Self {
            place,
            provider: entry.provider.map(str::to_owned),
            model: entry.model.to_owned(),
            service_tier: entry.service_tier.map(str::to_owned),
            found,
        }
    }

    fn is_of(&self, entry: &Entry<'_>, place: Place) -> bool {
        self.place == place
            && self.model == entry.model
            && self.provider.as_deref() == entry.provider
            && self.service_tier.as_deref() == entry.service_tier
    }

    fn cost(&mut self, entry: &Entry<'_>, portions: &Portions) -> Result<Cost, Unpriced> {
        let prices = self.found.as_mut().map_err(|reason| reason.clone())?;
        if prices.is_free {
            return Ok(Cost::Free);
        }
        portions.cost(&mut |class| match prices.rates.get_mut(class.index()) {
            Some(rate) => *rate.get_or_insert_with(|| entry.rate(class)),
            None => entry.rate(class),
        })
    }
}

/// What a call of `entry` cost that used `portions`.
pub(super) fn cost(entry: &Entry<'_>, portions: &Portions) -> Result<Cost, Unpriced> {
    let place = Place::of(entry);
    let mut hasher = DefaultHasher::new();
    (entry.provider, entry.model, entry.service_tier, place).hash(&mut hasher);
    let key = hasher.finish();
    let find = || Kept::find(entry, place);
    let found = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() >= MOST_KEPT && !kept.contains_key(&key) {
            kept.clear();
        }
        let found = kept.entry(key).or_insert_with(find);
        if !found.is_of(entry, place) {
            *found = find();
        }
        found.cost(entry, portions)
    });
    // A thread that is ending keeps nothing any more.
    found.unwrap_or_else(|_| find().cost(entry, portions))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use genai_prices::Calculator;

    use super::*;
    use crate::provider::Usage;

    /// Numbers that look random and are the same in every run.
    fn random(state: &mut u64, below: u64) -> u64 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*state >> 33) % below
    }

    #[test]
    fn a_cost_that_was_kept_is_the_one_that_is_found_anew() {
        let models: Vec<_> = Calculator::bundled()
            .providers()
            .flat_map(|provider| {
                provider
                    .models()
                    .map(move |model| (provider.id(), model.id()))
            })
            .collect();
        let mut state = 7;
        for _ in 0..40 {
            let chosen = random(&mut state, models.len() as u64) as usize;
            let (provider, model) = models[chosen];
            for _ in 0..12 {
                let most = [500, 150_000, 700_000][random(&mut state, 3) as usize];
                let usage = Usage {
                    input: Some(random(&mut state, most)),
                    output: Some(random(&mut state, most)),
                    cache_read: Some(random(&mut state, most / 2)),
                    reasoning: Some(random(&mut state, 100)),
                    ..Usage::default()
                };
                let portions = Portions::of(&usage).unwrap();
                // Two days, so that some of a half hour are asked for again.
                let seconds = 1_793_000_000 + random(&mut state, 24) * 7_200;
                let entry = Entry {
                    provider: Some(provider),
                    model,
                    service_tier: [None, Some("flex")][random(&mut state, 2) as usize],
                    time: UNIX_EPOCH + Duration::from_secs(seconds),
                    input_tokens: portions.input_tokens(),
                };
                let anew = Kept::find(&entry, Place::of(&entry)).cost(&entry, &portions);
                assert_eq!(
                    cost(&entry, &portions),
                    anew,
                    "{provider} {model} {usage:?}"
                );
            }
        }
    }

    #[test]
    fn the_reason_names_the_provider_as_the_call_does() {
        let portions = Portions::of(&Usage {
            input: Some(1),
            ..Usage::default()
        })
        .unwrap();
        for provider in ["acme", "ACME", "acme"] {
            let entry = Entry {
                provider: Some(provider),
                model: "large",
                service_tier: None,
                time: UNIX_EPOCH,
                input_tokens: 1,
            };
            let expected = Unpriced::UnknownProvider(provider.to_owned());
            assert_eq!(cost(&entry, &portions), Err(expected));
        }
    }
}
