//! What a machine tells of time.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::sys::ticks::{Source, std_nanos};

/// What a machine tells of time: its own, or that of a test.
pub(crate) trait Clocks {
    /// Whether ticks are to be put into line; else they are nanoseconds of the monotonic clock.
    fn has_counter(&self) -> bool;
    /// The counter of which the line is made.
    fn ticks(&self) -> u64;
    /// Nanoseconds of the monotonic clock, since any moment.
    fn monotonic(&self) -> u64;
    /// Nanoseconds since 1970, as the wall clock has it.
    fn wall(&self) -> u64;
}

impl Clocks for Source {
    fn has_counter(&self) -> bool {
        *self != Source::Std
    }

    #[inline]
    fn ticks(&self) -> u64 {
        self.read()
    }

    fn monotonic(&self) -> u64 {
        std_nanos()
    }

    fn wall(&self) -> u64 {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        u64::try_from(since_1970.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Ticks and a clock's reading of one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) ticks: u64,
    pub(super) nanos: u64,
    /// Ticks between which the clock was read: so much the two may be apart.
    pub(super) gap: u64,
}

impl Pair {
    /// Of five tries the one with the least gap, since the thread may lose its processor in any of
    /// them.
    pub(super) fn read<C: Clocks>(clocks: &C, clock: impl Fn(&C) -> u64) -> Self {
        let attempt = || {
            let before = clocks.ticks();
            let nanos = clock(clocks);
            let gap = clocks.ticks().saturating_sub(before);
            Self {
                ticks: before + gap / 2,
                nanos,
                gap,
            }
        };
        let mut best = attempt();
        for _ in 0..4 {
            let next = attempt();
            if next.gap < best.gap {
                best = next;
            }
        }
        best
    }
}
