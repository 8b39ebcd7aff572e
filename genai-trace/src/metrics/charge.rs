//! What model calls cost, added up.

use crate::prices::{Cost, Unpriced};

/// What the metrics learn of the cost of one model call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// Millionths of a millionth of a dollar: these add up exactly.
    PicoUsd(u64),
    /// Nobody knows, for the reason with this number.
    Unpriced(usize),
}

impl Charge {
    pub(crate) fn of(cost: &Cost) -> Self {
        match cost {
            Cost::Unknown(why) => Charge::Unpriced(why.index()),
            known => Charge::PicoUsd(known.pico_usd().unwrap_or(0)),
        }
    }
}

/// What many model calls cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Charges {
    /// None until the cost of one is known.
    pico_usd: Option<u64>,
    unpriced: [u64; Unpriced::WORDS.len()],
}

impl Charges {
    pub(super) fn add(&mut self, charge: Charge) {
        match charge {
            Charge::PicoUsd(more) => self.add_pico(more),
            Charge::Unpriced(why) => {
                if let Some(count) = self.unpriced.get_mut(why) {
                    *count += 1;
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Charges) {
        other
            .pico_usd
            .into_iter()
            .for_each(|more| self.add_pico(more));
        for (count, more) in self.unpriced.iter_mut().zip(other.unpriced) {
            *count += more;
        }
    }

    fn add_pico(&mut self, more: u64) {
        self.pico_usd = Some(self.pico_usd.unwrap_or(0).saturating_add(more));
    }

    pub(super) const fn pico_usd(&self) -> Option<u64> {
        self.pico_usd
    }

    /// How many calls have no known cost for the reason with this number; none when none has.
    pub(super) fn unpriced(&self, why: usize) -> Option<u64> {
        self.unpriced.get(why).copied().filter(|count| *count > 0)
    }
}
