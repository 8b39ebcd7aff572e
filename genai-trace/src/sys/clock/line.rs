//! A straight line from ticks to nanoseconds.

/// Rates are fixed-point numbers with this many fractional bits.
pub(super) const SHIFT: u32 = 32;

/// A straight line from ticks to nanoseconds: it starts at a moment, and goes on for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it starts.
    pub(super) ticks: u64,
    /// The time there.
    pub(super) nanos: u64,
    /// Nanoseconds a tick, with [`SHIFT`] fractional bits.
    pub(super) rate: u64,
}

impl Line {
    pub(super) const NONE: Self = Self {
        ticks: 0,
        nanos: 0,
        rate: 0,
    };

    /// The time at `ticks`; before the start of the line it is that of the start.
    #[inline]
    pub(super) fn at(self, ticks: u64) -> u64 {
        self.since_start(ticks.saturating_sub(self.ticks))
    }

    /// The time so many ticks after the start.
    #[inline]
    pub(super) fn since_start(self, elapsed: u64) -> u64 {
        let nanos = (u128::from(elapsed) * u128::from(self.rate)) >> SHIFT;
        #[allow(clippy::cast_possible_truncation)]
        self.nanos.wrapping_add(nanos as u64)
    }
}
