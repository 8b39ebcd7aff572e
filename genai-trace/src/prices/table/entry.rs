//! One entry of a table.

use serde_json::{Map, Value as Json};

use super::pattern::fits;
use super::wrong;
use crate::prices::Rate;
use crate::prices::class::PriceClass;
use crate::prices::day;
use crate::prices::error::Fault;

/// Units in which costs are added up, for each dollar a million tokens.
const UNITS_OF_MILLION: f64 = 1e12;
/// The same for each dollar a call.
const UNITS_OF_CALL: f64 = 1e18;
/// Dollars that a price may be, at most.
const MOST: f64 = 1e6;
/// Dollars that a call may be, at most.
const MOST_OF_CALL: f64 = 10.0;

/// What an entry may say beside prices.
const KEYS: [&str; 6] = ["provider", "model", "free", "from", "until", "above"];

/// One entry of a table: for whom it is, when, and what it costs.
#[derive(Debug)]
pub(in crate::prices) struct Entry {
    provider: Option<String>,
    model: Option<String>,
    /// Days after 1970-01-01.
    from: u64,
    until: u64,
    is_free: bool,
    rates: Rates,
    /// What holds above so many input tokens; the most in front.
    above: Vec<(u64, Rates)>,
}

/// What a unit of each class costs, where that is said.
#[derive(Clone, Copy, Debug, Default)]
struct Rates([Option<u64>; PriceClass::ALL.len()]);

impl Entry {
    pub(super) fn parse(json: &Json, place: &str) -> Result<Self, Fault> {
        let object = object(json, place)?;
        for (key, value) in object {
            if !KEYS.contains(&key.as_str()) && class(key).is_none() {
                let classes = PriceClass::ALL.map(PriceClass::as_str).join(", ");
                let known = format!("one of the keys {}, {classes}", KEYS.join(", "));
                return Err(wrong(&format!("{place}.{key}"), value, &known));
            }
        }
        let is_free = match object.get("free") {
            None => false,
            Some(Json::Bool(free)) => *free,
            Some(other) => return Err(wrong(&format!("{place}.free"), other, "true or false")),
        };
        let rates = Rates::parse(object, place)?;
        if is_free && (!rates.is_empty() || object.contains_key("above")) {
            return Err(wrong(
                &format!("{place}.free"),
                &Json::Bool(true),
                "no price beside it",
            ));
        }
        if !is_free && rates.is_empty() {
            return Err(wrong(place, json, "a price, or \"free\": true"));
        }
        let from = day_of(object, "from", place)?.unwrap_or(0);
        let until = day_of(object, "until", place)?.unwrap_or(u64::MAX);
        if from >= until {
            let value = object.get("until").unwrap_or(&Json::Null);
            return Err(wrong(&format!("{place}.until"), value, "a day after from"));
        }
        Ok(Self {
            provider: name(object, "provider", place)?,
            model: name(object, "model", place)?,
            from,
            until,
            is_free,
            rates,
            above: above(object, place, &rates)?,
        })
    }

    /// Whether it is for this model on this day.
    pub(super) fn is_for(&self, provider: Option<&str>, model: &str, day: u64) -> bool {
        let fits_provider = |pattern: &String| fits(pattern, provider.unwrap_or_default());
        (self.from..self.until).contains(&day)
            && self.provider.as_ref().is_none_or(fits_provider)
            && self
                .model
                .as_ref()
                .is_none_or(|pattern| fits(pattern, model))
    }

    /// What a unit of `class` costs in a call with so many input tokens.
    pub(in crate::prices) fn rate(&self, class: PriceClass, input_tokens: u64) -> Rate {
        if self.is_free {
            return Ok(0);
        }
        let tier = self.above.iter().find(|(start, _)| input_tokens > *start);
        let rates = tier.map_or(&self.rates, |(_, rates)| rates);
        let own = rates.of(class);
        let kindred = || class.is_a_kind_of().and_then(|kind| rates.of(kind));
        match (own.or_else(kindred), class) {
            (Some(rate), _) => Ok(rate),
            (None, PriceClass::Request) => Ok(0),
            (None, class) => Err(class.is_a_kind_of().unwrap_or(class)),
        }
    }
}

impl Rates {
    fn parse(object: &Map<String, Json>, place: &str) -> Result<Self, Fault> {
        let mut rates = Self::default();
        for (key, value) in object {
            let Some(class) = class(key) else {
                continue;
            };
            let (units, most) = match class {
                PriceClass::Request => (UNITS_OF_CALL, MOST_OF_CALL),
                _ => (UNITS_OF_MILLION, MOST),
            };
            let price = value.as_f64().filter(|usd| (0.0..=most).contains(usd));
            let price = price.ok_or_else(|| {
                let expected = format!("us dollars, a number from 0 to {most}");
                wrong(&format!("{place}.{key}"), value, &expected)
            })?;
            if let Some(rate) = rates.0.get_mut(class.index()) {
                // In bounds, and whole.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let whole = (price * units).round() as u64;
                *rate = Some(whole);
            }
        }
        Ok(rates)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn of(&self, class: PriceClass) -> Option<u64> {
        self.0.get(class.index()).copied().flatten()
    }

    /// These, and for what they do not say those of `below`.
    fn over(self, below: &Rates) -> Self {
        let pairs = self.0.into_iter().zip(below.0);
        let mut rates = Self::default();
        for (rate, (own, base)) in rates.0.iter_mut().zip(pairs) {
            *rate = own.or(base);
        }
        rates
    }
}

fn class(key: &str) -> Option<PriceClass> {
    let mut classes = PriceClass::ALL.into_iter();
    classes.find(|class| class.as_str() == key)
}

fn object<'a>(json: &'a Json, place: &str) -> Result<&'a Map<String, Json>, Fault> {
    json.as_object()
        .ok_or_else(|| wrong(place, json, "an object"))
}

fn name(object: &Map<String, Json>, key: &str, place: &str) -> Result<Option<String>, Fault> {
    match object.get(key) {
        None => Ok(None),
        Some(Json::String(name)) if !name.is_empty() => Ok(Some(name.clone())),
        Some(other) => {
            let expected = "a name, in which * stands for anything";
            Err(wrong(&format!("{place}.{key}"), other, expected))
        }
    }
}

fn day_of(object: &Map<String, Json>, key: &str, place: &str) -> Result<Option<u64>, Fault> {
    let Some(value) = object.get(key) else {
        return Ok(None);
    };
    let day = value.as_str().and_then(day::parse);
    let wrong = || {
        wrong(
            &format!("{place}.{key}"),
            value,
            "a day like \"2026-07-01\"",
        )
    };
    day.map(Some).ok_or_else(wrong)
}

fn above(entry: &Map<String, Json>, place: &str, base: &Rates) -> Result<Vec<(u64, Rates)>, Fault> {
    let mut tiers = Vec::new();
    let Some(value) = entry.get("above") else {
        return Ok(tiers);
    };
    let place = format!("{place}.above");
    let list = value
        .as_array()
        .ok_or_else(|| wrong(&place, value, "a list of objects"))?;
    for (index, tier) in list.iter().enumerate() {
        let place = format!("{place}[{index}]");
        let object = object(tier, &place)?;
        let is_known = |key: &str| key == "input_tokens" || class(key).is_some();
        if let Some((key, value)) = object.iter().find(|(key, _)| !is_known(key)) {
            return Err(wrong(
                &format!("{place}.{key}"),
                value,
                "input_tokens or a price",
            ));
        }
        let start = object.get("input_tokens");
        let start = start.and_then(Json::as_u64).ok_or_else(|| {
            let value = start.unwrap_or(&Json::Null);
            wrong(
                &format!("{place}.input_tokens"),
                value,
                "an integer, 0 or more",
            )
        })?;
        tiers.push((start, Rates::parse(object, &place)?.over(base)));
    }
    crate::order::sort_by(&mut tiers, |(one, _), (other, _)| other.cmp(one));
    Ok(tiers)
}
