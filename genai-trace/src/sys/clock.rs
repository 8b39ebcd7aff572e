//! Time on one line that never steps back, and where that line stands against the wall clock.
//!
//! `line = anchor.nanos + (ticks - anchor.ticks) * anchor.rate`, from the cheapest counter that the
//! machine has. The drain thread renews the anchor: each new one starts where the old line stands,
//! and leans towards the monotonic clock. So start and end of a span lie on one line whatever is
//! done to the wall clock, and the duration that the metrics count is the very difference that the
//! file shows. What is to be added for the time of day is taken once a trace, by its root, so a
//! child never leaves its parent.

mod anchor;
mod cache;
mod line;
mod sync;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use self::anchor::Anchor;
use self::cache::LineCache;
use self::line::{Line, SHIFT};
use super::ticks::Source;

/// The anchor of the process.
#[cfg(not(loom))]
static ANCHOR: Anchor = Anchor::new();
#[cfg(loom)]
static ANCHOR: LazyLock<Anchor> = LazyLock::new(Anchor::new);
thread_local! {
    /// Read once and more by every span, so it is not to be dropped, nor made when first used.
    static CACHE: LineCache = const { LineCache::new() };
}
/// What is to be added to the line for nanoseconds since 1970.
static OFFSET: AtomicI64 = AtomicI64::new(0);
static STEERING: LazyLock<Mutex<Steering>> = LazyLock::new(|| Mutex::new(Steering::start()));
/// 0 before the first use, then 1 for the standard clock and 2 for the counter.
static SOURCE: AtomicU64 = AtomicU64::new(0);

/// A line that is off by more has slept with the machine: it goes on from where it is.
const JUMP_NANOS: i128 = 1_000_000_000;
/// An offset is worked off within this time.
const SLEW_NANOS: i128 = 1_000_000_000;
/// The line leans by no more than 1/500 from the true rate.
const MAX_LEAN: i128 = 500;
/// How long the first measurement of the rate takes.
const FIRST_NANOS: u128 = 20_000;

/// What the anchor is renewed from: a moment in ticks and on the monotonic clock, and the line's
/// nanoseconds then.
pub(crate) struct Steering {
    source: Source,
    ticks: u64,
    instant: Instant,
    nanos: u64,
}

impl Steering {
    fn start() -> Self {
        let source = Source::detect();
        let (ticks, instant) = pair(source, Instant::now);
        // The line begins near the time of day, so that its numbers look like what they become.
        let nanos = since_1970(SystemTime::now());
        let mut rate = 1 << SHIFT;
        if source != Source::Std {
            // Some microseconds give the rate to within a percent; the drain thread mends it within
            // milliseconds, long before it can be seen in a span.
            while instant.elapsed().as_nanos() < FIRST_NANOS {
                std::hint::spin_loop();
            }
            let (now_ticks, now) = pair(source, Instant::now);
            rate = rate_between(ticks, instant, now_ticks, now);
        }
        ANCHOR.change(|| source.read(), |_, _| Line { ticks, nanos, rate });
        Self {
            source,
            ticks,
            instant,
            nanos,
        }
    }

    /// The line as the monotonic clock has it.
    fn true_line(&self) -> Line {
        let (ticks, now) = pair(self.source, Instant::now);
        let elapsed = now.saturating_duration_since(self.instant).as_nanos();
        Line {
            ticks,
            nanos: self.nanos + u64::try_from(elapsed).unwrap_or(0),
            rate: match self.source {
                Source::Std => 1 << SHIFT,
                #[cfg(target_arch = "x86_64")]
                Source::Counter => rate_between(self.ticks, self.instant, ticks, now),
            },
        }
    }
}

fn rate_between(first_ticks: u64, first: Instant, ticks: u64, now: Instant) -> u64 {
    let ticks = ticks.saturating_sub(first_ticks).max(1);
    let nanos = now.saturating_duration_since(first).as_nanos();
    u64::try_from((nanos << SHIFT) / u128::from(ticks)).unwrap_or(1 << SHIFT)
}

fn since_1970(time: SystemTime) -> u64 {
    let nanos = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

/// Ticks and a clock's reading of one moment: of five tries the one with the least between them,
/// since the thread may lose its processor in any of them.
fn pair<T>(source: Source, read: impl Fn() -> T) -> (u64, T) {
    let attempt = || {
        let before = source.read();
        let reading = read();
        let gap = source.read().saturating_sub(before);
        (gap, before + gap / 2, reading)
    };
    let mut best = attempt();
    for _ in 0..4 {
        let next = attempt();
        if next.0 < best.0 {
            best = next;
        }
    }
    (best.1, best.2)
}

/// Keeps others from renewing the anchor; a fork does so.
pub(crate) fn hold() -> MutexGuard<'static, Steering> {
    STEERING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the anchor, if nothing has yet.
pub(crate) fn start() {
    let source = hold().source;
    let code = if source == Source::Std { 1 } else { 2 };
    SOURCE.store(code, Ordering::Release);
    steer();
}

/// Where ticks come from.
#[inline]
fn source() -> Source {
    match SOURCE.load(Ordering::Relaxed) {
        #[cfg(target_arch = "x86_64")]
        2 => Source::Counter,
        1 => Source::Std,
        _ => {
            start();
            hold().source
        }
    }
}

/// Nanoseconds on the process's line, which never step back.
#[inline]
pub(crate) fn now() -> u64 {
    CACHE.with(LineCache::now)
}

/// What is to be added to [`now`] for nanoseconds since 1970, UTC.
#[inline]
pub(crate) fn offset() -> i64 {
    OFFSET.load(Ordering::Relaxed)
}

/// Does what a user does who sets the wall clock forward.
#[cfg(test)]
pub(crate) fn set_wall_forward(nanos: i64) {
    OFFSET.fetch_add(nanos, Ordering::Relaxed);
}

/// Renews the anchor and the offset; the drain thread does so each time it wakes.
pub(crate) fn steer() {
    let mut steering = hold();
    let target = steering.true_line();
    let mut here = 0;
    let source = steering.source;
    ANCHOR.change(
        || source.read(),
        |old, ticks| {
            here = old.at(ticks);
            steered(old, ticks, target)
        },
    );
    let off = i128::from(target.nanos) - i128::from(here);
    if off.abs() > JUMP_NANOS {
        // The counter went on while the machine slept, and the monotonic clock did not: what they
        // say together begins anew, from where the line is.
        let (ticks, instant) = pair(steering.source, Instant::now);
        *steering = Steering {
            source: steering.source,
            ticks,
            instant,
            nanos: here,
        };
    }
    let (ticks, wall) = pair(steering.source, SystemTime::now);
    let line = ANCHOR.read(|| ticks).line;
    let offset = i128::from(since_1970(wall)) - i128::from(line.at(ticks));
    OFFSET.store(i64::try_from(offset).unwrap_or(0), Ordering::Relaxed);
}

/// The next line: it starts where the old one stands at `ticks`, and leans towards `target`, unless
/// that is too far away to be reached.
fn steered(old: Line, ticks: u64, target: Line) -> Line {
    let here = old.at(ticks);
    let off = i128::from(target.at(ticks)) - i128::from(here);
    let (rate, off) = if off.abs() > JUMP_NANOS {
        (i128::from(old.rate), 0)
    } else {
        (i128::from(target.rate), off)
    };
    let lean = (rate * off / SLEW_NANOS).clamp(-rate / MAX_LEAN, rate / MAX_LEAN);
    Line {
        ticks,
        nanos: here,
        rate: u64::try_from(rate + lean).unwrap_or(old.rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u64 = 1 << SHIFT;

    #[test]
    fn the_line_and_its_offset_agree_with_the_system_to_a_millisecond() {
        start();
        steer();
        // The thread may lose its processor between two readings, but not every time.
        let distance = || {
            let system = i128::from(since_1970(SystemTime::now()));
            (i128::from(now()) + i128::from(offset()) - system).abs()
        };
        let closest = (0..100).map(|_| distance()).min();
        assert!(closest < Some(1_000_000), "{closest:?}");
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
    fn an_error_of_the_rate_is_worked_off_without_a_step() {
        let old = Line {
            ticks: 0,
            nanos: 1_000_000_000,
            rate: RATE,
        };
        let ticks = 50_000_000;
        let target = Line {
            ticks,
            nanos: old.at(ticks) + 20_000,
            rate: RATE,
        };
        let new = steered(old, ticks, target);
        assert_eq!(new.at(ticks), old.at(ticks));
        assert!(new.rate > RATE);
        let later = ticks + 1_000_000_000;
        assert!(new.at(later).abs_diff(old.at(later) + 20_000) < 10);
    }

    #[test]
    fn a_line_that_slept_with_the_machine_goes_on_from_where_it_is() {
        let old = Line {
            ticks: 0,
            nanos: 7_200_000_000_000,
            rate: RATE,
        };
        let target = Line {
            ticks: 1_000,
            nanos: 3_600_000_000_000,
            rate: RATE / 2,
        };
        let new = steered(old, 1_000, target);
        assert_eq!((new.at(1_000), new.rate), (old.at(1_000), RATE));
    }
}
