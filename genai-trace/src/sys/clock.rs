//! Wall time in nanoseconds that never runs backwards, from a tick counter and an anchor.
//!
//! `wall = anchor.wall + (ticks - anchor.ticks) * anchor.rate`. The drain thread renews the anchor:
//! each new one starts where the old line stands, and leans so that the line meets the system's
//! clock again. So start and end of a span lie on one line, a child never leaves its parent, and
//! the duration that the metrics count is the very difference that the file shows.

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::ticks::Source;

/// The anchor of the process, readable without a lock (a seqlock: odd while it changes).
static ANCHOR: Anchor = Anchor {
    version: AtomicU64::new(0),
    ticks: AtomicU64::new(0),
    wall: AtomicU64::new(0),
    rate: AtomicU64::new(0),
};
static STEERING: LazyLock<Mutex<Steering>> = LazyLock::new(|| Mutex::new(Steering::start()));
/// 0 before the first use, then 1 for the standard clock and 2 for the counter.
static SOURCE: AtomicU64 = AtomicU64::new(0);

/// Rates are fixed-point numbers with this many fractional bits.
const SHIFT: u32 = 32;
/// A wall clock that is off by more has been set by someone, and is followed at once.
const JUMP_NANOS: i128 = 1_000_000_000;
/// An offset is worked off within this time.
const SLEW_NANOS: i128 = 1_000_000_000;
/// The line leans by no more than 1/500 from the true rate.
const MAX_LEAN: i128 = 500;

struct Anchor {
    version: AtomicU64,
    ticks: AtomicU64,
    wall: AtomicU64,
    rate: AtomicU64,
}

#[derive(Clone, Copy)]
struct Line {
    ticks: u64,
    wall: u64,
    rate: u64,
}

impl Line {
    #[inline]
    fn at(self, ticks: u64) -> u64 {
        // Nearly always: two multiplications of 64 bits instead of the sign and all.
        if let Some(elapsed) = ticks.checked_sub(self.ticks) {
            let nanos = (u128::from(elapsed) * u128::from(self.rate)) >> SHIFT;
            #[allow(clippy::cast_possible_truncation)]
            return self.wall.wrapping_add(nanos as u64);
        }
        let elapsed = i128::from(ticks) - i128::from(self.ticks);
        let nanos = (elapsed * i128::from(self.rate)) >> SHIFT;
        u64::try_from(i128::from(self.wall) + nanos).unwrap_or(0)
    }
}

impl Anchor {
    /// The time now. The ticks are read while the line is known to hold, so that no reading lies
    /// beyond the end of its line: that would be a step back for the next.
    fn now(&self, source: Source) -> u64 {
        let mut tries = 0_u32;
        loop {
            let version = self.version.load(Ordering::Acquire);
            let line = Line {
                ticks: self.ticks.load(Ordering::Relaxed),
                wall: self.wall.load(Ordering::Relaxed),
                rate: self.rate.load(Ordering::Relaxed),
            };
            let ticks = source.read();
            fence(Ordering::Acquire);
            if version.is_multiple_of(2) && version == self.version.load(Ordering::Relaxed) {
                return line.at(ticks);
            }
            // The one writer needs some nanoseconds, unless it has lost its processor.
            tries += 1;
            if tries.is_multiple_of(64) {
                std::thread::yield_now();
            }
            std::hint::spin_loop();
        }
    }

    /// Changes the line, with the ticks of that moment. Only under the lock of `STEERING`, so
    /// there is one writer.
    fn change(&self, source: Source, next: impl FnOnce(Line, u64) -> Line) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let old = Line {
            ticks: self.ticks.load(Ordering::Relaxed),
            wall: self.wall.load(Ordering::Relaxed),
            rate: self.rate.load(Ordering::Relaxed),
        };
        let line = next(old, source.read());
        self.ticks.store(line.ticks, Ordering::Relaxed);
        self.wall.store(line.wall, Ordering::Relaxed);
        self.rate.store(line.rate, Ordering::Relaxed);
        self.version.store(version + 2, Ordering::Release);
    }
}

/// What the anchor is renewed from.
struct Steering {
    source: Source,
    first_ticks: u64,
    first_instant: Instant,
}

impl Steering {
    fn start() -> Self {
        let source = Source::detect();
        let first_instant = Instant::now();
        let first_ticks = source.read();
        let mut rate = 1 << SHIFT;
        if source != Source::Std {
            // 20 microseconds of baseline give the rate to within a percent; the drain thread
            // mends it within milliseconds, long before it can be seen in a span.
            while first_instant.elapsed().as_nanos() < 20_000 {
                std::hint::spin_loop();
            }
            rate = measured_rate(source, first_ticks, first_instant);
        }
        let (ticks, wall) = pair(source);
        ANCHOR.change(source, |_, _| Line { ticks, wall, rate });
        Self {
            source,
            first_ticks,
            first_instant,
        }
    }
}

fn measured_rate(source: Source, first_ticks: u64, first_instant: Instant) -> u64 {
    let ticks = source.read().saturating_sub(first_ticks).max(1);
    let nanos = first_instant.elapsed().as_nanos();
    u64::try_from((nanos << SHIFT) / u128::from(ticks)).unwrap_or(1 << SHIFT)
}

/// Ticks and wall time of one moment: of five tries the one with the least between the readings.
fn pair(source: Source) -> (u64, u64) {
    let mut best = (u64::MAX, 0, 0);
    for _ in 0..5 {
        let before = source.read();
        let wall = SystemTime::now();
        let after = source.read();
        let gap = after.saturating_sub(before);
        if gap < best.0 {
            let nanos = wall
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_nanos();
            best = (
                gap,
                before + gap / 2,
                u64::try_from(nanos).unwrap_or(u64::MAX),
            );
        }
    }
    (best.1, best.2)
}

/// Sets the anchor, if nothing has yet.
pub(crate) fn start() {
    let steering = STEERING.lock().unwrap_or_else(PoisonError::into_inner);
    let code = if steering.source == Source::Std { 1 } else { 2 };
    SOURCE.store(code, Ordering::Release);
}

/// Nanoseconds since 1970, UTC, on the process's line.
pub(crate) fn now() -> u64 {
    let source = match SOURCE.load(Ordering::Relaxed) {
        #[cfg(target_arch = "x86_64")]
        2 => Source::Counter,
        1 => Source::Std,
        _ => {
            start();
            STEERING
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .source
        }
    };
    ANCHOR.now(source)
}

/// Renews the anchor; the drain thread does so each time it wakes.
pub(crate) fn steer() {
    let steering = STEERING.lock().unwrap_or_else(PoisonError::into_inner);
    let (ticks, wall) = pair(steering.source);
    let rate = match steering.source {
        Source::Std => 1 << SHIFT,
        #[cfg(target_arch = "x86_64")]
        source => measured_rate(source, steering.first_ticks, steering.first_instant),
    };
    let target = Line { ticks, wall, rate };
    ANCHOR.change(steering.source, |old, ticks| steered(old, ticks, target));
}

/// The next line: it starts where the old one stands at `ticks`, and leans towards `target`.
fn steered(old: Line, ticks: u64, target: Line) -> Line {
    let (here, wall) = (old.at(ticks), target.at(ticks));
    let off = i128::from(wall) - i128::from(here);
    if off.abs() > JUMP_NANOS {
        return target;
    }
    let rate = i128::from(target.rate);
    let lean = (rate * off / SLEW_NANOS).clamp(-rate / MAX_LEAN, rate / MAX_LEAN);
    Line {
        ticks,
        wall: here,
        rate: u64::try_from(rate + lean).unwrap_or(target.rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_agrees_with_the_system_to_a_millisecond() {
        start();
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_nanos();
        let ours = u128::from(now());
        assert!(ours.abs_diff(system) < 1_000_000, "{ours} {system}");
    }

    #[test]
    fn time_never_runs_backwards_while_the_anchor_is_renewed() {
        start();
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..2000 {
                    steer();
                }
                stop.store(true, Ordering::Relaxed);
            });
            let mut last = now();
            while !stop.load(Ordering::Relaxed) {
                let next = now();
                // One nanosecond may be lost to rounding at a joint.
                assert!(next + 1 >= last, "{last} then {next}");
                last = last.max(next);
            }
        });
    }

    #[test]
    fn an_offset_is_worked_off_without_a_step() {
        let rate = 1 << SHIFT;
        let old = Line {
            ticks: 0,
            wall: 1_000_000_000,
            rate,
        };
        let ticks = 50_000_000;
        let wall = old.at(ticks) + 20_000;
        let new = steered(old, ticks, Line { ticks, wall, rate });
        assert_eq!(new.at(ticks), old.at(ticks));
        assert!(new.rate > rate);
        let later = ticks + 1_000_000_000;
        assert!(new.at(later).abs_diff(old.at(later) + 20_000) < 10);
    }

    #[test]
    fn a_clock_that_was_set_is_followed_at_once() {
        let rate = 1 << SHIFT;
        let old = Line {
            ticks: 0,
            wall: 1_000_000_000,
            rate,
        };
        let target = Line {
            ticks: 1_000,
            wall: 3_600_000_000_000,
            rate,
        };
        assert_eq!(steered(old, 1_000, target).at(1_000), target.wall);
    }
}
