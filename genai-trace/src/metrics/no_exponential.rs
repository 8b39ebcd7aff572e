//! Without OTLP nobody asks for exponential histograms, and none is kept.

/// None can be made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Exponential {}

#[derive(Clone, Debug, Default)]
pub(crate) struct Exponentials {}

impl Exponentials {
    #[inline(always)]
    pub(super) fn record(&mut self, _: &[u32], _: u64) {}

    pub(super) fn merge(&mut self, _: &Exponentials) {}

    pub(super) fn in_unit(&self, _: u32) -> Option<Exponential> {
        None
    }
}

impl Exponential {
    pub(super) fn kept() -> Option<Exponential> {
        None
    }

    pub(super) fn record(&mut self, _: f64) {
        match *self {}
    }

    pub(super) fn merge(&mut self, _: &Exponential) {
        match *self {}
    }
}
