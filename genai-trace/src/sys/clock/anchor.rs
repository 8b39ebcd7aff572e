//! The line that holds now, readable without a lock.

use super::line::Line;
use super::sync::{AtomicU64, Ordering, fence, pause};

/// The line that holds now: a seqlock with one writer. Its version is odd while the line changes, and
/// 0 before the first.
// On cache lines of its own: every span reads the version, and nothing else is to take it away.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Anchor {
    version: AtomicU64,
    ticks: AtomicU64,
    nanos: AtomicU64,
    rate: AtomicU64,
}

/// Ticks that were read while a line held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) version: u64,
    pub(super) line: Line,
    pub(super) ticks: u64,
}

impl Reading {
    #[inline]
    pub(super) fn nanos(self) -> u64 {
        self.line.at(self.ticks)
    }
}

macro_rules! new {
    ($($constant:tt)?) => {
        pub(super) $($constant)? fn new() -> Self {
            Self {
                version: AtomicU64::new(0),
                ticks: AtomicU64::new(0),
                nanos: AtomicU64::new(0),
                rate: AtomicU64::new(0),
            }
        }
    };
}

impl Anchor {
    #[cfg(not(loom))]
    new!(const);
    #[cfg(loom)]
    new!();

    /// Whether the line with this version holds, and held until now: ticks that were read before lie
    /// on it, and not beyond its end. That would be a step back for the next.
    #[inline]
    pub(super) fn still_holds(&self, version: u64) -> bool {
        // What was read before is read before.
        fence(Ordering::Acquire);
        self.version.load(Ordering::Relaxed) == version
    }

    /// The line, and ticks that were read while it held.
    pub(super) fn read(&self, ticks: impl Fn() -> u64) -> Reading {
        let mut tries = 0_u32;
        loop {
            let version = self.version.load(Ordering::Acquire);
            let line = self.line();
            let ticks = ticks();
            if version.is_multiple_of(2) && self.still_holds(version) {
                return Reading {
                    version,
                    line,
                    ticks,
                };
            }
            tries = tries.wrapping_add(1);
            pause(tries);
        }
    }

    /// Changes the line, with the ticks of that moment. There must be one writer at a time.
    pub(super) fn change(&self, ticks: impl Fn() -> u64, next: impl FnOnce(Line, u64) -> Line) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        // Who reads ticks later than these sees that the line has ended, and so does who sees any of
        // what is stored below. A release would do for that; but x86 would not wait for the store.
        fence(Ordering::SeqCst);
        let line = next(self.line(), ticks());
        self.ticks.store(line.ticks, Ordering::Relaxed);
        self.nanos.store(line.nanos, Ordering::Relaxed);
        self.rate.store(line.rate, Ordering::Relaxed);
        // Who sees the version sees the line.
        self.version.store(version + 2, Ordering::Release);
    }

    fn line(&self) -> Line {
        Line {
            ticks: self.ticks.load(Ordering::Relaxed),
            nanos: self.nanos.load(Ordering::Relaxed),
            rate: self.rate.load(Ordering::Relaxed),
        }
    }
}
