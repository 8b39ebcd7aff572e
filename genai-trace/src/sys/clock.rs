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
mod clocks;
mod line;
mod steering;
mod sync;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use self::anchor::Anchor;
use self::cache::LineCache;
use super::ticks::Source;

/// What the anchor of the process is renewed from.
pub(crate) type Steering = steering::Steering<Source>;

/// The anchor of the process.
#[cfg(not(loom))]
static ANCHOR: Anchor = Anchor::new();
#[cfg(loom)]
static ANCHOR: LazyLock<Anchor> = LazyLock::new(Anchor::new);
/// What is to be added to the line for nanoseconds since 1970.
static OFFSET: AtomicI64 = AtomicI64::new(0);
static STEERING: LazyLock<Mutex<Steering>> =
    LazyLock::new(|| Mutex::new(Steering::start(Source::detect(), &ANCHOR)));
/// 0 before the first use, then 1 for the standard clock and 2 for the counter.
static SOURCE: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Read once and more by every span, so it is not to be dropped, nor made when first used.
    static CACHE: LineCache = const { LineCache::new() };
}

/// Keeps others from renewing the anchor; a fork does so.
pub(crate) fn hold() -> MutexGuard<'static, Steering> {
    STEERING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the anchor, if nothing has yet.
pub(crate) fn start() {
    let source = *hold().clocks();
    // Before anyone takes the source for one that may be read.
    steer();
    let code = if source == Source::Std { 1 } else { 2 };
    SOURCE.store(code, Ordering::Release);
}

/// Where ticks come from.
fn source() -> Source {
    match SOURCE.load(Ordering::Acquire) {
        #[cfg(target_arch = "x86_64")]
        2 => Source::Counter,
        1 => Source::Std,
        _ => {
            start();
            *hold().clocks()
        }
    }
}

/// Nanoseconds on the process's line, which never step back.
#[inline(always)]
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
    let offset = steering.steer(&ANCHOR);
    OFFSET.store(offset, Ordering::Relaxed);
}

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod simulated;

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::clocks::Clocks;
    use super::*;

    /// How far the least of some readings is from `clock`: the thread may lose its processor between
    /// two of them, but not every time.
    fn closest(ours: impl Fn() -> i128, clock: impl Fn() -> u64) -> i128 {
        let distance = || ours() - i128::from(clock());
        let distances = (0..100).map(|_| distance());
        distances.min_by_key(|distance| distance.abs()).unwrap()
    }

    fn wall() -> i128 {
        i128::from(now()) + i128::from(offset())
    }

    #[test]
    fn the_line_and_its_offset_agree_with_the_system_to_a_millisecond() {
        start();
        steer();
        let off = closest(wall, || Source::Std.wall());
        assert!(off.abs() < 1_000_000, "{off}");
    }

    #[test]
    fn seconds_on_the_line_are_those_of_the_system() {
        let is_long = std::env::var_os("GENAI_TRACE_LONG").is_some();
        let rounds = if is_long { 200 } else { 4 };
        start();
        // The first rounds mend the rate.
        for millis in [1, 4, 16] {
            thread::sleep(Duration::from_millis(millis));
            steer();
        }
        let line = || i128::from(now());
        let began = closest(line, || Source::Std.monotonic());
        let (first, mut worst) = (now(), 0);
        for _ in 0..rounds {
            thread::sleep(Duration::from_millis(50));
            // Before it is renewed: so far a root's start may be off.
            let off = closest(wall, || Source::Std.wall());
            worst = worst.max(off.abs());
            steer();
        }
        let took = now() - first;
        let off = closest(line, || Source::Std.monotonic()) - began;
        println!("starts up to {worst} ns off, {took} ns on the line {off} ns off");
        assert!(worst < 1_000_000, "a start is {worst} ns off");
        assert!(off.abs() < i128::from(took) / 1000, "{off} of {took}");
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
                assert!(next >= last, "{last} then {next}");
                last = next;
            }
        });
    }
}
