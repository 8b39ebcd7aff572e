//! What a call cost, or why that is not known.

use std::fmt;

use super::class::PriceClass;
use super::unpriced::Unpriced;

/// How many units of a breakdown are a dollar.
const UNITS: u128 = 1_000_000_000_000_000_000;
/// How many units are a picodollar, in which metrics add up.
const UNITS_OF_PICO: u128 = 1_000_000;
/// How many picodollars are a dollar, as decimals.
pub(crate) const PICO_DECIMALS: u32 = 12;

/// What a call cost, or why that is not known.
///
/// It prints as `$0.001234`, `free` or `unknown: no price for model "x"`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cost {
    /// So much.
    Priced(Breakdown),
    /// Nothing: the price is 0.
    Free,
    /// Nobody knows: this is not 0.
    Unknown(Unpriced),
}

impl Cost {
    /// The word for the state: `priced`, `free` or `unknown`.
    pub const fn status(&self) -> &'static str {
        match self {
            Cost::Priced(_) => "priced",
            Cost::Free => "free",
            Cost::Unknown(_) => "unknown",
        }
    }

    /// US dollars; none where that is unknown.
    pub fn usd(&self) -> Option<f64> {
        match self {
            Cost::Priced(breakdown) => Some(breakdown.total()),
            Cost::Free => Some(0.0),
            Cost::Unknown(_) => None,
        }
    }

    /// None for a call that failed before it used anything: nobody is billed for what never came, so its
    /// cost is not unknown.
    pub(crate) fn of_call(self, has_failed: bool) -> Option<Self> {
        match self {
            Cost::Unknown(Unpriced::NoUsage) if has_failed => None,
            cost => Some(cost),
        }
    }

    /// Picodollars, to the nearest; none where the cost is unknown. These add up exactly.
    pub(crate) fn pico_usd(&self) -> Option<u64> {
        match self {
            Cost::Priced(breakdown) => {
                let pico = (breakdown.sum() + UNITS_OF_PICO / 2) / UNITS_OF_PICO;
                Some(u64::try_from(pico).unwrap_or(u64::MAX))
            }
            Cost::Free => Some(0),
            Cost::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cost::Priced(breakdown) => {
                let usd = breakdown.total();
                if usd > 0.0 && usd < 0.000_000_5 {
                    // Not shown as nothing.
                    f.write_str("<$0.000001")
                } else {
                    write!(f, "${usd:.6}")
                }
            }
            Cost::Free => f.write_str("free"),
            Cost::Unknown(why) => write!(f, "unknown: {why}"),
        }
    }
}

/// What a call cost, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// Billionths of a billionth of a dollar.
    units: [u128; PriceClass::ALL.len()],
}

impl Breakdown {
    /// US dollars for what is of `class`.
    pub fn usd(&self, class: PriceClass) -> f64 {
        dollars(self.units.get(class.index()).copied().unwrap_or(0))
    }

    /// US dollars for all.
    pub fn total(&self) -> f64 {
        dollars(self.sum())
    }

    /// Adds `count` of `class`, each at `rate`.
    pub(super) fn add(&mut self, class: PriceClass, count: u64, rate: u64) {
        if let Some(units) = self.units.get_mut(class.index()) {
            *units = units.saturating_add(u128::from(count) * u128::from(rate));
        }
    }

    fn sum(&self) -> u128 {
        let units = self.units.iter().copied();
        units.fold(0, u128::saturating_add)
    }
}

#[allow(clippy::cast_precision_loss)]
fn dollars(units: u128) -> f64 {
    units as f64 / UNITS as f64
}
